//! Objects: fields, methods, and named maps.

use std::any::Any;

use pintle_gotmpl::{MissingKey, Options, TemplateSet, pure};
use value::time::Duration;
use value::{Error, Kind, Map, Member, Object, Type, Value};

/// A struct with a field, a method with a parameter, and a method that fails.
struct Version;

impl Object for Version {
    fn object_type(&self) -> Type {
        Type::Named("*semver.Version", Kind::Ptr)
    }

    fn member(&self, name: &str) -> Option<Member> {
        match name {
            "Field" => Some(Member::Field(Value::Int(7))),
            "Plus" => Some(Member::Method(&[Type::Int], false)),
            "Fail" => Some(Member::Method(&[], false)),
            "Pair" => Some(Member::Uncallable("function Pair has 3 return values; should be 1 or 2")),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, Error> {
        match (name, arguments) {
            ("Plus", [Value::Int(number)]) => Ok(Value::Int(number + 1)),
            _ => Err(Error::message("boom")),
        }
    }

    fn print(&self) -> String {
        String::from("1.2.3")
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(vec![("Field", Value::Int(7)), ("hidden", Value::Int(8))])
    }

    fn unaddressed(&self) -> Option<Value> {
        Some(Value::string("copy"))
    }

    fn as_plain(&self) -> Value {
        Value::string("1.2.3")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn run(text: &str) -> String {
    let mut set =
        TemplateSet::new("gotpl", [], Options { missing_key: MissingKey::Zero, ..Options::default() });
    set.add_methods(
        Type::Values,
        vec![
            pure("Keys", &[], |a| Ok(Value::Int(a[0].as_map().unwrap().len() as i64))),
            pure("Get", &[Type::String], |a| Ok(a[0].as_map().unwrap().get(a[1].as_str().unwrap()).unwrap())),
        ],
    );
    set.parse("main", text).unwrap();
    let values = Map::typed(Type::Values, [("k", Value::string("v"))].into_iter().collect());
    let data: Map = [("v", Value::object(Version)), ("values", Value::Map(values))].into_iter().collect();
    let mut out = Vec::new();
    match set.execute("main", &Value::Map(data), &mut out) {
        Ok(()) => String::from_utf8(out).unwrap(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn fields_and_methods_are_found_and_checked() {
    assert_eq!(run("{{.v}} {{.v.Field}} {{.v.Plus 1}} {{2 | .v.Plus}}"), "1.2.3 7 2 3");
    let at = |column, node| format!("template: main:1:{column}: executing \"main\" at <{node}>: ");
    assert_eq!(run("{{.v.Plus \"x\"}}"), at(10, "\"x\"") + "expected integer; found \"x\"");
    assert_eq!(run("{{.v.Plus}}"), at(4, ".v.Plus") + "wrong number of args for Plus: want 1 got 0");
    assert_eq!(
        run("{{.v.Field 1}}"),
        at(4, ".v.Field") + "Field has arguments but cannot be invoked as function"
    );
    assert_eq!(run("{{.v.Nope}}"), at(4, ".v.Nope") + "can't evaluate field Nope in type interface {}");
    assert_eq!(
        run("{{$x := .v}}{{$x.Nope}}"),
        at(16, "$x.Nope") + "can't evaluate field Nope in type *semver.Version"
    );
    assert_eq!(run("{{.v.Fail}}"), at(4, ".v.Fail") + "error calling Fail: boom");
}

#[test]
fn what_cannot_be_reached_is_named() {
    let at = |column, node| format!("template: main:1:{column}: executing \"main\" at <{node}>: ");
    assert_eq!(run("{{.v.Pair}}"), at(4, ".v.Pair") + "function Pair has 3 return values; should be 1 or 2");
    assert_eq!(run("{{.v.Pair 1}}"), at(4, ".v.Pair") + "wrong number of args for Pair: want 0 got 1");
    assert_eq!(
        run("{{$x := .v}}{{$x.hidden}}"),
        at(16, "$x.hidden") + "hidden is an unexported field of struct type *semver.Version"
    );
    assert_eq!(run("{{len .v}}"), at(2, "len .v") + "error calling len: len of type semver.Version");
}

#[test]
fn functions_get_a_copy_without_an_address() {
    assert_eq!(
        run("{{.v}} {{print .v}} {{$x := .v}}{{$x}} {{print $x}} {{$x | print}}"),
        "1.2.3 copy 1.2.3 copy copy"
    );
    assert_eq!(run("{{or .v 1}} {{with .v}}{{.}}{{end}}"), "1.2.3 1.2.3");
}

#[test]
fn a_named_number_is_counted_up_to() {
    let mut set = TemplateSet::new("gotpl", [], Options::default());
    set.parse("main", "{{range .}}{{.}} {{else}}none{{end}}").unwrap();
    let run = |nanoseconds| {
        let mut out = Vec::new();
        set.execute("main", &Value::object(Duration(nanoseconds)), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!((run(3).as_str(), run(-1).as_str()), ("0s 1ns 2ns ", "none"));
}

#[test]
fn maps_of_a_named_type_have_methods_before_keys() {
    assert_eq!(run("{{.values.Keys}}{{.values.k}}{{.values.zz}}{{.values.Get \"k\"}}"), "1v<no value>v");
    assert_eq!(
        run("{{.values.Get}}"),
        "template: main:1:9: executing \"main\" at <.values.Get>: wrong number of args for Get: want 1 got 0"
    );
    assert_eq!(
        run("{{.values.Keys 1}}"),
        "template: main:1:9: executing \"main\" at <.values.Keys>: wrong number of args for Keys: want 0 got 1"
    );
}
