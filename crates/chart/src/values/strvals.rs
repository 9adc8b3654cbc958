//! The grammar of `--set` and its kin: `a.b=1,c[0].d=x,e={1,2}` (Helm's `pkg/strvals`), set into a table in place.

use value::{List, Map, Value};

use crate::{Error, ErrorKind, go_text};

/// The highest index of a list (`strvals.MaxIndex`).
const MAX_INDEX: i64 = 65536;
/// How deep names may nest (`strvals.MaxNestedNameLevel`).
const MAX_NAME_LEVEL: usize = 30;
/// How deep indices may nest; Helm has no limit here but a stack that grows.
const MAX_INDEX_LEVEL: usize = 10_000;

/// Sets what a `--set` text says: integers, booleans and null get their types.
///
/// # Errors
/// In Helm's words. The table may hold part of the text then.
pub fn parse(text: &str, into: &Map) -> Result<(), Error> {
    Parser::new(text, Mode::Convert(&mut |text| Ok(typed(text)))).parse(into)
}

/// Sets what a `--set-string` text says: every value is a string.
///
/// # Errors
/// As [`parse`].
pub fn parse_string(text: &str, into: &Map) -> Result<(), Error> {
    Parser::new(text, Mode::Convert(&mut |text| Ok(Value::from(text)))).parse(into)
}

/// Sets what a `--set-file` text says: every value is what `convert` makes of its text.
///
/// # Errors
/// As [`parse`], and what `convert` fails with.
pub fn parse_with(
    text: &str,
    into: &Map,
    convert: &mut dyn FnMut(&str) -> Result<Value, Error>,
) -> Result<(), Error> {
    Parser::new(text, Mode::Convert(convert)).parse(into)
}

/// Sets what a `--set-json` text of the form `key=json,…` says.
///
/// # Errors
/// As [`parse`], and when a value is not JSON.
pub fn parse_json(text: &str, into: &Map) -> Result<(), Error> {
    Parser::new(text, Mode::Json).parse(into)
}

/// Sets what a `--set-literal` text says: one key, and all that follows is its value as it stands.
///
/// # Errors
/// As [`parse`].
pub fn parse_literal(text: &str, into: &Map) -> Result<(), Error> {
    Parser::new(text, Mode::Literal).parse(into)
}

/// What becomes of a value's text.
enum Mode<'a> {
    Convert(&'a mut dyn FnMut(&str) -> Result<Value, Error>),
    Json,
    Literal,
}

/// Why reading stopped: Go's `io.EOF`, which ends the text without an error wherever it comes from, or an error.
enum Stop {
    End,
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

/// What stands at a place where a value is expected.
enum Found {
    List(Vec<Value>),
    Scalar,
    Nothing,
}

struct Parser<'a> {
    runes: Vec<char>,
    at: usize,
    depth: usize,
    mode: Mode<'a>,
}

impl<'a> Parser<'a> {
    fn new(text: &str, mode: Mode<'a>) -> Self {
        Parser { runes: text.chars().collect(), at: 0, depth: 0, mode }
    }

