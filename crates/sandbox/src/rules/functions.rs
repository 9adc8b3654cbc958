//! What rules can call beside CEL's own functions: Kubernetes' libraries (apiserver, `cel/library`), as far as they
//! are there.

use cel::extractors::This;
use cel::{Context, Env, ExecutionError, Value, extensions};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use value::time::{Duration, Time, Zone};

/// CEL with the libraries that need no context.
pub(super) fn environment() -> &'static Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Env::stdlib();
        // Adding an extension twice would fail, and it is added once.
        let _ = environment.add_extension(extensions::strings);
        Arc::new(environment)
    })
}

/// A context for rules, without variables.
pub(super) fn context() -> Context<'static, 'static> {
    let mut context = Context::with_env(environment().clone());
    let added = [
        context.add_function("duration", |text: Arc<String>| converted(duration(&text), "duration", &text)),
        context
            .add_function("timestamp", |text: Arc<String>| converted(timestamp(&text), "timestamp", &text)),
        context.add_function("isURL", |text: Arc<String>| is_absolute_url(&text)),
        context.add_function("isIP", |text: Arc<String>| text.parse::<IpAddr>().is_ok()),
        context.add_function("isCIDR", |text: Arc<String>| is_cidr(&text)),
        context.add_function("isQuantity", |text: Arc<String>| crate::quantity::stored(&text).is_ok()),
        context.add_function("find", |This(text): This<Arc<String>>, pattern: Arc<String>| {
            find(&text, &pattern)
        }),
        context.add_function("findAll", |This(text): This<Arc<String>>, pattern: Arc<String>| {
            find_all(&text, &pattern)
        }),
        context.add_function("isSorted", |This(list): This<Arc<Vec<Value>>>| list.is_sorted()),
        context.add_function("sum", |This(list): This<Arc<Vec<Value>>>| sum(&list)),
        context.add_function("min", |This(list): This<Arc<Vec<Value>>>| extreme(&list, "min", false)),
        context.add_function("max", |This(list): This<Arc<Vec<Value>>>| extreme(&list, "max", true)),
    ];
    debug_assert!(added.iter().all(Result::is_ok), "names are not taken: {added:?}");
    context
}

fn is_absolute_url(text: &str) -> bool {
    value::url::is_request_url(text)
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= most)
}

fn pattern_of(pattern: &str) -> Result<sprig::regex::Regex, ExecutionError> {
    sprig::regex::Regex::new(pattern.as_bytes()).map_err(|e| ExecutionError::function_error("find", e))
}

fn text_value(bytes: &[u8]) -> Value {
    Value::String(Arc::new(String::from_utf8_lossy(bytes).into_owned()))
}

fn find(text: &str, pattern: &str) -> Result<Value, ExecutionError> {
    Ok(text_value(pattern_of(pattern)?.find(text.as_bytes())))
}

fn find_all(text: &str, pattern: &str) -> Result<Value, ExecutionError> {
    let pattern = pattern_of(pattern)?;
    let found = pattern.find_all(text.as_bytes(), -1).into_iter().map(text_value);
    Ok(Value::List(Arc::new(found.collect())))
}

fn sum(list: &[Value]) -> Result<Value, ExecutionError> {
    let mut total = match list.first() {
        Some(Value::Float(_)) => Value::Float(0.0),
        Some(Value::UInt(_)) => Value::UInt(0),
        _ => Value::Int(0),
    };
    for item in list {
        let added = match (&total, item) {
            (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
            (Value::UInt(a), Value::UInt(b)) => a.checked_add(*b).map(Value::UInt),
            (Value::Float(a), Value::Float(b)) => Some(Value::Float(a + b)),
            _ => return Err(ExecutionError::function_error("sum", "no such overload: sum")),
        };
        total = added.ok_or_else(|| ExecutionError::function_error("sum", "integer overflow"))?;
    }
    Ok(total)
}

fn extreme(list: &[Value], name: &str, largest: bool) -> Result<Value, ExecutionError> {
    let mut best: Option<&Value> = None;
    for item in list {
        let better =
            best.and_then(|best| item.partial_cmp(best)).is_none_or(|order| order.is_gt() == largest);
        if better {
            best = Some(item);
        }
    }
    best.cloned().ok_or_else(|| ExecutionError::function_error(name, format!("{name} called on empty list")))
}

/// The moment that a text of RFC 3339 names, in nanoseconds since 1970: what rules do with times is compare them and
/// subtract.
pub(super) fn timestamp(text: &str) -> Option<Value> {
    let utc = Zone::Utc;
    let time = value::time::parse("2006-01-02T15:04:05Z07:00", text, &utc).ok()?;
    let epoch = Time::from_unix(0, utc.clone());
    Some(Value::Int(time.since(&epoch).0))
}

/// The length of time that a text like `1h30m` names, in nanoseconds.
pub(super) fn duration(text: &str) -> Option<Value> {
    Duration::parse(text).ok().map(|duration| Value::Int(duration.0))
}

fn converted(found: Option<Value>, function: &str, text: &str) -> Result<Value, ExecutionError> {
    found.ok_or_else(|| ExecutionError::function_error(function, format!("invalid {function}: {text:?}")))
}
