//! Functions and data that the tests' templates use; the recording program has the same in Go.

use pintle_gotmpl::{
    Body, CallError, Function, MissingKey, Options, OverlayError, State, TemplateSet, pure, variadic,
};
use std::rc::Rc;
use value::Type::{self, Any};
use value::{List, Map, Str, Value, gofmt};

type Outcome = Result<Value, CallError>;

/// Returns an empty set with the functions.
pub(crate) fn set(missing_key: MissingKey) -> TemplateSet {
    TemplateSet::new("gotpl", functions(), Options { missing_key, ..Options::default() })
}

/// Returns the data that the templates are executed with.
pub(crate) fn data() -> Value {
    let b = map([("c", Value::string("deep"))]);
    Value::Map(map([
        ("a", Value::Map(map([("b", Value::Map(b))]))),
        ("s", Value::string("str")),
        ("n", Value::Int(3)),
        ("f", Value::Float64(2.5)),
        ("t", Value::Bool(true)),
        ("e", Value::string("")),
        ("nil", Value::Nil),
        ("l", Value::list(vec![Value::string("a"), Value::string("b"), Value::Nil, Value::Float64(1.5)])),
        ("m", Value::Map(map([("k", Value::string("v")), ("n", Value::Float64(1.0)), ("z", Value::Nil)]))),
    ]))
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    entries.into_iter().collect()
}

pub(crate) fn functions() -> Vec<Function> {
    vec![
        stateful("include", &[Type::String, Any], include),
        stateful("tpl", &[Type::String, Any], tpl),
        variadic("list", &[Any], |a| Ok(Value::list(a.to_vec()))),
        variadic("dict", &[Any], |a| {
            let pairs = a.chunks(2).map(|pair| (Str::from(gofmt::sprint(&pair[..1])), pair[1].clone()));
            Ok(Value::Map(pairs.collect()))
        }),
        pure("fail", &[Type::String], |a| Err(CallError::message(text(&a[0])))),
        pure("upper", &[Type::String], |a| Ok(text(&a[0]).to_uppercase().into())),
        pure("fint", &[Type::Int], |a| printf("int %d", a)),
        pure("fint64", &[Type::Int64], |a| printf("int64 %d", a)),
        pure("ff64", &[Type::Float64], |a| printf("f64 %v", a)),
        pure("fbool", &[Type::Bool], |a| printf("bool %v", a)),
        pure("flist", &[Type::AnyList], |a| printf("list %v", a)),
        pure("fstrs", &[Type::StringList], |a| printf("strs %v", a)),
        pure("fmap", &[Type::AnyMap], |a| printf("map %v", a)),
        pure("fany", &[Any], |a| printf("any %[1]T %[1]v", a)),
        variadic("fvar", &[Type::Int, Type::String], |a| {
            let rest = Value::List(List::typed(Type::StringList, a[1..].to_vec()));
            printf("var %d %q", &[a[0].clone(), rest])
        }),
        variadic("strs", &[Type::String], |a| Ok(Value::List(List::typed(Type::StringList, a.to_vec())))),
        pure("strmap", &[Type::String, Type::String], |a| {
            let entries = [(Str::from(text(&a[0])), a[1].clone())];
            Ok(Value::Map(Map::typed(Type::StringMap, entries.into_iter().collect())))
        }),
        pure("uint64", &[Type::Uint64], |a| Ok(a[0].clone())),
    ]
}

fn stateful(
    name: &'static str,
    parameters: &'static [Type],
    body: impl Fn(&mut State<'_>, &mut [Value]) -> Outcome + 'static,
) -> Function {
    Function { name, parameters, is_variadic: false, body: Body::Stateful(Rc::new(body)) }
}

fn include(state: &mut State<'_>, arguments: &mut [Value]) -> Outcome {
    Ok(Value::String(state.render_template(text(&arguments[0]), &arguments[1])?))
}

fn tpl(state: &mut State<'_>, arguments: &mut [Value]) -> Outcome {
    let source = Str::from(text(&arguments[0]));
    let mut out = Vec::new();
    let quoted = gofmt::quoted(&source);
    state.execute_overlay(&source, &arguments[1], &mut out).map_err(|error| {
        CallError::message(match error {
            OverlayError::Parse(error) => format!("cannot parse template {quoted}: {error}"),
            OverlayError::Execute(error) => {
                format!("error during tpl function execution for {quoted}: {error}")
            }
        })
    })?;
    Ok(Value::string(value::go_lossy(&out).replace("<no value>", "")))
}

fn text(value: &Value) -> String {
    value.as_str().expect("the engine has checked it").to_string_lossy()
}

fn printf(format: &str, values: &[Value]) -> Outcome {
    Ok(Value::String(gofmt::sprintf(format.as_bytes(), values).into()))
}
