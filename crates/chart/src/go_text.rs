//! Pieces of Go's text forms that Helm's messages are made of: `%q`, `%t`, `log/slog`'s quoting.

use value::{Value, go_lossy};

/// Returns the text as Go's `%q` prints it (`strconv.Quote`).
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        push_escaped(&mut out, c, '"');
    }
    out.push('"');
    out
}

/// Returns runes as Go's `%q` prints a `[]rune`: `['a' 'b']`.
pub(crate) fn quote_runes(runes: &[char]) -> String {
    let mut out = String::from("[");
    for (index, c) in runes.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push('\'');
        push_escaped(&mut out, *c, '\'');
        out.push('\'');
    }
    out.push(']');
    out
}

fn push_escaped(out: &mut String, c: char, delimiter: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        c if c == delimiter => {
            out.push('\\');
            out.push(c);
        }
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        c if is_print(c) => out.push(c),
        c if u32::from(c) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c if u32::from(c) < 0x10000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
    }
}

/// Returns whether Go's `unicode.IsPrint` holds: letters, marks, numbers, punctuation, symbols, and the space.
pub(crate) fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // `str`'s escape_debug knows the printable characters by the same categories; it also escapes a combining
    // mark at the start, hence the letter before it.
    let mut buffer = ['a'; 2];
    buffer[1] = c;
    let text: String = buffer.iter().collect();
    text.escape_debug().nth(1) != Some('\\')
}

/// Returns whether Go's `unicode.IsSpace` holds.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Returns a value as `log/slog`'s text handler writes it: quoted only when it must be.
pub(crate) fn log_text(text: &str) -> String {
    let plain =
        !text.is_empty() && text.chars().all(|c| !matches!(c, ' ' | '=' | '"' | '\u{fffd}') && is_print(c));
    if plain { text.to_owned() } else { quote(text) }
}

/// Returns a value as Go's `%v` prints it.
pub(crate) fn plain(value: &Value) -> String {
    let mut out = String::new();
    write_plain(&mut out, value);
    out
}

fn write_plain(out: &mut String, value: &Value) {
    match value {
        Value::Nil => out.push_str("<nil>"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) | Value::Int64(number) => out.push_str(&number.to_string()),
        Value::Float64(number) => out.push_str(&shortest(*number, &format!("{number:e}"))),
        Value::Number(number) => out.push_str(&format!("{number:?}")),
        Value::String(text) => out.push_str(&go_lossy(text)),
        Value::List(list) => {
            write_joined(out, "[", list.iter(), write_plain);
        }
        Value::Map(map) => {
            write_joined(out, "map[", map.borrow().iter(), |out, (key, value)| {
                out.push_str(&go_lossy(key));
                out.push(':');
                write_plain(out, value);
            });
        }
        Value::Object(object) => out.push_str(&object.print()),
    }
}

/// Returns a value as Go's `%t` prints it: booleans as such, everything else with the complaint about the verb.
pub(crate) fn boolean_verb(value: &Value) -> String {
    if value.is_nil() {
        return "%!t(<nil>)".into();
    }
    let mut out = String::new();
    write_boolean_verb(&mut out, value);
    out
}

fn write_boolean_verb(out: &mut String, value: &Value) {
    match value {
        Value::Nil | Value::Bool(_) => write_plain(out, value),
        Value::List(list) => write_joined(out, "[", list.iter(), write_boolean_verb),
        Value::Map(map) => write_joined(out, "map[", map.borrow().iter(), |out, (key, value)| {
            out.push_str("%!t(string=");
            out.push_str(&go_lossy(key));
            out.push_str("):");
            write_boolean_verb(out, value);
        }),
        other => {
            out.push_str("%!t(");
            out.push_str(other.type_name());
            out.push('=');
            write_plain(out, other);
            out.push(')');
        }
    }
}

fn write_joined<T>(
    out: &mut String,
    open: &str,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    out.push_str(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(' ');
        }
        write(out, item);
    }
    out.push(']');
}

/// Returns `strconv.FormatFloat(number, 'g', -1, 32)`: what sigs.k8s.io/yaml turns a number into when it is read
/// into a string field.
pub(crate) fn float32(number: f64) -> String {
    let narrow = number as f32;
    shortest(f64::from(narrow), &format!("{narrow:e}"))
}

/// Lays out the shortest digits of a number as Go's `%v` and `FormatFloat(…, 'g', -1, …)` do.
fn shortest(number: f64, scientific: &str) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    if !(-4..6).contains(&exponent) {
        let mark = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{mantissa}e{mark}{:02}", exponent.unsigned_abs());
    }
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let count = digits.len() as i32;
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("{sign}0.{zeros}{digits}");
    }
    if exponent + 1 >= count {
        let zeros = "0".repeat((exponent + 1 - count) as usize);
        return format!("{sign}{digits}{zeros}");
    }
    let (whole, fraction) = digits.split_at((exponent + 1) as usize);
    format!("{sign}{whole}.{fraction}")
}
