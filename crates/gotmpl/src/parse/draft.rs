//! What the parser makes of a text. It borrows from the text and belongs to no thread; where it is executed it becomes
//! trees.

use std::borrow::Cow;
use std::rc::Rc;

use value::{KeyHint, Str, Value};

use crate::ast::{
    FieldName, Node, Number, NumberId, NumberLiteral, PathId, Piece, Source, StringLiteral, Tree, Variable,
    VariableId,
};

/// The templates of a text, and what their nodes name by number.
pub(crate) struct Draft<'a> {
    pub(super) trees: Vec<DraftTree<'a>>,
    /// The names of all paths.
    fields: Vec<&'a [u8]>,
    paths: Vec<Piece>,
    pub(super) variables: Vec<Variable>,
    /// Each with the length it has with its quotes.
    pub(super) strings: Vec<(u32, Cow<'a, [u8]>)>,
    numbers: Vec<Number>,
}

/// One template of a draft.
pub(super) struct DraftTree<'a> {
    pub(super) name: Cow<'a, [u8]>,
    pub(super) body: Box<[Node]>,
    pub(super) variables: Vec<&'a [u8]>,
    pub(super) is_dynamic: bool,
    pub(super) is_blank: bool,
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Draft {
            trees: Vec::new(),
            fields: Vec::new(),
            // The first is the empty path.
            paths: vec![Piece::default()],
            variables: Vec::new(),
            strings: Vec::new(),
            numbers: Vec::new(),
        }
    }
}

impl<'a> Draft<'a> {
    /// Notes the path that is written so; it begins with a dot.
    pub(super) fn path(&mut self, written: &'a [u8]) -> PathId {
        let start = self.fields.len() as u32;
        self.fields.extend(written.split(|byte| *byte == b'.').skip(1));
        self.paths.push(Piece { start, end: self.fields.len() as u32 });
        PathId(self.paths.len() as u32 - 1)
    }

    pub(super) fn variable(&mut self, variable: Variable) -> VariableId {
        self.variables.push(variable);
        VariableId(self.variables.len() as u32 - 1)
    }

    pub(super) fn number(&mut self, number: Number) -> NumberId {
        self.numbers.push(number);
        NumberId(self.numbers.len() as u32 - 1)
    }

    /// Makes trees of the draft, given the text that it was made from.
    pub(crate) fn finish(self, name: &[u8], text: &Str) -> Vec<Rc<Tree>> {
        let field = |name: &[u8]| FieldName { name: Str::from(name), hint: KeyHint::default() };
        let string = |(length, string): (u32, Cow<'_, [u8]>)| {
            let string = match string {
                Cow::Borrowed(string) => text.part_of(string),
                Cow::Owned(string) => Str::from(string),
            };
            StringLiteral { length, value: Value::String(string) }
        };
        let number = |number: Number| NumberLiteral { ideal: number.ideal_constant(), number };
        let source = Rc::new(Source {
            name: Str::from(name),
            text: text.clone(),
            fields: self.fields.into_iter().map(field).collect(),
            paths: self.paths.into(),
            variables: self.variables.into(),
            strings: self.strings.into_iter().map(string).collect(),
            numbers: self.numbers.into_iter().map(number).collect(),
        });
        self.trees.into_iter().map(|tree| Rc::new(tree.finish(&source))).collect()
    }
}

impl DraftTree<'_> {
    fn finish(self, source: &Rc<Source>) -> Tree {
        Tree {
            name: match self.name {
                Cow::Borrowed(name) => source.text.part_of(name),
                Cow::Owned(name) => Str::from(name),
            },
            source: source.clone(),
            body: self.body,
            variables: self.variables.into_iter().map(Str::from).collect(),
            is_dynamic: self.is_dynamic,
            is_blank: self.is_blank,
        }
    }
}
