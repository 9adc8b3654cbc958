//! Looking at values where they are: for printing and conditions, nothing is taken out of its map.
//!
//! Everything here is a shorter way to what `pipeline` and `field` do, for the commonest forms. Where a form or a
//! value is out of the ordinary the answer is `None`, nothing has happened, and the long way is taken.

use value::{Type, Value};

use crate::State;
use crate::ast::{Builtin, Callee, Command, FieldName, Pipe, Term};
use crate::execute::{Executed, Reflected};

/// Calls a function with the value at the end of a path through plain maps.
fn at_path<R>(value: &Value, path: &[FieldName], look: impl FnOnce(&Value) -> R) -> Option<R> {
    let Some((field, rest)) = path.split_first() else { return Some(look(value)) };
    let Value::Map(map) = value else { return None };
    if map.map_type() != Type::AnyMap {
        return None;
    }
    at_path(map.borrow().get_hinted(&field.name, &field.hint)?, rest, look)
}

/// Returns the command of a pipeline that is nothing but a term.
fn only_term(pipe: &Pipe) -> Option<&Term> {
    match (&*pipe.commands, &*pipe.variables) {
        ([Command { first, arguments, .. }], []) if arguments.is_empty() => Some(first),
        _ => None,
    }
}

impl State<'_> {
    /// Prints what a pipeline evaluates to, if it is a path through plain maps to something printable.
    #[inline]
    pub(crate) fn print_in_place(&mut self, dot: &Reflected, pipe: &Pipe) -> Option<()> {
        let (start, path) = match only_term(pipe)? {
            Term::Field(_, path) => (&dot.value, &**path),
            Term::Variable(_, variable) => {
                let start = self.place(variable.slot, variable.name)?;
                (&self.variables.get(start)?.value.value, &*variable.fields)
            }
            Term::Dot(_) => (&dot.value, &[][..]),
            _ => return None,
        };
        let out = &mut self.out;
        at_path(start, path, |value| super::walk::print(value, out))
    }

    /// Returns whether a pipeline evaluates to something true.
    pub(crate) fn condition(&mut self, dot: &Reflected, pipe: &Pipe) -> Executed<bool> {
        if let ([command], []) = (&*pipe.commands, &*pipe.variables) {
            self.node = pipe.id;
            return self.command_is_true(dot, command);
        }
        Ok(self.eval_pipeline(dot, pipe)?.is_true())
    }

    fn command_is_true(&mut self, dot: &Reflected, command: &Command) -> Executed<bool> {
        match (&command.first, &*command.arguments) {
            (term @ (Term::Field(..) | Term::Variable(..) | Term::Dot(_)), []) => {
                match self.truth_in_place(dot, term) {
                    Some(truth) => {
                        self.node = term.id();
                        Ok(truth)
                    }
                    None => Ok(self.eval_command(dot, command, None)?.is_true()),
                }
            }
            (Term::Pipe(pipe), []) => self.condition(dot, pipe),
            (Term::Function(id, Callee::Builtin(Builtin::Not)), [term]) => {
                self.node = *id;
                Ok(!self.term_is_true(dot, term)?)
            }
            (Term::Function(id, Callee::Builtin(builtin @ (Builtin::And | Builtin::Or))), [_, ..]) => {
                self.node = *id;
                let decides = *builtin == Builtin::Or;
                for term in &command.arguments {
                    if self.term_is_true(dot, term)? == decides {
                        return Ok(decides);
                    }
                }
                Ok(!decides)
            }
            _ => Ok(self.eval_command(dot, command, None)?.is_true()),
        }
    }

    fn term_is_true(&mut self, dot: &Reflected, term: &Term) -> Executed<bool> {
        self.node = term.id();
        if let Some(truth) = self.truth_in_place(dot, term) {
            return Ok(truth);
        }
        match term {
            Term::Pipe(pipe) => self.condition(dot, pipe),
            term => Ok(self.eval_any(dot, term)?.value.is_true()),
        }
    }

    #[inline]
    fn truth_in_place(&self, dot: &Reflected, term: &Term) -> Option<bool> {
        let (start, path) = match term {
            Term::Field(_, path) => (&dot.value, &**path),
            Term::Variable(_, variable) => {
                let start = self.place(variable.slot, variable.name)?;
                (&self.variables.get(start)?.value.value, &*variable.fields)
            }
            Term::Dot(_) => (&dot.value, &[][..]),
            _ => return None,
        };
        at_path(start, path, Value::is_true)
    }

    /// Returns the value at the end of a path through plain maps.
    #[inline]
    pub(crate) fn at_path(start: &Value, path: &[FieldName]) -> Option<Reflected> {
        at_path(start, path, |value| Reflected { value: value.clone(), is_interface: true })
    }
}
