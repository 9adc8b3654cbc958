//! Strings in their four forms: basic and literal, on one line or several.

use super::cursor::{Cursor, END, Problem, is_line_break};
use crate::Str;
use crate::gofmt::quoted;

/// Reads the string whose opening quote has been read.
pub(super) fn read_string(cursor: &mut Cursor<'_>, quote: char) -> Result<Str, Problem> {
    if cursor.accept(quote)? {
        if cursor.accept(quote)? {
            return read_long_string(cursor, quote);
        }
        return Ok(Str::new());
    }
    read_short_string(cursor, quote)
}

/// Reads a string on one line, its opening quote read; keys have no other form.
pub(super) fn read_short_string(cursor: &mut Cursor<'_>, quote: char) -> Result<Str, Problem> {
    let start = cursor.position();
    loop {
        let mark = cursor.mark();
        match cursor.next()? {
            END if quote == '"' => return Err(cursor.problem("unexpected EOF; expected '\"'")),
            END => return Err(cursor.problem("unexpected EOF; expected \"'\"")),
            c if is_line_break(c) => {
                return Err(cursor.problem_on_line_before("strings cannot contain newlines"));
            }
            '\\' if quote == '"' => check_escape(cursor, start)?,
            c if c == quote => {
                let line = cursor.line();
                cursor.go_back(mark);
                let raw = cursor.since(start);
                cursor.next()?;
                return if quote == '"' { unescape(raw, line) } else { Ok(Str::from(raw)) };
            }
            _ => {}
        }
    }
}

/// Reads a string on several lines, its three opening quotes read; up to two quotes may stand before the closing ones.
fn read_long_string(cursor: &mut Cursor<'_>, quote: char) -> Result<Str, Problem> {
    let start = cursor.position();
    loop {
        match cursor.next()? {
            END if quote == '"' => return Err(cursor.problem("unexpected EOF; expected '\"\"\"'")),
            END => return Err(cursor.problem("unexpected EOF; expected \"'''\"")),
            '\\' if quote == '"' => {
                let mark = cursor.mark();
                if !is_line_break(cursor.next()?) {
                    cursor.go_back(mark);
                    check_escape(cursor, start)?;
                }
            }
            c if c == quote => {
                if let Some(raw) = try_close(cursor, quote, start)? {
                    let raw = without_first_break(raw);
                    return if quote == '"' {
                        unescape(&without_escaped_breaks(raw), cursor.line())
                    } else {
                        Ok(Str::from(raw))
                    };
                }
            }
            _ => {}
        }
    }
}

/// Reads two more quotes, if the string ends with them, and returns the string.
fn try_close<'a>(cursor: &mut Cursor<'a>, quote: char, start: usize) -> Result<Option<&'a [u8]>, Problem> {
    let mark = cursor.mark();
    if !(cursor.accept(quote)? && cursor.accept(quote)?) {
        cursor.go_back(mark);
        return Ok(None);
    }
    let raw = cursor.since(start);
    if cursor.peek()? != quote {
        return Ok(raw.len().checked_sub(3).and_then(|end| raw.get(..end)));
    }
    let quotes = [quote as u8; 5];
    let has_six = raw.ends_with(&quotes);
    let first_is_escaped = quote == '"' && raw.ends_with(b"\\\"\"\"\"\"");
    if has_six && !first_is_escaped {
        let (outer, inner) = if quote == '"' { ('\'', '"') } else { ('"', '\'') };
        return Err(cursor.problem(format!("unexpected {outer}{}{outer}", inner.to_string().repeat(6))));
    }
    cursor.go_back(mark);
    Ok(None)
}

/// Checks the form of an escape whose backslash has been read.
fn check_escape(cursor: &mut Cursor<'_>, start: usize) -> Result<(), Problem> {
    let (name, letter, digits) = match cursor.next()? {
        'e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\' => return Ok(()),
        'x' => ("two", 'x', 2),
        'u' => ("four", 'u', 4),
        'U' => ("eight", 'U', 8),
        c => return Err(cursor.problem_before_end(format!("invalid escape in string '\\{c}'"))),
    };
    for _ in 0..digits {
        if !cursor.next()?.is_ascii_hexdigit() {
            let found = quoted(cursor.since(start));
            return Err(cursor.problem(format!(
                "expected {name} hexadecimal digits after '\\{letter}', but got {found} instead"
            )));
        }
    }
    Ok(())
}

fn without_first_break(text: &[u8]) -> &[u8] {
    match text {
        [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] => rest,
        text => text,
    }
}

/// Drops backslashes at the ends of lines with all white space after them.
fn without_escaped_breaks(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'\\' {
            out.push(byte);
            rest = tail;
            continue;
        }
        let space = tail.iter().position(|byte| !b" \t\r\n".contains(byte)).unwrap_or(tail.len());
        let (blank, after) = tail.split_at(space);
        if blank.contains(&b'\n') {
            rest = after;
            continue;
        }
        out.push(byte);
        rest = tail;
        if let [b'\\', after @ ..] = tail {
            out.push(b'\\');
            rest = after;
        }
    }
    out
}

/// Replaces the escapes of a string whose escapes have been checked; `line` is where it ends.
fn unescape(text: &[u8], line: i64) -> Result<Str, Problem> {
    if !text.contains(&b'\\') {
        return Ok(Str::from(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let escape = tail.first().copied().unwrap_or_default();
        rest = tail.get(1..).unwrap_or_default();
        match escape {
            b'b' => out.push(0x08),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'f' => out.push(0x0c),
            b'r' => out.push(b'\r'),
            b'e' => out.push(0x1b),
            b'"' | b'\\' => out.push(escape),
            b'x' | b'u' | b'U' => {
                let count = match escape {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                let (digits, after) = rest.split_at(count.min(rest.len()));
                let c = decode_hex(digits, line)?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
            }
            _ => {
                let message = format!("invalid escape: '\\{}'", char::from(escape));
                return Err(Problem { line, message });
            }
        }
    }
    Ok(Str::from(out))
}

fn decode_hex(digits: &[u8], line: i64) -> Result<char, Problem> {
    let digits = String::from_utf8_lossy(digits);
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or_else(|| Problem {
        line,
        message: format!("Escaped character '\\u{digits}' is not valid UTF-8."),
    })
}
