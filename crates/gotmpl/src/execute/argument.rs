//! Arguments: evaluated for a parameter's type and checked as Go's reflection checks them.

use std::rc::Rc;

use value::{Kind, List, Map, Number, Type, Value};

use crate::State;
use crate::ast::{self, PathId, Source, Term};
use crate::execute::pipeline::{about_node, constant_value};
use crate::execute::{Executed, Reflected, throw};

impl State<'_> {
    /// Evaluates an argument where any value will do (Go's `interface {}` and `reflect.Value`).
    pub(crate) fn eval_any(&mut self, dot: &Reflected, term: &Term) -> Executed<Reflected> {
        self.node = term.id();
        match term {
            Term::Field(id, path) => {
                let source = self.source.clone();
                self.eval_fields(dot, dot, *id, source.path(*path), &[], &mut None)
            }
            Term::Dot(_) => Ok(dot.clone()),
            Term::Nil(_) => Ok(Reflected::default()),
            Term::Variable(id, variable) => {
                let variable = self.source.variable(*variable);
                let value = self.variable(variable.slot, variable.name)?;
                if variable.path == PathId::EMPTY {
                    return Ok(value.clone());
                }
                if let Some(found) = self.at_path(&value.value, self.source.path(variable.path)) {
                    return Ok(found);
                }
                let (value, source) = (value.clone(), self.source.clone());
                self.eval_fields(dot, &value, *id, source.path(variable.path), &[], &mut None)
            }
            Term::Pipe(pipe) => Ok(Reflected::concrete(self.eval_pipeline(dot, pipe)?)),
            Term::Function(id, callee) => {
                Ok(Reflected::concrete(self.eval_function(dot, *id, *callee, *id, &[], &mut None)?))
            }
            Term::Chain(id, chain) => {
                let value = self.eval_any(dot, &chain.term)?;
                let source = self.source.clone();
                self.eval_fields(dot, &value, *id, source.path(chain.path), &[], &mut None)
            }
            constant => Ok(Reflected::concrete(constant_value(&self.source, constant)?)),
        }
    }

    /// Evaluates an argument for a parameter.
    pub(crate) fn eval_argument(&mut self, dot: &Reflected, parameter: Type, term: &Term) -> Executed<Value> {
        match term {
            Term::String(_, string) if matches!(parameter, Type::String | Type::Any) => {
                self.node = term.id();
                Ok(self.source.string(*string).value.clone())
            }
            Term::Bool(..) | Term::Number(..) | Term::String(..) if parameter != Type::Any => {
                self.node = term.id();
                typed_constant(&self.source, term, parameter)
            }
            Term::Nil(id) => {
                self.node = *id;
                if can_be_nil(parameter) {
                    Ok(typed_nil(parameter))
                } else {
                    throw(format!("cannot assign nil to {parameter}"))
                }
            }
            _ => {
                let value = self.eval_any(dot, term)?;
                self.validate(value, parameter)
            }
        }
    }

    /// Checks that a value can be passed for a parameter, and returns it as the parameter's type.
    #[inline]
    pub(crate) fn validate(&self, value: Reflected, parameter: Type) -> Executed<Value> {
        if is_plainly_of(&value.value, parameter) {
            Ok(value.value)
        } else {
            validate_other(value, parameter)
        }
    }
}

/// Returns whether a value can be passed for a parameter of one of the commonest types as it is. Objects are none of
/// these: they may have an address, which a copy has not.
#[inline]
pub(crate) fn is_plainly_of(value: &Value, parameter: Type) -> bool {
    if matches!(parameter, Type::Any) {
        return !matches!(value, Value::Object(_));
    }
    matches!(
        (value, parameter),
        (Value::String(_), Type::String)
            | (Value::Bool(_), Type::Bool)
            | (Value::Int(_), Type::Int)
            | (Value::Int64(_), Type::Int64)
            | (Value::Float64(_), Type::Float64)
    )
}

fn validate_other(reflected: Reflected, parameter: Type) -> Executed<Value> {
    let Some(value_type) = reflected.value.value_type() else {
        return match (reflected.is_interface, can_be_nil(parameter)) {
            (true, _) if parameter.kind() == Kind::Interface => Ok(Value::Nil),
            (true, _) => throw(format!("wrong type for value; expected {parameter}; got interface {{}}")),
            (false, true) => Ok(typed_nil(parameter)),
            (false, false) => throw(format!("invalid value; expected {parameter}")),
        };
    };
    if is_assignable(value_type, parameter) {
        return Ok(match &reflected.value {
            Value::Object(object) => object.unaddressed().unwrap_or(reflected.value),
            _ => reflected.value,
        });
    }
    if let Value::Object(object) = &reflected.value {
        // A named map or slice can be passed for its underlying type.
        if matches!(value_type.kind(), Kind::Map | Kind::Slice) {
            let plain = object.as_plain();
            if plain.value_type() == Some(parameter) {
                return Ok(plain);
            }
        }
    }
    throw(format!("wrong type for value; expected {parameter}; got {value_type}"))
}

