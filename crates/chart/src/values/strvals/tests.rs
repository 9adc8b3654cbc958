//! The grammar's rules, each with Helm's text.

use super::*;

fn set(text: &str) -> String {
    let table = Map::new();
    match parse(text, &table) {
        Ok(()) => format!("{:?}", Value::Map(table)),
        Err(error) => error.to_string(),
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(set(text), expected, "{text}");
}

#[test]
fn values_get_their_types() {
    check(
        "a=1,b=true,c=NULL,d=01,e=1.5,f=-3",
        "{\"a\": 1i64, \"b\": true, \"c\": nil, \"d\": \"01\", \"e\": \"1.5\", \"f\": -3i64}",
    );
    check("a=0,b=+1", "{\"a\": 0i64, \"b\": 1i64}");
    check("a=9223372036854775808", "{\"a\": \"9223372036854775808\"}");
    check("a=", "{\"a\": \"\"}");
}

#[test]
fn names_nest_and_lists_pad_with_null() {
    check("a.b.c=1", "{\"a\": {\"b\": {\"c\": 1i64}}}");
    check("a[2]=x", "{\"a\": [nil, nil, \"x\"]}");
    check("a[0].b=1,a[0].c=2", "{\"a\": [{\"b\": 1i64, \"c\": 2i64}]}");
    check("a[0][1]=x", "{\"a\": [[nil, \"x\"]]}");
    check("a={1,x},b=2", "{\"a\": [1i64, \"x\"], \"b\": 2i64}");
    check("a={}", "{\"a\": [\"\"]}");
}

#[test]
fn a_backslash_takes_the_next_character() {
    check("a\\.b=1\\,2", "{\"a.b\": \"1,2\"}");
}

#[test]
fn what_is_wrong_is_said_in_helms_words() {
    check("a", "key \"a\" has no value");
    check("a,b=1", "key \"a\" has no value (cannot end with ,)");
    check("a.=1", "key map \"a\" has no value");
    check("a[x]=1", "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax");
    check(
        "a[99999999999999999999]=1",
        "error parsing index: strconv.Atoi: parsing \"99999999999999999999\": value out of range",
    );
    check("a[-1]=1", "negative -1 index not allowed");
    check("a[65537]=1", "index of 65537 is greater than maximum supported index of 65536");
    check("a[0]x=1", "unexpected data at end of array index: ['x']");
    check("a={1", "list must terminate with '}'");
    check(
        "a=1,a.b=2",
        "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}",
    );
    check(
        "a=null,a[0]=2",
        "unable to parse key: interface conversion: interface {} is nil, not []interface {}",
    );
    let deep = format!("{}=1", vec!["a"; 32].join("."));
    check(&deep, "value name nested level is greater than maximum supported nested level of 30");
}

#[test]
fn an_index_without_end_ends_the_text() {
    check("b=1,a[0", "{\"b\": 1i64}");
    check("a[0]", "{\"a\": []}");
}

#[test]
fn an_empty_key_is_ignored() {
    check("=1", "{}");
}

#[test]
fn a_literal_takes_all_that_follows() {
    let table = Map::new();
    parse_literal("a.b=1,c=\\{x}", &table).unwrap();
    assert_eq!(format!("{:?}", Value::Map(table)), "{\"a\": {\"b\": \"1,c=\\\\{x}\"}}");
}
