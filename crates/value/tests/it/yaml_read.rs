//! Reading YAML.

use pintle_value::yaml::{self, Duplicates, Numbers, Options};
use pintle_value::{Value, json};

/// Reads a text and shows the value as JSON, or the complaint.
fn read_with(text: impl AsRef<[u8]>, options: Options) -> String {
    match yaml::read(text.as_ref(), &options) {
        Ok(value) => String::from_utf8(json::write_raw(&value).expect("recorded cases are well-formed"))
            .expect("recorded cases are well-formed"),
        Err(error) => error.to_string(),
    }
}

fn read(text: impl AsRef<[u8]>) -> String {
    read_with(text, Options::default())
}

/// Checks a complaint about syntax, which all ways of reading must make.
fn refuses(text: impl AsRef<[u8]>, complaint: &str) {
    let complaint = format!("error converting YAML to JSON: {complaint}");
    assert_eq!(read(&text), complaint);
    assert_eq!(yaml::check(text.as_ref()).expect_err("the text is refused").to_string(), complaint);
    assert_eq!(yaml::head(text.as_ref()).expect_err("the text is refused").to_string(), complaint);
    assert_eq!(
        yaml::to_json(text.as_ref(), Duplicates::LastWins).expect_err("the text is refused").to_string(),
        complaint
    );
}