fn is_assignable(value_type: Type, parameter: Type) -> bool {
    if value_type == parameter || parameter.kind() == Kind::Interface {
        return true;
    }
    match (value_type, parameter) {
        // One of the two is not a named type, and the types below the names are the same.
        (Type::Values, Type::AnyMap) | (Type::AnyMap, Type::Values) => true,
        // A pointer where what it points to is wanted is followed.
        (Type::Named(pointer, Kind::Ptr), Type::Named(name, _)) => pointer.strip_prefix('*') == Some(name),
        _ => false,
    }
}

/// Returns whether an untyped nil can be passed for a parameter.
fn can_be_nil(parameter: Type) -> bool {
    matches!(parameter.kind(), Kind::Func | Kind::Interface | Kind::Map | Kind::Ptr | Kind::Slice)
}

fn typed_nil(parameter: Type) -> Value {
    match parameter.kind() {
        Kind::Slice => Value::List(List::nil(parameter)),
        Kind::Map => Value::Map(Map::nil(parameter)),
        _ => Value::Nil,
    }
}

/// Returns a constant as a value of the parameter's type: constants convert as far as they fit.
fn typed_constant(source: &Source, term: &Term, parameter: Type) -> Executed<Value> {
    let id = term.id();
    let number = match term {
        Term::Number(_, number) => Some(&source.number(*number).number),
        _ => None,
    };
    match parameter.kind() {
        Kind::Bool => match term {
            Term::Bool(_, flag) => Ok(Value::Bool(*flag)),
            _ => about_node("expected bool; found ", id, String::new()),
        },
        Kind::String => match term {
            Term::String(_, string) => Ok(source.string(*string).value.clone()),
            _ => about_node("expected string; found ", id, String::new()),
        },
        Kind::Int | Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
            match number.and_then(|number| number.int) {
                Some(int) => Ok(signed(int, parameter.kind())),
                None => about_node("expected integer; found ", id, String::new()),
            }
        }
        Kind::Uint | Kind::Uint8 | Kind::Uint16 | Kind::Uint32 | Kind::Uint64 => {
            match number.and_then(|number| number.uint) {
                Some(uint) => Ok(unsigned(uint, parameter.kind())),
                None => about_node("expected unsigned integer; found ", id, String::new()),
            }
        }
        Kind::Float64 | Kind::Float32 => match number.and_then(|number| number.float) {
            Some(float) if parameter.kind() == Kind::Float64 => Ok(Value::Float64(float)),
            Some(float) => Ok(Value::Number(Number::Float32(float as f32))),
            None => about_node("expected float; found ", id, String::new()),
        },
        Kind::Complex128 => match number.and_then(complex) {
            Some(pair) => Ok(Value::Number(Number::Complex128(Rc::new(pair)))),
            None => about_node("expected complex; found ", id, String::new()),
        },
        Kind::Interface => constant_value(source, term),
        _ => about_node("can't handle ", id, format!(" for arg of type {parameter}")),
    }
}

fn complex(number: &ast::Number) -> Option<(f64, f64)> {
    number.complex
}

/// Go's `SetInt`: what does not fit is cut off.
fn signed(int: i64, kind: Kind) -> Value {
    match kind {
        Kind::Int => Value::Int(int),
        Kind::Int8 => Value::Number(Number::Int8(int as i8)),
        Kind::Int16 => Value::Number(Number::Int16(int as i16)),
        Kind::Int32 => Value::Number(Number::Int32(int as i32)),
        _ => Value::Int64(int),
    }
}

/// Go's `SetUint`: what does not fit is cut off.
fn unsigned(uint: u64, kind: Kind) -> Value {
    Value::Number(match kind {
        Kind::Uint => Number::Uint(uint),
        Kind::Uint8 => Number::Uint8(uint as u8),
        Kind::Uint16 => Number::Uint16(uint as u16),
        Kind::Uint32 => Number::Uint32(uint as u32),
        _ => Number::Uint64(uint),
    })
}
