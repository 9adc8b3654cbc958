//! `range`: over integers, lists, maps, and objects that stand for one of these.

use value::{Kind, List, Map, Number, Type, Value, gofmt};

use crate::State;
use crate::ast::Branch;
use crate::execute::walk::Flow;
use crate::execute::{Executed, Reflected, throw};

impl State<'_> {
    pub(crate) fn walk_range(&mut self, dot: &Reflected, branch: &Branch) -> Executed<Flow> {
        (self.node, self.shift) = (branch.id, branch.pipe.shift(branch.id));
        let before = self.variables.len();
        let value = self.eval_pipeline(dot, &branch.pipe)?;
        let flow = match self.iterate(branch, &value)? {
            // The flow of a loop's body ends with the loop.
            Some(()) => Flow::Done,
            None => match &branch.otherwise {
                Some(nodes) => self.walk_list(dot, nodes)?,
                None => Flow::Done,
            },
        };
        self.variables.truncate(before);
        Ok(flow)
    }

    /// Runs the body for each element; nothing if there is none.
    fn iterate(&mut self, branch: &Branch, value: &Value) -> Executed<Option<()>> {
        match value {
            Value::Nil => Ok(None),
            Value::List(list) => self.range_over_list(branch, list),
            Value::Map(map) => self.range_over_map(branch, map),
            Value::Int(end) => self.range_over_int(branch, value, *end, Value::Int),
            Value::Int64(end) => self.range_over_int(branch, value, *end, Value::Int64),
            Value::Number(number) => self.range_over_number(branch, value, number),
            Value::Object(object) => match (object.object_type().kind(), object.as_plain()) {
                (Kind::Slice, Value::List(list)) => self.range_over_list(branch, &list),
                (Kind::Map, Value::Map(map)) => self.range_over_map(branch, &map),
                (Kind::Int | Kind::Int64, Value::Int(end) | Value::Int64(end)) => {
                    self.range_over_int(branch, value, end, |number| {
                        object.with_number(number).unwrap_or(Value::Int64(number))
                    })
                }
                _ => cannot_iterate(value),
            },
            Value::Bool(_) | Value::Float64(_) | Value::String(_) => cannot_iterate(value),
        }
    }

    fn range_over_list(&mut self, branch: &Branch, list: &List) -> Executed<Option<()>> {
        let is_interface = list.list_type().element() == Type::Any;
        for (index, item) in list.iter().enumerate() {
            let element = Reflected { value: item.clone(), is_interface };
            if self.iteration(branch, Value::Int(index as i64), element)? == Flow::Break {
                break;
            }
        }
        Ok((!list.is_empty()).then_some(()))
    }

    fn range_over_map(&mut self, branch: &Branch, map: &Map) -> Executed<Option<()>> {
        let is_interface = map.map_type().element() == Type::Any;
        let entries = map.snapshot();
        let is_empty = entries.is_empty();
        for (key, value) in entries {
            let element = Reflected { value, is_interface };
            if self.iteration(branch, Value::String(key), element)? == Flow::Break {
                break;
            }
        }
        Ok((!is_empty).then_some(()))
    }

    fn range_over_int(
        &mut self,
        branch: &Branch,
        value: &Value,
        end: i64,
        element: impl Fn(i64) -> Value,
    ) -> Executed<Option<()>> {
        if branch.pipe.variables().len() > 1 {
            let text = gofmt::sprint(std::slice::from_ref(value));
            let text = value::go_lossy(&text);
            return throw(format!("can't use {text} to iterate over more than one variable"));
        }
        for number in 0..end {
            if self.iteration(branch, Value::Nil, Reflected::concrete(element(number)))? == Flow::Break {
                break;
            }
        }
        Ok((end > 0).then_some(()))
    }

    fn range_over_number(&mut self, branch: &Branch, value: &Value, number: &Number) -> Executed<Option<()>> {
        // Counting stops below an end of the type itself, so that the conversions lose nothing.
        let (end, element): (i64, fn(i64) -> Value) = match number {
            Number::Int8(end) => (i64::from(*end), |n| Value::Number(Number::Int8(n as i8))),
            Number::Int16(end) => (i64::from(*end), |n| Value::Number(Number::Int16(n as i16))),
            Number::Int32(end) => (i64::from(*end), |n| Value::Number(Number::Int32(n as i32))),
            Number::Uint8(end) => (i64::from(*end), |n| Value::Number(Number::Uint8(n as u8))),
            Number::Uint16(end) => (i64::from(*end), |n| Value::Number(Number::Uint16(n as u16))),
            Number::Uint32(end) => (i64::from(*end), |n| Value::Number(Number::Uint32(n as u32))),
            Number::Uint(end) => {
                (i64::try_from(*end).unwrap_or(i64::MAX), |n| Value::Number(Number::Uint(n as u64)))
            }
            Number::Uint64(end) => {
                (i64::try_from(*end).unwrap_or(i64::MAX), |n| Value::Number(Number::Uint64(n as u64)))
            }
            Number::Float32(_) | Number::Complex128(_) => return cannot_iterate(value),
        };
        self.range_over_int(branch, value, end, element)
    }

    /// Runs the body once, with the loop's variables set.
    fn iteration(&mut self, branch: &Branch, index: Value, element: Reflected) -> Executed<Flow> {
        let mark = self.variables.len();
        let pipe = &branch.pipe;
        match pipe.variables() {
            [] => {}
            // With two variables the index comes first; with one it is the element.
            [first, rest @ ..] if pipe.is_assignment() => match rest {
                [second, ..] => {
                    self.assign(first, Reflected::concrete(index))?;
                    self.assign(second, element.clone())?;
                }
                [] => self.assign(first, element.clone())?,
            },
            variables => {
                let has_index = variables.len() > 1;
                if let Some(top) = self.variables.last_mut() {
                    top.value = element.clone();
                }
                if has_index && let Some(below) = self.variables.iter_mut().nth_back(1) {
                    below.value = Reflected::concrete(index);
                }
            }
        }
        let flow = self.walk_list(&element, &branch.body)?;
        self.variables.truncate(mark);
        Ok(flow)
    }
}

fn cannot_iterate<T>(value: &Value) -> Executed<T> {
    let text = match value {
        Value::Object(object) => object.print_indirect().into_bytes(),
        value => gofmt::sprint(std::slice::from_ref(value)),
    };
    throw(format!("range can't iterate over {}", value::go_lossy(&text)))
}
