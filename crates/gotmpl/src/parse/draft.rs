//! What the parser makes of texts. It borrows from the texts and belongs to no thread; where it is executed it becomes
//! trees.

use std::borrow::Cow;
use std::rc::Rc;

use value::{KeyHint, Str, Value};

use crate::ast::{
    FieldName, Node, Number, NumberId, NumberLiteral, PathId, Piece, Source, StringId, StringLiteral, Tables,
    Tree, Variable, VariableId,
};
use crate::parse::recalled::Written;
use crate::parse::remembered::Remembered;

/// For how many bytes of text a path is remembered.
const BYTES_PER_PATH: usize = 64;

/// How many paths are remembered at most.
const MAX_PATHS: usize = 256;

/// For how many bytes of text an action is remembered.
const BYTES_PER_ACTION: usize = 256;

/// How many actions are remembered at most.
const MAX_ACTIONS: usize = 4096;

/// The templates of some texts, and what their nodes name by number.
pub(crate) struct Draft<'a> {
    texts: Vec<DraftText<'a>>,
    /// The names of all paths.
    fields: Vec<&'a [u8]>,
    paths: Vec<Piece>,
    pub(super) variables: Vec<Variable>,
    /// Each with the length it has with its quotes.
    strings: Vec<(u32, Cow<'a, [u8]>)>,
    numbers: Vec<Number>,
    known_paths: Remembered<'a, PathId>,
    pub(super) known_actions: Remembered<'a, Written<'a>>,
}

/// What came of one text.
struct DraftText<'a> {
    /// Its place among the texts.
    number: usize,
    trees: Vec<DraftTree<'a>>,
    /// How many strings there are up to its end.
    strings: usize,
}

/// One template of a draft.
pub(crate) struct DraftTree<'a> {
    /// Nothing if it is that of the text.
    pub(super) name: Option<Cow<'a, [u8]>>,
    pub(super) body: Box<[Node]>,
    pub(super) variables: Vec<&'a [u8]>,
    pub(super) is_dynamic: bool,
    pub(super) is_blank: bool,
}

impl<'a> Draft<'a> {
    /// Returns a draft for texts of about that size, in bytes.
    pub(crate) fn new(size: usize) -> Self {
        Draft {
            texts: Vec::new(),
            fields: Vec::new(),
            // The first is the empty path.
            paths: vec![Piece::default()],
            variables: Vec::new(),
            strings: Vec::new(),
            numbers: Vec::new(),
            known_paths: Remembered::new((size / BYTES_PER_PATH).min(MAX_PATHS)),
            known_actions: Remembered::new((size / BYTES_PER_ACTION).min(MAX_ACTIONS)),
        }
    }

    /// Adds the templates of a text; what they name was noted before.
    pub(crate) fn add(&mut self, number: usize, trees: Vec<DraftTree<'a>>) {
        self.texts.push(DraftText { number, trees, strings: self.strings.len() });
    }

    /// Notes the path that is written so; it begins with a dot.
    pub(super) fn path(&mut self, written: &'a [u8]) -> PathId {
        if let Some(known) = self.known_paths.get(written) {
            return *known;
        }
        let start = self.fields.len() as u32;
        self.fields.extend(written.split(|byte| *byte == b'.').skip(1));
        let path = PathId(self.paths.len() as u32);
        self.paths.push(Piece { start, end: self.fields.len() as u32 });
        self.known_paths.insert(written, path);
        path
    }

    pub(super) fn variable(&mut self, variable: Variable) -> VariableId {
        self.variables.push(variable);
        VariableId(self.variables.len() as u32 - 1)
    }

    /// Notes a string constant, given the length it has with its quotes.
    pub(super) fn string(&mut self, length: u32, string: Cow<'a, [u8]>) -> StringId {
        self.strings.push((length, string));
        StringId(self.strings.len() as u32 - 1)
    }

    pub(super) fn number(&mut self, number: Number) -> NumberId {
        self.numbers.push(number);
        NumberId(self.numbers.len() as u32 - 1)
    }

    /// Returns the numbers of the texts that define a template of the name they are called by, if they have one.
    pub(crate) fn defining<'n>(&self, name_of: impl Fn(usize) -> Option<&'n str>) -> Vec<usize> {
        let defines = |text: &&DraftText<'_>| {
            let name = name_of(text.number).map(str::as_bytes);
            name.is_some() && text.trees.iter().any(|tree| tree.name.as_deref() == name)
        };
        self.texts.iter().filter(defines).map(|text| text.number).collect()
    }

    /// Makes trees of the draft, given each text and what it is called, if it is wanted. The trees of a text come with
    /// its number.
    pub(crate) fn finish<'n>(
        self,
        text_of: impl Fn(usize) -> (Str, Option<&'n str>),
    ) -> Vec<(usize, Vec<Rc<Tree>>)> {
        let mut strings = Vec::with_capacity(self.strings.len());
        let mut drafted = self.strings.into_iter();
        for draft in &self.texts {
            let (text, _) = text_of(draft.number);
            let count = draft.strings - strings.len();
            strings.extend(drafted.by_ref().take(count).map(|(length, string)| StringLiteral {
                length,
                value: Value::String(owned(string, &text)),
            }));
        }
        let field = |name: &[u8]| FieldName { name: Str::from(name), hint: KeyHint::default() };
        let number = |number: Number| NumberLiteral { ideal: number.ideal_constant(), number };
        let tables = Rc::new(Tables {
            fields: self.fields.into_iter().map(field).collect(),
            paths: self.paths.into(),
            variables: self.variables.into(),
            strings: strings.into(),
            numbers: self.numbers.into_iter().map(number).collect(),
        });
        let finished = |draft: DraftText<'_>| {
            let (text, name) = text_of(draft.number);
            let source = Rc::new(Source { name: Str::from(name?), text, tables: tables.clone() });
            let trees = draft.trees.into_iter().map(|tree| Rc::new(tree.finish(&source)));
            Some((draft.number, trees.collect()))
        };
        self.texts.into_iter().filter_map(finished).collect()
    }
}

impl DraftTree<'_> {
    fn finish(self, source: &Rc<Source>) -> Tree {
        Tree {
            name: self.name.map_or_else(|| source.name.clone(), |name| owned(name, &source.text)),
            source: source.clone(),
            body: self.body,
            variables: self.variables.into_iter().map(Str::from).collect(),
            is_dynamic: self.is_dynamic,
            is_blank: self.is_blank,
        }
    }
}

/// Returns a string that is part of a text if it is borrowed from that.
fn owned(string: Cow<'_, [u8]>, text: &Str) -> Str {
    match string {
        Cow::Borrowed(string) => text.part_of(string),
        Cow::Owned(string) => Str::from(string),
    }
}
