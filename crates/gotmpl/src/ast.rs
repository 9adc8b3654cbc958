//! Parsed templates. Names of functions and variables are resolved already; error texts are made from the nodes.
//!
//! Nodes are numbers and places in their text only, so that they are small and can be made on any thread; what they
//! stand for is held once for each text, by its [`Source`].

use std::rc::Rc;
use std::sync::Arc;

use value::{KeyHint, Str, Value};

/// A text that templates were parsed from, and what its nodes name by number.
#[derive(Default)]
pub(crate) struct Source {
    /// The name under which it was parsed.
    pub(crate) name: Str,
    pub(crate) text: Str,
    pub(crate) tables: Rc<Tables>,
}

/// What the nodes of some texts name by number.
#[derive(Default)]
pub(crate) struct Tables {
    /// The names of all paths, one path after another.
    pub(crate) fields: Box<[FieldName]>,
    /// Where among the fields a path is, by [`PathId`].
    pub(crate) paths: Box<[Piece]>,
    /// By [`VariableId`].
    pub(crate) variables: Box<[Variable]>,
    /// By [`StringId`].
    pub(crate) strings: Box<[StringLiteral]>,
    /// By [`NumberId`].
    pub(crate) numbers: Box<[NumberLiteral]>,
}

impl Source {
    /// Returns a piece of the text.
    #[inline]
    pub(crate) fn piece(&self, piece: Piece) -> &[u8] {
        self.text.get(piece.start as usize..piece.end as usize).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn path(&self, path: PathId) -> &[FieldName] {
        let Some(piece) = self.tables.paths.get(path.0 as usize) else { return &[] };
        self.tables.fields.get(piece.start as usize..piece.end as usize).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn variable(&self, variable: VariableId) -> Variable {
        *self.tables.variables.get(variable.0 as usize).expect("the parser took the number from this table")
    }

    #[inline]
    pub(crate) fn string(&self, string: StringId) -> &StringLiteral {
        self.tables.strings.get(string.0 as usize).expect("the parser took the number from this table")
    }

    #[inline]
    pub(crate) fn number(&self, number: NumberId) -> &NumberLiteral {
        self.tables.numbers.get(number.0 as usize).expect("the parser took the number from this table")
    }
}

/// A part of a text or list: where it begins, and where it has ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Piece {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// Number of a path of fields in its table; [`PathId::EMPTY`] for no field at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PathId(pub(crate) u32);

impl PathId {
    pub(crate) const EMPTY: PathId = PathId(0);
}

/// Number of a variable's use in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VariableId(pub(crate) u32);

/// Number of a string constant in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StringId(pub(crate) u32);

/// Number of a number constant in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberId(pub(crate) u32);

/// One template: the main part of a text, or one of its `define`s and `block`s.
pub(crate) struct Tree {
    pub(crate) name: Str,
    pub(crate) source: Rc<Source>,
    pub(crate) body: Box<[Node]>,
    /// Names of the variables, by [`NameId`].
    pub(crate) variables: Box<[Str]>,
    /// Whether variables must be looked up by name while executing: when one is declared inside parentheses, it
    /// depends on `and` and `or` whether it exists.
    pub(crate) is_dynamic: bool,
    /// Whether there is nothing but space: such a definition replaces none.
    pub(crate) is_blank: bool,
}

impl Tree {
    /// Returns what a text with nothing but space outside of its definitions is, of an equal text that is called
    /// otherwise.
    pub(crate) fn blank_of(&self, name: &str, text: &Str) -> Tree {
        let name = Str::from(name);
        let space = |node: &Node| match node {
            Node::Text(id, piece) => Some(Node::Text(*id, *piece)),
            _ => None,
        };
        Tree {
            source: Rc::new(Source {
                name: name.clone(),
                text: text.clone(),
                tables: self.source.tables.clone(),
            }),
            name,
            body: self.body.iter().filter_map(space).collect(),
            variables: self.variables.clone(),
            is_dynamic: self.is_dynamic,
            is_blank: true,
        }
    }
}

/// What a node is and where in the text it stands, which no two nodes have in common; [`NodeId::NONE`] before the
/// first is reached.
///
/// Actions that are written alike share one pipeline, whose nodes have the places they have where it stands first:
/// [`Pipe::shift`] tells how far they are from where they are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(u32);

/// How far behind the first of its kind a shared pipeline stands, in bytes; it wraps around where it stands before it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shift(u32);

/// What can stand at the same place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Element,
    Pipe,
    Command,
    Term,
}

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
    Text(NodeId, Piece),
    Action(NodeId, Arc<Pipe>),
    If(Box<Branch>),
    With(Box<Branch>),
    Range(Box<Branch>),
    Template(NodeId, Arc<TemplateCall>),
    Break(NodeId),
    Continue(NodeId),
}

