//! Finds the one place where an assignment reads the variable that it replaces.

use crate::ast::{Builtin, Callee, Command, NameId, Pipe, Term, Variable};

/// Marks the argument that is the only use of a variable in the pipeline assigned to it, if there is one.
pub(super) fn mark(commands: &mut [Command], name: NameId) {
    let uses: usize = commands.iter().map(|command| uses_in_command(command, name)).sum();
    if uses != 1 {
        return;
    }
    let calls = commands.iter_mut().filter(|command| is_call(&command.first));
    for term in calls.flat_map(|command| command.arguments.iter_mut()) {
        if let Term::Variable(_, variable) = term
            && names(variable, name)
            && variable.fields.is_empty()
        {
            variable.is_last_use = true;
        }
    }
}

/// Returns whether a term is a function that evaluates all of its arguments.
fn is_call(term: &Term) -> bool {
    match term {
        Term::Function(_, Callee::Builtin(Builtin::And | Builtin::Or)) => false,
        Term::Function(..) => true,
        _ => false,
    }
}

fn names(variable: &Variable, name: NameId) -> bool {
    variable.name == name
}

fn uses_in_command(command: &Command, name: NameId) -> usize {
    let arguments = command.arguments.iter().map(|term| uses_in_term(term, name));
    uses_in_term(&command.first, name) + arguments.sum::<usize>()
}

fn uses_in_pipe(pipe: &Pipe, name: NameId) -> usize {
    let assigned = pipe.variables.iter().filter(|declared| declared.name == name).count();
    assigned + pipe.commands.iter().map(|command| uses_in_command(command, name)).sum::<usize>()
}

fn uses_in_term(term: &Term, name: NameId) -> usize {
    match term {
        Term::Variable(_, variable) => usize::from(names(variable, name)),
        Term::Pipe(pipe) => uses_in_pipe(pipe, name),
        Term::Chain(_, chain) => uses_in_term(&chain.term, name),
        _ => 0,
    }
}