#[test]
fn block_and_flow_collections_nest() {
    assert_eq!(
        read("a:\n- b\n-  - c\n   - d\n- e: f\n  g: h\n"),
        r#"{"a":["b",["c","d"],{"e":"f","g":"h"}]}"#
    );
    assert_eq!(
        read("{a: 1, \"b\":[x, z], ? c : {d: e}, f}"),
        r#"{"a":1,"b":["x","z"],"c":{"d":"e"},"f":null}"#
    );
    assert_eq!(read("[a: b, ? c : d, e]"), r#"[{"a":"b"},{"c":"d"},"e"]"#);
}

#[test]
fn plain_scalars_are_folded_and_end_at_comments() {
    assert_eq!(read("a: b\n  c\n\n  d # e\nf: g#h"), r#"{"a":"b c\nd","f":"g#h"}"#);
}

#[test]
fn block_scalars_keep_strip_or_clip_their_end() {
    assert_eq!(
        read("a: |\n  x\n   y\n\nb: >-\n  f\n  g\n\n  h\nc: |+\n  z\n\n"),
        r#"{"a":"x\n y\n","b":"f g\nh","c":"z\n\n"}"#
    );
    assert_eq!(read("a: |2\n   x\n"), r#"{"a":" x\n"}"#);
}

#[test]
fn quoted_scalars_unescape_and_fold() {
    assert_eq!(read("\"x\\ty\\u00e9\\\n   z\\x41\" "), "\"x\\tyézA\"");
    assert_eq!(read("'a''b\n\n  c'"), r#""a'b\nc""#);
}

#[test]
fn scalars_resolve_as_in_yaml_1_1() {
    for (text, json) in [
        ("yes", "true"),
        ("Off", "false"),
        ("~", "null"),
        ("012", "10"),
        ("0o14", "12"),
        ("08", "8"),
        ("0b11", "3"),
        ("0x1F", "31"),
        ("1_000", "1000"),
        ("1e3", "1000"),
        ("-.5", "-0.5"),
        ("18446744073709551616", "18446744073709552000"),
        ("1:30", "\"1:30\""),
        ("1e400", "\"1e400\""),
        ("2001-01-01", "\"2001-01-01\""),
        ("\"1\"", "\"1\""),
        ("! 1", "\"1\""),
        ("!!str 1", "\"1\""),
        ("!!float 3", "3"),
        ("!!int \"3\"", "3"),
        ("!!binary aGk=", "\"hi\""),
        ("!own 1", "\"1\""),
    ] {
        assert_eq!(read(text), json, "{text}");
    }
    refuses("!!int x", "yaml: cannot decode !!str `x` as a !!int");
    refuses("!!binary x", "yaml: !!binary value contains invalid base64 data");
}

#[test]
fn numbers_are_floats_or_keep_their_kind() {
    let kinds = |numbers| {
        let options = Options { numbers, ..Options::default() };
        let list = yaml::read_list(b"[1, 1.5, 9223372036854775808, 1.0]", &options)
            .expect("recorded cases are well-formed");
        list.iter().map(Value::type_name).collect::<Vec<_>>()
    };
    assert_eq!(kinds(Numbers::Float64), ["float64"; 4]);
    assert_eq!(kinds(Numbers::IntOrFloat), ["int64", "float64", "float64", "int64"]);
}

#[test]
fn keys_become_strings() {
    assert_eq!(read("y: 1\nn: 2\n1: a\n1.5: b\n"), r#"{"1":"a","1.5":"b","false":2,"true":1}"#);
    refuses("~: x", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"x\"");
    refuses("? [a, 1]\n: x", "yaml: invalid map key: []interface {}{\"a\", 1}");
}

#[test]
fn the_last_of_equal_keys_wins_unless_they_are_refused() {
    assert_eq!(read("a: 1\na: 2"), r#"{"a":2}"#);
    let strict = Options { duplicates: Duplicates::Refuse, ..Options::default() };
    assert_eq!(
        read_with("a: 1\nb:\n  c: 1\n  c: 2\na: 3", strict),
        "error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key \"c\" already set in map\n  line 5: key \"a\" already set in map"
    );
    assert_eq!(read_with("1: a\n\"1\": b", strict), r#"{"1":"b"}"#);
}

#[test]
fn aliases_and_merges_copy() {
    assert_eq!(read("a: &x {b: 1}\nc: *x\n"), r#"{"a":{"b":1},"c":{"b":1}}"#);
    assert_eq!(
        read("a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n"),
        r#"{"a":{"b":1,"c":2},"d":{"b":1,"c":2}}"#
    );
    assert_eq!(read("<<: [{a: 1, b: 2}, {a: 3}]\nc: 4\n"), r#"{"a":1,"b":2,"c":4}"#);
    let options = Options::default();
    let map = yaml::read_map(b"a: &x {b: 1}\nc: *x\n", &options).expect("recorded cases are well-formed");
    map.get("a")
        .expect("recorded cases are well-formed")
        .as_map()
        .expect("recorded cases are well-formed")
        .insert("b", Value::Nil);
    assert!(
        !map.get("c")
            .expect("recorded cases are well-formed")
            .as_map()
            .expect("recorded cases are well-formed")
            .get("b")
            .expect("recorded cases are well-formed")
            .is_nil()
    );
    refuses("a: *x", "yaml: unknown anchor 'x' referenced");
    refuses("a: &x [*x]", "yaml: anchor 'x' value contains itself");
    refuses("<<: 1", "yaml: map merge requires map or sequence of maps as the value");
}

#[test]
fn aliases_of_aliases_are_limited() {
    let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..9 {
        let items = vec![format!("*a{}", level - 1); 9].join(",");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    refuses(text, "yaml: document contains excessive aliasing");
}

#[test]
fn infinite_numbers_have_no_json() {
    refuses("b: .nan\na: [-.inf]", "json: unsupported value: -Inf");
    assert_eq!(read("a: .inf\na: 1"), r#"{"a":1}"#);
}

#[test]
fn complaints_of_the_scanner_name_the_line_but_not_the_first() {
    refuses("a: b: c", "yaml: mapping values are not allowed in this context");
    refuses("x: 1\na: b: c", "yaml: line 2: mapping values are not allowed in this context");
    refuses("x: 1\n@: 2", "yaml: line 2: found character that cannot start any token");
    refuses("x: 1\nb\nc: 2", "yaml: line 3: could not find expected ':'");
    refuses("a:\n\t- b", "yaml: line 2: found character that cannot start any token");
    refuses("a: \"x", "yaml: found unexpected end of stream");
    refuses("a: \"\\q\"", "yaml: found unknown escape character");
}

#[test]
fn complaints_of_the_parser_name_one_line_less() {
    refuses("a: 1\n- b", "yaml: line 1: did not find expected key");
    refuses("a: [1\nb: 2", "yaml: line 1: did not find expected ',' or ']'");
    refuses("- a\nb: c", "yaml: line 1: did not find expected '-' indicator");
    refuses("%YAML 1.2\n---\na", "yaml: found incompatible YAML document");
    refuses("!e!x a", "yaml: found undefined tag handle");
}

#[test]
fn texts_are_utf_8_or_utf_16_without_control_characters() {
    assert_eq!(read(b"\xEF\xBB\xBFa: 1"), r#"{"a":1}"#);
    assert_eq!(read(b"\xFF\xFEa\0:\0 \0\xE9\0"), r#"{"a":"é"}"#);
    assert_eq!(read("a: 1\r\nb: 2\r\n"), r#"{"a":1,"b":2}"#);
    refuses(b"a: \xFF", "yaml: invalid leading UTF-8 octet");
    refuses(b"a: \xC3", "yaml: incomplete UTF-8 octet sequence");
    refuses("a: \u{7F}", "yaml: control characters are not allowed");
}

#[test]
fn depth_is_limited() {
    // Values are dropped level by level, which takes more stack than a test has.
    let test = std::thread::Builder::new().stack_size(1 << 28).spawn(|| {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        refuses(deep(10_001), "yaml: exceeded max depth of 10000");
        assert!(yaml::check(deep(10_000).as_bytes()).is_ok());
        // JSON's limit counts block and flow collections together.
        let text = format!("{}{}", "- ".repeat(6_000), deep(4_001));
        refuses(text, "exceeded max depth");
    });
    test.unwrap().join().unwrap();
}

#[test]
fn long_keys_are_no_keys() {
    refuses(format!("{}: 1", "k".repeat(1025)), "yaml: mapping values are not allowed in this context");
}

#[test]
fn maps_and_lists_must_be_what_they_are_read_as() {
    let options = Options::default();
    assert!(yaml::read_map(b"", &options).expect("recorded cases are well-formed").is_empty());
    assert!(yaml::read_list(b"null", &options).expect("recorded cases are well-formed").is_empty());
    assert_eq!(
        yaml::read_map(b"abc", &options).err().expect("recorded cases are well-formed").to_string(),
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map[string]interface {}"
    );
    assert_eq!(
        yaml::read_list(b"a: 1", &options).err().expect("recorded cases are well-formed").to_string(),
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go value of type []interface {}"
    );
}

#[test]
fn only_the_first_document_is_read() {
    assert_eq!(read("a: 1\n---\n@"), r#"{"a":1}"#);
    assert_eq!(read(""), "null");
    assert_eq!(read("--- |\n a\n--- b"), "\"a\\n\"");
}
