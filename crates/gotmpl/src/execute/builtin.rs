//! Calls of Go's builtin functions, except `and` and `or`.

use value::{Kind, Str, Type, Value, gofmt};

use crate::ast::{Builtin, NodeId, Term};
use crate::execute::call::Signature;
use crate::execute::{Executed, Reflected, Thrown, throw};
use crate::{CallError, State, compare, escape, index};

impl State<'_> {
    pub(crate) fn eval_builtin(
        &mut self,
        dot: &Reflected,
        builtin: Builtin,
        command: NodeId,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Value> {
        match builtin {
            Builtin::Len => return self.eval_len(dot, command, arguments, last),
            Builtin::Slice => return self.eval_slice(dot, command, arguments, last),
            _ if builtin.is_comparison() => {
                if let ([left, right], None) = (arguments, &*last) {
                    let flag = self.compare_terms(dot, builtin, command, left, right)?;
                    return Ok(Value::Bool(flag));
                }
            }
            _ => {}
        }
        let (parameters, is_variadic): (&'static [Type], bool) = match builtin {
            Builtin::Not => (&[Type::Any], false),
            Builtin::Ne | Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge => {
                (&[Type::Any, Type::Any], false)
            }
            Builtin::Eq | Builtin::Index | Builtin::Call => (&[Type::Any, Type::Any], true),
            Builtin::Printf => (&[Type::String, Type::Any], true),
            _ => (&[Type::Any], true),
        };
        let name = builtin.name();
        let base = self.arguments.len();
        if let Err(thrown) = self.gather(dot, Signature { name, parameters, is_variadic }, arguments, last) {
            self.arguments.truncate(base);
            return Err(thrown);
        }
        let values = self.arguments.get_mut(base..).unwrap_or_default();
        let result = match builtin {
            Builtin::Call => self.call_value(arguments.first(), base),
            _ => call(builtin, values, &mut self.scratch),
        };
        self.arguments.truncate(base);
        result.map_err(|error| {
            self.node = command;
            Box::new(Thrown::Call { function: name, error })
        })
    }

    /// A comparison of two values, without the way through the argument stack.
    pub(crate) fn compare_terms(
        &mut self,
        dot: &Reflected,
        builtin: Builtin,
        command: NodeId,
        left: &Term,
        right: &Term,
    ) -> Executed<bool> {
        let result = match self.compare_in_place(dot, builtin, left, right) {
            Some(result) => {
                self.node = right.id();
                result
            }
            None => {
                let left = self.eval_any(dot, left)?.value;
                let right = self.eval_any(dot, right)?.value;
                compare::compare(builtin, &left, &right)
            }
        };
        result.map_err(|error| {
            self.node = command;
            Box::new(Thrown::Call { function: builtin.name(), error })
        })
    }

    /// `len` alone sees whether a nil came through an interface.
    fn eval_len(
        &mut self,
        dot: &Reflected,
        command: NodeId,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Value> {
        let item = match (arguments, last.take()) {
            ([term], None) => self.eval_any(dot, term)?,
            ([], Some(value)) => Reflected::concrete(value),
            (arguments, last) => {
                let count = arguments.len() + usize::from(last.is_some());
                return throw(format!("wrong number of args for len: want 1 got {count}"));
            }
        };
        length(&item).map_err(|error| {
            self.node = command;
            Box::new(Thrown::Call { function: "len", error })
        })
    }

    /// `slice` sees whether an index came through an interface.
    fn eval_slice(
        &mut self,
        dot: &Reflected,
        command: NodeId,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Value> {
        let mut values = Vec::with_capacity(4);
        if arguments.is_empty() && last.is_none() {
            return throw("wrong number of args for slice: want at least 1 got 0");
        }
        for term in arguments {
            values.push(self.eval_any(dot, term)?);
        }
        values.extend(last.take().map(Reflected::concrete));
        let (item, indexes) = values.split_first().expect("there is an argument");
        index::slice(&item.value, indexes).map_err(|error| {
            self.node = command;
            Box::new(Thrown::Call { function: "slice", error })
        })
    }

    /// `call`: there are no functions among our values, so it always fails, as it does in Go for what is none.
    fn call_value(&self, callee: Option<&Term>, base: usize) -> Result<Value, CallError> {
        let function = self.arguments.get(base).cloned().unwrap_or_default();
        if function.is_nil() {
            return Err(CallError::message("call of nil"));
        }
        let type_name = function.type_name();
        match callee {
            Some(term) => Err(CallError::Other(Box::new(NotAFunction { callee: term.id(), type_name }))),
            None => {
                // Go takes `reflect.Value.String` of what came through the pipe for its name.
                let name = match &function {
                    Value::String(text) => text.to_string_lossy(),
                    _ => format!("<{type_name} Value>"),
                };
                Err(CallError::message(format!("non-function {name} of type {type_name}")))
            }
        }
    }
}

/// The error of `call` before the text of its argument is known.
#[derive(Debug, thiserror::Error)]
#[error("non-function of type {type_name}")]
pub(crate) struct NotAFunction {
    pub(crate) callee: NodeId,
    pub(crate) type_name: &'static str,
}

fn call(builtin: Builtin, arguments: &mut [Value], scratch: &mut Vec<u8>) -> Result<Value, CallError> {
    let flag = match (builtin, &*arguments) {
        (Builtin::Not, [value]) => !value.is_true(),
        (Builtin::Eq, [first, others @ ..]) => compare::eq(first, others)?,
        (Builtin::Ne | Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge, [left, right]) => {
            compare::compare(builtin, left, right)?
        }
        _ => return text_or_part(builtin, arguments, scratch),
    };
    Ok(Value::Bool(flag))
}

/// Texts are made in a buffer that is used again and again, so that only what does not fit in place is allocated.
fn text_or_part(
    builtin: Builtin,
    arguments: &mut [Value],
    scratch: &mut Vec<u8>,
) -> Result<Value, CallError> {
    scratch.clear();
    match (builtin, arguments) {
        (Builtin::Index, [item, indexes @ ..]) => return index::index(item, indexes),
        (Builtin::Printf, [Value::String(format), values @ ..]) => {
            gofmt::append_printf(scratch, format, values);
        }
        (Builtin::Println, values) => gofmt::append_println(scratch, values),
        (Builtin::Html, values) => scratch.extend(escape::html(&escape::text_of(values))),
        (Builtin::Js, values) => scratch.extend(escape::js(&escape::text_of(values))),
        (Builtin::UrlQuery, values) => scratch.extend(escape::url_query(&escape::text_of(values))),
        (_, values) => gofmt::append_print(scratch, values),
    }
    Ok(Value::String(Str::from(scratch.as_slice())))
}

/// Go's `len`.
fn length(item: &Reflected) -> Result<Value, CallError> {
    let length = match &item.value {
        Value::String(text) => text.len(),
        Value::List(list) => list.items().len(),
        Value::Map(map) => map.len(),
        Value::Nil if item.is_interface => return Err(CallError::message("len of nil pointer")),
        Value::Nil => {
            return Err(CallError::message("reflect: call of reflect.Value.Type on zero Value"));
        }
        Value::Object(object) => match (object.object_type().kind(), object.as_plain()) {
            (Kind::Slice, Value::List(list)) => list.items().len(),
            (Kind::Map, Value::Map(map)) => map.len(),
            _ => return Err(CallError::message(format!("len of type {}", index::pointed_to(&item.value)))),
        },
        other => return Err(CallError::message(format!("len of type {}", other.type_name()))),
    };
    Ok(Value::Int(length as i64))
}
