//! Go's quoting of strings and the English numbers of `golang.org/x/text/message`, which the validator prints with.

use std::fmt::Write;

/// Quotes as Go's `%q` does.
pub(crate) fn go_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for found in text.chars() {
        push_escaped(&mut out, found, '"');
    }
    out.push('"');
    out
}

/// Quotes one character as Go's `%q` does for a rune.
pub(crate) fn quote_char(found: char) -> String {
    let mut out = String::from('\'');
    push_escaped(&mut out, found, '\'');
    out.push('\'');
    out
}

/// Puts the text in backquotes where Go's `strconv.CanBackquote` allows it, else quotes it.
pub(crate) fn backquote(text: &str) -> String {
    let plain = |c: char| c != '`' && c != '\u{FEFF}' && (c >= ' ' || c == '\t') && c != '\u{7F}';
    if text.chars().all(plain) { format!("`{text}`") } else { go_quote(text) }
}

/// Quotes with single quotes, in the validator's own way (jsonschema, `quote` in kind/kind.go): the double quotes
/// of `%q` are stripped after its escaped ones were unescaped, so a final backslash loses its escape.
pub(crate) fn quote(text: &str) -> String {
    let quoted = go_quote(text).replace("\\\"", "\"").replace('\'', "\\'");
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    format!("'{inner}'")
}

fn push_escaped(out: &mut String, found: char, quote: char) {
    match found {
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        '\\' => out.push_str("\\\\"),
        _ if found == quote => {
            out.push('\\');
            out.push(quote);
        }
        _ if is_printable(found) => out.push(found),
        _ => {
            let code = u32::from(found);
            let written = match code {
                0..0x80 => write!(out, "\\x{code:02x}"),
                0x80..0x10000 => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
            written.expect("a string takes all text");
        }
    }
}

/// Says whether Go's `unicode.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space.
fn is_printable(found: char) -> bool {
    if found.is_ascii() {
        return (' '..='~').contains(&found);
    }
    // Rust escapes a combining mark only at the start of a text; behind another character it shows what is printable.
    let probe: String = ['a', found].iter().collect();
    probe.escape_debug().nth(1) == Some(found)
}

/// Prints a whole number with thousands separators.
pub(crate) fn integer(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    format!("{}{}", if value < 0 { "-" } else { "" }, group(&digits))
}

/// Prints a float as `%v` of an English `message.Printer` does: plain with separators for exponents from -4 to 5,
/// `1.5×10⁰⁶` beyond.
pub(crate) fn float(value: f64) -> String {
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if !(-4..6).contains(&exponent) {
        return format!("{sign}{mantissa}×10{}", superscript(exponent));
    }
    let Ok(whole) = usize::try_from(exponent + 1) else {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{digits}");
    };
    if whole == 0 {
        return format!("{sign}0.{digits}");
    }
    if digits.len() <= whole {
        let zeros = "0".repeat(whole - digits.len());
        return format!("{sign}{}", group(&format!("{digits}{zeros}")));
    }
    let (before, after) = digits.split_at(whole);
    format!("{sign}{}.{after}", group(before))
}

fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn superscript(exponent: i32) -> String {
    let mut out = String::new();
    if exponent < 0 {
        out.push('⁻');
    }
    for digit in format!("{:02}", exponent.unsigned_abs()).chars() {
        let raised = digit.to_digit(10).and_then(|at| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(at as usize));
        out.extend(raised);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_english() {
        for (value, expected) in [
            (70_000.0, "70,000"),
            (999_999.0, "999,999"),
            (1e6, "1×10⁰⁶"),
            (1_234_567.0, "1.234567×10⁰⁶"),
            (123_456.789, "123,456.789"),
            (0.0001, "0.0001"),
            (5e-5, "5×10⁻⁰⁵"),
            (0.35, "0.35"),
            (-7.5, "-7.5"),
            (0.0, "0"),
            (7.5e299, "7.5×10²⁹⁹"),
        ] {
            assert_eq!(float(value), expected);
        }
        assert_eq!(integer(-70_000), "-70,000");
        assert_eq!(integer(999), "999");
    }

    #[test]
    fn quotes_are_single_and_a_final_backslash_loses_its_escape() {
        assert_eq!(quote("x'y\"z\né\u{7}"), r#"'x\'y"z\né\a'"#);
        assert_eq!(quote("\\"), r"'\'");
        assert_eq!(quote("\u{200b}\u{1F600}\u{7f}\u{a0}"), "'\\u200b😀\\x7f\\u00a0'");
    }
}
