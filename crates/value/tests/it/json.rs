//! JSON.

use pintle_value::{List, Map, Number, Type, Value, json};

fn read(text: impl AsRef<[u8]>) -> String {
    match json::read(text.as_ref()) {
        Ok(value) => String::from_utf8(json::write(&value).expect("recorded cases are well-formed"))
            .expect("recorded cases are well-formed"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn values_are_read_with_the_last_of_equal_keys() {
    assert_eq!(
        read(r#" {"b":[1,-2.5e3,true,null,{}],"a":{"x":1},"a":"\u00e9\n\/"} "#),
        "{\"a\":\"é\\n/\",\"b\":[1,-2500,true,null,{}]}"
    );
    assert_eq!(read(r#""\ud83d\ude00\ud83d""#), "\"\u{1F600}\u{FFFD}\"");
    assert_eq!(read(b"\"\xFF\""), "\"\u{FFFD}\"");
}

#[test]
fn complaints_are_gos() {
    for (text, complaint) in [
        ("", "unexpected end of JSON input"),
        ("{\"a\":1", "unexpected end of JSON input"),
        ("{a:1}", "invalid character 'a' looking for beginning of object key string"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("trux", "invalid character 'x' in literal true (expecting 'e')"),
        ("-a", "invalid character 'a' in numeric literal"),
        ("01", "invalid character '1' after top-level value"),
        ("\"a\nb\"", "invalid character '\\n' in string"),
        ("\"\\x\"", "invalid escape sequence `\\x` in string"),
        ("\"\\u12zz\"", "invalid escape sequence `\\u12zz` in string"),
        ("'", "invalid character '\\'' looking for beginning of value"),
        ("\u{FEFF}1", "invalid character '\\ufeff' looking for beginning of value"),
        ("1e400", "json: cannot unmarshal number 1e400 into Go value of type float64"),
        (
            "{\"a\":[1,{\"b\":1e999}]}",
            "json: cannot unmarshal number 1e999 into Go struct field .a.1.b of type float64",
        ),
        ("[[1,1e999]]", "json: cannot unmarshal number 1e999 into .0.1 of type float64"),
    ] {
        assert_eq!(read(text), complaint);
    }
    let deep = "[".repeat(10_001) + &"]".repeat(10_001);
    assert_eq!(read(deep), "exceeded max depth");
}

#[test]
fn maps_and_lists_must_be_what_they_are_read_as() {
    assert!(json::read_map(b"null").expect("recorded cases are well-formed").is_empty());
    assert_eq!(
        json::read_map(b"[]").err().expect("recorded cases are well-formed").to_string(),
        "json: cannot unmarshal array into Go value of type map[string]interface {}"
    );
    assert_eq!(
        json::read_list(b"1").err().expect("recorded cases are well-formed").to_string(),
        "json: cannot unmarshal number into Go value of type []interface {}"
    );
}

#[test]
fn html_is_escaped_unless_raw() {
    let value = Value::from("<a>&\u{2028}\u{1}\u{8}\"");
    assert_eq!(
        json::write(&value).expect("recorded cases are well-formed"),
        br#""\u003ca\u003e\u0026\u2028\u0001\b\"""#
    );
    assert_eq!(
        json::write_raw(&value).expect("recorded cases are well-formed"),
        br#""<a>&\u2028\u0001\b\"""#
    );
}

#[test]
fn indented_json_leaves_empty_collections_on_their_line() {
    let value = json::read(br#"{"a":[1,{}],"b":[]}"#).expect("recorded cases are well-formed");
    let text = String::from_utf8(json::write_indented(&value, "  ").expect("recorded cases are well-formed"))
        .expect("recorded cases are well-formed");
    assert_eq!(text, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

#[test]
fn go_types_have_their_json_forms() {
    let bytes =
        List::typed(Type::Bytes, b"hi".iter().map(|byte| Value::Number(Number::Uint8(*byte))).collect());
    let map: Map = [
        ("bytes", Value::List(bytes)),
        ("list", Value::List(List::nil(Type::StringList))),
        ("map", Value::Map(Map::nil(Type::AnyMap))),
        ("single", Value::Number(Number::Float32(0.1))),
    ]
    .into_iter()
    .collect();
    assert_eq!(
        json::write(&map.into()).expect("recorded cases are well-formed"),
        br#"{"bytes":"aGk=","list":null,"map":null,"single":0.1}"#
    );
    for (value, complaint) in [
        (Value::Float64(f64::NAN), "json: unsupported value: NaN"),
        (Value::Float64(f64::NEG_INFINITY), "json: unsupported value: -Inf"),
        (
            Value::Number(Number::Complex128(std::rc::Rc::new((0.0, 1.0)))),
            "json: unsupported type: complex128",
        ),
    ] {
        assert_eq!(json::write(&value).expect_err("the text is refused").to_string(), complaint);
    }
}

#[test]
fn serde_values_come_and_go() {
    let value = json::read(br#"{"a":[1,2.5,"x",null,true]}"#).expect("recorded cases are well-formed");
    let serde = json::to_serde(&value).expect("recorded cases are well-formed");
    assert_eq!(serde.to_string(), r#"{"a":[1,2.5,"x",null,true]}"#);
    assert_eq!(
        json::write(&json::from_serde(&serde)).expect("recorded cases are well-formed"),
        json::write(&value).expect("recorded cases are well-formed")
    );
}
