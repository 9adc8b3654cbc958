//! Pipelines: declarations, commands, terms.

use value::{KeyHint, Str, Value};

use crate::ast::{Chain, Command, Declared, FieldName, NameId, Number, Pipe, StringLiteral, Term, Variable};
use crate::lex::{Kind, Token};
use crate::parse::{Failure, Parsed, Parser, last_use, take_from, unquote};

/// Deepest nesting of parentheses (Go's `maxStackDepth`).
const MAX_PAREN_DEPTH: u32 = 10_000;

/// Context of a pipeline in parentheses in error texts.
const PARENTHESIZED: &str = "parenthesized pipeline";

impl<'a> Parser<'a> {
    /// Parses a pipeline up to the token that ends it.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let position = self.peek_non_space().position;
        let id = self.node(position);
        let (names, is_assignment) = self.declarations(context)?;
        let start = self.open.commands.len();
        loop {
            let token = self.next_non_space();
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
        let mut commands = take_from(&mut self.open.commands, start);
        check_commands(&commands, context)?;
        // A range may have nothing to assign; what stands in parentheses may be evaluated while the rest waits.
        if let [name] = *names
            && is_assignment
            && context != "range"
            && context != PARENTHESIZED
        {
            last_use::mark(&mut commands, name);
        }
        let variables = self.declare(names, is_assignment, context);
        Ok(Pipe { id, is_assignment, variables, commands })
    }

    /// Parses what stands before `:=` or `=`.
    fn declarations(&mut self, context: &str) -> Parsed<(Vec<NameId>, bool)> {
        let mut names = Vec::new();
        while self.peek_non_space().kind == Kind::Variable {
            let variable = self.next_non_space();
            // Whether this is a declaration shows only behind the space, which is a token too.
            let after = self.peek();
            let next = self.peek_non_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next_non_space();
                    names.push(self.declared_name(variable));
                    return Ok((names, next.kind == Kind::Assign));
                }
                Kind::Char if next.text == b"," => {
                    self.next_non_space();
                    names.push(self.declared_name(variable));
                    if context != "range" || names.len() >= 2 {
                        return Err(Failure::new(format!("too many declarations in {context}")));
                    }
                    if !matches!(
                        self.peek_non_space().kind,
                        Kind::Variable | Kind::RightDelim | Kind::RightParen
                    ) {
                        return Err(Failure::new("range can only initialize variables"));
                    }
                }
                _ if after.kind == Kind::Space => {
                    self.tokens[1] = after;
                    self.tokens[2] = variable;
                    self.peeked = 3;
                    break;
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

    fn declared_name(&mut self, variable: Token<'a>) -> NameId {
        let name = self.scope.name(variable.text);
        self.scope.declare(name);
        name
    }

    /// Makes the variables of a pipeline exist, or finds those it assigns to, now that its commands are known.
    fn declare(&mut self, names: Vec<NameId>, is_assignment: bool, context: &str) -> Box<[Declared]> {
        if !names.is_empty() && context == PARENTHESIZED {
            self.scope.is_dynamic = true;
        }
        names
            .into_iter()
            .map(|name| {
                if !is_assignment {
                    self.scope.make_exist(name);
                }
                Declared { name, slot: self.scope.slot(name) }
            })
            .collect()
    }

    fn command(&mut self) -> Parsed<Command> {
        let position = self.peek_non_space().position;
        let id = self.node(position);
        let start = self.open.terms.len();
        loop {
            if let Some(term) = self.operand()? {
                self.open.terms.push(term);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
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
        let token = self.next_non_space();
        if token.kind == Kind::Field {
            return Ok(Some(self.field_path(token)));
        }
        let Some(term) = self.term(token)? else { return Ok(None) };
        let next = self.peek();
        if next.kind != Kind::Field {
            return Ok(Some(term));
        }
        let fields = self.fields();
        let id = self.node(next.position);
        Ok(Some(match term {
            Term::Variable(_, mut variable) => {
                variable.fields = fields;
                Term::Variable(id, variable)
            }
            Term::Bool(..) | Term::String(..) | Term::Number(..) | Term::Nil(_) | Term::Dot(_) => {
                let text = value::gofmt::quoted(&crate::node_text::of_literal(&term));
                return Err(Failure::new(format!("unexpected . after term {text}")));
            }
            term => Term::Chain(id, Box::new(Chain { term, fields })),
        }))
    }

    /// Reads on from the first name of `.a.b.c`.
    fn field_path(&mut self, first: Token<'a>) -> Term {
        let mut id = self.node(first.position);
        let next = self.peek();
        if next.kind != Kind::Field {
            return Term::Field(id, Box::new([field_name(first)]));
        }
        self.open.fields.push(field_name(first));
        let fields = self.fields();
        id = self.node(next.position);
        Term::Field(id, fields)
    }

    /// Takes the field names that stand here, and those that are open already.
    fn fields(&mut self) -> Box<[FieldName]> {
        while self.peek().kind == Kind::Field {
            let name = field_name(self.next());
            self.open.fields.push(name);
        }
        take_from(&mut self.open.fields, 0)
    }

    fn term(&mut self, token: Token<'a>) -> Parsed<Option<Term>> {
        Ok(Some(match token.kind {
            Kind::Identifier => {
                let Some(callee) = self.find_function(token.text) else {
                    let name = value::gofmt::quoted(token.text);
                    return Err(Failure::new(format!("function {name} not defined")));
                };
                Term::Function(self.node(token.position), callee)
            }
            Kind::Dot => Term::Dot(self.node(token.position)),
            Kind::Nil => Term::Nil(self.node(token.position)),
            Kind::Variable => self.variable(token)?,
            Kind::Bool => Term::Bool(self.node(token.position), token.text == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let number = Number::parse(token.text, token.kind).map_err(Failure::new)?;
                Term::Number(self.node(token.position), Box::new(number))
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
                let value = Value::String(unquote(token.text, &self.source.text)?);
                let literal = StringLiteral { quoted: self.source.text.part_of(token.text), value };
                Term::String(self.node(token.position), Box::new(literal))
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        }))
    }

    fn variable(&mut self, token: Token<'a>) -> Parsed<Term> {
        let name = self.scope.name(token.text);
        if !self.scope.is_declared(name) {
            let name = value::gofmt::quoted(token.text);
            return Err(Failure::new(format!("undefined variable {name}")));
        }
        let variable =
            Variable { name, slot: self.scope.slot(name), fields: Box::default(), is_last_use: false };
        Ok(Term::Variable(self.node(token.position), Box::new(variable)))
    }
}

/// Rejects empty pipelines, and constants behind the first `|`.
fn check_commands(commands: &[Command], context: &str) -> Parsed<()> {
    if commands.is_empty() {
        return Err(Failure::new(format!("missing value for {context}")));
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

/// Returns the name of a field token, without its dot.
fn field_name(token: Token<'_>) -> FieldName {
    let name = Str::from(token.text.get(1..).unwrap_or_default());
    FieldName { name, hint: KeyHint::default() }
}
