//! Helm's own template functions, added to Sprig's: `include`, `tpl`, `required`, `lookup`, YAML, JSON and TOML
//! (Helm: engine/funcs.go and engine.go).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use gotmpl::{Body, CallError, Function, OverlayError, State, StatefulBody, pure};
use value::{Ambient, List, Map, Str, Type, Value};

use crate::error::{MESSAGE_END, MESSAGE_START};
use crate::host::Host;
use crate::log::Log;

/// How often a name may be included inside itself (Helm: engine.go, recursionMaxNums).
const MAX_NESTED_INCLUDES: usize = 1000;

/// How many `tpl` may run inside each other. Helm has no limit and dies of a full stack; the error's text grows with
/// each level.
const MAX_NESTED_TPL: usize = 2000;

/// What Go prints for a missing value, and Helm removes from everything it renders.
const NO_VALUE: &[u8] = b"<no value>";

/// Returns every function that templates of a chart can call.
pub(crate) fn table(host: &Host, log: &Log, is_lint: bool) -> Vec<Function> {
    let ambient: Rc<dyn Ambient> = host.ambient.clone();
    let mut functions = sprig::functions(ambient);
    functions.extend_from_slice(TEXT_FORMS);
    let nesting = Rc::new(RefCell::new(HashMap::new()));
    let depth = TplDepth::default();
    functions.extend([
        stateful("include", &[Type::String, Type::Any], move |state, arguments| {
            include(&nesting, state, arguments)
        }),
        stateful("tpl", &[Type::String, Type::Any], move |state, arguments| tpl(&depth, state, arguments)),
        required(log, is_lint),
        fail(log, is_lint),
        lookup(host, is_lint),
    ]);
    if let Some(resolve) = host.resolve_host.clone() {
        functions.push(stateful("getHostByName", &[Type::String], move |_, arguments| {
            Ok(Value::string(resolve(&text(arguments, 0).to_str_lossy()).unwrap_or_default()))
        }));
    }
    functions
}

fn stateful(
    name: &'static str,
    parameters: &'static [Type],
    body: impl Fn(&mut State<'_>, &mut [Value]) -> Result<Value, CallError> + 'static,
) -> Function {
    let body: Rc<StatefulBody> = Rc::new(body);
    Function { name, parameters, is_variadic: false, body: Body::Stateful(body) }
}

fn text(arguments: &[Value], index: usize) -> Str {
    arguments.get(index).and_then(Value::as_str).cloned().unwrap_or_default()
}

fn take(arguments: &mut [Value], index: usize) -> Value {
    arguments.get_mut(index).map(std::mem::take).unwrap_or_default()
}

fn include(
    nesting: &RefCell<HashMap<Str, Rc<Cell<usize>>>>,
    state: &mut State<'_>,
    arguments: &mut [Value],
) -> Result<Value, CallError> {
    let (name, data) = (text(arguments, 0), take(arguments, 1));
    let depth = nesting.borrow_mut().entry(name.clone()).or_default().clone();
    if depth.get() > MAX_NESTED_INCLUDES {
        return Err(CallError::message(format!(
            "rendering template has a nested reference name: {name}: unable to execute template"
        )));
    }
    depth.set(depth.get() + 1);
    let result = state.render_template(&name, &data);
    depth.set(depth.get() - 1);
    Ok(Value::String(result?))
}

/// How many `tpl` run inside each other.
#[derive(Default)]
struct TplDepth {
    current: Cell<usize>,
    /// Whether they have become too many: the calls further out then add nothing to the message.
    is_exceeded: Cell<bool>,
}

fn tpl(depth: &TplDepth, state: &mut State<'_>, arguments: &mut [Value]) -> Result<Value, CallError> {
    let (template, data) = (text(arguments, 0), take(arguments, 1));
    if !contains(&template, b"{{") {
        return Ok(Value::String(without_no_value(template)));
    }
    if depth.current.get() >= MAX_NESTED_TPL {
        depth.is_exceeded.set(true);
        return Err(CallError::message(format!(
            "tpl runs inside itself more than {MAX_NESTED_TPL} times: does the text contain a call of tpl on itself?"
        )));
    }
    let mut out = Vec::new();
    depth.current.set(depth.current.get() + 1);
    let result = state.execute_overlay(&template, &data, &mut out);
    depth.current.set(depth.current.get() - 1);
    result.map_err(|error| {
        if depth.is_exceeded.get() {
            return CallError::message(match error {
                OverlayError::Parse(error) => error.to_string(),
                OverlayError::Execute(error) => error.to_string(),
            });
        }
        let quoted = value::gofmt::quoted(&template);
        CallError::message(match error {
            OverlayError::Parse(error) => format!("cannot parse template {quoted}: {error}"),
            OverlayError::Execute(error) => {
                format!("error during tpl function execution for {quoted}: {error}")
            }
        })
    })?;
    Ok(Value::String(without_no_value(Str::from(out))))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Returns whether a text has `<no value>` in it.
pub(crate) fn has_no_value(text: &[u8]) -> bool {
    contains(text, NO_VALUE)
}

/// Removes `<no value>`, as Helm does with all it renders (Helm: engine.go, render).
pub(crate) fn without_no_value(text: Str) -> Str {
    if !contains(&text, NO_VALUE) {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest: &[u8] = &text;
    while let Some(at) = memchr::memmem::find(rest, NO_VALUE) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + NO_VALUE.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Str::from(out)
}

fn user_error(message: &Str) -> CallError {
    CallError::message(format!("{MESSAGE_START}{}{MESSAGE_END}", value::spell(message)))
}

fn required(log: &Log, is_lint: bool) -> Function {
    let log = log.clone();
    stateful("required", &[Type::String, Type::Any], move |_, arguments| {
        let (message, given) = (text(arguments, 0), take(arguments, 1));
        let is_empty_text = given.as_str().is_some_and(|text| text.is_empty());
        if !given.is_nil() && !is_empty_text {
            return Ok(given);
        }
        if !is_lint {
            return Err(user_error(&message));
        }
        let what = if is_empty_text { "missing required values" } else { "missing required value" };
        log.warn(what, &[("message", message.as_bytes())]);
        Ok(Value::string(""))
    })
}

fn fail(log: &Log, is_lint: bool) -> Function {
    let log = log.clone();
    stateful("fail", &[Type::String], move |_, arguments| {
        let message = text(arguments, 0);
        if !is_lint {
            return Err(user_error(&message));
        }
        log.info("funcMap fail", &[("message", message.as_bytes())]);
        Ok(Value::string(""))
    })
}

fn lookup(host: &Host, is_lint: bool) -> Function {
    let lookup = host.lookup.clone().filter(|_| !is_lint);
    stateful("lookup", &[Type::String, Type::String, Type::String, Type::String], move |_, arguments| {
        let Some(lookup) = &lookup else { return Ok(Value::Map(Map::new())) };
        let argument = |index| text(arguments, index).to_string_lossy();
        let found =
            lookup(&argument(0), &argument(1), &argument(2), &argument(3)).map_err(CallError::message)?;
        Ok(found.map_or_else(|| Value::Map(Map::new()), |object| object_value(&object)))
    })
}

/// Converts an object of the cluster: unlike in values, integers stay integers (`int64`) there.
fn object_value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(integer) => Value::Int64(integer),
            None => Value::Float64(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::string(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(object_value).collect()),
        serde_json::Value::Object(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.as_str(), object_value(value))).collect())
        }
    }
}

