//! Looking at values where they are: for printing and conditions, nothing is taken out of its map.
//!
//! Everything here is a shorter way to what `pipeline` and `field` do, for the commonest forms. Where a form or a
//! value is out of the ordinary the answer is `None`, nothing has happened, and the long way is taken.

use value::{Type, Value};

use crate::ast::{Builtin, Callee, Command, FieldName, Pipe, Term};
use crate::execute::{Executed, Reflected, argument, walk};
use crate::{CallError, State, TemplateSet, compare};

/// Calls a function with the value at the end of a path through plain maps.
fn at_path<R>(
    set: &TemplateSet,
    value: &Value,
    path: &[FieldName],
    look: impl FnOnce(&Value) -> R,
) -> Option<R> {
    let Some((field, rest)) = path.split_first() else { return Some(look(value)) };
    let Value::Map(map) = value else { return None };
    match map.map_type() {
        Type::AnyMap => {}
        // Methods come before keys.
        Type::Values if set.method(Type::Values, &field.name).is_none() => {}
        _ => return None,
    }
    at_path(set, map.borrow().get_hinted(&field.name, &field.hint)?, rest, look)
}

/// Returns the command of a pipeline that is nothing but a term.
fn only_term(pipe: &Pipe) -> Option<&Term> {
    let is_only = pipe.rest.is_empty() && pipe.first.arguments.is_empty() && pipe.declaration.is_none();
    is_only.then_some(&pipe.first.first)
}

/// Where a value is: what a path starts at, and the path.
type Place<'v> = (&'v Value, &'v [FieldName]);

impl State<'_> {
    /// Returns where the value of a term is, for terms that only name one.
    #[inline]
    fn place_of<'v>(&'v self, dot: &'v Reflected, term: &Term) -> Option<Place<'v>> {
        match term {
            Term::Field(_, path) => Some((&dot.value, self.source.path(*path))),
            Term::Variable(_, variable) => {
                let variable = self.source.variable(*variable);
                let start = self.place(variable.slot, variable.name)?;
                Some((&self.variables.get(start)?.value.value, self.source.path(variable.path)))
            }
            Term::Dot(_) => Some((&dot.value, &[])),
            Term::String(_, string) => Some((&self.source.string(*string).value, &[])),
            Term::Number(_, number) => Some((self.source.number(*number).ideal.as_ref()?, &[])),
            _ => None,
        }
    }

    /// Prints what a pipeline evaluates to, if it is a path through plain maps to something printable.
    #[inline]
    pub(crate) fn print_in_place(&mut self, dot: &Reflected, pipe: &Pipe) -> Option<()> {
        let mut out = std::mem::take(&mut self.out);
        let printed = only_term(pipe)
            .and_then(|term| self.place_of(dot, term))
            .and_then(|(start, path)| at_path(self.set, start, path, |value| walk::print(value, &mut out)));
        self.out = out;
        printed
    }

    /// Puts the value of a term on the argument stack, if it is of the parameter's type as it is.
    #[inline]
    pub(crate) fn argument_in_place(&mut self, dot: &Reflected, parameter: Type, term: &Term) -> Option<()> {
        let mut arguments = std::mem::take(&mut self.arguments);
        let pushed = self.place_of(dot, term).and_then(|(start, path)| {
            at_path(self.set, start, path, |value| {
                let fits = argument::is_plainly_of(value, parameter);
                fits.then(|| arguments.push(value.clone()))
            })
        });
        self.arguments = arguments;
        pushed.flatten()
    }

    /// Compares the values of two terms.
    #[inline]
    pub(crate) fn compare_in_place(
        &self,
        dot: &Reflected,
        comparison: Builtin,
        left: &Term,
        right: &Term,
    ) -> Option<Result<bool, CallError>> {
        let (left_start, left_path) = self.place_of(dot, left)?;
        let (right_start, right_path) = self.place_of(dot, right)?;
        at_path(self.set, left_start, left_path, |left| {
            at_path(self.set, right_start, right_path, |right| compare::compare(comparison, left, right))
        })
        .flatten()
    }

    /// Returns whether a pipeline evaluates to something true.
    pub(crate) fn condition(&mut self, dot: &Reflected, pipe: &Pipe) -> Executed<bool> {
        if pipe.rest.is_empty() && pipe.declaration.is_none() {
            self.node = pipe.id;
            return self.command_is_true(dot, &pipe.first);
        }
        Ok(self.eval_pipeline(dot, pipe)?.is_true())
    }

    fn command_is_true(&mut self, dot: &Reflected, command: &Command) -> Executed<bool> {
        match (&command.first, &*command.arguments) {
            (Term::Pipe(pipe), []) => return self.condition(dot, pipe),
            (Term::Function(id, Callee::Builtin(Builtin::Not)), [term]) => {
                self.node = *id;
                return Ok(!self.term_is_true(dot, term)?);
            }
            (Term::Function(id, Callee::Builtin(builtin @ (Builtin::And | Builtin::Or))), [_, ..]) => {
                self.node = *id;
                let decides = *builtin == Builtin::Or;
                for term in &command.arguments {
                    if self.term_is_true(dot, term)? == decides {
                        return Ok(decides);
                    }
                }
                return Ok(!decides);
            }
            (Term::Function(_, Callee::Builtin(builtin)), [left, right]) if builtin.is_comparison() => {
                return self.compare_terms(dot, *builtin, command.id, left, right);
            }
            (term, []) => {
                if let Some(truth) = self.truth_in_place(dot, term) {
                    self.node = term.id();
                    return Ok(truth);
                }
            }
            _ => {}
        }
        Ok(self.eval_command(dot, command, &mut None)?.is_true())
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
        let (start, path) = self.place_of(dot, term)?;
        at_path(self.set, start, path, Value::is_true)
    }

    /// Returns the value at the end of a path through plain maps.
    #[inline]
    pub(crate) fn at_path(&self, start: &Value, path: &[FieldName]) -> Option<Reflected> {
        at_path(self.set, start, path, |value| Reflected { value: value.clone(), is_interface: true })
    }
}
