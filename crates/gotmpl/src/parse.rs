//! From tokens to trees: Go's `text/template/parse/parse.go`, its error texts included.

mod control;
mod last_use;
mod pipeline;
mod scope;

use std::collections::HashMap;
use std::rc::Rc;

use value::Str;
use value::gofmt::quote;

use crate::ParseError;
use crate::ast::{Builtin, Callee, Command, FieldName, Node, NodeId, Source, Term, Tree};
use crate::lex::{Keywords, Kind, Lexer, Token};
use crate::parse::scope::Scope;

/// Deepest nesting of `if`, `with`, `range` and `block`. Go has no limit and dies when its stack is full.
const MAX_CONTROL_DEPTH: u32 = 10_000;

/// Finds the number of a function in the set's table.
pub(crate) trait Functions {
    fn find(&self, name: &[u8]) -> Option<u32>;
}

/// Parses a text into its templates: the main one under `name`, and what it defines.
pub(crate) fn parse(name: &[u8], text: &Str, functions: &dyn Functions) -> Result<Vec<Rc<Tree>>, ParseError> {
    if u32::try_from(text.len()).is_err() {
        return Err(ParseError::new(name, 1, String::from("template text is larger than 4 GiB")));
    }
    let source = Rc::new(Source { name: Str::from(name), text: text.clone() });
    let keywords = Keywords {
        is_break: functions.find(b"break").is_none(),
        is_continue: functions.find(b"continue").is_none(),
    };
    let mut parser = Parser {
        lexer: Lexer::new(text, keywords),
        tokens: [Token { kind: Kind::Eof, position: 0, line: 0, text: b"" }; 3],
        peeked: 0,
        functions,
        source: &source,
        trees: Vec::new(),
        defined: HashMap::new(),
        scope: Scope::default(),
        control_depth: 0,
        open: Open::default(),
    };
    match parser.parse_text() {
        Ok(()) => Ok(parser.trees),
        Err(Failure { message, line }) => {
            Err(ParseError::new(name, line.unwrap_or(parser.tokens[0].line), message))
        }
    }
}

/// The message of a parse error; its line is that of the last token read unless it says otherwise.
struct Failure {
    message: String,
    line: Option<u32>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Failure { message: message.into(), line: None }
    }
}

type Parsed<T> = Result<T, Failure>;

/// What ends a list of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    End,
    Else,
}

impl End {
    fn text(self) -> &'static str {
        match self {
            End::End => "{{end}}",
            End::Else => "{{else}}",
        }
    }
}

/// What an action or a text turns out to be.
enum Item {
    Node(Node),
    End(End),
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// Up to three tokens of look-ahead; the first is the last one read.
    tokens: [Token<'a>; 3],
    peeked: usize,
    functions: &'a dyn Functions,
    source: &'a Rc<Source>,
    trees: Vec<Rc<Tree>>,
    /// Where in `trees` a name is.
    defined: HashMap<Str, usize>,
    /// What belongs to the tree being parsed.
    scope: Scope,
    control_depth: u32,
    open: Open,
}

/// The parts of lists that are not complete yet, those of inner lists last. A list is made when its length is known.
#[derive(Default)]
struct Open {
    nodes: Vec<Node>,
    commands: Vec<Command>,
    terms: Vec<Term>,
    fields: Vec<FieldName>,
}

/// Takes off the parts from a place on.
fn take_from<T>(parts: &mut Vec<T>, start: usize) -> Box<[T]> {
    parts.drain(start..).collect()
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Token<'a> {
        match self.peeked.checked_sub(1) {
            Some(left) => self.peeked = left,
            None => self.tokens[0] = self.lexer.next_token(),
        }
        self.tokens[self.peeked]
    }

    fn backup(&mut self) {
        self.peeked += 1;
    }

