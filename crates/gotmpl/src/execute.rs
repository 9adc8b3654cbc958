//! Execution: Go's `text/template/exec.go` on our values.
//!
//! `State::node` follows Go's `state.at` exactly, because error texts name the node that was reached last.

mod argument;
mod builtin;
mod call;
mod field;
mod glance;
mod pipeline;
mod range;
mod walk;

use value::{Value, go_lossy};

use crate::ast::{NameId, NodeId, Tree};
use crate::error::{Link, Location, Problem};
use crate::execute::builtin::NotAFunction;
use crate::{CallError, ExecError, State, node_text};

pub(crate) use crate::execute::field::zero_of;

/// A value with what Go's reflection knows besides: whether it was reached through an `interface {}`.
///
/// It matters for nil (an interface that is nil, or no value at all) and for the type in error texts.
#[derive(Clone, Default)]
pub(crate) struct Reflected {
    pub(crate) value: Value,
    pub(crate) is_interface: bool,
}

impl Reflected {
    pub(crate) fn concrete(value: Value) -> Self {
        Reflected { value, is_interface: false }
    }

    /// Returns the name of the static type.
    pub(crate) fn type_name(&self) -> &'static str {
        if self.is_interface { "interface {}" } else { self.value.type_name() }
    }
}

/// An error on its way out.
pub(crate) enum Thrown {
    /// A message of the engine.
    Message(String),
    /// A message that has the text of a node in it.
    AboutNode { before: &'static str, node: NodeId, after: String },
    /// A variable that the parser knows does not exist.
    UndefinedVariable(NameId),
    /// A function failed.
    Call { function: &'static str, error: CallError },
    /// A method failed.
    MethodCall { method: String, error: CallError },
    /// Place and text are known.
    Located(ExecError),
}

pub(crate) type Executed<T> = Result<T, Box<Thrown>>;

/// Makes an error with a message of the engine.
pub(crate) fn throw<T>(message: impl Into<String>) -> Executed<T> {
    Err(Box::new(Thrown::Message(message.into())))
}

impl State<'_> {
    /// Adds to an error where in the tree it happened.
    #[cold]
    pub(crate) fn located(&self, thrown: Thrown, tree: &Tree) -> ExecError {
        let problem = match thrown {
            Thrown::Located(error) => return error,
            Thrown::Message(text) => Problem::Message(text),
            Thrown::AboutNode { before, node, after } => {
                let node = node_text::of_node(tree, node.shifted(self.shift), self.set);
                Problem::Message(format!("{before}{}{after}", go_lossy(&node)))
            }
            Thrown::UndefinedVariable(name) => {
                let name = tree.variables.get(name.0 as usize).cloned().unwrap_or_default();
                Problem::Message(format!("undefined variable: {name}"))
            }
            Thrown::Call { function, error: CallError::Other(error) } if error.is::<NotAFunction>() => {
                let error = error.downcast::<NotAFunction>().map_or_else(CallError::Other, |error| {
                    let callee = node_text::of_node(tree, error.callee.shifted(self.shift), self.set);
                    let (callee, type_name) = (go_lossy(&callee), error.type_name);
                    CallError::Message(format!("non-function {callee} of type {type_name}"))
                });
                Problem::Call { function: function.to_owned(), error }
            }
            Thrown::Call { function, error } => Problem::Call { function: function.to_owned(), error },
            Thrown::MethodCall { method, error } => Problem::Call { function: method, error },
        };
        let node = self.node.shifted(self.shift);
        let context = node_text::of_node(tree, node, self.set);
        ExecError::at(Link {
            location: location(tree, node),
            executing: tree.name.clone(),
            context: go_lossy(&context).into_owned(),
            problem,
        })
    }
}

fn location(tree: &Tree, node: NodeId) -> Location {
    let position = node.position() as usize;
    let before = tree.source.text.get(..position).unwrap_or_default();
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    Location {
        name: go_lossy(&tree.source.name).into_owned(),
        line: 1 + before.iter().filter(|byte| **byte == b'\n').count() as u32,
        column: (position - line_start) as u32,
    }
}
