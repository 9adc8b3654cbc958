//! Expressions with what Helm 4.3.1 makes of them: `tests/corpus/<chapter>.txt` holds an expression and, indented below
//! it, its output as JSON or `error: ` and the error's text.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::disallowed_methods, reason = "the corpus is files")]

use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

mod odd_arguments;

use pintle_sprig as sprig;

use gotmpl::{CallError, Function, MissingKey, Options, TemplateSet, pure};
use value::{Ambient, Map, Str, Type, Value, json, toml};

/// A world in which nothing happens by chance.
struct StandStill;

impl Ambient for StandStill {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = index as u8;
        }
    }

    fn local_zone(&self) -> String {
        String::from("UTC")
    }
}

const VALUES: &str = r#"{
    "str": "hello", "empty": "", "int": 42, "neg": -7, "zero": 0, "float": 3.14, "t": true, "f": false,
    "list": ["a", "b", "c"], "nums": [3, 1, 2], "elist": [], "map": {"b": 2, "a": 1, "c": {"z": 26, "w": [1, 2]}},
    "emap": {}, "mixed": [1, "two", 3.5, true, null],
    "maps": [{"name": "one", "v": 1}, {"name": "two"}, {"v": 3}], "strnum": "42", "big": 9007199254740993, "huge": 1e30
}"#;

/// Helm's functions for TOML, which the corpus needs besides Sprig's.
const TOML: &[Function] = &[
    pure("toToml", &[Type::Any], |arguments| match toml::write(&arguments[0]) {
        Ok(text) => Ok(Str::from(text).into()),
        Err(error) if arguments[0].is_nil() => Err(error.into()),
        Err(error) => Ok(Value::from(error.to_string())),
    }),
    pure("fromToml", &[Type::String], |arguments| {
        Ok(Value::Map(
            toml::read(arguments[0].as_str().unwrap())
                .unwrap_or_else(|error| [("Error", Value::from(error.to_string()))].into_iter().collect()),
        ))
    }),
];

fn render(expression: &str) -> Result<Vec<u8>, String> {
    let functions = sprig::functions(Rc::new(StandStill)).into_iter().chain(TOML.iter().cloned());
    let options = Options { missing_key: MissingKey::Zero, ..Options::default() };
    let mut set = TemplateSet::new("t", functions, options);
    let text = if expression.starts_with("{{") {
        format!("v: {expression}")
    } else {
        format!("v: {{{{ {expression} }}}}")
    };
    set.parse("t", &text).map_err(|error| error.to_string())?;
    let values = json::read_map(VALUES.as_bytes()).unwrap().as_values();
    let root = Map::from_iter([("Values", Value::Map(values))]).as_values();
    let mut out = Vec::new();
    set.execute("t", &Value::Map(root), &mut out).map_err(|error| error.to_string())?;
    Ok(out.split_off("v: ".len()))
}

fn shown(expression: &str) -> String {
    match render(expression) {
        Ok(text) => String::from_utf8(json::write(&Str::from(text).into()).unwrap()).unwrap(),
        Err(error) => format!("error: {error}"),
    }
}

fn check(chapter: &Path) -> (usize, String) {
    let corpus = std::fs::read_to_string(chapter).unwrap();
    let lines: Vec<&str> = corpus.lines().collect();
    let mut failures = String::new();
    for case in lines.chunks_exact(2) {
        let (expression, expected) = (case[0], case[1].trim_start());
        let found = shown(expression);
        if found != expected {
            writeln!(failures, "{expression}\n  expected {expected}\n  found    {found}").unwrap();
        }
    }
    (lines.len() / 2, failures)
}

fn check_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut chapters: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    chapters.sort();
    let results: Vec<_> = chapters.iter().map(|chapter| check(chapter)).collect();
    let failures: String = results.iter().map(|(_, failures)| failures.as_str()).collect();
    assert!(failures.is_empty(), "{failures}");
    assert!(results.iter().map(|(count, _)| count).sum::<usize>() > 800);
}

#[test]
fn expressions_give_what_helm_gives() {
    // The engine may use much stack; its limit is set for threads made for it.
    std::thread::Builder::new().stack_size(1 << 30).spawn(check_corpus).unwrap().join().unwrap();
}

#[test]
fn chance_comes_from_the_ambient_alone() {
    for expression in ["randAlphaNum 8", "uuidv4", "shuffle \"abcdef\"", "randInt 1 9", "randBytes 4"] {
        assert_eq!(shown(expression), shown(expression));
        assert!(!shown(expression).starts_with("error"), "{expression}: {}", shown(expression));
    }
    assert_eq!(shown("now | unixEpoch"), "\"1800000000\"");
}

#[test]
fn errors_of_functions_are_call_errors() {
    let fail = sprig::functions(Rc::new(StandStill)).into_iter().find(|row| row.name == "fail").unwrap();
    let gotmpl::Body::Pure(body) = fail.body else { panic!("`fail` asks nobody") };
    assert!(matches!(body(&mut [Value::from("x")]), Err(CallError::Message(text)) if text == "x"));
}
