//! The static types and kinds of Go that values and function parameters can have.

use std::fmt;

/// A kind as Go's `reflect.Kind` names it (`kindOf`, error texts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The kind of nil, printed `invalid`.
    Invalid,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `int8`
    Int8,
    /// `int16`
    Int16,
    /// `int32`
    Int32,
    /// `int64`
    Int64,
    /// `uint`
    Uint,
    /// `uint8`
    Uint8,
    /// `uint16`
    Uint16,
    /// `uint32`
    Uint32,
    /// `uint64`
    Uint64,
    /// `float32`
    Float32,
    /// `float64`
    Float64,
    /// `complex128`
    Complex128,
    /// `string`
    String,
    /// `slice`
    Slice,
    /// `map`
    Map,
    /// `struct`
    Struct,
    /// `ptr`
    Ptr,
    /// `func`
    Func,
    /// `interface`
    Interface,
}

impl Kind {
    /// Returns Go's name of the kind.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Int8 => "int8",
            Kind::Int16 => "int16",
            Kind::Int32 => "int32",
            Kind::Int64 => "int64",
            Kind::Uint => "uint",
            Kind::Uint8 => "uint8",
            Kind::Uint16 => "uint16",
            Kind::Uint32 => "uint32",
            Kind::Uint64 => "uint64",
            Kind::Float32 => "float32",
            Kind::Float64 => "float64",
            Kind::Complex128 => "complex128",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Struct => "struct",
            Kind::Ptr => "ptr",
            Kind::Func => "func",
            Kind::Interface => "interface",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A Go type: what a value has, an element of a list or map is declared as, or a parameter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `interface {}`
    Any,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `int8`
    Int8,
    /// `int16`
    Int16,
    /// `int32`
    Int32,
    /// `int64`
    Int64,
    /// `uint`
    Uint,
    /// `uint8`
    Uint8,
    /// `uint16`
    Uint16,
    /// `uint32`
    Uint32,
    /// `uint64`
    Uint64,
    /// `float32`
    Float32,
    /// `float64`
    Float64,
    /// `complex128`
    Complex128,
    /// `string`
    String,
    /// `[]interface {}`
    AnyList,
    /// `[]string`
    StringList,
    /// `[]int`
    IntList,
    /// `[]int64`
    Int64List,
    /// `[]float64`
    Float64List,
    /// `[]uint8`, Go's `[]byte`
    Bytes,
    /// `[][]interface {}`, what `chunk` returns
    AnyListList,
    /// `[]map[string]interface {}`
    AnyMapList,
    /// `map[string]interface {}`
    AnyMap,
    /// `map[string]string`
    StringMap,
    /// `map[string]bool`
    BoolMap,
    /// `common.Values`, Helm's named `map[string]interface {}`
    Values,
    /// A type of another name (struct, pointer, named slice or map), written as Go's `%T` does.
    Named(&'static str, Kind),
}

impl Type {
    /// Returns the type's name as Go's `%T` prints it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Any => "interface {}",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Int8 => "int8",
            Type::Int16 => "int16",
            Type::Int32 => "int32",
            Type::Int64 => "int64",
            Type::Uint => "uint",
            Type::Uint8 => "uint8",
            Type::Uint16 => "uint16",
            Type::Uint32 => "uint32",
            Type::Uint64 => "uint64",
            Type::Float32 => "float32",
            Type::Float64 => "float64",
            Type::Complex128 => "complex128",
            Type::String => "string",
            Type::AnyList => "[]interface {}",
            Type::StringList => "[]string",
            Type::IntList => "[]int",
            Type::Int64List => "[]int64",
            Type::Float64List => "[]float64",
            Type::Bytes => "[]uint8",
            Type::AnyListList => "[][]interface {}",
            Type::AnyMapList => "[]map[string]interface {}",
            Type::AnyMap => "map[string]interface {}",
            Type::StringMap => "map[string]string",
            Type::BoolMap => "map[string]bool",
            Type::Values => "common.Values",
            Type::Named(name, _) => name,
        }
    }

    /// Returns the kind of the type.
    pub fn kind(self) -> Kind {
        match self {
            Type::Any => Kind::Interface,
            Type::Bool => Kind::Bool,
            Type::Int => Kind::Int,
            Type::Int8 => Kind::Int8,
            Type::Int16 => Kind::Int16,
            Type::Int32 => Kind::Int32,
            Type::Int64 => Kind::Int64,
            Type::Uint => Kind::Uint,
            Type::Uint8 => Kind::Uint8,
            Type::Uint16 => Kind::Uint16,
            Type::Uint32 => Kind::Uint32,
            Type::Uint64 => Kind::Uint64,
            Type::Float32 => Kind::Float32,
            Type::Float64 => Kind::Float64,
            Type::Complex128 => Kind::Complex128,
            Type::String => Kind::String,
            Type::AnyList
            | Type::StringList
            | Type::IntList
            | Type::Int64List
            | Type::Float64List
            | Type::Bytes
            | Type::AnyListList
            | Type::AnyMapList => Kind::Slice,
            Type::AnyMap | Type::StringMap | Type::BoolMap | Type::Values => Kind::Map,
            Type::Named(_, kind) => kind,
        }
    }

    /// Returns the element type of a list or map type, [`Type::Any`] for everything else.
    pub fn element(self) -> Type {
        match self {
            Type::StringList | Type::StringMap => Type::String,
            Type::IntList => Type::Int,
            Type::Int64List => Type::Int64,
            Type::Float64List => Type::Float64,
            Type::Bytes => Type::Uint8,
            Type::AnyListList => Type::AnyList,
            Type::AnyMapList => Type::AnyMap,
            Type::BoolMap => Type::Bool,
            Type::Named("engine.files", Kind::Map) => Type::Bytes,
            _ => Type::Any,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