    fn parse(mut self, into: &Map) -> Result<(), Error> {
        loop {
            match self.key(into, 0) {
                Ok(()) => {}
                Err(Stop::End) => return Ok(()),
                Err(Stop::Error(error)) => return Err(error),
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.runes.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    /// Reads up to one of the stops and consumes it; a backslash takes the next character as it is, except in a
    /// literal. The stop is `None` at the end of the text.
    fn until(&mut self, stops: &[char]) -> (Vec<char>, Option<char>) {
        let mut taken = Vec::new();
        while let Some(c) = self.next() {
            if stops.contains(&c) {
                return (taken, Some(c));
            }
            if c == '\\' && !matches!(self.mode, Mode::Literal) {
                match self.next() {
                    Some(next) => taken.push(next),
                    None => break,
                }
            } else {
                taken.push(c);
            }
        }
        (taken, None)
    }

    fn key(&mut self, table: &Map, level: usize) -> Result<(), Stop> {
        let literal = matches!(self.mode, Mode::Literal);
        let stops: &[char] = if literal { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, stop) = self.until(stops);
        let key: String = key.into_iter().collect();
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Err(failure(format!("key {} has no value", go_text::quote(&key)))),
            Some('[') => self.list(table, &key, level),
            Some('=') => self.assign(table, &key),
            Some('.') => self.inner_table(table, &key, level + 1),
            Some(_) => {
                set(table, &key, Value::from(""));
                Err(failure(format!("key {} has no value (cannot end with ,)", go_text::quote(&key))))
            }
        }
    }

    fn list(&mut self, table: &Map, key: &str, level: usize) -> Result<(), Stop> {
        let index = self.index()?;
        let list = match table.get(key) {
            None => List::new(Vec::new()),
            Some(Value::List(list)) => list,
            Some(other) => return Err(wrong_type(&other, "[]interface {}")),
        };
        // The list leaves the table meanwhile, so that it is not copied when it changes.
        if table.contains_key(key) {
            table.insert(key, Value::Nil);
        }
        let mut list = list;
        let result = self.item(list.make_mut(), index, level);
        set(table, key, Value::List(list));
        result
    }

    fn assign(&mut self, table: &Map, key: &str) -> Result<(), Stop> {
        match self.mode {
            Mode::Json => {
                let value = self.json_value()?;
                set(table, key, value.unwrap_or_default());
                Ok(())
            }
            Mode::Literal => {
                let value = self.rest();
                set(table, key, value);
                Ok(())
            }
            Mode::Convert(_) => match self.value()? {
                Found::List(items) => {
                    set(table, key, Value::list(items));
                    Ok(())
                }
                Found::Nothing => {
                    set(table, key, Value::from(""));
                    Err(Stop::End)
                }
                Found::Scalar => {
                    let value = self.scalar()?;
                    set(table, key, value);
                    Ok(())
                }
            },
        }
    }

    fn inner_table(&mut self, table: &Map, key: &str, level: usize) -> Result<(), Stop> {
        if level > MAX_NAME_LEVEL {
            return Err(failure(format!(
                "value name nested level is greater than maximum supported nested level of {MAX_NAME_LEVEL}"
            )));
        }
        let inner = match table.get(key) {
            None => Map::new(),
            Some(Value::Map(inner)) => inner,
            Some(other) => return Err(wrong_type(&other, "map[string]interface {}")),
        };
        let result = self.key(&inner, level);
        if result.is_ok() && inner.is_empty() {
            return Err(failure(format!("key map {} has no value", go_text::quote(key))));
        }
        if !inner.is_empty() {
            set(table, key, Value::Map(inner));
        }
        result
    }

    /// Reads an index up to its `]` (Go's `strconv.Atoi`). Without a `]` the whole text ends, without an error.
    fn index(&mut self) -> Result<i64, Stop> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            return Err(Stop::End);
        }
        let text: String = text.into_iter().collect();
        let complaint = |why: &str| {
            let text = go_text::quote(&text);
            failure(format!("error parsing index: strconv.Atoi: parsing {text}: {why}"))
        };
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(complaint("invalid syntax"));
        }
        text.parse().map_err(|_| complaint("value out of range"))
    }

    /// Reads what follows an index and sets the item.
    fn item(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Result<(), Stop> {
        if index < 0 {
            return Err(failure(format!("negative {index} index not allowed")));
        }
        if self.depth >= MAX_INDEX_LEVEL {
            return Err(failure("indices are nested too deeply".to_owned()));
        }
        self.depth += 1;
        let result = self.item_value(list, index, level);
        self.depth -= 1;
        result
    }

    fn item_value(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Result<(), Stop> {
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let text = go_text::quote_runes(&text);
            return Err(failure(format!("unexpected data at end of array index: {text}")));
        }
        match stop {
            None => Err(Stop::End),
            Some('=') => self.assign_item(list, index),
            Some('[') => self.inner_list(list, index, level),
            Some(_) => self.item_table(list, index, level),
        }
    }

    fn assign_item(&mut self, list: &mut Vec<Value>, index: i64) -> Result<(), Stop> {
        let value = match self.mode {
            Mode::Json => self.json_value()?.unwrap_or_default(),
            Mode::Literal => self.rest(),
            Mode::Convert(_) => match self.value()? {
                Found::List(items) => Value::list(items),
                Found::Nothing => Value::from(""),
                Found::Scalar => self.scalar()?,
            },
        };
        set_index(list, index, value)
    }

    fn inner_list(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Result<(), Stop> {
        let next = self.index()?;
        let mut inner = match slot(list, index) {
            None | Some(Value::Nil) => List::new(Vec::new()),
            Some(Value::List(inner)) => inner,
            Some(other) => return Err(wrong_type(&other, "[]interface {}")),
        };
        self.item(inner.make_mut(), next, level)?;
        set_index(list, index, Value::List(inner))
    }

    fn item_table(&mut self, list: &mut Vec<Value>, index: i64, level: usize) -> Result<(), Stop> {
        let inner = match slot(list, index) {
            Some(Value::Map(inner)) => inner,
            _ => Map::new(),
        };
        // Helm does not set the item when the text ends right after `=`; an item that was there has changed anyhow.
        if let Some(slot) = usize::try_from(index).ok().and_then(|index| list.get_mut(index)) {
            *slot = Value::Map(inner.clone());
        }
        self.key(&inner, level)?;
        set_index(list, index, Value::Map(inner))
    }

    /// Looks for a list in braces; a scalar is left to [`Parser::scalar`].
    fn value(&mut self) -> Result<Found, Stop> {
        match self.runes.get(self.at) {
            None => return Ok(Found::Nothing),
            Some('{') => self.at += 1,
            Some(_) => return Ok(Found::Scalar),
        }
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            if stop.is_none() {
                return Err(failure("list must terminate with '}'".to_owned()));
            }
            items.push(self.convert(text)?);
            if stop == Some('}') {
                if self.runes.get(self.at) == Some(&',') {
                    self.at += 1;
                }
                return Ok(Found::List(items));
            }
        }
    }

    fn scalar(&mut self) -> Result<Value, Stop> {
        let (text, _) = self.until(&[',']);
        self.convert(text)
    }

    fn convert(&mut self, text: Vec<char>) -> Result<Value, Stop> {
        let text: String = text.into_iter().collect();
        match &mut self.mode {
            Mode::Convert(convert) => Ok(convert(&text)?),
            Mode::Json | Mode::Literal => Ok(Value::from(text)),
        }
    }

    fn rest(&mut self) -> Value {
        let rest: String = self.runes.drain(self.at.min(self.runes.len())..).collect();
        Value::from(rest)
    }

    /// Reads one JSON value (`json.Decoder`) and the comma behind it; none stands for null.
    fn json_value(&mut self) -> Result<Option<Value>, Stop> {
        if self.skip_blanks_and_comma() {
            return Ok(None);
        }
        let length = json_length(self.runes.get(self.at..).unwrap_or_default());
        let text: String = self.runes.iter().skip(self.at).take(length).collect();
        self.at += length;
        let value = value::json::read(text.as_bytes()).map_err(|error| failure(error.to_string()))?;
        self.skip_blanks_and_comma();
        Ok(Some(value))
    }

    /// Skips blanks up to and with a comma or the end; returns whether one was there (`emptyVal`).
    fn skip_blanks_and_comma(&mut self) -> bool {
        loop {
            match self.runes.get(self.at) {
                None => return true,
                Some(',') => {
                    self.at += 1;
                    return true;
                }
                Some(c) if go_text::is_space(*c) => self.at += 1,
                Some(_) => return false,
            }
        }
    }
}

