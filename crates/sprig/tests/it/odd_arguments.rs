//! Every function called with odd arguments of the types it asks for: it may fail, but not panic.

use std::rc::Rc;

use gotmpl::{Body, Function, Options, TemplateSet};
use value::time::{Duration, Time, Zone};
use value::{Entries, List, Map, Number, Type, Value};

/// Making keys and stretching passwords takes long, and does not depend on the arguments' oddity.
const SLOW: &[&str] =
    &["genPrivateKey", "genCA", "genSelfSignedCert", "genSignedCert", "bcrypt", "htpasswd", "derivePassword"];

fn odd_values(wanted: Type) -> Vec<Value> {
    let texts =
        ["", "a", " \n", "é\u{301}b", "%zz", "-1", "0x", "1e999", "::", "2006-01-02", "99999999999999999999"];
    match wanted {
        Type::String => {
            let mut values: Vec<Value> = texts.iter().map(|text| Value::from(*text)).collect();
            values.push(Value::string(vec![0xff, b'a', 0xc3]));
            values
        }
        Type::Int => [0, 1, -1, 7, i64::MIN, i64::MAX].into_iter().map(Value::Int).collect(),
        Type::Uint32 => vec![Value::Number(Number::Uint32(u32::MAX))],
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Float64 => [0.0, f64::NAN, f64::INFINITY].into_iter().map(Value::Float64).collect(),
        Type::AnyList => {
            vec![Value::List(List::nil(Type::AnyList)), Value::list(vec![Value::Nil, Value::from("::")])]
        }
        Type::AnyMap => odd_maps(),
        Type::Any => {
            let mut values = vec![
                Value::Nil,
                Value::Bool(true),
                Value::Int(i64::MIN),
                Value::Int64(i64::MAX),
                Value::Float64(f64::NAN),
                Value::Float64(-1e300),
                Value::Number(Number::Uint64(u64::MAX)),
                Value::Number(Number::Complex128(Rc::new((1.0, f64::NAN)))),
                Value::from("1_000"),
                Value::string(vec![0xff, 0xfe]),
                Value::List(List::nil(Type::Bytes)),
                Value::List(List::typed(Type::IntList, vec![Value::Int(1), Value::Int(1)])),
                Value::list(vec![Value::Nil, Value::list(Vec::new()), Value::Map(Map::new())]),
                Value::object(Time::ZERO),
                Value::object(Time::from_unix(i64::MAX, Zone::Utc)),
                Value::object(Duration(i64::MIN)),
            ];
            values.extend(odd_maps());
            values
        }
        // Values of named types (times) come from other functions.
        _ => vec![Value::object(Time::from_unix(i64::MIN, Zone::Utc)), Value::object(Time::ZERO)],
    }
}

fn odd_maps() -> Vec<Value> {
    let strings: Entries = [("a", Value::from("x"))].into_iter().collect();
    let cycle = Map::new();
    cycle.insert("self", Value::Map(cycle.clone()));
    cycle.insert("scheme", Value::Nil);
    vec![
        Value::Map(Map::nil(Type::AnyMap)),
        Value::Map(Map::new()),
        Value::Map(Map::typed(Type::StringMap, strings)),
        Value::Map(cycle),
    ]
}

/// Returns combinations of arguments: each value of one parameter with the first, middle and last of the others.
fn combinations(function: &Function) -> Vec<Vec<Value>> {
    let mut types = function.parameters.to_vec();
    if function.is_variadic {
        types.extend(function.parameters.last().copied());
    }
    let choices: Vec<Vec<Value>> = types.iter().map(|wanted| odd_values(*wanted)).collect();
    let mut combinations = vec![choices.iter().map(|values| values[0].clone()).collect()];
    for (index, values) in choices.iter().enumerate() {
        for value in values {
            for others in 0..3 {
                let pick = |values: &Vec<Value>| values[(values.len() - 1) * others / 2].clone();
                let mut arguments: Vec<Value> = choices.iter().map(pick).collect();
                arguments[index] = value.clone();
                combinations.push(arguments);
            }
        }
    }
    if function.is_variadic {
        combinations.push(Vec::new());
    }
    combinations
}

fn call_all() {
    for function in super::sprig::functions(Rc::new(super::StandStill)) {
        if SLOW.iter().any(|slow| function.name.starts_with(slow)) {
            continue;
        }
        for mut arguments in combinations(&function) {
            if !function.is_variadic || arguments.len() + 1 >= function.parameters.len() {
                call(&function, &mut arguments);
            }
        }
    }
}

fn call(function: &Function, arguments: &mut [Value]) {
    if let Body::Pure(body) = function.body {
        let _ = body(arguments);
        return;
    }
    // A function that asks the world needs a running template: it is called by one, over a list of its arguments.
    let names: String = (0..arguments.len()).map(|index| format!(" (index . {index})")).collect();
    let mut set = TemplateSet::new("t", [function.clone()], Options::default());
    set.parse("t", format!("{{{{ {}{names} }}}}", function.name)).unwrap();
    let _ = set.execute("t", &Value::list(arguments.to_vec()), &mut Vec::new());
}

#[test]
fn odd_arguments_do_not_panic() {
    std::thread::Builder::new().stack_size(1 << 30).spawn(call_all).unwrap().join().unwrap();
}
