//! Finds the one place where an assignment reads the variable that it replaces.

use crate::ast::{Builtin, Callee, Command, NameId, PathId, Pipe, Term, Variable, VariableId};

/// Marks the argument that is the only use of a variable in the pipeline assigned to it, if there is one.
pub(super) fn mark(commands: &[Command], variables: &mut [Variable], name: NameId) {
    let uses: usize = commands.iter().map(|command| uses_in_command(command, variables, name)).sum();
    if uses != 1 {
        return;
    }
    let calls = commands.iter().filter(|command| is_call(&command.first));
    for term in calls.flat_map(|command| &command.arguments) {
        if let Term::Variable(_, VariableId(number)) = term
            && let Some(variable) = variables.get_mut(*number as usize)
            && variable.name == name
            && variable.path == PathId::EMPTY
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

fn uses_in_command(command: &Command, variables: &[Variable], name: NameId) -> usize {
    let arguments = command.arguments.iter().map(|term| uses_in_term(term, variables, name));
    uses_in_term(&command.first, variables, name) + arguments.sum::<usize>()
}

fn uses_in_pipe(pipe: &Pipe, variables: &[Variable], name: NameId) -> usize {
    let assigned = pipe.variables().iter().filter(|declared| declared.name == name).count();
    assigned + pipe.commands().map(|command| uses_in_command(command, variables, name)).sum::<usize>()
}

fn uses_in_term(term: &Term, variables: &[Variable], name: NameId) -> usize {
    match term {
        Term::Variable(_, VariableId(number)) => {
            usize::from(variables.get(*number as usize).is_some_and(|variable| variable.name == name))
        }
        Term::Pipe(pipe) => uses_in_pipe(pipe, variables, name),
        Term::Chain(_, chain) => uses_in_term(&chain.term, variables, name),
        _ => 0,
    }
}
