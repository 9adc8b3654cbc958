//! TOML documents read: tables, dotted keys and values, with BurntSushi's rules for what may be defined twice.

use std::collections::{HashMap, HashSet};

use super::cursor::{Cursor, END, Problem, is_blank, is_line_break, quoted_char};
use super::key::{is_bare, joined};
use super::number::{self, Scalar, scan_signed, scan_unsigned};
use super::text::{read_short_string, read_string};
use crate::gofmt::quoted;
use crate::{Error, List, Map, Str, Type, Value};

/// Arrays and inline tables inside one another beyond this depth are refused.
const MAX_DEPTH: usize = 10_000;

/// Reads a TOML document as `toml.Unmarshal` does into a `map[string]interface{}`: integers are `int64`, tables in
/// arrays of tables `[]map[string]interface {}`.
///
/// # Errors
/// `toml: line 1 (last key "a"): …` in BurntSushi's words.
pub fn read(text: &[u8]) -> Result<Map, Error> {
    let text = match text {
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] => rest,
        text => text,
    };
    if text.iter().take(6).any(|&byte| byte == 0) {
        let message = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(Error::message(format!("toml: line 1: {message}")));
    }
    let mut reader = Reader::new(text);
    match reader.document() {
        Ok(()) => Ok(reader.root),
        Err(problem) => Err(reader.error(&problem)),
    }
}

