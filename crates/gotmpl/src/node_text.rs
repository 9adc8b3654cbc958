//! Nodes as Go writes them in error texts, and the search for the node an error stands at. Only errors come here.

use value::Value;
use value::gofmt::quote::{self, Plain};

use crate::ast::{
    Branch, Callee, Command, Node, NodeId, PathId, Piece, Pipe, Shift, TemplateCall, Term, Tree,
};

/// Names that the texts need from the set.
pub(crate) trait Names {
    fn function(&self, callee: Callee) -> &'static str;
}

/// Returns the text of the node with that number, empty if there is none.
pub(crate) fn of_node(tree: &Tree, id: NodeId, names: &dyn Names) -> Vec<u8> {
    let mut writer = Writer { tree, names, wanted: id, shift: Shift::default(), out: Vec::new() };
    writer.find_in_list(&tree.body);
    writer.out
}

struct Writer<'a> {
    tree: &'a Tree,
    names: &'a dyn Names,
    wanted: NodeId,
    /// How far the nodes of the pipeline at hand are from their places.
    shift: Shift,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn find_in_list(&mut self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| self.find_in_node(node))
    }

    fn find_in_node(&mut self, node: &Node) -> bool {
        let (id, pipe) = match node {
            Node::Text(id, _) | Node::Break(id) | Node::Continue(id) => (*id, None),
            Node::Action(id, pipe) => (*id, Some(&**pipe)),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => (branch.id, Some(&*branch.pipe)),
            Node::Template(id, call) => (*id, call.pipe.as_ref()),
        };
        if id == self.wanted {
            self.node(node);
            return true;
        }
        self.enter(node);
        if pipe.is_some_and(|pipe| self.find_in_pipe(pipe)) {
            return true;
        }
        match node {
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                self.find_in_list(&branch.body)
                    || branch.otherwise.as_ref().is_some_and(|nodes| self.find_in_list(nodes))
            }
            _ => false,
        }
    }

    /// Comes to the pipeline of an element.
    fn enter(&mut self, element: &Node) {
        self.shift = match element {
            Node::Action(id, pipe) => pipe.shift(*id),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => branch.pipe.shift(branch.id),
            Node::Template(id, call) => call.shift(*id),
            _ => Shift::default(),
        };
    }

    fn is_wanted(&self, id: NodeId) -> bool {
        id.shifted(self.shift) == self.wanted
    }

    fn find_in_pipe(&mut self, pipe: &Pipe) -> bool {
        if self.is_wanted(pipe.id) {
            self.pipe(pipe);
            return true;
        }
        pipe.commands().any(|command| self.find_in_command(command))
    }

    fn find_in_command(&mut self, command: &Command) -> bool {
        if self.is_wanted(command.id) {
            self.command(command);
            return true;
        }
        self.find_in_term(&command.first) || command.arguments.iter().any(|term| self.find_in_term(term))
    }

    fn find_in_term(&mut self, term: &Term) -> bool {
        if self.is_wanted(term.id()) {
            self.term(term);
            return true;
        }
        match term {
            Term::Pipe(pipe) => self.find_in_pipe(pipe),
            Term::Chain(_, chain) => self.find_in_term(&chain.term),
            _ => false,
        }
    }

    fn write(&mut self, text: impl AsRef<[u8]>) {
        self.out.extend_from_slice(text.as_ref());
    }

    fn list(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        self.enter(node);
        match node {
            Node::Text(_, piece) => self.write(self.tree.source.piece(*piece)),
            Node::Action(_, pipe) => {
                self.write("{{");
                self.pipe(pipe);
                self.write("}}");
            }
            Node::If(branch) => self.branch("{{if ", branch),
            Node::With(branch) => self.branch("{{with ", branch),
            Node::Range(branch) => self.branch("{{range ", branch),
            Node::Template(_, call) => self.template_call(call),
            Node::Break(_) => self.write("{{break}}"),
            Node::Continue(_) => self.write("{{continue}}"),
        }
    }

    fn branch(&mut self, opening: &str, branch: &Branch) {
        self.write(opening);
        self.pipe(&branch.pipe);
        self.write("}}");
        self.list(&branch.body);
        if let Some(nodes) = &branch.otherwise {
            self.write("{{else}}");
            self.list(nodes);
        }
        self.write("{{end}}");
    }

    fn template_call(&mut self, call: &TemplateCall) {
        self.write("{{template ");
        let name = &self.tree.source.string(call.name).value;
        if let Value::String(name) = name {
            quote::append_quoted(&mut self.out, name, Plain::Printable);
        }
        if let Some(pipe) = &call.pipe {
            self.write(" ");
            self.pipe(pipe);
        }
        self.write("}}");
    }

    fn pipe(&mut self, pipe: &Pipe) {
        for (index, variable) in pipe.variables().iter().enumerate() {
            if index > 0 {
                self.write(", ");
            }
            self.variable_name(variable.name.0);
        }
        if !pipe.variables().is_empty() {
            self.write(if pipe.is_assignment() { " = " } else { " := " });
        }
        for (index, command) in pipe.commands().enumerate() {
            if index > 0 {
                self.write(" | ");
            }
            self.command(command);
        }
    }

    fn variable_name(&mut self, number: u32) {
        if let Some(name) = self.tree.variables.get(number as usize) {
            self.out.extend_from_slice(name);
        }
    }

    fn command(&mut self, command: &Command) {
        self.argument(&command.first);
        for term in &command.arguments {
            self.write(" ");
            self.argument(term);
        }
    }

    /// Writes a term, a pipeline in parentheses.
    fn argument(&mut self, term: &Term) {
        let is_pipe = matches!(term, Term::Pipe(_));
        if is_pipe {
            self.write("(");
        }
        self.term(term);
        if is_pipe {
            self.write(")");
        }
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Pipe(pipe) => self.pipe(pipe),
            Term::Dot(_) => self.write("."),
            Term::Nil(_) => self.write("nil"),
            Term::Bool(_, flag) => self.write(flag.to_string()),
            Term::String(id, string) => {
                self.source_text(*id, self.tree.source.string(*string).length);
            }
            Term::Number(_, number) => {
                let number = &self.tree.source.number(*number).number;
                self.write(number.text.as_bytes());
            }
            Term::Field(_, path) => self.fields(*path),
            Term::Variable(_, variable) => {
                let variable = self.tree.source.variable(*variable);
                self.variable_name(variable.name.0);
                self.fields(variable.path);
            }
            Term::Function(_, callee) => self.write(self.names.function(*callee)),
            Term::Chain(_, chain) => {
                self.argument(&chain.term);
                self.fields(chain.path);
            }
        }
    }

    /// Writes what stands at a node in the source.
    fn source_text(&mut self, id: NodeId, length: u32) {
        let start = id.shifted(self.shift).position();
        self.write(self.tree.source.piece(Piece { start, end: start + length }));
    }

    fn fields(&mut self, path: PathId) {
        for field in self.tree.source.path(path) {
            self.write(".");
            self.write(&field.name);
        }
    }
}
