//! Writing YAML.

use pintle_value::{List, Map, Value, json, yaml};

fn write(value: &Value) -> String {
    match yaml::write(value) {
        Ok(text) => String::from_utf8(text).expect("recorded cases are well-formed"),
        Err(error) => error.to_string(),
    }
}

fn pretty(value: &Value) -> String {
    String::from_utf8(yaml::write_pretty(value).expect("recorded cases are well-formed"))
        .expect("recorded cases are well-formed")
}

fn parse(text: &str) -> Value {
    json::read(text.as_bytes()).expect("recorded cases are well-formed")
}

#[test]
fn sequences_are_indented_only_by_yaml_v3() {
    let value = parse(r#"{"a":[1,{"b":[],"c":{}},[2,[3]]],"d":null}"#);
    assert_eq!(write(&value), "a:\n- 1\n- b: []\n  c: {}\n- - 2\n  - - 3\nd: null\n");
    assert_eq!(pretty(&value), "a:\n  - 1\n  - b: []\n    c: {}\n  - - 2\n    - - 3\nd: null\n");
}

#[test]
fn strings_are_quoted_when_they_would_mean_something_else() {
    for (text, written) in [
        ("a b", "a b"),
        ("", "\"\""),
        ("yes", "\"yes\""),
        ("1:30", "\"1:30\""),
        ("0o14", "\"0o14\""),
        ("2020-1-1", "\"2020-1-1\""),
        ("<<", "<<"),
        ("=", "="),
        ("- a", "'- a'"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("it's", "it's"),
        ("'", "''''"),
        (" a", "' a'"),
        ("---", "'---'"),
        ("a\tb", "\"a\\tb\""),
        ("\u{1F600}", "\"\\U0001F600\""),
        ("é", "é"),
    ] {
        assert_eq!(write(&Value::from(text)), format!("{written}\n"));
    }
}

#[test]
fn several_lines_are_literals_where_that_is_possible() {
    let map: Map = [
        ("a", Value::from("x\n  y\n")),
        ("b", "x\ny".into()),
        ("c", "x\n\n".into()),
        ("d", " x\n".into()),
        ("e", "x \ny".into()),
    ]
    .into_iter()
    .collect();
    assert_eq!(
        write(&map.into()),
        "a: |\n  x\n    y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: |2\n   x\ne: \"x \\ny\"\n"
    );
}

#[test]
fn only_yaml_v2_folds_long_lines() {
    let value = parse(&format!(r#"{{"k":"{}"}}"#, ["word"; 20].join(" ")));
    assert_eq!(
        write(&value),
        "k: word word word word word word word word word word word word word word word word\n  word word word word\n"
    );
    assert_eq!(pretty(&value), format!("k: {}\n", ["word"; 20].join(" ")));
}

#[test]
fn numbers_go_through_json_or_stay() {
    for (number, through_json, direct) in [
        (1e6, "1000000", "1e+06"),
        (1e19, "10000000000000000000", "1e+19"),
        (1e20, "1e+20", "1e+20"),
        (-0.0, "0", "-0"),
        (1.5, "1.5", "1.5"),
        (1e-5, "1e-05", "1e-05"),
        (123_456_789.5, "1.234567895e+08", "1.234567895e+08"),
    ] {
        assert_eq!(write(&Value::Float64(number)), format!("{through_json}\n"));
        assert_eq!(pretty(&Value::Float64(number)), format!("{direct}\n"));
    }
    assert_eq!(write(&Value::Float64(f64::NAN)), "error marshaling into JSON: json: unsupported value: NaN");
    assert_eq!(pretty(&Value::Float64(f64::NAN)), ".nan\n");
}

#[test]
fn what_the_reader_would_refuse_or_change_is_refused_or_changed() {
    assert_eq!(write(&Value::from("\u{7F}")), "yaml: control characters are not allowed");
    assert_eq!(write(&Value::from("a \u{85} b")), "a b\n");
    assert_eq!(write(&Value::string(&b"\xFF"[..])), "\u{FFFD}\n");
    assert_eq!(pretty(&Value::string(&b"\xFF"[..])), "!!binary /w==\n");
}

#[test]
fn long_keys_stand_behind_a_question_mark() {
    let key = "k".repeat(129);
    let map: Map = [(key.as_str(), Value::from(true))].into_iter().collect();
    assert_eq!(write(&map.into()), format!("? {key}\n: true\n"));
}

#[test]
fn nil_slices_are_null_in_json_only() {
    let value = Value::List(List::nil(pintle_value::Type::StringList));
    assert_eq!(write(&value), "null\n");
    assert_eq!(pretty(&value), "[]\n");
}

#[test]
fn a_map_that_contains_itself_is_an_error() {
    let map = Map::new();
    map.insert("a", Value::Map(map.clone()));
    let complaint = "json: unsupported value: encountered a cycle via map[string]interface {}";
    assert_eq!(write(&map.clone().into()), format!("error marshaling into JSON: {complaint}"));
    assert_eq!(
        yaml::write_pretty(&map.clone().into()).expect_err("the text is refused").to_string(),
        complaint
    );
    assert_eq!(json::to_serde(&map.clone().into()).expect_err("the text is refused").to_string(), complaint);
    map.remove("a");
}

#[test]
fn json_is_written_like_values() {
    let text = r#"{"b":[1,2.5,18446744073709551615],"a10":"x","a9":"yes"}"#;
    let value: serde_json::Value = serde_json::from_str(text).expect("recorded cases are well-formed");
    assert_eq!(
        String::from_utf8(yaml::write_json(&value).expect("recorded cases are well-formed"))
            .expect("recorded cases are well-formed"),
        "a9: \"yes\"\na10: x\nb:\n- 1\n- 2.5\n- 18446744073709551615\n"
    );
}