/// Writes YAML as `toYaml` does: without the last line break, and nothing at all when it cannot be written.
pub(crate) fn yaml_or_empty(value: &Value) -> Value {
    value::yaml::write(value).map_or_else(|_| Value::string(""), without_last_line_break)
}

fn without_last_line_break(mut text: Vec<u8>) -> Value {
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Value::string(text)
}

/// Turns a failed read into what Helm's reading functions return: a map that holds the error.
fn map_or_error(result: Result<Map, value::Error>) -> Result<Value, CallError> {
    Ok(Value::Map(result.unwrap_or_else(|error| {
        let map = Map::new();
        map.insert("Error", Value::string(error.to_string()));
        map
    })))
}

fn list_or_error(result: Result<List, value::Error>) -> Result<Value, CallError> {
    Ok(Value::List(result.unwrap_or_else(|error| List::new(vec![Value::string(error.to_string())]))))
}

/// Writes TOML as `toToml` does: what cannot be written gives the error's text, and only nil fails, on which Go panics.
fn toml_or_error(value: &Value) -> Result<Value, CallError> {
    match value::toml::write(value) {
        Ok(text) => Ok(Value::string(text)),
        Err(error) if value.is_nil() => Err(error.into()),
        Err(error) => Ok(Value::string(error.to_string())),
    }
}

/// The functions that read and write YAML, JSON and TOML.
const TEXT_FORMS: &[Function] = &[
    pure("toYaml", &[Type::Any], |arguments| Ok(yaml_or_empty(&take(arguments, 0)))),
    pure("mustToYaml", &[Type::Any], |arguments| {
        Ok(without_last_line_break(value::yaml::write(&take(arguments, 0))?))
    }),
    pure("toYamlPretty", &[Type::Any], |arguments| {
        let written = value::yaml::write_pretty(&take(arguments, 0));
        // yaml.v3 panics on a complex number, which no caller turns into an empty text.
        if let Err(error) = &written
            && error.is_complex_number()
        {
            return Err(CallError::message(error.to_string()));
        }
        Ok(written.map_or_else(|_| Value::string(""), without_last_line_break))
    }),
    pure("toToml", &[Type::Any], |arguments| toml_or_error(&take(arguments, 0))),
    pure("mustToToml", &[Type::Any], |arguments| Ok(Value::string(value::toml::write(&take(arguments, 0))?))),
    pure("fromToml", &[Type::String], |arguments| map_or_error(value::toml::read(&text(arguments, 0)))),
    pure("fromYaml", &[Type::String], |arguments| {
        map_or_error(value::yaml::read_map(&text(arguments, 0), &value::yaml::Options::default()))
    }),
    pure("fromYamlArray", &[Type::String], |arguments| {
        list_or_error(value::yaml::read_list(&text(arguments, 0), &value::yaml::Options::default()))
    }),
    pure("toJson", &[Type::Any], |arguments| {
        Ok(value::json::write(&take(arguments, 0)).map_or_else(|_| Value::string(""), Value::string))
    }),
    pure("mustToJson", &[Type::Any], |arguments| Ok(Value::string(value::json::write(&take(arguments, 0))?))),
    pure("fromJson", &[Type::String], |arguments| {
        let (map, error) = value::json::read_map_partly(&text(arguments, 0));
        if let Some(error) = error {
            map.insert("Error", Value::string(error.to_string()));
        }
        Ok(Value::Map(map))
    }),
    pure("fromJsonArray", &[Type::String], |arguments| {
        list_or_error(value::json::read_list(&text(arguments, 0)))
    }),
];
