//! Sets of named templates.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use value::{Str, Type, Value};

use crate::ahead::Ahead;
use crate::ast::{Callee, Tree};
use crate::callees::Callees;
use crate::node_text::Names;
use crate::parse::{self, Unparsed};
use crate::{ExecError, Function, ParseError, State, twins};

/// What a missing key of a map evaluates to (Go's option `missingkey`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// No value: prints `<no value>`, its fields have no value either.
    #[default]
    Default,
    /// The zero value of the map's element type; nil for `interface {}`, whose fields are errors.
    Zero,
    /// An error.
    Error,
}

/// How a set's templates are executed.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What a missing key evaluates to.
    pub missing_key: MissingKey,
    /// How much stack, in bytes, an execution may use before it ends in an error; below what the thread has.
    pub stack_size: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { missing_key: MissingKey::Default, stack_size: 900 << 20 }
    }
}

/// Named templates that can call each other, and the functions they can call.
pub struct TemplateSet {
    name: Rc<str>,
    options: Options,
    functions: Vec<Function>,
    callees: Callees,
    methods: Vec<(Type, Vec<Function>)>,
    trees: HashMap<Str, Rc<Tree>>,
    /// Texts that were executed as overlays.
    overlays: RefCell<HashMap<Str, Result<Rc<ParsedText>, ParseError>>>,
}

/// The number of a text, and its templates.
pub(crate) type Parsed = (usize, Vec<Rc<Tree>>);

/// The templates of one text.
pub(crate) struct ParsedText {
    trees: HashMap<Str, Rc<Tree>>,
}

impl ParsedText {
    pub(crate) fn get(&self, name: &[u8]) -> Option<&Rc<Tree>> {
        self.trees.get(name)
    }
}

/// Returns what is left of a text when an equal one is parsed behind it: the main part, since that defines all the rest
/// again. Nothing if the main part is more than space, or if it would be defined twice.
fn defined_again(trees: &[Rc<Tree>], name: &str, text: &Str) -> Option<Tree> {
    let main = trees.iter().find(|tree| tree.name == tree.source.name)?;
    let is_alone = main.is_blank && trees.iter().all(|tree| tree.name.as_bytes() != name.as_bytes());
    is_alone.then(|| main.blank_of(name, text))
}

impl TemplateSet {
    /// Returns an empty set. Of functions with the same name the last counts; they win over Go's builtins.
    ///
    /// The name appears only in error texts, and as the name of overlays.
    pub fn new(name: &str, functions: impl IntoIterator<Item = Function>, options: Options) -> Self {
        let functions: Vec<Function> = functions.into_iter().collect();
        TemplateSet {
            name: Rc::from(name),
            options,
            callees: Callees::new(&functions),
            functions,
            methods: Vec::new(),
            trees: HashMap::new(),
            overlays: RefCell::default(),
        }
    }

    /// Gives the maps of a named type (`Type::Values`) methods, whose names begin with a capital letter as in
    /// Go; bodies get the map as an additional first argument.
    pub fn add_methods(&mut self, map_type: Type, methods: Vec<Function>) {
        self.methods.push((map_type, methods));
    }

    /// Parses a text and adds it and its `define`s and `block`s. A later definition replaces an earlier one, unless
    /// its body is blank (Go's `Template.New(name).Parse(text)`).
    ///
    /// # Errors
    /// When the text is not a template; nothing is added then.
    pub fn parse(&mut self, name: &str, text: impl Into<Str>) -> Result<(), ParseError> {
        self.parse_all(&[(name, text.into())])
    }

    /// Parses texts as [`TemplateSet::parse`] does one after another, many on two threads.
    ///
    /// # Errors
    /// When a text is not a template, the first such; the set is not to be used then.
    pub fn parse_all(&mut self, texts: &[(&str, Str)]) -> Result<(), ParseError> {
        self.parse_rest(texts, None)
    }

    /// As [`TemplateSet::parse_all`]; what was parsed ahead is not parsed again.
    ///
    /// # Errors
    /// As [`TemplateSet::parse_all`].
    pub fn parse_rest(
        &mut self,
        texts: &[(&str, Str)],
        ahead: Option<Ahead<'_, '_>>,
    ) -> Result<(), ParseError> {
        let ahead = ahead.filter(|ahead| ahead.is_for(&self.callees));
        // Errors are told in the order of the texts, under the name of each.
        let mut parsed =
            self.parse_once(texts, ahead).or_else(|_| self.parse_others(texts, &HashSet::new()))?;
        parsed.sort_unstable_by_key(|(number, _)| *number);
        self.trees.reserve(parsed.iter().map(|(_, trees)| trees.len()).sum());
        for tree in parsed.into_iter().flat_map(|(_, trees)| trees) {
            if !(tree.is_blank && self.trees.contains_key(&tree.name)) {
                self.trees.insert(tree.name.clone(), tree);
            }
        }
        self.overlays.get_mut().clear();
        Ok(())
    }

