//! Dates and times: with an offset, local, or only one of the two.

use crate::Value;
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
pub(super) fn read(text: &[u8]) -> Option<Value> {
    let text: String = text
        .iter()
        .map(|&byte| match byte {
            b'z' => 'Z',
            b't' | b' ' => 'T',
            byte => char::from(byte),
        })
        .collect();
    for (layout, zone) in LAYOUTS {
        let zone = match zone {
            "" => Zone::Utc,
            name => Zone::Fixed { abbreviation: name.into(), offset: 0 },
        };
        if let Ok(time) = parse_in(layout, &text, &zone) {
            return has_leading_zeros(&text, layout).then(|| Value::object(time));
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
