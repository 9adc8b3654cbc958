//! Evaluating pipelines, commands and variables.

use value::Value;

use crate::State;
use crate::ast::{
    Command, Declaration, Declared, NameId, NodeId, NumberLiteral, PathId, Pipe, Slot, Source, Term,
};
use crate::execute::{Executed, Reflected, Thrown, throw};
use crate::state::Variable;

impl State<'_> {
    /// Evaluates a pipeline and declares or assigns its variables, which stay until the caller forgets them.
    ///
    /// The result has lost the knowledge of interfaces: nil is no value.
    pub(crate) fn eval_pipeline(&mut self, dot: &Reflected, pipe: &Pipe) -> Executed<Value> {
        self.node = pipe.id;
        let mut value = self.eval_command(dot, &pipe.first, &mut None)?;
        for command in &pipe.rest {
            value = self.eval_command(dot, command, &mut Some(value))?;
        }
        if let Some(declaration) = &pipe.declaration {
            self.declare(declaration, &value)?;
        }
        Ok(value)
    }

    fn declare(&mut self, declaration: &Declaration, value: &Value) -> Executed<()> {
        for variable in &declaration.variables {
            let value = Reflected::concrete(value.clone());
            if declaration.is_assignment {
                self.assign(variable, value)?;
            } else {
                self.variables.push(Variable { name: variable.name, value });
            }
        }
        Ok(())
    }

    pub(crate) fn eval_command(
        &mut self,
        dot: &Reflected,
        command: &Command,
        last: &mut Option<Value>,
    ) -> Executed<Value> {
        let arguments = &*command.arguments;
        match &command.first {
            Term::Field(id, path) => {
                self.node = *id;
                let source = self.source.clone();
                Ok(self.eval_fields(dot, dot, *id, source.path(*path), arguments, last)?.value)
            }
            Term::Function(id, callee) => self.eval_function(dot, *id, *callee, command.id, arguments, last),
            Term::Variable(id, variable) => {
                self.node = *id;
                let variable = self.source.variable(*variable);
                if variable.path == PathId::EMPTY {
                    let value = self.variable(variable.slot, variable.name)?.value.clone();
                    not_a_function(&command.first, arguments, last)?;
                    return Ok(value);
                }
                if arguments.is_empty() && last.is_none() {
                    let start = &self.variable(variable.slot, variable.name)?.value;
                    if let Some(found) = self.at_path(start, self.source.path(variable.path)) {
                        return Ok(found.value);
                    }
                }
                let value = self.variable(variable.slot, variable.name)?.clone();
                let source = self.source.clone();
                let path = source.path(variable.path);
                Ok(self.eval_fields(dot, &value, *id, path, arguments, last)?.value)
            }
            Term::Pipe(pipe) => {
                not_a_function(&command.first, arguments, last)?;
                self.eval_pipeline(dot, pipe)
            }
            Term::Chain(id, chain) => {
                self.node = *id;
                let value = self.eval_any(dot, &chain.term)?;
                let source = self.source.clone();
                Ok(self.eval_fields(dot, &value, *id, source.path(chain.path), arguments, last)?.value)
            }
            constant => {
                self.node = constant.id();
                not_a_function(constant, arguments, last)?;
                match constant {
                    Term::Nil(_) => throw("nil is not a command"),
                    Term::Dot(_) => Ok(dot.value.clone()),
                    constant => constant_value(&self.source, constant),
                }
            }
        }
    }

    /// Returns a variable of the running template.
    #[inline]
    pub(crate) fn variable(&self, slot: Slot, name: NameId) -> Executed<&Reflected> {
        if let Some(place) = self.place(slot, name)
            && let Some(variable) = self.variables.get(place)
        {
            return Ok(&variable.value);
        }
        undefined(name)
    }

    pub(crate) fn assign(&mut self, variable: &Declared, value: Reflected) -> Executed<()> {
        let place = self.place(variable.slot, variable.name);
        match place.and_then(|place| self.variables.get_mut(place)) {
            Some(place) => {
                place.value = value;
                Ok(())
            }
            None => undefined(variable.name),
        }
    }

    #[inline]
    pub(crate) fn place(&self, slot: Slot, name: NameId) -> Option<usize> {
        if self.is_dynamic {
            let frame = self.variables.get(self.frame..)?;
            return frame.iter().rposition(|variable| variable.name == name).map(|at| self.frame + at);
        }
        (slot != Slot::UNDEFINED).then(|| self.frame + slot.0 as usize)
    }
}

#[cold]
fn undefined<T>(name: NameId) -> Executed<T> {
    Err(Box::new(Thrown::UndefinedVariable(name)))
}

fn not_a_function(first: &Term, arguments: &[Term], last: &Option<Value>) -> Executed<()> {
    if arguments.is_empty() && last.is_none() {
        return Ok(());
    }
    about_node("can't give argument to non-function ", first.id(), String::new())
}

/// Makes an error that has the text of a node in it.
#[cold]
pub(crate) fn about_node<T>(before: &'static str, node: NodeId, after: String) -> Executed<T> {
    Err(Box::new(Thrown::AboutNode { before, node, after }))
}

/// Returns the value of a constant whose type its syntax alone decides.
pub(crate) fn constant_value(source: &Source, term: &Term) -> Executed<Value> {
    match term {
        Term::Bool(_, flag) => Ok(Value::Bool(*flag)),
        Term::String(_, string) => Ok(source.string(*string).value.clone()),
        Term::Number(_, number) => match source.number(*number) {
            NumberLiteral { ideal: Some(value), .. } => Ok(value.clone()),
            NumberLiteral { number, .. } => throw(format!("{} overflows int", number.text)),
        },
        other => about_node("can't evaluate command ", other.id(), String::new()),
    }
}
