//! Dates and times: with an offset, local, or only one of the two.

use crate::Value;
use crate::gofmt::quoted;
use crate::time::{Zone, parse_in};

/// The forms of dates and the zone a time without offset is in. BurntSushi marks local ones by zones of its own; they
/// have the offset of the system's zone, which is taken to be UTC here.
const LAYOUTS: [(&str, &str); 7] = [
    ("2006-01-02T15:04:05.999999999Z07:00", ""),
    ("2006-01-02T15:04:05.999999999", "datetime-local"),
    ("2006-01-02", "date-local"),
    ("15:04:05.999999999", "time-local"),
    ("2006-01-02T15:04Z07:00", ""),
    ("2006-01-02T15:04", "datetime-local"),
    ("15:04", "time-local"),
];

/// Reads a date, a time of day or both, with or without an offset.
///
/// # Errors
/// When it is none, with the text that BurntSushi tried to read: letters are capital, and a blank is a `T`.
pub(super) fn read(text: &[u8]) -> Result<Value, String> {
    let text: Vec<u8> = text.iter().map(|byte| as_layouts_have_it(*byte)).collect();
    let date = std::str::from_utf8(&text).ok().and_then(read_normal);
    date.ok_or_else(|| format!("invalid datetime: {}", quoted(&text)))
}

fn as_layouts_have_it(byte: u8) -> u8 {
    match byte {
        b'z' => b'Z',
        b't' | b' ' => b'T',
        byte => byte,
    }
}

fn read_normal(text: &str) -> Option<Value> {
    for (layout, zone) in LAYOUTS {
        let zone = match zone {
            "" => Zone::Utc,
            name => Zone::Fixed { abbreviation: name.into(), offset: 0 },
        };
        if let Ok(time) = parse_in(layout, text, &zone) {
            return has_leading_zeros(text, layout).then(|| Value::object(time));
        }
    }
    None
}

/// Go reads numbers without their leading zeros; separators then stand elsewhere than in the layout.
fn has_leading_zeros(text: &str, layout: &str) -> bool {
    for (index, wanted) in layout.bytes().enumerate() {
        if matches!(wanted, b'.' | b'Z') {
            return true;
        }
        if !wanted.is_ascii_digit() && text.as_bytes().get(index) != Some(&wanted) {
            return false;
        }
    }
    true
}