/// `if`, `with` or `range`.
pub(crate) struct Branch {
    pub(crate) id: NodeId,
    pub(crate) pipe: Arc<Pipe>,
    pub(crate) body: Box<[Node]>,
    pub(crate) otherwise: Option<Box<[Node]>>,
}

/// `{{template "name" pipe}}`, also what is left of a `block`.
pub(crate) struct TemplateCall {
    pub(crate) id: NodeId,
    pub(crate) name: StringId,
    pub(crate) pipe: Option<Pipe>,
}

/// A pipeline with its declarations or assignments.
pub(crate) struct Pipe {
    pub(crate) id: NodeId,
    pub(crate) declaration: Option<Box<Declaration>>,
    pub(crate) first: Command,
    /// What stands behind the first `|`.
    pub(crate) rest: Box<[Command]>,
}

/// What a pipeline does with its value.
pub(crate) struct Declaration {
    pub(crate) is_assignment: bool,
    pub(crate) variables: Box<[Declared]>,
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
    String(NodeId, StringId),
    Number(NodeId, NumberId),
    Field(NodeId, PathId),
    Variable(NodeId, VariableId),
    Function(NodeId, Callee),
    Pipe(Box<Pipe>),
    Chain(NodeId, Box<Chain>),
}

/// A string constant.
pub(crate) struct StringLiteral {
    /// Length of the constant with its quotes, as it stands in the text.
    pub(crate) length: u32,
    pub(crate) value: Value,
}

/// A number constant.
pub(crate) struct NumberLiteral {
    pub(crate) number: Number,
    /// What it is where its syntax alone decides; nothing when it overflows an int.
    pub(crate) ideal: Option<Value>,
}

/// A variable, perhaps with fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable {
    pub(crate) name: NameId,
    pub(crate) slot: Slot,
    pub(crate) path: PathId,
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
    pub(crate) path: PathId,
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
}

impl NodeId {
    pub(crate) const NONE: NodeId = NodeId(u32::MAX);

    /// How long a text may be: a place takes 30 bits.
    pub(crate) const MAX_TEXT_BYTES: usize = (1 << 30) - 1;

    pub(crate) fn new(level: Level, position: u32) -> NodeId {
        NodeId(position << 2 | level as u32)
    }

    /// Returns the node's place where its pipeline stands `shift` further on. What a pipeline belongs to is nowhere else.
    pub(crate) fn shifted(self, shift: Shift) -> NodeId {
        let is_element = self.0 & 3 == Level::Element as u32;
        if is_element || self == NodeId::NONE { self } else { NodeId(self.0.wrapping_add(shift.0 << 2)) }
    }

    /// Returns the offset in the text; none is where the text begins.
    pub(crate) fn position(self) -> u32 {
        if self == NodeId::NONE { 0 } else { self.0 >> 2 }
    }
}

impl Pipe {
    /// Returns how far the nodes of this pipeline, which begins an action or what follows a keyword, are from their
    /// places when it belongs to that element.
    #[inline]
    pub(crate) fn shift(&self, element: NodeId) -> Shift {
        Shift(element.position().wrapping_sub(self.id.position()))
    }

    /// Returns the variables before `:=` or `=`.
    #[inline]
    pub(crate) fn variables(&self) -> &[Declared] {
        self.declaration.as_ref().map_or(&[], |declaration| &declaration.variables)
    }

    pub(crate) fn is_assignment(&self) -> bool {
        self.declaration.as_ref().is_some_and(|declaration| declaration.is_assignment)
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

impl TemplateCall {
    /// As [`Pipe::shift`].
    #[inline]
    pub(crate) fn shift(&self, element: NodeId) -> Shift {
        Shift(element.position().wrapping_sub(self.id.position()))
    }
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
    /// All of them.
    pub(crate) const ALL: [Builtin; 19] = [
        Builtin::And,
        Builtin::Call,
        Builtin::Eq,
        Builtin::Ge,
        Builtin::Gt,
        Builtin::Html,
        Builtin::Index,
        Builtin::Js,
        Builtin::Le,
        Builtin::Len,
        Builtin::Lt,
        Builtin::Ne,
        Builtin::Not,
        Builtin::Or,
        Builtin::Print,
        Builtin::Printf,
        Builtin::Println,
        Builtin::Slice,
        Builtin::UrlQuery,
    ];

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
