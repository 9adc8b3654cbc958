//! From tokens to trees: Go's `text/template/parse/parse.go`, its error texts included.

mod control;
mod draft;
mod last_use;
mod pipeline;
mod recalled;
mod remembered;
mod scope;
mod together;

use std::borrow::Cow;
use std::collections::HashMap;

use value::gofmt::quote;

use crate::ParseError;
use crate::ast::{Command, Level, Node, NodeId, Piece, StringId, Term};
use crate::callees::Callees;
use crate::lex::{Keywords, Kind, Lexer, Token};
use crate::parse::draft::DraftTree;
use crate::parse::scope::Scope;

pub(crate) use crate::parse::draft::Draft;
pub use crate::parse::together::SHARED_BYTES;
pub(crate) use crate::parse::together::{STACK_BYTES, Unparsed, parse_all};

/// Deepest nesting of `if`, `with`, `range` and `block`. Go has no limit and dies when its stack is full.
const MAX_CONTROL_DEPTH: u32 = 10_000;

/// Parses a text into its templates, the main one and what it defines, which are added to a draft with the text's number.
/// A text that has no name yet may define any.
pub(crate) fn parse<'a>(
    number: usize,
    name: Option<&'a [u8]>,
    text: &'a [u8],
    functions: &Callees,
    draft: &mut Draft<'a>,
) -> Result<(), ParseError> {
    if text.len() > NodeId::MAX_TEXT_BYTES {
        let name = name.unwrap_or_default();
        return Err(ParseError::new(name, 1, String::from("template text is larger than 1 GiB")));
    }
    let keywords = Keywords {
        is_break: functions.find(b"break").is_none(),
        is_continue: functions.find(b"continue").is_none(),
    };
    let mut parser = Parser {
        lexer: Lexer::new(text, keywords),
        tokens: [Token { kind: Kind::Eof, is_spaced: false, start: 0, end: 0 }; 2],
        peeked: 0,
        functions,
        name,
        input: text,
        is_utf8: None,
        draft,
        trees: Vec::new(),
        main: None,
        defined: HashMap::new(),
        scope: Scope::default(),
        control_depth: 0,
        open: Open::default(),
    };
    match parser.parse_text() {
        Ok(()) => {
            let trees = parser.trees;
            draft.add(number, trees);
            Ok(())
        }
        Err(Failure { message, position }) => {
            let position = position.unwrap_or(parser.tokens[0].start);
            Err(ParseError::new(name.unwrap_or_default(), parser.line_at(position), message))
        }
    }
}

/// The message of a parse error; its line is that of the last token read unless it says otherwise.
struct Failure {
    message: String,
    /// Offset in the text.
    position: Option<u32>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Failure { message: message.into(), position: None }
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

struct Parser<'a, 'f> {
    lexer: Lexer<'a>,
    /// Up to two tokens of look-ahead; the first is the last one read.
    tokens: [Token; 2],
    peeked: usize,
    functions: &'f Callees,
    /// The name of the text, if it has one yet.
    name: Option<&'a [u8]>,
    input: &'a [u8],
    /// Whether the text is valid UTF-8, once somebody has asked.
    is_utf8: Option<bool>,
    draft: &'f mut Draft<'a>,
    trees: Vec<DraftTree<'a>>,
    /// Where among the trees the one of the text's own name is.
    main: Option<usize>,
    /// Where among the trees another name is.
    defined: HashMap<Cow<'a, [u8]>, usize>,
    /// What belongs to the tree being parsed.
    scope: Scope<'a>,
    control_depth: u32,
    open: Open,
}

/// The parts of lists that are not complete yet, those of inner lists last. A list is made when its length is known.
#[derive(Default)]
struct Open {
    nodes: Vec<Node>,
    commands: Vec<Command>,
    terms: Vec<Term>,
}

/// Takes off the parts from a place on.
fn take_from<T>(parts: &mut Vec<T>, start: usize) -> Box<[T]> {
    parts.drain(start..).collect()
}

impl<'a> Parser<'a, '_> {
    /// Takes a token; the space before it, if it has any, is nothing to the caller.
    fn next(&mut self) -> Token {
        match self.peeked {
            0 => self.tokens[0] = self.lexer.next_token(),
            _ => self.peeked -= 1,
        }
        self.tokens[self.peeked & 1]
    }

    fn backup(&mut self) {
        self.peeked += 1;
    }

    fn peek(&mut self) -> Token {
        let token = self.next();
        self.backup();
        token
    }

