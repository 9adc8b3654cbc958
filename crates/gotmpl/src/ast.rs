//! Parsed templates. Names of functions and variables are resolved already; error texts are made from the nodes.

use std::rc::Rc;

use value::{KeyHint, Str, Value};

/// A text that templates were parsed from, for error texts.
pub(crate) struct Source {
    /// The name under which it was parsed.
    pub(crate) name: Str,
    pub(crate) text: Str,
}

/// One template: the main part of a text, or one of its `define`s and `block`s.
pub(crate) struct Tree {
    pub(crate) name: Str,
    pub(crate) source: Rc<Source>,
    pub(crate) body: Box<[Node]>,
    /// Offsets of the nodes in the text, by [`NodeId`].
    pub(crate) positions: Box<[u32]>,
    /// Names of the variables, by [`NameId`].
    pub(crate) variables: Box<[Str]>,
    /// Whether variables must be looked up by name while executing: when one is declared inside parentheses, it
    /// depends on `and` and `or` whether it exists.
    pub(crate) is_dynamic: bool,
    /// Whether there is nothing but space: such a definition replaces none.
    pub(crate) is_blank: bool,
}

/// Number of a node in its tree; [`NodeId::NONE`] before the first is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) u32);

/// Number of a variable's name in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NameId(pub(crate) u32);

/// Where on the variable stack of a template a variable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) u32);

impl Slot {
    /// The variable is known to the parser but does not exist when the node is executed.
    pub(crate) const UNDEFINED: Slot = Slot(u32::MAX);
}

/// An element of a template.
pub(crate) enum Node {
    Text(NodeId, Str),
    Action(NodeId, Pipe),
    If(Box<Branch>),
    With(Box<Branch>),
    Range(Box<Branch>),
    Template(Box<TemplateCall>),
    Break(NodeId),
    Continue(NodeId),
}

/// `if`, `with` or `range`.
pub(crate) struct Branch {
    pub(crate) id: NodeId,
    pub(crate) pipe: Pipe,
    pub(crate) body: Box<[Node]>,
    pub(crate) otherwise: Option<Box<[Node]>>,
}

/// `{{template "name" pipe}}`, also what is left of a `block`.
pub(crate) struct TemplateCall {
    pub(crate) id: NodeId,
    pub(crate) name: Str,
    pub(crate) pipe: Option<Pipe>,
}

/// A pipeline with its declarations or assignments.
pub(crate) struct Pipe {
    pub(crate) id: NodeId,
    pub(crate) is_assignment: bool,
    pub(crate) variables: Box<[Declared]>,
    pub(crate) commands: Box<[Command]>,
}

/// A variable before `:=` or `=`.
pub(crate) struct Declared {
    pub(crate) name: NameId,
    /// The variable that an assignment changes.
    pub(crate) slot: Slot,
}

/// A command of a pipeline: a term and its arguments.
pub(crate) struct Command {
    pub(crate) id: NodeId,
    pub(crate) first: Term,
    pub(crate) arguments: Box<[Term]>,
}

/// A term of a command.
pub(crate) enum Term {
    Dot(NodeId),
    Nil(NodeId),
    Bool(NodeId, bool),
    String(NodeId, Box<StringLiteral>),
    Number(NodeId, Box<Number>),
    Field(NodeId, Box<[FieldName]>),
    Variable(NodeId, Box<Variable>),
    Function(NodeId, Callee),
    Pipe(Box<Pipe>),
    Chain(NodeId, Box<Chain>),
}

/// A string constant.
pub(crate) struct StringLiteral {
    /// With its quotes, as it stands in the text.
    pub(crate) quoted: Str,
    pub(crate) value: Value,
}

/// A variable, perhaps with fields.
pub(crate) struct Variable {
    pub(crate) name: NameId,
    pub(crate) slot: Slot,
    pub(crate) fields: Box<[FieldName]>,
    /// Whether the pipeline replaces the variable's value and reads it nowhere else, so that a function may have the
    /// value for itself: `$list = append $list .` then grows one list and copies none.
    pub(crate) is_last_use: bool,
}

/// A name behind a dot.
pub(crate) struct FieldName {
    pub(crate) name: Str,
    /// Where the key was found last: maps at the same place of a template mostly have the same keys.
    pub(crate) hint: KeyHint,
}

/// A term with fields: `(pipe).a.b`.
pub(crate) struct Chain {
    pub(crate) term: Term,
    pub(crate) fields: Box<[FieldName]>,
}

/// A function that the parser found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callee {
    Builtin(Builtin),
    /// Number in the set's table.
    Custom(u32),
}

/// Go's builtin functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    And,
    Call,
    Eq,
    Ge,
    Gt,
    Html,
    Index,
    Js,
    Le,
    Len,
    Lt,
    Ne,
    Not,
    Or,
    Print,
    Printf,
    Println,
    Slice,
    UrlQuery,
}

/// A number constant under all the types that can hold it: Go's ideal constants.
#[derive(Default)]
pub(crate) struct Number {
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
    /// As it stands in the text.
    pub(crate) text: Box<str>,
    /// What it is where its syntax alone decides; nothing when it overflows an int.
    pub(crate) ideal: Option<Value>,
}

impl NodeId {
    pub(crate) const NONE: NodeId = NodeId(u32::MAX);
}

impl Term {
    pub(crate) fn id(&self) -> NodeId {
        match self {
            Term::Dot(id)
            | Term::Nil(id)
            | Term::Bool(id, _)
            | Term::String(id, _)
            | Term::Number(id, _)
            | Term::Field(id, _)
            | Term::Variable(id, _)
            | Term::Function(id, _)
            | Term::Chain(id, _) => *id,
            Term::Pipe(pipe) => pipe.id,
        }
    }
}

impl Builtin {
    /// Returns the builtin of that name.
    pub(crate) fn of_name(name: &[u8]) -> Option<Builtin> {
        Some(match name {
            b"and" => Builtin::And,
            b"call" => Builtin::Call,
            b"eq" => Builtin::Eq,
            b"ge" => Builtin::Ge,
            b"gt" => Builtin::Gt,
            b"html" => Builtin::Html,
            b"index" => Builtin::Index,
            b"js" => Builtin::Js,
            b"le" => Builtin::Le,
            b"len" => Builtin::Len,
            b"lt" => Builtin::Lt,
            b"ne" => Builtin::Ne,
            b"not" => Builtin::Not,
            b"or" => Builtin::Or,
            b"print" => Builtin::Print,
            b"printf" => Builtin::Printf,
            b"println" => Builtin::Println,
            b"slice" => Builtin::Slice,
            b"urlquery" => Builtin::UrlQuery,
            _ => return None,
        })
    }

    /// Returns whether it compares two values.
    pub(crate) fn is_comparison(self) -> bool {
        matches!(self, Builtin::Eq | Builtin::Ne | Builtin::Lt | Builtin::Le | Builtin::Gt | Builtin::Ge)
    }

    /// Returns the builtin's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Builtin::And => "and",
            Builtin::Call => "call",
            Builtin::Eq => "eq",
            Builtin::Ge => "ge",
            Builtin::Gt => "gt",
            Builtin::Html => "html",
            Builtin::Index => "index",
            Builtin::Js => "js",
            Builtin::Le => "le",
            Builtin::Len => "len",
            Builtin::Lt => "lt",
            Builtin::Ne => "ne",
            Builtin::Not => "not",
            Builtin::Or => "or",
            Builtin::Print => "print",
            Builtin::Printf => "printf",
            Builtin::Println => "println",
            Builtin::Slice => "slice",
            Builtin::UrlQuery => "urlquery",
        }
    }
}
