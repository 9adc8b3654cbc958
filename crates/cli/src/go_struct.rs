//! Structs as Go templates see them: fields by name, nothing else.

use std::any::Any;

use value::{Error, Kind, Member, Object, Type, Value};

/// A struct of a Go type with its fields, in order.
pub(crate) struct GoStruct {
    type_name: &'static str,
    fields: Vec<(&'static str, Value)>,
}

/// Returns a struct as a value.
pub(crate) fn go_struct<const N: usize>(
    type_name: &'static str,
    fields: [(&'static str, Value); N],
) -> Value {
    Value::object(GoStruct { type_name, fields: fields.into() })
}

impl Object for GoStruct {
    fn object_type(&self) -> Type {
        Type::Named(self.type_name, Kind::Struct)
    }

    fn member(&self, name: &str) -> Option<Member> {
        let field = self.fields.iter().find(|(own, _)| *own == name)?;
        Some(Member::Field(field.1.clone()))
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        Ok(Value::Nil)
    }

    /// Templates print what a pointer points to.
    fn print(&self) -> String {
        let text = |value: &Value| {
            String::from_utf8_lossy(&value::gofmt::sprint(std::slice::from_ref(value))).into_owned()
        };
        let texts: Vec<String> = self.fields.iter().map(|(_, value)| text(value)).collect();
        format!("{{{}}}", texts.join(" "))
    }

    fn as_plain(&self) -> Value {
        Value::Map(self.fields.iter().map(|(name, value)| (*name, value.clone())).collect())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
