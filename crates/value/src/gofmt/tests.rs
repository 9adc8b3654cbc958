//! Tests of printing against results recorded from Go.

mod recorded;

use std::rc::Rc;

use crate::gofmt::float::{Notation, Size, append_float};
use crate::gofmt::quote::{self, Unit};
use crate::gofmt::{print, quoted, sprint, sprintf, sprintln};
use crate::{List, Map, Number, Type, Value};

fn list() -> Value {
    Value::list(vec![Value::Int(1), Value::string("a"), Value::Nil, Value::Float64(2.5)])
}

fn map() -> Value {
    Value::Map([("b", Value::Int(2)), ("a", Value::string("x"))].into_iter().collect())
}

fn bytes() -> Value {
    let bytes = b"hi".iter().map(|byte| Value::Number(Number::Uint8(*byte)));
    Value::List(List::typed(Type::Bytes, bytes.collect()))
}

fn strings() -> Value {
    Value::List(List::strings(["a", "b"]))
}

fn complex() -> Value {
    Value::Number(Number::Complex128(Rc::new((1.5, -4.5))))
}

#[test]
fn printf_gives_what_go_gives() {
    let mut failures = Vec::new();
    for (format, values, want) in recorded::cases() {
        let got = String::from_utf8_lossy(&sprintf(format.as_bytes(), &values)).into_owned();
        if got != want {
            failures.push(format!("{format} {values:?}: got {got}, want {want}"));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn durations_are_numbers_where_no_method_is_called() {
    let duration = Value::object(crate::time::Duration(3_900_000_000_000));
    for (format, want) in [
        ("%v %s %q", "1h5m0s 1h5m0s \"1h5m0s\""),
        ("%d %#v", "3900000000000 3900000000000"),
        ("%t", "%!t(time.Duration=3900000000000)"),
        ("%p", "%!p(time.Duration=3900000000000)"),
    ] {
        let count = format.matches('%').count();
        let got = sprintf(format.as_bytes(), &vec![duration.clone(); count]);
        assert_eq!(String::from_utf8_lossy(&got), want);
    }
}

#[test]
fn print_puts_spaces_between_what_are_no_strings() {
    let values = [Value::Int(1), Value::Int(2), Value::string("x"), Value::Int(3), Value::Nil, Value::Nil];
    assert_eq!(sprint(&values), b"1 2x3 <nil> <nil>");
    assert_eq!(sprintln(&values), b"1 2 x 3 <nil> <nil>\n");
}

#[test]
fn print_of_one_value_is_its_plain_form() {
    for (number, want) in [(3.0, "3"), (-0.0, "-0"), (1e6, "1e+06"), (999_999.0, "999999"), (0.1, "0.1")] {
        let mut out = Vec::new();
        print(&Value::Float64(number), &mut out);
        assert_eq!(String::from_utf8_lossy(&out), want);
    }
}

#[test]
fn a_map_in_itself_is_printed_once() {
    let map = Map::new();
    map.insert("a", Value::Map(map.clone()));
    map.insert("b", Value::list(vec![Value::Map(map.clone())]));
    assert_eq!(sprint(&[Value::Map(map.clone())]), b"map[a:<cycle> b:[<cycle>]]");
    map.remove("a");
    map.remove("b");
}

#[test]
fn of_two_shortest_forms_the_even_one_is_taken() {
    let mut out = Vec::new();
    append_float(&mut out, f64::from_bits(0x430d_abc3_c92f_3b2a), Notation::General, None, Size::Bits64);
    assert_eq!(String::from_utf8_lossy(&out), "1.0439539633621492e+15");
}

#[test]
fn quoting_escapes_what_go_escapes() {
    assert_eq!(quoted(b"a\"\\\n\x01\x7f\xff"), r#""a\"\\\n\x01\x7f\xff""#);
    assert_eq!(
        quoted("é日\u{301}\u{feff}\u{a0}\u{10ffff}".as_bytes()),
        "\"é日\u{301}\\ufeff\\u00a0\\U0010ffff\""
    );
}

#[test]
fn unquoting_accepts_what_go_accepts() {
    assert_eq!(quote::unquote(br#""a\n\x41\101\u00e9\"""#).as_deref(), Some("a\nAA\u{e9}\"".as_bytes()));
    assert_eq!(quote::unquote(b"`a\\\r\n`").as_deref(), Some(&b"a\\\n"[..]));
    for bad in [&br#""\z""#[..], br#""\400""#, br#""\ud800""#, b"\"a\nb\"", b"\"", b"'ab'", b"", br#""\'""#] {
        assert_eq!(quote::unquote(bad), None, "{}", String::from_utf8_lossy(bad));
    }
    assert_eq!(quote::unquote_char(br"\xff'", b'\''), Some((Unit::Byte(255), &b"'"[..])));
}
