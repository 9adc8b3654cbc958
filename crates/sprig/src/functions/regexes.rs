//! Regular expressions. The functions share the compiled ones.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use gotmpl::{Body, CallError, Function, pure};
use value::{List, Str, Type, Value};

use super::arguments::{Outcome, bytes, int};
use crate::regex::{Cache, Error, Regex, quote_meta};

/// More expressions than a chart has, unless it makes them up as it goes.
const CACHE_CAPACITY: usize = 1024;

const TWO: &[Type] = &[Type::String, Type::String];
const WITH_TEXT: &[Type] = &[Type::String, Type::String, Type::String];
const WITH_COUNT: &[Type] = &[Type::String, Type::String, Type::Int];

pub(super) const FUNCTIONS: &[Function] = &[pure("regexQuoteMeta", &[Type::String], |arguments| {
    Ok(Str::from(quote_meta(bytes(arguments, 0))).into())
})];

/// A function of an expression, the first argument; once as it is and once with `must` in front.
struct Row {
    name: &'static str,
    must_name: &'static str,
    parameters: &'static [Type],
    body: fn(&Regex, &[Value]) -> Value,
}

const ROWS: &[Row] = &[
    Row {
        name: "regexMatch",
        must_name: "mustRegexMatch",
        parameters: TWO,
        body: |regex, arguments| Value::Bool(regex.is_match(bytes(arguments, 1))),
    },
    Row {
        name: "regexFind",
        must_name: "mustRegexFind",
        parameters: TWO,
        body: |regex, arguments| Str::from(regex.find(bytes(arguments, 1))).into(),
    },
    Row { name: "regexFindAll", must_name: "mustRegexFindAll", parameters: WITH_COUNT, body: find_all },
    Row { name: "regexSplit", must_name: "mustRegexSplit", parameters: WITH_COUNT, body: split },
    Row {
        name: "regexReplaceAll",
        must_name: "mustRegexReplaceAll",
        parameters: WITH_TEXT,
        body: |regex, arguments| {
            Str::from(regex.replace_all(bytes(arguments, 1), bytes(arguments, 2))).into()
        },
    },
    Row {
        name: "regexReplaceAllLiteral",
        must_name: "mustRegexReplaceAllLiteral",
        parameters: WITH_TEXT,
        body: |regex, arguments| {
            Str::from(regex.replace_all_literal(bytes(arguments, 1), bytes(arguments, 2))).into()
        },
    },
];

/// Returns the matches; Go has a nil slice where there are none.
fn find_all(regex: &Regex, arguments: &[Value]) -> Value {
    let matches = regex.find_all(bytes(arguments, 1), int(arguments, 2));
    Value::List(if matches.is_empty() { List::nil(Type::StringList) } else { List::strings(matches) })
}

/// Returns the parts; a limit of zero gives a nil slice.
fn split(regex: &Regex, arguments: &[Value]) -> Value {
    let limit = int(arguments, 2);
    let parts = regex.split(bytes(arguments, 1), limit);
    Value::List(if limit == 0 { List::nil(Type::StringList) } else { List::strings(parts) })
}

/// What becomes of an expression that does not compile.
#[derive(Clone, Copy)]
enum OnError {
    /// It matches nothing (`regexMatch`).
    NoMatch,
    /// It is the text of Go's panic.
    Panic,
    /// It is the error (`must…`).
    Return,
}

/// Returns all functions of expressions; they share one cache.
pub(super) fn functions() -> impl Iterator<Item = Function> {
    let cache = Rc::new(RefCell::new(Cache::new(CACHE_CAPACITY)));
    ROWS.iter().flat_map(move |row| {
        let on_error = if row.name == "regexMatch" { OnError::NoMatch } else { OnError::Panic };
        [row.bind(row.name, on_error, &cache), row.bind(row.must_name, OnError::Return, &cache)]
    })
}

impl Row {
    fn bind(&self, name: &'static str, on_error: OnError, cache: &Rc<RefCell<Cache>>) -> Function {
        let (cache, body) = (cache.clone(), self.body);
        let call = move |arguments: &[Value]| -> Outcome {
            let expression = bytes(arguments, 0);
            let compiled: Result<Arc<Regex>, Error> = cache.borrow_mut().get(expression);
            match (compiled, on_error) {
                (Ok(regex), _) => Ok(body(&regex, arguments)),
                (Err(_), OnError::NoMatch) => Ok(Value::Bool(false)),
                (Err(error), OnError::Panic) => Err(CallError::message(error.panic_text(expression))),
                (Err(error), OnError::Return) => Err(CallError::message(error.to_string())),
            }
        };
        Function {
            name,
            parameters: self.parameters,
            is_variadic: false,
            body: Body::Stateful(Rc::new(move |_, arguments| call(arguments))),
        }
    }
}
