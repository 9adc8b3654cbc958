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
    name: &'static str,
}

impl Named {
    /// Returns a month, from 1.
    pub(super) fn month(number: u8) -> Value {
        let name = MONTHS.get(usize::from(number).wrapping_sub(1)).copied().unwrap_or_default();
        Value::object(Named { name_type: Type::Named("time.Month", Kind::Int), number: number.into(), name })
    }

    /// Returns a day of the week, from 0 for Sunday.
    pub(super) fn weekday(number: usize) -> Value {
        let name = WEEKDAYS.get(number).copied().unwrap_or_default();
        Value::object(Named {
            name_type: Type::Named("time.Weekday", Kind::Int),
            number: number as i64,
            name,
        })
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
        Ok(Value::from(self.name))
    }

    fn print(&self) -> String {
        String::from(self.name)
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

    fn as_plain(&self) -> Value {
        // All fields of Go's struct are unexported.
        Value::Map(crate::Map::new())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
