//! Masterminds' `semver.Version` as templates see it: `(semver "1.2.3").Major`.

use std::any::Any;
use std::cell::RefCell;

use value::objects::failure;
use value::semver::Version;
use value::{Error, Kind, List, Member, Number, Object, Type, Value};

const POINTER: Type = Type::Named("*semver.Version", Kind::Ptr);
const STRUCT: Type = Type::Named("semver.Version", Kind::Struct);

/// A version, behind a pointer as `semver` returns it or by value as `IncMajor` and its like do.
pub(super) struct VersionObject {
    /// Changed by `Scan` and the unmarshalling methods only.
    version: RefCell<Version>,
    is_pointer: bool,
}

impl VersionObject {
    /// Returns a `*semver.Version`.
    pub(super) fn pointer(version: Version) -> Self {
        VersionObject { version: RefCell::new(version), is_pointer: true }
    }

    /// Returns whether two versions were read from the same text; true for other values.
    pub(super) fn originals_are_equal(a: &Value, b: &Value) -> bool {
        match (a.downcast::<VersionObject>(), b.downcast::<VersionObject>()) {
            (Some(a), Some(b)) => a.version.borrow().original() == b.version.borrow().original(),
            _ => true,
        }
    }

    fn by_value(version: Version) -> Value {
        Value::object(VersionObject { version: RefCell::new(version), is_pointer: false })
    }

    /// Reads a version from a text; the error is a value, which a template prints.
    fn set(&self, text: &str) -> Value {
        failure(match Version::parse(text) {
            Ok(version) => {
                *self.version.borrow_mut() = version;
                None
            }
            Err(error) => Some(error.to_string()),
        })
    }

    fn set_from_json(&self, json: &[u8]) -> Value {
        match value::json::read(json) {
            Ok(Value::String(text)) => self.set(&text.to_str_lossy()),
            Ok(Value::Nil) => self.set(""),
            Ok(other) => {
                failure(Some(value::json::type_error(value::json::type_of(&other), "string").to_string()))
            }
            Err(error) => failure(Some(error.to_string())),
        }
    }

    fn scan(&self, argument: Option<&Value>) -> Value {
        match argument {
            Some(Value::String(text)) => self.set(&text.to_str_lossy()),
            Some(bytes @ Value::List(list)) if list.list_type() == Type::Bytes => {
                self.set(&String::from_utf8_lossy(&bytes_of(bytes)))
            }
            None | Some(Value::Nil) => failure(Some("cannot scan nil into Version".to_owned())),
            Some(other) => failure(Some(format!("unsupported Scan type {}", other.type_name()))),
        }
    }

    /// Calls what only a pointer has.
    fn call_pointer(&self, name: &str, argument: Option<&Value>) -> Result<Value, Error> {
        let text = argument.map(bytes_of).unwrap_or_default();
        match name {
            "UnmarshalText" => return Ok(self.set(&String::from_utf8_lossy(&text))),
            "UnmarshalJSON" => return Ok(self.set_from_json(&text)),
            "Scan" => return Ok(self.scan(argument)),
            "Original" => return Ok(Value::from(self.version.borrow().original())),
            _ => {}
        }
        let Some(other) = argument.and_then(Value::downcast::<VersionObject>) else {
            if name == "Equal" {
                return Ok(Value::Bool(false));
            }
            return Err(Error::message("runtime error: invalid memory address or nil pointer dereference"));
        };
        let order = self.version.borrow().cmp(&other.version.borrow());
        Ok(match name {
            "Compare" => Value::Int(order as i64),
            "LessThan" => Value::Bool(order.is_lt()),
            "LessThanEqual" => Value::Bool(order.is_le()),
            "GreaterThan" => Value::Bool(order.is_gt()),
            "GreaterThanEqual" => Value::Bool(order.is_ge()),
            _ => Value::Bool(order.is_eq()),
        })
    }
}

impl Object for VersionObject {
    fn object_type(&self) -> Type {
        if self.is_pointer { POINTER } else { STRUCT }
    }

    fn member(&self, name: &str) -> Option<Member> {
        Some(match name {
            "String" | "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "IncPatch" | "IncMinor"
            | "IncMajor" | "MarshalJSON" | "MarshalText" | "Value" => Member::Method(&[], false),
            "SetPrerelease" | "SetMetadata" => Member::Method(&[Type::String], false),
            _ if !self.is_pointer => return None,
            "Original" => Member::Method(&[], false),
            "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" | "Equal" | "Compare" => {
                Member::Method(&[POINTER], false)
            }
            "UnmarshalJSON" | "UnmarshalText" => Member::Method(&[Type::Bytes], false),
            "Scan" => Member::Method(&[Type::Any], false),
            _ => return None,
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, Error> {
        let argument = arguments.first();
        let number = |number| Ok(Value::Number(Number::Uint64(number)));
        let version = self.version.borrow();
        let changed = |version: Result<Version, value::semver::Error>| {
            version.map(VersionObject::by_value).map_err(|error| Error::message(error.to_string()))
        };
        // Beyond 64 bits Go starts again at zero.
        let next = |version: Option<Version>| Ok(VersionObject::by_value(version.unwrap_or_else(zero)));
        let text = argument.and_then(Value::as_str).cloned().unwrap_or_default();
        match name {
            "String" | "Value" => Ok(Value::from(version.to_string())),
            "Major" => number(version.major()),
            "Minor" => number(version.minor()),
            "Patch" => number(version.patch()),
            "Prerelease" => Ok(Value::from(version.prerelease())),
            "Metadata" => Ok(Value::from(version.metadata())),
            "IncPatch" => next(version.next_patch()),
            "IncMinor" => next(version.next_minor()),
            "IncMajor" => next(version.next_major()),
            "SetPrerelease" => changed(version.with_prerelease(&text.to_str_lossy())),
            "SetMetadata" => changed(version.with_metadata(&text.to_str_lossy())),
            "MarshalText" => Ok(byte_list(&version.to_string())),
            "MarshalJSON" => Ok(byte_list(&format!("\"{version}\""))),
            _ => {
                drop(version);
                self.call_pointer(name, argument)
            }
        }
    }

    fn print(&self) -> String {
        self.version.borrow().to_string()
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let version = self.version.borrow();
        let number = |number| Value::Number(Number::Uint64(number));
        Some(vec![
            ("major", number(version.major())),
            ("minor", number(version.minor())),
            ("patch", number(version.patch())),
            ("pre", Value::from(version.prerelease())),
            ("metadata", Value::from(version.metadata())),
            ("original", Value::from(version.original())),
        ])
    }

    fn copy_of_exported(&self) -> Option<Value> {
        Some(Value::object(VersionObject { version: RefCell::new(zero()), is_pointer: self.is_pointer }))
    }

    fn as_plain(&self) -> Value {
        Value::from(self.print())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn zero() -> Version {
    Version::new(0, 0, 0, "", "")
}

fn byte_list(text: &str) -> Value {
    Value::List(List::typed(
        Type::Bytes,
        text.bytes().map(|byte| Value::Number(Number::Uint8(byte))).collect(),
    ))
}

fn bytes_of(value: &Value) -> Vec<u8> {
    let items = value.as_list().map(|list| list.items().to_vec()).unwrap_or_default();
    items.iter().map(|item| if let Value::Number(Number::Uint8(byte)) = item { *byte } else { 0 }).collect()
}
