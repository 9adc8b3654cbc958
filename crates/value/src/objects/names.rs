//! `time.Month`, `time.Weekday` and `*time.Location`: numbers and zones that print as names.

use std::any::Any;

use crate::time::{MONTHS, WEEKDAYS, Zone};
use crate::{Error, Kind, Member, Object, Type, Value};

/// Go's type `*time.Location`.
pub(super) const LOCATION: Type = Type::Named("*time.Location", Kind::Ptr);

/// A number with a name.
pub(super) struct Named {
    name_type: Type,
    number: i64,
    /// What the numbers are called, and the first of them.
    names: (&'static [&'static str], i64),
}

impl Named {
    /// Returns a month, from 1.
    pub(super) fn month(number: u8) -> Value {
        let name_type = Type::Named("time.Month", Kind::Int);
        Value::object(Named { name_type, number: number.into(), names: (&MONTHS, 1) })
    }

    /// Returns a day of the week, from 0 for Sunday.
    pub(super) fn weekday(number: usize) -> Value {
        let name_type = Type::Named("time.Weekday", Kind::Int);
        Value::object(Named { name_type, number: number as i64, names: (&WEEKDAYS, 0) })
    }
}

impl Object for Named {
    fn object_type(&self) -> Type {
        self.name_type
    }

    fn member(&self, name: &str) -> Option<Member> {
        (name == "String").then_some(Member::Method(&[], false))
    }

    fn call(&self, _: &str, _: &[Value]) -> Result<Value, Error> {
        Ok(Value::from(self.print()))
    }

    fn print(&self) -> String {
        let (names, first) = self.names;
        match usize::try_from(self.number - first).ok().and_then(|at| names.get(at)) {
            Some(name) => String::from(*name),
            None => {
                let name_type = self.name_type.name();
                format!("%!{}({})", name_type.rsplit('.').next().unwrap_or(name_type), self.number)
            }
        }
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn with_number(&self, number: i64) -> Option<Value> {
        Some(Value::object(Named { number, ..*self }))
    }

    fn is_true(&self) -> bool {
        self.number != 0
    }

    fn as_plain(&self) -> Value {
        Value::Int(self.number)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A zone.
pub(super) struct Location(pub(super) Zone);

impl Object for Location {
    fn object_type(&self) -> Type {
        LOCATION
    }

    fn member(&self, name: &str) -> Option<Member> {
        (name == "String").then_some(Member::Method(&[], false))
    }

    fn call(&self, _: &str, _: &[Value]) -> Result<Value, Error> {
        Ok(Value::from(self.print()))
    }

    fn print(&self) -> String {
        String::from(match &self.0 {
            Zone::Utc => "UTC",
            Zone::Region { name, .. } => name,
            Zone::Fixed { abbreviation, .. } => abbreviation,
        })
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_plain(&self) -> Value {
        // All fields of Go's struct are unexported.
        Value::Map(crate::Map::new())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
