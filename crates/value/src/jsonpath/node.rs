//! What a template consists of.

/// A step of an expression, or text between expressions.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Text, between expressions or quoted within one.
    Text(String),
    /// An expression: its steps one after the other.
    List(Vec<Node>),
    /// The value of a key.
    Field(String),
    /// The items of a list between two places.
    Array(Slice),
    /// The items of a list for which a comparison holds.
    Filter(Filter),
    /// All values directly below.
    Wildcard,
    /// All values below that hold values themselves.
    Recursive,
    /// What each of several expressions finds.
    Union(Vec<Vec<Node>>),
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// A word: `range`, `end`.
    Word(String),
}

/// `[first:end:step]`; what is absent has a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) first: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) step: Option<i64>,
    /// Whether `end` only follows from `first`, for one item.
    pub(super) is_index: bool,
}

/// `[?(left operator right)]`; without an operator, whether the left side is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    pub(super) left: Vec<Node>,
    pub(super) comparison: Option<(String, Vec<Node>)>,
}