/// A document being read.
struct Reader<'a> {
    cursor: Cursor<'a>,
    root: Map,
    /// The full key of the table that keys go into.
    context: Vec<Str>,
    /// The last part of the key whose value is being read.
    key: Str,
    /// The line of the first part of the last key, for errors about keys.
    key_line: i64,
    /// Tables that exist because of a longer key only; they may be defined once more.
    implicit: HashSet<Vec<u8>>,
    /// Whether a key was last given an array.
    is_array: HashMap<Vec<u8>, bool>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8]) -> Self {
        Reader {
            cursor: Cursor::new(text),
            root: Map::new(),
            context: Vec::new(),
            key: Str::new(),
            key_line: 0,
            implicit: HashSet::new(),
            is_array: HashMap::new(),
        }
    }

    fn error(&self, problem: &Problem) -> Error {
        let mut last_key = joined(&self.context);
        if !self.key.is_empty() {
            if !self.context.is_empty() {
                last_key.push(b'.');
            }
            last_key.extend_from_slice(&self.key);
        }
        let place =
            if last_key.is_empty() { String::new() } else { format!(" (last key {})", quoted(&last_key)) };
        Error::message(format!("toml: line {}{place}: {}", problem.line, problem.message))
    }

    fn document(&mut self) -> Result<(), Problem> {
        loop {
            self.cursor.skip(|c| is_blank(c) || is_line_break(c))?;
            match self.cursor.peek()? {
                END => return Ok(()),
                '#' => {
                    self.skip_comment()?;
                    continue;
                }
                '[' => self.table()?,
                _ => {
                    let outer = self.context.clone();
                    self.key_and_value(0)?;
                    self.context = outer;
                    self.key = Str::new();
                }
            }
            self.end_of_line()?;
        }
    }

    fn skip_comment(&mut self) -> Result<(), Problem> {
        self.cursor.skip(|c| !is_line_break(c) && c != END)
    }

    fn end_of_line(&mut self) -> Result<(), Problem> {
        self.cursor.skip(is_blank)?;
        let mark = self.cursor.mark();
        match self.cursor.next()? {
            '#' => self.skip_comment(),
            c if is_line_break(c) || c == END => {
                self.cursor.go_back(mark);
                Ok(())
            }
            c => Err(self.cursor.problem(format!(
                "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
                quoted_char(c)
            ))),
        }
    }

    /// Reads `[a.b]` or `[[a.b]]`.
    fn table(&mut self) -> Result<(), Problem> {
        self.cursor.next()?;
        let is_list = self.cursor.peek()? == '[';
        if is_list {
            self.cursor.next()?;
        }
        let mut name = Vec::new();
        loop {
            name.push(self.table_name_part()?);
            if name.len() == 1 {
                self.key_line = self.cursor.line();
            }
            self.cursor.skip(is_blank)?;
            match self.cursor.next()? {
                '.' => {}
                ']' => break,
                c => {
                    let found = quoted_char(c);
                    return Err(self
                        .cursor
                        .problem(format!("expected '.' or ']' to end table name, but got {found} instead")));
                }
            }
        }
        if is_list {
            let c = self.cursor.next()?;
            if c != ']' {
                let found = quoted_char(c);
                return Err(self.cursor.problem(format!(
                    "expected end of table array name delimiter ']', but got {found} instead"
                )));
            }
        }
        self.enter(&name, is_list)?;
        self.is_array.insert(joined(&self.context), false);
        Ok(())
    }

    fn table_name_part(&mut self) -> Result<Str, Problem> {
        self.cursor.skip(is_blank)?;
        match self.cursor.peek()? {
            ']' | END => {
                Err(self.cursor.problem("unexpected end of table name (table names cannot be empty)"))
            }
            '.' => Err(self.cursor.problem("unexpected table separator (table names cannot be empty)")),
            _ => self.key_part(),
        }
    }

    /// Reads one part of a key: bare (perhaps of no character at all, which what follows then shows) or quoted.
    fn key_part(&mut self) -> Result<Str, Problem> {
        let start = self.cursor.position();
        match self.cursor.peek()? {
            quote @ ('"' | '\'') => {
                self.cursor.next()?;
                read_short_string(&mut self.cursor, quote)
            }
            _ => {
                self.cursor.skip(is_bare)?;
                Ok(Str::from(self.cursor.since(start)))
            }
        }
    }

    /// Reads `a.b = value` into the present table, and returns the parts of the key and the value.
    fn key_and_value(&mut self, depth: usize) -> Result<(Vec<Str>, Value), Problem> {
        let mut key = self.dotted_key()?;
        let last = key.last().cloned().unwrap_or_default();
        self.key = last.clone();
        for part in key.iter().take(key.len().saturating_sub(1)) {
            let mut parent = self.context.clone();
            parent.push(part.clone());
            self.implicit.insert(joined(&parent));
            self.enter(&parent, false)?;
        }
        let value = self.value(depth, false)?;
        self.put(&last, value.clone())?;
        let is_array = matches!(value, Value::List(_));
        self.set_is_array(is_array);
        if key.is_empty() {
            key.push(last);
        }
        Ok((key, value))
    }

    fn dotted_key(&mut self) -> Result<Vec<Str>, Problem> {
        self.cursor.skip(is_blank)?;
        match self.cursor.peek()? {
            '=' | END => return Err(self.cursor.problem("unexpected '=': key name appears blank")),
            '.' => return Err(self.cursor.problem("unexpected '.': keys cannot start with a '.'")),
            _ => {}
        }
        let mut key = Vec::new();
        loop {
            self.cursor.skip(is_blank)?;
            match self.cursor.peek()? {
                '=' | END => return Err(self.cursor.problem("unexpected '='")),
                '.' => return Err(self.cursor.problem("unexpected '.'")),
                _ => key.push(self.key_part()?),
            }
            if key.len() == 1 {
                self.key_line = self.cursor.line();
            }
            self.cursor.skip(is_blank)?;
            match self.cursor.next()? {
                '.' => {}
                '=' => return Ok(key),
                END => return Err(self.cursor.problem("unexpected EOF; expected key separator '='")),
                c => {
                    let message = format!("expected '.' or '=', but got {} instead", quoted_char(c));
                    return Err(match c {
                        '\n' => self.cursor.problem_on_line_before(message),
                        _ => self.cursor.problem(message),
                    });
                }
            }
        }
    }

    fn value(&mut self, depth: usize, is_in_array: bool) -> Result<Value, Problem> {
        if depth > MAX_DEPTH {
            return Err(self.cursor.problem("values are nested too deeply"));
        }
        self.cursor.skip(is_blank)?;
        let mark = self.cursor.mark();
        match self.cursor.next()? {
            '[' => self.array(depth),
            '{' => self.inline_table(depth, is_in_array),
            quote @ ('"' | '\'') => Ok(Value::String(read_string(&mut self.cursor, quote)?)),
            c if c.is_ascii_digit() => {
                self.cursor.go_back(mark);
                let scalar = scan_unsigned(&mut self.cursor)?;
                self.scalar(&scalar)
            }
            '-' | '+' => {
                let scalar = scan_signed(&mut self.cursor, mark.position)?;
                self.scalar(&scalar)
            }
            '.' => Err(self.cursor.problem("floats must start with a digit, not '.'")),
            c => self.word(c, mark.position),
        }
    }

    fn scalar(&self, scalar: &Scalar<'_>) -> Result<Value, Problem> {
        match scalar {
            Scalar::Integer(text) => number::integer(text),
            Scalar::Float(text) => number::float(text),
            Scalar::Date(text) => super::date::read(text),
        }
        .map_err(|message| Problem { line: self.cursor.line(), message })
    }

    /// Reads `true`, `false`, `inf`, `nan`, or says what else is there.
    fn word(&mut self, first: char, start: usize) -> Result<Value, Problem> {
        if matches!(first, 'i' | 'n')
            && (self.cursor.accept('n')? && self.cursor.accept('f')?
                || self.cursor.accept('a')? && self.cursor.accept('n')?)
        {
            return self.scalar(&Scalar::Float(self.cursor.since(start)));
        }
        if first.is_alphabetic() {
            // After `in` or `na` BurntSushi steps back one character only, so that the word lacks its first.
            let read = self.cursor.since(start).len();
            let start = if read > first.len_utf8() { start + read - 1 } else { start };
            self.cursor.skip(char::is_alphabetic)?;
            return match self.cursor.since(start) {
                b"true" => Ok(Value::Bool(true)),
                b"false" => Ok(Value::Bool(false)),
                word => {
                    Err(self.cursor.problem(format!("expected value but found {} instead", quoted(word))))
                }
            };
        }
        let message = format!("expected value but found {} instead", quoted_char(first));
        Err(match first {
            END => self.cursor.problem("unexpected EOF; expected value"),
            '\n' => self.cursor.problem_on_line_before(message),
            _ => self.cursor.problem(message),
        })
    }

    fn array(&mut self, depth: usize) -> Result<Value, Problem> {
        self.set_is_array(true);
        let mut items = Vec::new();
        loop {
            self.skip_space_and_comments()?;
            let mark = self.cursor.mark();
            match self.cursor.next()? {
                ',' => return Err(self.cursor.problem("unexpected comma")),
                ']' => break,
                _ => self.cursor.go_back(mark),
            }
            items.push(self.value(depth + 1, true)?);
            self.skip_space_and_comments()?;
            match self.cursor.next()? {
                ',' => {}
                ']' => break,
                c => {
                    let found = char_or_end(c);
                    return Err(self.cursor.problem(format!(
                        "expected a comma (',') or array terminator (']'), but got {found}"
                    )));
                }
            }
        }
        Ok(Value::list(items))
    }

    fn skip_space_and_comments(&mut self) -> Result<(), Problem> {
        loop {
            self.cursor.skip(|c| is_blank(c) || is_line_break(c))?;
            if self.cursor.peek()? != '#' {
                return Ok(());
            }
            self.skip_comment()?;
        }
    }

    /// Reads `{a = 1}`. In an array it is one more table of a list under the array's key until the array is complete.
    fn inline_table(&mut self, depth: usize, is_in_array: bool) -> Result<Value, Problem> {
        let table = Map::new();
        let (outer_context, outer_key) = (self.context.clone(), std::mem::take(&mut self.key));
        let mut own = outer_context.clone();
        own.push(outer_key.clone());
        self.context = own.clone();
        self.implicit.insert(joined(&own));
        self.enter(&own, is_in_array)?;
        let context = self.context.clone();
        loop {
            self.skip_space_and_comments()?;
            let mark = self.cursor.mark();
            match self.cursor.next()? {
                ',' => return Err(self.cursor.problem("unexpected comma")),
                '}' => break,
                _ => self.cursor.go_back(mark),
            }
            let (key, value) = self.key_and_value(depth + 1)?;
            self.put_dotted(&table, &key, value)?;
            self.context = context.clone();
            self.skip_space_and_comments()?;
            match self.cursor.next()? {
                ',' => {}
                '}' => break,
                c => {
                    let found = char_or_end(c);
                    return Err(self.cursor.problem(format!(
                        "expected a comma or an inline table terminator '}}', but got {found} instead"
                    )));
                }
            }
        }
        self.context = outer_context;
        self.key = outer_key;
        Ok(Value::Map(table))
    }

    fn put_dotted(&self, table: &Map, key: &[Str], value: Value) -> Result<(), Problem> {
        let Some((last, parents)) = key.split_last() else { return Ok(()) };
        let mut table = table.clone();
        for part in parents {
            let next = table.get(part).unwrap_or_else(|| {
                let new = Value::Map(Map::new());
                table.insert(part.clone(), new.clone());
                new
            });
            let Value::Map(next) = next else {
                let parts: Vec<String> = self.context.iter().map(|part| quoted(part)).collect();
                return Err(self.key_problem(format!("[{}] is not a table", parts.join(" "))));
            };
            table = next;
        }
        table.insert(last.clone(), value);
        Ok(())
    }

    fn key_problem(&self, message: String) -> Problem {
        Problem { line: self.key_line, message }
    }

    fn set_is_array(&mut self, is_array: bool) {
        let mut key = self.context.clone();
        if !self.key.is_empty() || key.is_empty() {
            key.push(self.key.clone());
        }
        self.is_array.insert(joined(&key), is_array);
    }

    /// Makes the table of a key the present one, creating it and its parents (BurntSushi's `addContext`).
    fn enter(&mut self, key: &[Str], is_list: bool) -> Result<(), Problem> {
        let Some((last, parents)) = key.split_last() else { return Ok(()) };
        let mut table = self.root.clone();
        for (index, part) in parents.iter().enumerate() {
            let parent = parents.get(..=index).unwrap_or_default();
            if !table.contains_key(part) {
                self.implicit.insert(joined(parent));
                table.insert(part.clone(), Value::Map(Map::new()));
            }
            table = table.get(part).as_ref().and_then(newest_table).ok_or_else(|| {
                self.key_problem(format!(
                    "Key '{}' was already created as a hash.",
                    Str::from(joined(parent))
                ))
            })?;
        }
        self.context = parents.to_vec();
        if is_list {
            let mut list = match table.remove(last) {
                None => List::typed(Type::AnyMapList, Vec::new()),
                Some(Value::List(list)) if list.list_type() == Type::AnyMapList => list,
                Some(_) => {
                    let name = Str::from(joined(key));
                    return Err(self.key_problem(format!(
                        "Key '{name}' was already created and cannot be used as an array."
                    )));
                }
            };
            list.make_mut().push(Value::Map(Map::new()));
            table.insert(last.clone(), Value::List(list));
        } else {
            self.put(last, Value::Map(Map::new()))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// Sets a key of the present table (BurntSushi's `setValue`).
    fn put(&mut self, key: &Str, value: Value) -> Result<(), Problem> {
        let mut table = self.root.clone();
        for (index, part) in self.context.iter().enumerate() {
            table = table.get(part).as_ref().and_then(newest_table).ok_or_else(|| {
                let name = Str::from(joined(self.context.get(..=index).unwrap_or_default()));
                self.key_problem(format!("Key '{name}' has already been defined."))
            })?;
        }
        if table.contains_key(key) {
            let mut full = self.context.clone();
            full.push(key.clone());
            let name = joined(&full);
            if !self.implicit.remove(&name) {
                return Err(self.key_problem(format!("Key '{}' has already been defined.", Str::from(name))));
            }
            if self.is_array.get(&name) != Some(&true) {
                return Ok(());
            }
        }
        table.insert(key.clone(), value);
        Ok(())
    }
}

/// Returns the table a key leads into: the table itself, or the last of a list of tables.
fn newest_table(value: &Value) -> Option<Map> {
    match value {
        Value::Map(map) => Some(map.clone()),
        Value::List(list) if list.list_type() == Type::AnyMapList => list.last()?.as_map().cloned(),
        _ => None,
    }
}

fn char_or_end(c: char) -> String {
    if c == END { String::from("end of file") } else { format!("'{c}'") }
}
