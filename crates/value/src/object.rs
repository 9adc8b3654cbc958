//! Values with methods and fields of their own: times, versions, `Files`, `Capabilities`, certificates.

use std::any::Any;

use crate::{Error, Kind, Type, Value};

/// What a name after a dot means on an object.
pub enum Member {
    /// A struct field with its value.
    Field(Value),
    /// A method; the parameters' types, and whether the last one is variadic.
    Method(&'static [Type], bool),
    /// A method without parameters whose results a template cannot take, and Go's words for that
    /// (text/template/funcs.go, goodFunc).
    Uncallable(&'static str),
}

/// A Go value of a named type that templates reach only through its fields, methods and printed form.
pub trait Object: Any {
    /// Returns the Go type, e.g. `Type::Named("time.Time", Kind::Struct)`.
    fn object_type(&self) -> Type;

    /// Returns the field or method of that name.
    fn member(&self, name: &str) -> Option<Member>;

    /// Calls a method; the arguments have been checked against what [`Object::member`] said.
    ///
    /// # Errors
    /// What the Go method returns as its error.
    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, Error>;

    /// Returns what Go prints for `%v` (its `String` method, or the struct as `{…}`).
    fn print(&self) -> String;

    /// Appends what [`Object::print`] returns.
    fn print_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.print().as_bytes());
    }

    /// Returns whether the printed form is large and never changes, so that printing can wait until it is read.
    fn prints_much_and_always_the_same(&self) -> bool {
        false
    }

    /// Returns what a template action prints where that differs from [`Object::print`]: Go finds methods of a pointer
    /// only on a field that has an address, not on a copy that was passed to a function
    /// (text/template/exec.go, printableValue).
    fn print_addressed(&self) -> String {
        self.print()
    }

    /// Returns what Go prints of a value whose pointers have been followed but which is a copy (text/template/funcs.go,
    /// printableValue).
    fn print_indirect(&self) -> String {
        if self.object_type().kind() == Kind::Ptr { self.print_addressed() } else { self.print() }
    }

    /// Returns whether the Go type has a method `String`, so that fmt prints what it returns and not the fields.
    fn is_stringer(&self) -> bool {
        false
    }

    /// Returns what the method `GoString` returns, if the Go type has one (`%#v`).
    fn go_string(&self) -> Option<String> {
        None
    }

    /// Returns the copy that a function or a list gets, where it differs: Go's interfaces hold copies without an address,
    /// on which the methods of a pointer are not found.
    fn unaddressed(&self) -> Option<Value> {
        None
    }

    /// Returns what is left when only the exported fields are copied (copystructure's `Copy`), where that differs.
    fn copy_of_exported(&self) -> Option<Value> {
        None
    }

    /// Returns another number of the same named type, if this is a number: what `range` counts with.
    fn with_number(&self, _number: i64) -> Option<Value> {
        None
    }

    /// Returns the fields of a struct, or of the one a pointer points to, as Go declares them: all of them, those with
    /// small letters too.
    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// Returns Go's `IsTrue`: false for nil pointers and empty containers.
    fn is_true(&self) -> bool {
        true
    }

    /// Returns the value that stands for the object in JSON and YAML, and where it is ranged over or indexed;
    /// for a named map or slice, the map or list.
    fn as_plain(&self) -> Value;

    /// Returns the fields of a struct under their JSON names, in the order JSON writes them; `None` where the order of
    /// [`Object::as_plain`] is right.
    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// Returns the exported fields among [`Object::go_fields`], each with its place among all.
    fn exported_fields(&self) -> Option<Vec<(usize, &'static str, Value)>> {
        if !matches!(self.object_type().kind(), Kind::Struct | Kind::Ptr) {
            return None;
        }
        let fields = self.go_fields()?.into_iter().enumerate();
        Some(fields.filter(|(_, (name, _))| is_exported(name)).map(|(at, (name, v))| (at, name, v)).collect())
    }

    /// Returns the object for downcasting (`value.downcast::<Time>()`).
    fn as_any(&self) -> &dyn Any;
}

/// Returns whether a field of this name can be seen outside of its Go package.
pub fn is_exported(field: &str) -> bool {
    field.starts_with(char::is_uppercase)
}