    fn peek(&mut self) -> Token<'a> {
        let token = self.next();
        self.backup();
        token
    }

    fn next_non_space(&mut self) -> Token<'a> {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token<'a> {
        let token = self.next_non_space();
        self.backup();
        token
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token<'a>> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(token, context)) }
    }

    fn unexpected(&self, token: Token<'a>, context: &str) -> Failure {
        if token.kind != Kind::Error {
            return Failure::new(format!("unexpected {} in {context}", describe(token)));
        }
        let message = &self.lexer.error;
        let started = self.scope.action_line;
        if started == 0 || started == token.line {
            return Failure::new(message.clone());
        }
        let name = &self.source.name;
        let joint = if message.ends_with(" action") { "" } else { " in action" };
        Failure::new(format!("{message}{joint} started at {name}:{started}"))
    }

    /// Parses the whole text: the main template, with definitions between its nodes.
    fn parse_text(&mut self) -> Parsed<()> {
        self.peek();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim {
                let delim = self.next();
                if self.next_non_space().kind == Kind::Define {
                    self.parse_definition()?;
                    continue;
                }
                self.tokens[1] = delim;
                self.peeked = 2;
            }
            match self.text_or_action()? {
                Item::Node(node) => self.open.nodes.push(node),
                Item::End(end) => return Err(Failure::new(format!("unexpected {}", end.text()))),
            }
        }
        let nodes = take_from(&mut self.open.nodes, 0);
        let name = self.source.name.clone();
        let scope = std::mem::take(&mut self.scope);
        self.add(name, nodes, scope)
    }

    /// Parses `{{define "name"}} … {{end}}`; the keyword is read.
    fn parse_definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::take(&mut self.scope);
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        let (nodes, end) = self.item_list()?;
        if end != End::End {
            return Err(Failure::new(format!("unexpected {} in {CONTEXT}", end.text())));
        }
        let scope = std::mem::replace(&mut self.scope, outer);
        self.add(name, nodes, scope)
    }

    fn template_name(&mut self, token: Token<'a>, context: &str) -> Parsed<Str> {
        match token.kind {
            Kind::String | Kind::RawString => unquote(token.text, &self.source.text),
            _ => Err(self.unexpected(token, context)),
        }
    }

    /// Adds a template, which may replace a blank one of its name or leave its place to another if it is blank.
    fn add(&mut self, name: Str, nodes: Box<[Node]>, scope: Scope) -> Parsed<()> {
        let is_blank = nodes.iter().all(is_blank);
        let defined = self.defined.get(&name).copied();
        if defined.and_then(|at| self.trees.get(at)).is_some_and(|tree| !tree.is_blank) {
            if is_blank {
                return Ok(());
            }
            let name = quote::quoted(&name);
            return Err(Failure::new(format!("template: multiple definition of template {name}")));
        }
        let tree = Rc::new(Tree {
            name: name.clone(),
            source: self.source.clone(),
            body: nodes,
            positions: scope.positions.into(),
            variables: scope.names.into(),
            is_dynamic: scope.is_dynamic,
            is_blank,
        });
        match defined.and_then(|at| self.trees.get_mut(at)) {
            Some(place) => *place = tree,
            None => {
                self.defined.insert(name, self.trees.len());
                self.trees.push(tree);
            }
        }
        Ok(())
    }

    /// Parses nodes up to an `end` or `else`.
    fn item_list(&mut self) -> Parsed<(Box<[Node]>, End)> {
        let start = self.open.nodes.len();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => self.open.nodes.push(node),
                Item::End(end) => return Ok((take_from(&mut self.open.nodes, start), end)),
            }
        }
        Err(Failure::new("unexpected EOF"))
    }

    fn text_or_action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(
                self.scope.node(token.position),
                self.source.text.part_of(token.text),
            ))),
            Kind::LeftDelim => {
                self.scope.action_line = token.line;
                let item = self.action()?;
                self.scope.action_line = 0;
                Ok(item)
            }
            _ => Err(self.unexpected(token, "input")),
        }
    }

    fn find_function(&self, name: &[u8]) -> Option<Callee> {
        match self.functions.find(name) {
            Some(number) => Some(Callee::Custom(number)),
            None => Builtin::of_name(name).map(Callee::Builtin),
        }
    }

    fn node(&mut self, position: u32) -> NodeId {
        self.scope.node(position)
    }
}

fn is_blank(node: &Node) -> bool {
    // Go trims what Unicode calls space.
    matches!(node, Node::Text(_, text) if std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty()))
}

/// Returns the text of a string token, which is part of the source if nothing in it is escaped.
fn unquote(literal: &[u8], source: &Str) -> Parsed<Str> {
    if let [first @ (b'"' | b'`'), inside @ .., _] = literal
        && !inside.contains(if *first == b'"' { &b'\\' } else { &b'\r' })
        && std::str::from_utf8(inside).is_ok()
    {
        return Ok(source.part_of(inside));
    }
    quote::unquote(literal).map(Str::from).ok_or_else(|| Failure::new("invalid syntax"))
}

/// Go's text of a token in error messages.
fn describe(token: Token<'_>) -> String {
    match token.kind {
        Kind::Eof => String::from("EOF"),
        Kind::Block
        | Kind::Break
        | Kind::Continue
        | Kind::Dot
        | Kind::Define
        | Kind::Else
        | Kind::End
        | Kind::If
        | Kind::Nil
        | Kind::Range
        | Kind::Template
        | Kind::With => format!("<{}>", value::go_lossy(token.text)),
        _ if token.text.len() > 10 => format!("{}...", quote::quoted(first_chars(token.text, 10))),
        _ => quote::quoted(token.text),
    }
}

/// Cuts a text after a number of characters, as a precision in Go's `%.10q` does.
fn first_chars(text: &[u8], count: usize) -> &[u8] {
    let mut end = 0;
    for _ in 0..count {
        end += quote::decode_char(text.get(end..).unwrap_or_default()).1;
    }
    text.get(..end).unwrap_or(text)
}
