//! Template text to nodes (k8s.io/client-go/util/jsonpath/parser.go). The texts of errors are kubectl's.

use super::node::{Filter, Node, Slice};
use crate::gofmt::quote::{Unit, unquote_char};
use crate::strconv;

type Result<T> = std::result::Result<T, String>;

/// Returns the nodes of a template: text and expressions in turn.
pub(super) fn parse(text: &str) -> Result<Vec<Node>> {
    let mut parser = Parser { input: text, position: 0, start: 0 };
    let mut nodes = Vec::new();
    loop {
        let rest = parser.rest();
        let length = rest.find('{').unwrap_or(rest.len());
        parser.position += length;
        if length > 0 {
            nodes.push(Node::Text(parser.take().to_owned()));
        }
        if parser.rest().is_empty() {
            return Ok(nodes);
        }
        parser.skip(1);
        nodes.push(Node::List(parser.action()?));
    }
}

/// Returns the nodes of one expression's text, without its braces.
fn parse_action(text: &str) -> Result<Vec<Node>> {
    match parse(&format!("{{{text}}}"))?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser<'a> {
    input: &'a str,
    position: usize,
    /// Where the text that is being read begins.
    start: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.input.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += c.len_utf8();
        Some(c)
    }

    /// Returns what was read since the last time.
    fn take(&mut self) -> &'a str {
        let text = self.input.get(self.start..self.position).unwrap_or_default();
        self.start = self.position;
        text
    }

    fn skip(&mut self, bytes: usize) {
        self.position += bytes;
        self.start = self.position;
    }

    fn is_escaped(&self) -> bool {
        self.position >= 2 && self.input.as_bytes().get(self.position - 2) == Some(&b'\\')
    }

    /// Reads an expression up to its closing brace.
    fn action(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            let rest = self.rest();
            if rest.starts_with('}') {
                self.skip(1);
                return Ok(nodes);
            }
            if rest.starts_with("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if rest.starts_with("..") {
                self.recursive(&mut nodes)?;
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                Some(' ' | '@' | '$') => self.start = self.position,
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if c == '+' || c == '-' || c.is_numeric() => {
                    self.position = self.start;
                    nodes.push(self.number()?);
                }
                Some(c) if is_alphanumeric(c) => nodes.push(self.word()),
                Some(c) => {
                    return Err(format!("unrecognized character in action: U+{:04X}{}", c as u32, shown(c)));
                }
            }
        }
    }

    fn word(&mut self) -> Node {
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.next();
        }
        match self.take() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            word => Node::Word(word.to_owned()),
        }
    }

    fn recursive(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        if nodes.last() == Some(&Node::Recursive) {
            return Err("invalid multiple recursive descent".to_owned());
        }
        self.skip(2);
        nodes.push(Node::Recursive);
        if self.peek().is_some_and(is_alphanumeric) {
            nodes.push(self.field());
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Node> {
        if matches!(self.peek(), Some('+' | '-')) {
            self.next();
        }
        while self.peek().is_some_and(|c| c == '.' || c.is_numeric()) {
            self.next();
        }
        let text = self.take();
        if let Ok(number) = strconv::atoi(text) {
            return Ok(Node::Int(number));
        }
        strconv::parse_float(text).map(Node::Float).map_err(|_| format!("cannot parse number {text}"))
    }

    fn field(&mut self) -> Node {
        self.start = self.position;
        while let Some(c) = self.peek() {
            if is_terminator(c) {
                break;
            }
            self.next();
            if c == '\\' {
                self.next();
            }
        }
        match self.take() {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        }
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".to_owned()),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let text = self.take();
        let text = text.get(1..text.len() - 1).unwrap_or_default();
        let text = if text == "*" { ":" } else { text };
        if text.contains(',') {
            let parts = text.split(',').map(|part| parse_action(&format!("[{}]", part.trim_matches(' '))));
            nodes.push(Node::Union(parts.collect::<Result<_>>()?));
            return Ok(());
        }
        if let Some(key) = quoted_key(text) {
            nodes.extend(parse_action(&format!(".{key}"))?);
            return Ok(());
        }
        nodes.push(Node::Array(slice(text)?));
        Ok(())
    }

    fn filter(&mut self) -> Result<Node> {
        self.skip(3);
        let mut quote = None;
        let mut is_closed = false;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(c @ ('"' | '\'')) => match quote {
                    None => quote = Some(c),
                    Some(open) => is_closed |= c == open && !self.is_escaped(),
                },
                Some(')') if quote.is_some() == is_closed => break,
                Some(_) => {}
            }
        }
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let text = self.take();
        let text = text.get(..text.len() - 2).unwrap_or_default();
        let Some((left, operator, right)) = comparison(text) else {
            return Ok(Node::Filter(Filter { left: parse_action(text)?, comparison: None }));
        };
        let left = parse_action(left)?;
        let comparison = Some((operator.to_owned(), parse_action(right)?));
        Ok(Node::Filter(Filter { left, comparison }))
    }

    fn quoted(&mut self, quote: char) -> Result<Node> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some(c) if c == quote && !self.is_escaped() => break,
                Some(_) => {}
            }
        }
        let text = self.take();
        match unquoted(text) {
            Some(inner) => Ok(Node::Text(inner)),
            None => Err(format!("unquote string {text} error invalid syntax")),
        }
    }
}

/// Returns what Go's `%#U` adds to the number: the character, if it prints.
fn shown(c: char) -> String {
    if crate::gofmt::quote::is_printable(c) { format!(" '{c}'") } else { String::new() }
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

/// Returns the key of `'key'`.
fn quoted_key(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'').filter(|key| !key.contains('\''))
}

/// Reads `first:end:step`, each of them optional.
fn slice(text: &str) -> Result<Slice> {
    let invalid = || format!("invalid array index {text}");
    let parts: Vec<&str> = text.split(':').collect();
    let is_number = |part: &&str| part.strip_prefix('-').unwrap_or(part).bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return Err(invalid());
    }
    let number = |place: usize| match parts.get(place).copied().unwrap_or_default() {
        "" => Ok(None),
        part => strconv::atoi(part).map(Some).map_err(|_| format!("array index {part} is not a number")),
    };
    let (first, end, step) = (number(0)?, number(1)?, number(2)?);
    let is_index = parts.len() == 1;
    let end = if is_index { Some(first.unwrap_or_default().saturating_add(1)) } else { end };
    Ok(Slice { first, end, step, is_index })
}

/// Splits `left operator right`: the operator is the first run of `!<>=`, which leaves something to its right.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
    let start = text.find(is_operator).filter(|start| *start > 0)?;
    let rest = text.get(start..)?;
    let length = rest.find(|c| !is_operator(c)).unwrap_or(rest.len() - 1);
    (length > 0).then(|| (&text[..start], &rest[..length], &rest[length..]))
}

/// Returns the text in quotes of either kind, escapes resolved.
fn unquoted(text: &str) -> Option<String> {
    let quote = *text.as_bytes().first()?;
    let mut rest = text.as_bytes().get(1..text.len() - 1)?;
    let mut out = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let (unit, tail) = unquote_char(rest, quote)?;
        match unit {
            Unit::Byte(byte) => out.push(byte),
            Unit::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = tail;
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}
