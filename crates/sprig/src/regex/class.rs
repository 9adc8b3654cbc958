//! Character classes and escapes, read as Go's regexp/syntax does and written for the `regex` crate.

use super::error::{Error, Fault};

/// Matches nothing: what is left of a class that held surrogates only.
const NOTHING: &str = r"[^\x{0}-\x{10FFFF}]";

/// Returns the class of a Perl escape such as `\d` (Go: ASCII only).
pub(super) fn perl_class(letter: Option<char>) -> Option<&'static str> {
    Some(match letter? {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => r"[\t\n\x0C\r ]",
        'S' => r"[^\t\n\x0C\r ]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

/// Reads `\pN`, `\p{Greek}` or `\P{^Greek}`; nothing if the text starts with something else.
pub(super) fn unicode_class(text: &str) -> Result<Option<(String, &str)>, Error> {
    let Some(after) = text.strip_prefix("\\p").or_else(|| text.strip_prefix("\\P")) else { return Ok(None) };
    let invalid = |excerpt: &str| Error::new(Fault::InvalidCharRange, excerpt);
    let Some(first) = after.chars().next() else {
        // Go: the escape is read as an ordinary one, which does not exist.
        return Ok(None);
    };
    let end = match first {
        '{' => text.find('}').map(|end| end + 1).ok_or_else(|| invalid(text))?,
        _ => 2 + first.len_utf8(),
    };
    let (sequence, rest) = text.split_at(end);
    let name = sequence[2..].trim_start_matches('{').trim_end_matches('}');
    let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let negated = negated != text.starts_with("\\P");
    let sign = if negated { "P" } else { "p" };
    let well_formed = !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_- ".contains(letter));
    let class = ["gc", "sc"].map(|property| format!("\\{sign}{{{property}={name}}}"));
    // The library knows the same names of categories and scripts, in the same loose spelling.
    let class = class.into_iter().find(|class| well_formed && regex::Regex::new(class).is_ok());
    Ok(Some((class.ok_or_else(|| invalid(sequence))?, rest)))
}

/// Reads a class in brackets.
pub(super) fn bracket_class(whole: &str) -> Result<(String, &str), Error> {
    let mut text = &whole[1..];
    let mut class = String::from("[");
    if let Some(after) = text.strip_prefix('^') {
        text = after;
        class.push('^');
    }
    let start = class.len();
    let mut first = true;
    while first || !text.starts_with(']') {
        first = false;
        if let Some((named, rest)) = posix_class(text)? {
            class.push_str(named);
            text = rest;
        } else if let Some((unicode, rest)) = unicode_class(text)? {
            class.push_str(&unicode);
            text = rest;
        } else if let Some(perl) = perl_escape(text) {
            class.push_str(perl);
            text = &text[2..];
        } else {
            let range = text;
            let low;
            (low, text) = class_letter(text, whole)?;
            let mut high = low;
            if text.starts_with('-') && text.len() >= 2 && !text.starts_with("-]") {
                (high, text) = class_letter(&text[1..], whole)?;
                if high < low {
                    let excerpt = &range[..range.len() - text.len()];
                    return Err(Error::new(Fault::InvalidCharRange, excerpt));
                }
            }
            push_range(&mut class, low, high);
        }
    }
    if class.len() == start {
        class.push_str(NOTHING);
    }
    class.push(']');
    Ok((class, &text[1..]))
}

fn perl_escape(text: &str) -> Option<&'static str> {
    perl_class(text.strip_prefix('\\')?.chars().next())
}

/// Reads `[:alpha:]`; nothing if there is none.
fn posix_class(text: &str) -> Result<Option<(&str, &str)>, Error> {
    const NAMES: [&str; 14] = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
        "upper", "word", "xdigit",
    ];
    let Some(end) = text.strip_prefix("[:").and_then(|after| after.find(":]")) else { return Ok(None) };
    let (class, rest) = text.split_at(end + 4);
    let name = &class[2..class.len() - 2];
    if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err(Error::new(Fault::InvalidCharRange, class));
    }
    Ok(Some((class, rest)))
}

fn class_letter<'a>(text: &'a str, whole: &str) -> Result<(u32, &'a str), Error> {
    if text.starts_with('\\') {
        return escape(text);
    }
    let mut letters = text.chars();
    let letter = letters.next().ok_or_else(|| Error::new(Fault::MissingBracket, whole))?;
    Ok((letter.into(), letters.as_str()))
}

/// Writes a range without the surrogates, which no text holds.
fn push_range(class: &mut String, low: u32, high: u32) {
    for (low, high) in [(low, high.min(0xd7ff)), (low.max(0xe000), high)] {
        if low <= high {
            class.push_str(&format!("\\x{{{low:X}}}-\\x{{{high:X}}}"));
        }
    }
}

/// Writes one character as a pattern that matches it.
pub(super) fn literal(character: u32) -> String {
    match char::from_u32(character) {
        Some(letter) => regex::escape(letter.encode_utf8(&mut [0; 4])),
        None => NOTHING.to_owned(),
    }
}

/// Reads an escape that stands for one character.
pub(super) fn escape(text: &str) -> Result<(u32, &str), Error> {
    let mut letters = text[1..].chars();
    let Some(letter) = letters.next() else { return Err(Error::new(Fault::TrailingBackslash, "")) };
    let rest = letters.as_str();
    let simple = |character: u8| Ok((u32::from(character), rest));
    let invalid = |rest: &str| Err(Error::new(Fault::InvalidEscape, &text[..text.len() - rest.len()]));
    match letter {
        '1'..='7' if !rest.starts_with(|next: char| ('0'..='7').contains(&next)) => invalid(rest),
        '0'..='7' => {
            let digits = 1 + rest.bytes().take(2).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
            let value = text[1..=digits].bytes().fold(0, |value, digit| value * 8 + u32::from(digit - b'0'));
            Ok((value, &text[1 + digits..]))
        }
        'x' if rest.starts_with('{') => match braced_hexadecimal(&rest[1..]) {
            Ok(value) => Ok(value),
            Err(rest) => invalid(rest),
        },
        'x' if !rest.is_empty() => {
            let mut digits = rest.chars();
            let values =
                [digits.next(), digits.next()].map(|digit| digit.and_then(|digit| digit.to_digit(16)));
            match values {
                [Some(high), Some(low)] => Ok((high * 16 + low, digits.as_str())),
                _ => invalid(digits.as_str()),
            }
        }
        'a' => simple(7),
        'f' => simple(12),
        'n' => simple(b'\n'),
        'r' => simple(b'\r'),
        't' => simple(b'\t'),
        'v' => simple(11),
        _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Ok((letter.into(), rest)),
        _ => invalid(rest),
    }
}

/// Reads hexadecimal digits up to the brace; what follows the first wrong character comes back otherwise.
fn braced_hexadecimal(text: &str) -> Result<(u32, &str), &str> {
    let mut value = 0;
    let mut letters = text.chars();
    loop {
        match letters.next() {
            Some('}') if letters.as_str().len() + 1 < text.len() => return Ok((value, letters.as_str())),
            Some(letter) => value = value * 16 + letter.to_digit(16).ok_or(letters.as_str())?,
            None => return Err(""),
        }
        if value > 0x10_ffff {
            return Err(letters.as_str());
        }
    }
}