    /// Parses each text that is not parsed, and of those that are equal the last alone.
    fn parse_once(
        &self,
        texts: &[(&str, Str)],
        ahead: Option<Ahead<'_, '_>>,
    ) -> Result<Vec<Parsed>, ParseError> {
        let last_equal = twins::last_equal(texts);
        let mut parsed = ahead.map(|ahead| ahead.finish(texts, &last_equal)).unwrap_or_default();
        let mut settled: HashSet<usize> = parsed.iter().map(|(number, _)| *number).collect();
        settled.extend((0..).zip(&last_equal).filter(|(_, equal)| equal.is_some()).map(|(number, _)| number));
        parsed.extend(self.parse_others(texts, &settled)?);
        if last_equal.iter().all(Option::is_none) {
            return Ok(parsed);
        }
        let of_number: HashMap<usize, usize> = parsed.iter().map(|(number, _)| *number).zip(0..).collect();
        for (number, ((name, text), equal)) in texts.iter().zip(&last_equal).enumerate() {
            let equal = equal.and_then(|equal| parsed.get(*of_number.get(&equal)?));
            if let Some(tree) = equal.and_then(|(_, trees)| defined_again(trees, name, text)) {
                parsed.push((number, vec![Rc::new(tree)]));
            }
        }
        let settled = parsed.iter().map(|(number, _)| *number).collect();
        parsed.extend(self.parse_others(texts, &settled)?);
        Ok(parsed)
    }

    /// Parses the texts whose numbers are not known.
    fn parse_others(&self, texts: &[(&str, Str)], known: &HashSet<usize>) -> Result<Vec<Parsed>, ParseError> {
        let unparsed = texts.iter().enumerate().filter(|(number, _)| !known.contains(number));
        let unparsed: Vec<Unparsed<'_>> = unparsed
            .map(|(number, (name, text))| Unparsed { number, name: name.as_bytes(), text: text.as_bytes() })
            .collect();
        let drafts = parse::parse_all(&unparsed, &self.callees)?;
        let text_of = |number: usize| {
            texts.get(number).map_or_else(Default::default, |(name, text)| (text.clone(), Some(*name)))
        };
        Ok(drafts.into_iter().flat_map(|draft| draft.finish(text_of)).collect())
    }

    /// Returns whether a template of that name exists.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.trees.contains_key(name.as_ref())
    }

    /// Returns the names of all templates, sorted.
    pub fn names(&self) -> Vec<Str> {
        let mut names: Vec<Str> = self.trees.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// Returns the set's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how templates are executed.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Executes a template, appending to `out`. After an error `out` holds what was written before it.
    ///
    /// # Errors
    /// When no template has the name, or when executing it fails.
    pub fn execute(&self, name: impl AsRef<[u8]>, data: &Value, out: &mut Vec<u8>) -> Result<(), ExecError> {
        State::new(self).execute_template(name, data, out)
    }

    pub(crate) fn shared_name(&self) -> &Rc<str> {
        &self.name
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&Rc<Tree>> {
        self.trees.get(name)
    }

    pub(crate) fn function(&self, number: u32) -> &Function {
        self.functions.get(number as usize).expect("the parser took the number from this table")
    }

    pub(crate) fn method(&self, map_type: Type, name: &[u8]) -> Option<&Function> {
        // Go calls only what is exported.
        if !name.first().is_some_and(u8::is_ascii_uppercase) {
            return None;
        }
        let (_, methods) = self.methods.iter().find(|(known, _)| *known == map_type)?;
        methods.iter().find(|method| method.name.as_bytes() == name)
    }

    /// Returns the templates of a text parsed under the set's name; each text is parsed once.
    pub(crate) fn overlay(&self, text: &Str) -> Result<Rc<ParsedText>, ParseError> {
        if let Some(known) = self.overlays.borrow().get(text) {
            return known.clone();
        }
        let parsed = self.parse_overlay(text);
        self.overlays.borrow_mut().insert(text.clone(), parsed.clone());
        parsed
    }

    fn parse_overlay(&self, text: &Str) -> Result<Rc<ParsedText>, ParseError> {
        let texts = [(&*self.name, text.clone())];
        let trees = self.parse_others(&texts, &HashSet::new())?.into_iter().flat_map(|(_, trees)| trees);
        Ok(Rc::new(ParsedText { trees: trees.map(|tree| (tree.name.clone(), tree)).collect() }))
    }
}

impl Names for TemplateSet {
    fn function(&self, callee: Callee) -> &'static str {
        match callee {
            Callee::Builtin(builtin) => builtin.name(),
            Callee::Custom(number) => TemplateSet::function(self, number).name,
        }
    }
}
