//! A running template as functions see it.

use std::rc::Rc;

use value::{Str, Value};

use crate::ast::{NameId, NodeId, Shift, Source, Tree};
use crate::execute::{Reflected, Thrown};
use crate::set::ParsedText;
use crate::{ExecError, OverlayError, TemplateSet};

/// The state of an execution.
pub struct State<'a> {
    pub(crate) set: &'a TemplateSet,
    /// Texts being executed on the spot; their definitions hide those below.
    overlays: Vec<Rc<ParsedText>>,
    pub(crate) out: Vec<u8>,
    /// What the nodes of the running template name by number.
    pub(crate) source: Rc<Source>,
    /// The variables of all running templates.
    pub(crate) variables: Vec<Variable>,
    /// Where the variables of the running template begin.
    pub(crate) frame: usize,
    /// Whether the running template's variables are found by name.
    pub(crate) is_dynamic: bool,
    /// The node reached last, for errors.
    pub(crate) node: NodeId,
    /// How far the nodes of the running pipeline are from their places.
    pub(crate) shift: Shift,
    /// Depth of `{{template}}` calls.
    pub(crate) depth: u32,
    /// The arguments of all calls being prepared.
    pub(crate) arguments: Vec<Value>,
    /// A buffer for texts that builtins make.
    pub(crate) scratch: Vec<u8>,
    /// Buffers for the output of nested executions.
    buffers: Vec<Vec<u8>>,
    /// Address on the stack where the execution began.
    stack_base: usize,
}

/// A variable of a running template.
pub(crate) struct Variable {
    pub(crate) name: NameId,
    pub(crate) value: Reflected,
}

impl<'a> State<'a> {
    pub(crate) fn new(set: &'a TemplateSet) -> Self {
        State {
            set,
            overlays: Vec::new(),
            out: Vec::new(),
            source: Rc::default(),
            variables: Vec::new(),
            frame: 0,
            is_dynamic: false,
            node: NodeId::NONE,
            shift: Shift::default(),
            depth: 0,
            arguments: Vec::new(),
            scratch: Vec::new(),
            buffers: Vec::new(),
            stack_base: stack_address(),
        }
    }

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
        let name = name.as_ref();
        match self.lookup(name) {
            Some(tree) => self.execute_tree(&tree, data, out),
            None => Err(ExecError::no_template(name, self.set.shared_name())),
        }
    }

    /// Executes a template as [`State::execute_template`] does and returns its output (Helm's `include`).
    ///
    /// # Errors
    /// When no template has the name, or when executing it fails.
    pub fn render_template(&mut self, name: impl AsRef<[u8]>, data: &Value) -> Result<Str, ExecError> {
        let mut buffer = self.buffers.pop().unwrap_or_default();
        let result = self.execute_template(name, data, &mut buffer);
        let text = result.map(|()| Str::from(buffer.as_slice()));
        buffer.clear();
        self.buffers.push(buffer);
        text
    }

    /// Returns whether a template of that name exists in the set or a running overlay.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.lookup(name.as_ref()).is_some()
    }

    /// Parses a text under the set's name and executes it, appending to `out`.
    ///
    /// Its `define`s are seen by everything that is executed until it ends, and by nothing after that. Parsed texts
    /// are kept, so that the same text is parsed once (Helm's `tpl`: engine.go, tplFun, without the clone).
    ///
    /// # Errors
    /// When the text is not a template, or when executing it fails.
    pub fn execute_overlay(
        &mut self,
        text: &Str,
        data: &Value,
        out: &mut Vec<u8>,
    ) -> Result<(), OverlayError> {
        let parsed = self.set.overlay(text)?;
        let main = parsed.get(self.set.name().as_bytes()).cloned();
        self.overlays.push(parsed);
        let result = match main {
            Some(tree) => self.execute_tree(&tree, data, out),
            None => Ok(()),
        };
        self.overlays.pop();
        Ok(result?)
    }

    /// Returns the set whose template is running.
    pub fn set(&self) -> &'a TemplateSet {
        self.set
    }

    /// Finds a template. A blank definition in an overlay hides none below it.
    pub(crate) fn lookup(&self, name: &[u8]) -> Option<Rc<Tree>> {
        let mut blank = None;
        for overlay in self.overlays.iter().rev() {
            match overlay.get(name) {
                Some(tree) if tree.is_blank && name != self.set.name().as_bytes() => {
                    blank = Some(tree);
                }
                Some(tree) => return Some(tree.clone()),
                None => {}
            }
        }
        self.set.get(name).or(blank).cloned()
    }

    fn execute_tree(&mut self, tree: &Tree, data: &Value, out: &mut Vec<u8>) -> Result<(), ExecError> {
        let caller = (self.node, self.shift, self.depth);
        self.depth = 0;
        std::mem::swap(&mut self.out, out);
        let result = self.run(tree, Reflected::concrete(data.clone()));
        std::mem::swap(&mut self.out, out);
        (self.node, self.shift, self.depth) = caller;
        result.map_err(|thrown| match *thrown {
            Thrown::Located(error) => error,
            unlocated => self.located(unlocated, tree),
        })
    }

    /// Returns whether so much stack is used that going deeper is dangerous.
    pub(crate) fn is_stack_exhausted(&self) -> bool {
        self.stack_base.abs_diff(stack_address()) > self.set.options().stack_size
    }
}

/// Returns about where the stack stands.
#[inline(never)]
fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)) as usize
}