/// Returns how many characters the JSON value at the beginning of the text has; whether it is one is for the reader
/// to say.
fn json_length(text: &[char]) -> usize {
    match text.first() {
        Some('{' | '[' | '"') => bracketed_length(text),
        Some(c) if c.is_ascii_alphabetic() => {
            text.iter().take_while(|c| c.is_ascii_alphabetic()).count().min(literal_length(text))
        }
        _ => text.iter().take_while(|c| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).count(),
    }
}

fn literal_length(text: &[char]) -> usize {
    let begins = |word: &str| word.chars().eq(text.iter().copied().take(word.len()));
    ["true", "false", "null"].into_iter().find(|word| begins(word)).map_or(usize::MAX, str::len)
}

fn bracketed_length(text: &[char]) -> usize {
    let mut depth = 0usize;
    let mut in_string = false;
    let mut at = 0;
    while let Some(c) = text.get(at) {
        at += 1;
        match c {
            '\\' if in_string => at += 1,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && !in_string {
            break;
        }
    }
    at.min(text.len())
}

/// Takes an item out of a list, leaving null.
fn slot(list: &mut [Value], index: i64) -> Option<Value> {
    let index = usize::try_from(index).ok()?;
    list.get_mut(index).map(std::mem::take)
}

fn set_index(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), Stop> {
    if index > MAX_INDEX {
        return Err(failure(format!(
            "index of {index} is greater than maximum supported index of {MAX_INDEX}"
        )));
    }
    let index = usize::try_from(index).unwrap_or_default();
    if list.len() <= index {
        list.resize(index + 1, Value::Nil);
    }
    if let Some(slot) = list.get_mut(index) {
        *slot = value;
    }
    Ok(())
}

/// An empty key is not set, without a word.
fn set(table: &Map, key: &str, value: Value) {
    if !key.is_empty() {
        table.insert(key, value);
    }
}

fn failure(text: String) -> Stop {
    Stop::Error(ErrorKind::Set(text).into())
}

/// What Go's failed type assertion says, which Helm catches and repeats.
fn wrong_type(found: &Value, wanted: &str) -> Stop {
    let found = if found.is_nil() { "nil" } else { found.type_name() };
    failure(format!("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}"))
}

/// Returns the value that a `--set` text means (`typedVal`).
fn typed(text: &str) -> Value {
    if equal_fold(text, "true") {
        return Value::Bool(true);
    }
    if equal_fold(text, "false") {
        return Value::Bool(false);
    }
    if equal_fold(text, "null") {
        return Value::Nil;
    }
    if text == "0" {
        return Value::Int64(0);
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number =
        !text.starts_with('0') && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(number) if is_number => Value::Int64(number),
        _ => Value::from(text),
    }
}

/// Compares with a lower-case ASCII word as Go's `strings.EqualFold`, for which the long s and the Kelvin sign are
/// letters of the alphabet.
fn equal_fold(text: &str, word: &str) -> bool {
    let fold = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    text.chars().map(fold).eq(word.chars())
}

#[cfg(test)]
mod tests;