    fn text(&self, token: Token) -> &'a [u8] {
        self.input.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// Returns the line of an offset, from 1. Only errors need lines.
    fn line_at(&self, position: u32) -> u32 {
        let before = self.input.get(..position as usize).unwrap_or(self.input);
        1 + memchr::memchr_iter(b'\n', before).count() as u32
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token> {
        let token = self.next();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(token, context)) }
    }

    #[cold]
    fn unexpected(&self, token: Token, context: &str) -> Failure {
        if token.kind != Kind::Error {
            let token = describe(token.kind, self.text(token));
            return Failure::new(format!("unexpected {token} in {context}"));
        }
        let message = &self.lexer.error;
        let started = self.scope.action_start.map(|position| self.line_at(position));
        let Some(started) = started.filter(|line| *line != self.line_at(token.start)) else {
            return Failure::new(message.clone());
        };
        let name = value::go_lossy(self.name.unwrap_or_default());
        let joint = if message.ends_with(" action") { "" } else { " in action" };
        Failure::new(format!("{message}{joint} started at {name}:{started}"))
    }

    /// Parses the whole text: the main template, with definitions between its nodes.
    fn parse_text(&mut self) -> Parsed<()> {
        self.peek();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim && self.lexer.is_at(b"define") {
                let delim = self.next();
                if self.next().kind == Kind::Define {
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
        let scope = std::mem::take(&mut self.scope);
        self.add(None, nodes, scope)
    }

    /// Parses `{{define "name"}} … {{end}}`; the keyword is read.
    fn parse_definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::take(&mut self.scope);
        let token = self.next();
        let name = self.template_name(token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        let (nodes, end) = self.item_list()?;
        if end != End::End {
            return Err(Failure::new(format!("unexpected {} in {CONTEXT}", end.text())));
        }
        let scope = std::mem::replace(&mut self.scope, outer);
        self.add(Some(name), nodes, scope)
    }

    fn template_name(&mut self, token: Token, context: &str) -> Parsed<Cow<'a, [u8]>> {
        match token.kind {
            Kind::String | Kind::RawString => self.unquote(token),
            _ => Err(self.unexpected(token, context)),
        }
    }

    /// Adds a template, the main one if it has no name of its own. It may replace a blank one of its name or leave its
    /// place to another if it is blank.
    fn add(&mut self, name: Option<Cow<'a, [u8]>>, nodes: Box<[Node]>, scope: Scope<'a>) -> Parsed<()> {
        let is_blank = nodes.iter().all(|node| self.is_blank(node));
        let name = name.filter(|name| self.name != Some(&**name));
        let trees = &mut self.trees;
        let defined = match &name {
            None => self.main,
            Some(name) => self.defined.get(name).copied(),
        };
        if defined.and_then(|at| trees.get(at)).is_some_and(|tree| !tree.is_blank) {
            if is_blank {
                return Ok(());
            }
            let name = quote::quoted(name.as_deref().or(self.name).unwrap_or_default());
            return Err(Failure::new(format!("template: multiple definition of template {name}")));
        }
        let tree = DraftTree {
            name: name.clone(),
            body: nodes,
            variables: scope.names,
            is_dynamic: scope.is_dynamic,
            is_blank,
        };
        match defined.and_then(|at| trees.get_mut(at)) {
            Some(place) => *place = tree,
            None => {
                match name {
                    None => self.main = Some(trees.len()),
                    Some(name) => drop(self.defined.insert(name, trees.len())),
                }
                trees.push(tree);
            }
        }
        Ok(())
    }

    /// Parses nodes up to an `end` or `else`.
    fn item_list(&mut self) -> Parsed<(Box<[Node]>, End)> {
        let start = self.open.nodes.len();
        while self.peek().kind != Kind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => self.open.nodes.push(node),
                Item::End(end) => return Ok((take_from(&mut self.open.nodes, start), end)),
            }
        }
        Err(Failure::new("unexpected EOF"))
    }

    fn text_or_action(&mut self) -> Parsed<Item> {
        let token = self.next();
        match token.kind {
            Kind::Text => {
                let piece = Piece { start: token.start, end: token.end };
                Ok(Item::Node(Node::Text(NodeId::new(Level::Element, token.start), piece)))
            }
            Kind::LeftDelim => {
                self.scope.action_start = Some(token.start);
                let item = self.action()?;
                self.scope.action_start = None;
                Ok(item)
            }
            _ => Err(self.unexpected(token, "input")),
        }
    }

    /// Returns the text of a string token, which is part of the source if nothing in it is escaped.
    fn unquote(&mut self, token: Token) -> Parsed<Cow<'a, [u8]>> {
        let literal = self.text(token);
        if let [first @ (b'"' | b'`'), inside @ .., _] = literal
            && !inside.contains(if *first == b'"' { &b'\\' } else { &b'\r' })
            && (inside.is_ascii()
                || *self.is_utf8.get_or_insert_with(|| std::str::from_utf8(self.input).is_ok()))
        {
            return Ok(Cow::Borrowed(inside));
        }
        quote::unquote(literal).map(Cow::Owned).ok_or_else(|| Failure::new("invalid syntax"))
    }

    /// Notes a string constant.
    fn string(&mut self, token: Token, text: Cow<'a, [u8]>) -> StringId {
        self.draft.string(token.end - token.start, text)
    }

    fn is_blank(&self, node: &Node) -> bool {
        let Node::Text(_, piece) = node else { return false };
        let text = self.input.get(piece.start as usize..piece.end as usize).unwrap_or_default();
        // Most texts show with their first letters that they are not; Go trims what Unicode calls space.
        let is_letter = |byte: &u8| byte.is_ascii_graphic();
        !text.iter().take(16).any(is_letter)
            && std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty())
    }
}

/// Go's text of a token in error messages.
fn describe(kind: Kind, text: &[u8]) -> String {
    match kind {
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
        | Kind::With => format!("<{}>", value::go_lossy(text)),
        _ if text.len() > 10 => format!("{}...", quote::quoted(first_chars(text, 10))),
        _ => quote::quoted(text),
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
