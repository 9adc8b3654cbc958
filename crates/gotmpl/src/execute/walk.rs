//! Walking the nodes of a template, writing output.

use value::{Value, gofmt};

use crate::State;
use crate::ast::{Branch, NameId, Node, NodeId, TemplateCall, Tree};
use crate::execute::{Executed, Reflected, Thrown, throw};
use crate::state::Variable;

/// Deepest nesting of `{{template}}` (Go's `maxExecDepth`).
const MAX_TEMPLATE_DEPTH: u32 = 100_000;

/// How a list of nodes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Done,
    Break,
    Continue,
}

impl State<'_> {
    /// Executes a template in a frame of its own. Errors leave with their place.
    pub(crate) fn run(&mut self, tree: &Tree, dot: Reflected) -> Executed<()> {
        let caller = (self.frame, self.is_dynamic);
        let calling = std::mem::replace(&mut self.source, tree.source.clone());
        self.frame = self.variables.len();
        self.is_dynamic = tree.is_dynamic;
        self.node = NodeId::NONE;
        self.variables.push(Variable { name: NameId(0), value: dot.clone() });
        let result = if self.is_stack_exhausted() {
            throw("exceeded maximum stack size")
        } else {
            self.walk_list(&dot, &tree.body)
        };
        self.variables.truncate(self.frame);
        (self.frame, self.is_dynamic) = caller;
        self.source = calling;
        match result {
            Ok(_) => Ok(()),
            Err(thrown) => Err(Box::new(Thrown::Located(self.located(*thrown, tree)))),
        }
    }

    pub(crate) fn walk_list(&mut self, dot: &Reflected, nodes: &[Node]) -> Executed<Flow> {
        for node in nodes {
            match node {
                Node::Text(_, piece) => self.out.extend_from_slice(self.source.piece(*piece)),
                Node::Action(id, pipe) => {
                    self.shift = pipe.shift(*id);
                    if self.print_in_place(dot, pipe).is_some() {
                        continue;
                    }
                    self.node = *id;
                    let value = self.eval_pipeline(dot, pipe)?;
                    if pipe.variables().is_empty() {
                        print(&value, &mut self.out);
                    }
                }
                Node::If(branch) => match self.walk_if(dot, branch)? {
                    Flow::Done => {}
                    flow => return Ok(flow),
                },
                Node::With(branch) => match self.walk_with(dot, branch)? {
                    Flow::Done => {}
                    flow => return Ok(flow),
                },
                Node::Range(branch) => match self.walk_range(dot, branch)? {
                    Flow::Done => {}
                    flow => return Ok(flow),
                },
                Node::Template(id, call) => self.walk_template(dot, *id, call)?,
                Node::Break(_) => return Ok(Flow::Break),
                Node::Continue(_) => return Ok(Flow::Continue),
            }
        }
        Ok(Flow::Done)
    }

    fn walk_if(&mut self, dot: &Reflected, branch: &Branch) -> Executed<Flow> {
        (self.node, self.shift) = (branch.id, branch.pipe.shift(branch.id));
        let mark = self.variables.len();
        let flow = if self.condition(dot, &branch.pipe)? {
            self.walk_list(dot, &branch.body)?
        } else if let Some(nodes) = &branch.otherwise {
            self.walk_list(dot, nodes)?
        } else {
            Flow::Done
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn walk_with(&mut self, dot: &Reflected, branch: &Branch) -> Executed<Flow> {
        (self.node, self.shift) = (branch.id, branch.pipe.shift(branch.id));
        let mark = self.variables.len();
        let value = self.eval_pipeline(dot, &branch.pipe)?;
        let flow = if value.is_true() {
            self.walk_list(&Reflected::concrete(value), &branch.body)?
        } else if let Some(nodes) = &branch.otherwise {
            self.walk_list(dot, nodes)?
        } else {
            Flow::Done
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn walk_template(&mut self, dot: &Reflected, id: NodeId, call: &TemplateCall) -> Executed<()> {
        (self.node, self.shift) = (id, call.shift(id));
        let source = self.source.clone();
        let Value::String(name) = &source.string(call.name).value else { return Ok(()) };
        let Some(tree) = self.lookup(name) else {
            return throw(format!("template {} not defined", gofmt::quoted(name)));
        };
        if self.depth == MAX_TEMPLATE_DEPTH {
            return throw(format!("exceeded maximum template depth ({MAX_TEMPLATE_DEPTH})"));
        }
        let value = match &call.pipe {
            Some(pipe) => self.eval_pipeline(dot, pipe)?,
            None => Value::Nil,
        };
        self.depth += 1;
        let result = self.run(&tree, Reflected::concrete(value));
        self.depth -= 1;
        result
    }
}

/// Appends a value as an action prints it.
#[inline]
pub(super) fn print(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => out.extend_from_slice(text),
        Value::Nil => out.extend_from_slice(b"<no value>"),
        Value::Object(object) => out.extend_from_slice(object.print_addressed().as_bytes()),
        value => gofmt::print(value, out),
    }
}
