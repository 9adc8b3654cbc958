//! Go's quoted strings: `strconv.Quote`, `QuoteToASCII`, `QuoteRune`, `CanBackquote`, `Unquote`.

/// Which characters a quoted form leaves as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// All printable ones (`%q`).
    Printable,
    /// Printable ASCII only (`%+q`).
    Ascii,
}

/// Returns a text as Go's `strconv.Quote` writes it.
pub fn quoted(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    append_quoted(&mut out, text, Plain::Printable);
    String::from_utf8(out).expect("quoting escapes every invalid byte")
}

/// Appends a text as Go's `strconv.Quote` or `QuoteToASCII` writes it.
pub fn append_quoted(out: &mut Vec<u8>, text: &[u8], plain: Plain) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            append_escaped(out, c, '"', plain);
        }
        for byte in chunk.invalid() {
            append_hex(out, b'x', u32::from(*byte), 2);
        }
    }
    out.push(b'"');
}

/// Appends a character as Go's `strconv.QuoteRune` or `QuoteRuneToASCII` writes it.
pub fn append_quoted_char(out: &mut Vec<u8>, c: char, plain: Plain) {
    out.push(b'\'');
    append_escaped(out, c, '\'', plain);
    out.push(b'\'');
}

fn append_escaped(out: &mut Vec<u8>, c: char, quote: char, plain: Plain) {
    let escape = match c {
        '\\' => b'\\',
        '\u{7}' => b'a',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        '\u{b}' => b'v',
        _ if c == quote => quote as u8,
        ' '..='~' => {
            out.push(c as u8);
            return;
        }
        _ if plain == Plain::Printable && is_printable(c) => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return;
        }
        _ if c < ' ' || c == '\u{7f}' => return append_hex(out, b'x', c as u32, 2),
        _ if c as u32 > 0xffff => return append_hex(out, b'U', c as u32, 8),
        _ => return append_hex(out, b'u', c as u32, 4),
    };
    out.extend_from_slice(&[b'\\', escape]);
}

fn append_hex(out: &mut Vec<u8>, escape: u8, number: u32, digits: u32) {
    out.extend_from_slice(&[b'\\', escape]);
    for position in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(number >> (4 * position) & 15) as usize]);
    }
}

/// Returns whether Go's `strconv.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // The standard library knows this but shows it only through its escapes; behind another character a mark is
    // left as it is.
    let mut buffer = [b'a'; 5];
    let end = 1 + c.encode_utf8(&mut buffer[1..]).len();
    let text = std::str::from_utf8(&buffer[..end]).expect("two characters");
    text.escape_debug().nth(1) == Some(c)
}

/// Returns whether a text can stand between back quotes on one line (`strconv.CanBackquote`).
pub fn can_backquote(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        text.chars().all(|c| c != '\u{feff}' && (c >= ' ' || c == '\t') && c != '`' && c != '\u{7f}')
    })
}

/// Returns the text of a Go literal in double, single or back quotes; nothing when it is malformed.
pub fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (&quote, rest) = literal.split_first()?;
    let (&last, inner) = rest.split_last()?;
    if last != quote {
        return None;
    }
    match quote {
        b'`' if inner.contains(&b'`') => None,
        b'`' => Some(inner.iter().copied().filter(|byte| *byte != b'\r').collect()),
        b'"' | b'\'' => unquote_escapes(inner, quote),
        _ => None,
    }
}

fn unquote_escapes(mut rest: &[u8], quote: u8) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(rest.len());
    let mut count = 0;
    while !rest.is_empty() {
        if rest.first() == Some(&b'\n') {
            return None;
        }
        let (unit, tail) = unquote_char(rest, quote)?;
        match unit {
            Unit::Byte(byte) => out.push(byte),
            Unit::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = tail;
        count += 1;
    }
    (quote == b'"' || count == 1).then_some(out)
}

/// What one character or escape of a literal stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A byte: from `\x`, an octal escape, or ASCII.
    Byte(u8),
    /// A character.
    Char(char),
}

/// Decodes the first character or escape of a literal and returns the rest (`strconv.UnquoteChar`).
pub fn unquote_char(text: &[u8], quote: u8) -> Option<(Unit, &[u8])> {
    let (&first, rest) = text.split_first()?;
    if first == quote {
        return None;
    }
    if first >= 0x80 {
        let (c, size) = decode_char(text);
        return Some((Unit::Char(c), text.get(size..)?));
    }
    if first != b'\\' {
        return Some((Unit::Byte(first), rest));
    }
    let (&escape, rest) = rest.split_first()?;
    let byte = match escape {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' => b'\\',
        b'\'' | b'"' if escape == quote => escape,
        b'x' => {
            return digits(rest, 2, 16).and_then(|(n, tail)| Some((Unit::Byte(u8::try_from(n).ok()?), tail)));
        }
        b'u' => {
            return digits(rest, 4, 16).and_then(|(n, tail)| Some((Unit::Char(char::from_u32(n)?), tail)));
        }
        b'U' => {
            return digits(rest, 8, 16).and_then(|(n, tail)| Some((Unit::Char(char::from_u32(n)?), tail)));
        }
        b'0'..=b'7' => {
            let (number, tail) = digits(text.get(1..)?, 3, 8)?;
            return Some((Unit::Byte(u8::try_from(number).ok()?), tail));
        }
        _ => return None,
    };
    Some((Unit::Byte(byte), rest))
}

fn digits(text: &[u8], count: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (digits, tail) = text.split_at_checked(count)?;
    let mut number: u32 = 0;
    for digit in digits {
        number = number.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)?;
    }
    Some((number, tail))
}

/// Decodes the first character as Go does: an invalid byte is U+FFFD of width 1; of nothing, width 0.
pub fn decode_char(text: &[u8]) -> (char, usize) {
    let Some(&first) = text.first() else { return ('\u{fffd}', 0) };
    if first < 0x80 {
        return (char::from(first), 1);
    }
    let head = text.get(..4).unwrap_or(text);
    let valid = match std::str::from_utf8(head) {
        Ok(valid) => valid,
        Err(error) => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
    };
    valid.chars().next().map_or(('\u{fffd}', 1), |c| (c, c.len_utf8()))
}
