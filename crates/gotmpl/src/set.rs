//! Sets of named templates.

use std::rc::Rc;

use value::{Type, Value};

use crate::{ExecError, Function, ParseError};

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
}

impl TemplateSet {
    /// Returns an empty set. Of functions with the same name the last counts; they win over Go's builtins.
    ///
    /// The name appears only in error texts, and as the name of overlays.
    pub fn new(name: &str, functions: impl IntoIterator<Item = Function>, options: Options) -> Self {
        let _ = functions.into_iter();
        TemplateSet { name: Rc::from(name), options }
    }

    /// Gives the maps of a named type (`Type::Values`) methods; bodies get the map as an additional first argument.
    pub fn add_methods(&mut self, map_type: Type, methods: Vec<Function>) {
        let _ = (map_type, methods);
    }

    /// Parses a text and adds it and its `define`s and `block`s. A later definition replaces an earlier one, unless
    /// its body is blank (Go's `Template.New(name).Parse(text)`).
    ///
    /// # Errors
    /// When the text is not a template; nothing is added then.
    pub fn parse(&mut self, name: &str, text: impl AsRef<[u8]>) -> Result<(), ParseError> {
        let _ = text.as_ref();
        Err(ParseError::new(name.as_bytes(), 0, String::from("not built yet")))
    }

    /// Returns whether a template of that name exists.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        let _ = name.as_ref();
        false
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
        let _ = (data, out);
        Err(ExecError::no_template(name.as_ref(), &self.name))
    }
}
