//! Pipelines: declarations, commands, terms.

use crate::ast::{
    Chain, Command, Declaration, Declared, Level, NameId, NodeId, Number, PathId, Pipe, Term, Variable,
};
use crate::lex::{Kind, Token};
use crate::parse::{Failure, Parsed, Parser, last_use};

/// Deepest nesting of parentheses (Go's `maxStackDepth`).
const MAX_PAREN_DEPTH: u32 = 10_000;

/// Context of a pipeline in parentheses in error texts.
const PARENTHESIZED: &str = "parenthesized pipeline";

impl Parser<'_, '_> {
    /// Parses a pipeline up to the token that ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let id = NodeId::new(Level::Pipe, self.peek().start);
        let (names, is_assignment) = self.declarations(context)?;
        let start = self.open.commands.len();
        loop {
            let token = self.next();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.backup();
                    let command = self.command()?;
                    self.open.commands.push(command);
                }
                _ => return Err(self.unexpected(token, context)),
            }
        }
        let commands = self.open.commands.get_mut(start..).unwrap_or_default();
        check_commands(commands, context)?;
        // A range may have nothing to assign; what stands in parentheses may be evaluated while the rest waits.
        if let [name] = *names
            && is_assignment
            && context != "range"
            && context != PARENTHESIZED
        {
            last_use::mark(commands, &mut self.draft.variables, name);
        }
        let declaration = self.declare(names, is_assignment, context);
        let mut commands = self.open.commands.drain(start..);
        let first = commands.next().ok_or_else(|| missing_value(context))?;
        Ok(Pipe { id, declaration, first, rest: commands.collect() })
    }

    /// Parses what stands before `:=` or `=`.
    fn declarations(&mut self, context: &str) -> Parsed<(Vec<NameId>, bool)> {
        let mut names = Vec::new();
        while self.peek().kind == Kind::Variable {
            let variable = self.next();
            let next = self.peek();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next();
                    names.push(self.declared_name(variable));
                    return Ok((names, next.kind == Kind::Assign));
                }
                Kind::Char if self.text(next) == b"," => {
                    self.next();
                    names.push(self.declared_name(variable));
                    if context != "range" || names.len() >= 2 {
                        return Err(Failure::new(format!("too many declarations in {context}")));
                    }
                    if !matches!(self.peek().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                        return Err(Failure::new("range can only initialize variables"));
                    }
                }
                _ => {
                    self.tokens[1] = variable;
                    self.peeked = 2;
                    break;
                }
            }
        }
        Ok((names, false))
    }

    fn declared_name(&mut self, variable: Token) -> NameId {
        let name = self.scope.name(self.text(variable));
        self.scope.declare(name);
        name
    }

    /// Makes the variables of a pipeline exist, or finds those it assigns to, now that its commands are known.
    fn declare(
        &mut self,
        names: Vec<NameId>,
        is_assignment: bool,
        context: &str,
    ) -> Option<Box<Declaration>> {
        if names.is_empty() {
            return None;
        }
        self.scope.is_dynamic |= context == PARENTHESIZED;
        self.scope.action.is_special |= is_assignment || context == PARENTHESIZED;
        let declared = |name| {
            if !is_assignment {
                self.scope.make_exist(name);
            }
            let slot = self.scope.slot(name);
            self.scope.action.declared.push((name, slot));
            Declared { name, slot }
        };
        let variables = names.into_iter().map(declared).collect();
        Some(Box::new(Declaration { is_assignment, variables }))
    }

    fn command(&mut self) -> Parsed<Command> {
        let id = NodeId::new(Level::Command, self.peek().start);
        let start = self.open.terms.len();
        loop {
            if let Some(term) = self.operand()? {
                self.open.terms.push(term);
            }
            let token = self.next();
            if token.is_spaced {
                // Behind the space another term may follow.
                self.tokens[self.peeked & 1].is_spaced = false;
                self.backup();
                continue;
            }
            match token.kind {
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return Err(self.unexpected(token, "operand")),
            }
            break;
        }
        let mut terms = self.open.terms.drain(start..);
        match terms.next() {
            Some(first) => Ok(Command { id, first, arguments: terms.collect() }),
            None => Err(Failure::new("empty command")),
        }
    }

    /// Parses a term and the fields behind it; nothing if the next token is no term.
    fn operand(&mut self) -> Parsed<Option<Term>> {
        let token = self.next();
        if token.kind == Kind::Field {
            return Ok(Some(self.field_path(token)));
        }
        let Some(term) = self.term(token)? else { return Ok(None) };
        let next = self.peek();
        if next.kind != Kind::Field || next.is_spaced {
            return Ok(Some(term));
        }
        self.next();
        let (path, end) = self.fields(next);
        let id = NodeId::new(Level::Term, next.start);
        Ok(Some(match term {
            Term::Variable(_, variable) => {
                if let Some(variable) = self.draft.variables.get_mut(variable.0 as usize) {
                    variable.path = path;
                }
                Term::Variable(id, variable)
            }
            Term::Bool(..) | Term::String(..) | Term::Number(..) | Term::Nil(_) | Term::Dot(_) => {
                let text = value::gofmt::quoted(self.text(token));
                let message = format!("unexpected . after term {text}");
                // Go has read one token more, which may be the space behind the fields.
                let position = if self.tokens[0].is_spaced { end } else { self.tokens[0].start };
                return Err(Failure { message, position: Some(position) });
            }
            term => Term::Chain(id, Box::new(Chain { term, path })),
        }))
    }

    /// Reads on from the first name of `.a.b.c`.
    fn field_path(&mut self, first: Token) -> Term {
        let (path, end) = self.fields(first);
        // Go has the place of the second name if there is one.
        let place = if end > first.end { first.end } else { first.start };
        Term::Field(NodeId::new(Level::Term, place), path)
    }

    /// Reads on from the first of some field names that stand together; returns also where they end.
    fn fields(&mut self, first: Token) -> (PathId, u32) {
        let mut end = first.end;
        loop {
            let next = self.peek();
            if next.kind != Kind::Field || next.is_spaced {
                break;
            }
            end = self.next().end;
        }
        let path = self.text(Token { end, ..first });
        (self.draft.path(path), end)
    }

    fn term(&mut self, token: Token) -> Parsed<Option<Term>> {
        Ok(Some(match token.kind {
            Kind::Identifier => {
                let Some(callee) = self.functions.find(self.text(token)) else {
                    let name = value::gofmt::quoted(self.text(token));
                    return Err(Failure::new(format!("function {name} not defined")));
                };
                Term::Function(NodeId::new(Level::Term, token.start), callee)
            }
            Kind::Dot => Term::Dot(NodeId::new(Level::Term, token.start)),
            Kind::Nil => Term::Nil(NodeId::new(Level::Term, token.start)),
            Kind::Variable => self.variable(token)?,
            Kind::Bool => Term::Bool(NodeId::new(Level::Term, token.start), self.text(token) == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let number = Number::parse(self.text(token), token.kind).map_err(Failure::new)?;
                Term::Number(NodeId::new(Level::Term, token.start), self.draft.number(number))
            }
            Kind::LeftParen => {
                if self.scope.paren_depth >= MAX_PAREN_DEPTH {
                    return Err(Failure::new("max expression depth exceeded"));
                }
                self.scope.paren_depth += 1;
                let pipe = self.pipeline(PARENTHESIZED, Kind::RightParen)?;
                self.scope.paren_depth -= 1;
                Term::Pipe(Box::new(pipe))
            }
            Kind::String | Kind::RawString => {
                let text = self.unquote(token)?;
                Term::String(NodeId::new(Level::Term, token.start), self.string(token, text))
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        }))
    }

    fn variable(&mut self, token: Token) -> Parsed<Term> {
        let name = self.scope.name(self.text(token));
        if !self.scope.is_declared(name) {
            let name = value::gofmt::quoted(self.text(token));
            return Err(Failure::new(format!("undefined variable {name}")));
        }
        let slot = self.scope.slot(name);
        self.scope.action.read.push((name, slot));
        let variable = Variable { name, slot, path: PathId::EMPTY, is_last_use: false };
        Ok(Term::Variable(NodeId::new(Level::Term, token.start), self.draft.variable(variable)))
    }
}

fn missing_value(context: &str) -> Failure {
    Failure::new(format!("missing value for {context}"))
}

/// Rejects empty pipelines, and constants behind the first `|`.
fn check_commands(commands: &[Command], context: &str) -> Parsed<()> {
    if commands.is_empty() {
        return Err(missing_value(context));
    }
    let constant = commands.iter().skip(1).position(|command| {
        matches!(
            command.first,
            Term::Bool(..) | Term::Dot(_) | Term::Nil(_) | Term::Number(..) | Term::String(..)
        )
    });
    match constant {
        Some(index) => Err(Failure::new(format!("non executable command in pipeline stage {}", index + 2))),
        None => Ok(()),
    }
}
