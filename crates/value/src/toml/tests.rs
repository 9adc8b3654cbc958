//! Documents and errors as Helm 4.3.1 shows them.

use super::{read, write};
use crate::{Map, Type, Value};

fn check(text: &str, expected: &str) {
    let found = match read(text.as_bytes()) {
        Ok(map) => format!("{:?}", Value::Map(map)),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn tables_may_be_defined_once_more_if_a_longer_key_made_them() {
    check("a.b=1\n[a]\nc=1", r#"{"a": {"b": 1i64, "c": 1i64}}"#);
    check("a={b=1}\n[a.c]\nd=1", r#"{"a": {"b": 1i64, "c": {"d": 1i64}}}"#);
    check("[a.b]\n[a]\nx=1\n[a]", "toml: line 4: Key 'a' has already been defined.");
    check("a=1\na.b=2", r#"toml: line 2 (last key "a.b"): Key 'a' has already been defined."#);
    check("a=[1]\na=[2]", r#"toml: line 2 (last key "a"): Key 'a' has already been defined."#);
    check("a=[{b=1}]\n[[a]]", "toml: line 2: Key 'a' was already created and cannot be used as an array.");
    check("[[a]]\n[a]", "toml: line 2: Key 'a' has already been defined.");
    check("x.y = 1\nx.y.z = 2", r#"toml: line 2 (last key "x.y.z"): Key 'x.y' has already been defined."#);
    check(
        "\"a.b\".c = 1\n\"a.b\".c = 2",
        r#"toml: line 2 (last key "\"a.b\".c"): Key '"a.b".c' has already been defined."#,
    );
}

#[test]
fn lists_of_tables_have_a_type_of_their_own() {
    let map = read(b"[[t]]\nx=1\n[[t]]\ny=2\n[t.u]\nz=1\n").unwrap();
    let list = map.get("t").unwrap();
    assert_eq!(list.value_type(), Some(Type::AnyMapList));
    assert_eq!(format!("{list:?}"), r#"[{"x": 1i64}, {"u": {"z": 1i64}, "y": 2i64}]"#);
    let list = read(b"b = [{c=1},{d=[1]}]").unwrap().get("b").unwrap();
    assert_eq!(list.value_type(), Some(Type::AnyList));
    assert_eq!(format!("{list:?}"), r#"[{"c": 1i64}, {"d": [1i64]}]"#);
}

#[test]
fn values_are_checked_as_burntsushi_checks_them() {
    let key_a = |message: &str| format!("toml: line 1 (last key \"a\"): {message}");
    for (text, message) in [
        ("a=x", "expected value but found \"x\" instead"),
        ("a=inx", "expected value but found \"nx\" instead"),
        ("a=nax", "expected value but found \"ax\" instead"),
        ("a=ian", "Invalid float \"ian\": underscores must be surrounded by digits"),
        ("a=+inx", "invalid float: '+in'"),
        ("a=\n", "expected value but found '\\n' instead"),
        ("a=.5", "floats must start with a digit, not '.'"),
        ("a=+0x1", "cannot use sign with non-decimal numbers: '+0x'"),
        ("a=0xg", "not a hexadecimal number: '0xg'"),
        ("a=0b", "not a binary number: '0b\0'"),
        ("a=1__0", "Invalid integer \"1__0\": underscores must be surrounded by digits"),
        ("a=1.e5", "Invalid float \"1.e5\": '.' must be followed by one or more digits"),
        ("a=1e400", "1e400 is out of range for float64"),
        ("a=00.5", "Invalid float \"00.5\": cannot have leading zeroes"),
        ("a=1979-05-27 0", "invalid datetime: \"1979-05-27T0\""),
        ("a=1.2.3", "Invalid float value: \"1.2.3\""),
        ("a=9223372036854775808", "9223372036854775808 is out of range for int64"),
        ("a=[1 2]", "expected a comma (',') or array terminator (']'), but got '2'"),
        ("a=[1\n", "expected a comma (',') or array terminator (']'), but got end of file"),
        ("a=\"x\ny\"", "strings cannot contain newlines"),
        ("a=\"\\u12\"", "expected four hexadecimal digits after '\\u', but got \"\\\\u12\\\"\" instead"),
        ("a=\"\\uD800\"", "Escaped character '\\uD800' is not valid UTF-8."),
        ("a='x", "unexpected EOF; expected \"'\""),
        ("a=\"\"\"x\"\"\"\"\"\"", "unexpected '\"\"\"\"\"\"'"),
        ("a=\"x\\ y\"", "invalid escape: '\\ '"),
        ("a = 1\rb = 2", "TOML files cannot contain control characters: '0x0d'"),
    ] {
        check(text, &key_a(message));
    }
    check("a=\"\\", "toml: line 0 (last key \"a\"): invalid escape in string '\\\0'");
    check("a={b=1,,}", "toml: line 1 (last key \"a.b\"): unexpected comma");
    check("a b=1", "toml: line 1: expected '.' or '=', but got 'b' instead");
    check("a\n=1", "toml: line 1: expected '.' or '=', but got '\\n' instead");
    check("a..b=1", "toml: line 1: unexpected '.'");
    check("[a", "toml: line 1: expected '.' or ']' to end table name, but got '\\x00' instead");
    check("[a.]", "toml: line 1: unexpected end of table name (table names cannot be empty)");
    check(
        "[a]]",
        "toml: line 1 (last key \"a\"): expected a top-level item to end with a newline, comment, or EOF, but got ']' \
         instead",
    );
}

#[test]
fn strings_of_several_lines_may_end_in_quotes() {
    check("a=\"\"\"x\"\"\"\"\"", r#"{"a": "x\"\""}"#);
    check("a=\"\"\"\\\n   x\"\"\"", r#"{"a": "x"}"#);
    check("a='''\nx\n'''", r#"{"a": "x\n"}"#);
    check("a={\nb=1,\n}", r#"{"a": {"b": 1i64}}"#);
    check("# c\n\n  # x\na = 1 # y", r#"{"a": 1i64}"#);
}

#[test]
fn tables_are_written_after_plain_keys() {
    let inner: Map = [("d", Value::Int(1))].into_iter().collect();
    let nil_inside: Map = [("x", Value::Int(1)), ("y", Value::Nil)].into_iter().collect();
    let map: Map = [
        ("b", Value::Map(inner.clone())),
        ("c", Value::list(vec![Value::Map(inner)])),
        ("e f", Value::from("q\"\n")),
        ("z", Value::list(vec![Value::Map(nil_inside), Value::Int(5)])),
    ]
    .into_iter()
    .collect();
    let text = String::from_utf8(write(&Value::Map(map)).unwrap()).unwrap();
    assert_eq!(text, "\"e f\" = \"q\\\"\\n\"\nz = [{x = 1, }, 5]\n\n[b]\n  d = 1\n\n[[c]]\n  d = 1\n");
    let error = write(&Value::list(vec![Value::Nil])).unwrap_err();
    assert_eq!(error.to_string(), "toml: cannot encode array with nil element");
}
