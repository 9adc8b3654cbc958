//! Fields: keys of maps, fields and methods of objects.

use value::{Kind, Map, Member, Number, Object, Str, Type, Value, gofmt, is_exported};

use crate::ast::{FieldName, NodeId, Term};
use crate::execute::call::Target;
use crate::execute::{Executed, Reflected, throw};
use crate::{MissingKey, State};

impl State<'_> {
    /// Evaluates `.a.b.c` of a receiver; the last field gets the arguments, if any.
    pub(crate) fn eval_fields(
        &mut self,
        dot: &Reflected,
        receiver: &Reflected,
        node: NodeId,
        fields: &[FieldName],
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Reflected> {
        if arguments.is_empty()
            && last.is_none()
            && let Some(found) = self.at_path(&receiver.value, fields)
        {
            return Ok(found);
        }
        let Some((final_field, fields)) = fields.split_last() else { return Ok(receiver.clone()) };
        let final_field = &final_field.name;
        let Some((first, fields)) = fields.split_first() else {
            return self.eval_field(dot, receiver, node, final_field, arguments, last);
        };
        let mut current = self.eval_field(dot, receiver, node, &first.name, &[], &mut None)?;
        for field in fields {
            current = self.eval_field(dot, &current, node, &field.name, &[], &mut None)?;
        }
        self.eval_field(dot, &current, node, final_field, arguments, last)
    }

    fn eval_field(
        &mut self,
        dot: &Reflected,
        receiver: &Reflected,
        node: NodeId,
        field: &Str,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Reflected> {
        match &receiver.value {
            Value::Map(map) => {
                if map.map_type() != Type::AnyMap
                    && let Some(method) = self.set.method(map.map_type(), field)
                {
                    let target = Target::MapMethod(method, map.clone());
                    let value = self.eval_call(dot, target, node, arguments, last)?;
                    return Ok(Reflected::concrete(value));
                }
                if !arguments.is_empty() || last.is_some() {
                    return throw(format!("{field} is not a method but has arguments"));
                }
                self.map_entry(map, field)
            }
            Value::Nil if receiver.is_interface => {
                throw(format!("nil pointer evaluating {}.{field}", receiver.type_name()))
            }
            Value::Nil if self.set.options().missing_key == MissingKey::Error => {
                throw(format!("nil data; no entry for key {}", gofmt::quoted(field)))
            }
            Value::Nil => Ok(Reflected::default()),
            Value::Object(object) => {
                let object = object.clone();
                self.object_field(dot, receiver, &*object, node, field, arguments, last)
            }
            _ => cannot_evaluate(receiver, field),
        }
    }

    #[inline]
    fn map_entry(&mut self, map: &Map, key: &Str) -> Executed<Reflected> {
        let is_interface = map.map_type().element() == Type::Any;
        match map.get(key) {
            Some(value) => Ok(Reflected { value, is_interface }),
            None => match self.set.options().missing_key {
                MissingKey::Default => Ok(Reflected::default()),
                MissingKey::Zero => Ok(Reflected { value: zero_of(map.map_type().element()), is_interface }),
                MissingKey::Error => throw(format!("map has no entry for key {}", gofmt::quoted(key))),
            },
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what Go's evalField takes, and the object")]
    fn object_field(
        &mut self,
        dot: &Reflected,
        receiver: &Reflected,
        object: &dyn Object,
        node: NodeId,
        field: &Str,
        arguments: &[Term],
        last: &mut Option<Value>,
    ) -> Executed<Reflected> {
        let name = field.to_str_lossy();
        let has_arguments = !arguments.is_empty() || last.is_some();
        match object.member(&name) {
            Some(Member::Method(parameters, is_variadic)) => {
                let target = Target::Method { object, name: &name, parameters, is_variadic };
                let value = self.eval_call(dot, target, node, arguments, last)?;
                return Ok(Reflected::concrete(value));
            }
            Some(Member::Uncallable(_)) if has_arguments => {
                let count = arguments.len() + usize::from(last.is_some());
                return throw(format!("wrong number of args for {field}: want 0 got {count}"));
            }
            Some(Member::Uncallable(reason)) => return throw(reason),
            Some(Member::Field(_)) if has_arguments => {
                return throw(format!("{field} has arguments but cannot be invoked as function"));
            }
            Some(Member::Field(value)) => {
                let is_interface = value.is_nil();
                return Ok(Reflected { value, is_interface });
            }
            None => {}
        }
        match object.object_type().kind() {
            Kind::Map => match object.as_plain() {
                Value::Map(_) if has_arguments => throw(format!("{field} is not a method but has arguments")),
                Value::Map(map) => self.map_entry(&map, field),
                _ => cannot_evaluate(receiver, field),
            },
            Kind::Ptr | Kind::Interface if !object.is_true() => {
                throw(format!("nil pointer evaluating {}.{field}", receiver.type_name()))
            }
            _ => match object.go_fields() {
                Some(fields) if fields.iter().any(|(own, _)| **own == *name && !is_exported(own)) => {
                    let type_name = receiver.type_name();
                    throw(format!("{field} is an unexported field of struct type {type_name}"))
                }
                _ => cannot_evaluate(receiver, field),
            },
        }
    }
}

#[cold]
fn cannot_evaluate<T>(receiver: &Reflected, field: &Str) -> Executed<T> {
    throw(format!("can't evaluate field {field} in type {}", receiver.type_name()))
}

/// Returns Go's zero value of a type, as far as containers have it for elements.
pub(crate) fn zero_of(element: Type) -> Value {
    match element.kind() {
        Kind::Bool => Value::Bool(false),
        Kind::Int => Value::Int(0),
        Kind::Int64 => Value::Int64(0),
        Kind::Int8 => Value::Number(Number::Int8(0)),
        Kind::Int16 => Value::Number(Number::Int16(0)),
        Kind::Int32 => Value::Number(Number::Int32(0)),
        Kind::Uint => Value::Number(Number::Uint(0)),
        Kind::Uint8 => Value::Number(Number::Uint8(0)),
        Kind::Uint16 => Value::Number(Number::Uint16(0)),
        Kind::Uint32 => Value::Number(Number::Uint32(0)),
        Kind::Uint64 => Value::Number(Number::Uint64(0)),
        Kind::Float32 => Value::Number(Number::Float32(0.0)),
        Kind::Float64 => Value::Float64(0.0),
        Kind::String => Value::String(Str::new()),
        Kind::Slice => Value::List(value::List::nil(element)),
        Kind::Map => Value::Map(Map::nil(element)),
        _ => Value::Nil,
    }
}
