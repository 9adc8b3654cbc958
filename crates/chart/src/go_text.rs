//! Pieces of Go's text forms that Helm's messages are made of: `%q`, `%t`, `log/slog`'s quoting.

use value::gofmt::float::{Notation, Size, append_float};
use value::gofmt::quote::{Plain, append_quoted_char};
use value::{Value, gofmt};

/// Returns the text as Go's `%q` prints it.
pub(crate) fn quote(text: &str) -> String {
    gofmt::quoted(text.as_bytes())
}

/// Returns runes as Go's `%q` prints a `[]rune`: `['a' 'b']`.
pub(crate) fn quote_runes(runes: &[char]) -> String {
    let mut out = vec![b'['];
    for (index, c) in runes.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        append_quoted_char(&mut out, *c, Plain::Printable);
    }
    out.push(b']');
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns whether Go's `unicode.IsSpace` holds.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Returns a value as Go's `%v` prints it.
pub(crate) fn plain(value: &Value) -> String {
    let mut out = Vec::new();
    gofmt::print(value, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns a value as Go's `%t` prints it: booleans as such, everything else with the complaint about the verb.
pub(crate) fn boolean_verb(value: &Value) -> String {
    String::from_utf8_lossy(&gofmt::sprintf(b"%t", std::slice::from_ref(value))).into_owned()
}

/// Returns `strconv.FormatFloat(number, 'g', -1, 32)`: what sigs.k8s.io/yaml turns a number into when it is read
/// into a string field.
pub(crate) fn float32(number: f64) -> String {
    let mut out = Vec::new();
    append_float(&mut out, number, Notation::General, None, Size::Bits32);
    String::from_utf8_lossy(&out).into_owned()
}
