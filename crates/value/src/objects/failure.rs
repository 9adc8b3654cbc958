//! Go's type `error` as the only result of a method: a value that templates print, nil included.

use std::any::Any;

use crate::{Error, Kind, Member, Object, Type, Value};

/// The text of an error, none for nil.
struct Failure(Option<String>);

/// Returns what a method whose only result is an `error` gives to a template: nil prints as `<nil>` there, and counts as
/// untyped nil where a function gets it.
pub fn failure(text: Option<String>) -> Value {
    Value::object(Failure(text))
}

impl Object for Failure {
    fn object_type(&self) -> Type {
        match self.0 {
            Some(_) => Type::Named("*errors.errorString", Kind::Ptr),
            None => Type::Named("error", Kind::Interface),
        }
    }

    fn member(&self, name: &str) -> Option<Member> {
        (name == "Error" && self.0.is_some()).then_some(Member::Method(&[], false))
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        Ok(Value::from(self.print()))
    }

    fn print(&self) -> String {
        self.0.clone().unwrap_or_else(|| "<nil>".to_owned())
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn unaddressed(&self) -> Option<Value> {
        self.0.is_none().then_some(Value::Nil)
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        self.0.as_ref().map(|text| vec![("s", Value::from(text.as_str()))])
    }

    fn is_true(&self) -> bool {
        self.0.is_some()
    }

    fn as_plain(&self) -> Value {
        Value::Map(crate::Map::new())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
