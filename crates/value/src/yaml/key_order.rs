//! The order in which go-yaml writes the keys of a map: numbers by value, letters after everything else (sorter.go).

use super::emit::Flavour;

/// Sorts keyed entries in go-yaml's order.
///
/// The comparison is not transitive (`01`, `012`, `01Z`): Go's result then depends on the map's random order. The standard
/// library's sort may panic on such a comparison, so this is a plain merge sort.
pub(super) fn sort<T>(entries: &mut Vec<(&[u8], T)>, flavour: Flavour) {
    let is_sorted = entries.windows(2).all(|pair| match pair {
        [a, b] => is_less(a.0, b.0, flavour),
        _ => true,
    });
    if !is_sorted {
        let all = std::mem::take(entries);
        *entries = merge_sort(all, flavour);
    }
}

fn merge_sort<T>(mut entries: Vec<(&[u8], T)>, flavour: Flavour) -> Vec<(&[u8], T)> {
    if entries.len() < 2 {
        return entries;
    }
    let right = merge_sort(entries.split_off(entries.len() / 2), flavour);
    let left = merge_sort(entries, flavour);
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let takes_right = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => is_less(b.0, a.0, flavour),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => return out,
        };
        out.extend(if takes_right { right.next() } else { left.next() });
    }
}

/// Returns whether key `a` is written before key `b`.
fn is_less(a: &[u8], b: &[u8], flavour: Flavour) -> bool {
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    // Back to the beginning of the character that differs.
    let start = (0..=common).rev().find(|at| a.get(*at).is_none_or(|byte| byte & 0xC0 != 0x80)).unwrap_or(0);
    let (before, a) = a.split_at(start.min(a.len()));
    let b = b.get(before.len()..).unwrap_or_default();
    let (Some(x), Some(y)) = (first(a), first(b)) else {
        return a.len() < b.len();
    };
    match (is_letter(x), is_letter(y)) {
        (true, true) => return x < y,
        // yaml.v3 puts letters first when digits stand before them: `1a` before `12`.
        (x_is_letter @ (true | false), y_is_letter) if x_is_letter || y_is_letter => {
            let after_digit = flavour == Flavour::V3 && characters(before).next_back().is_some_and(is_digit);
            return if after_digit { x_is_letter } else { y_is_letter };
        }
        _ => {}
    }
    // Leading zeros do not count, but zeros behind other digits do.
    let behind_digits = (x == '0' || y == '0')
        && characters(before)
            .rev()
            .take_while(|character| is_digit(*character))
            .any(|character| character != '0');
    let (x_len, x_number) = number(a, behind_digits);
    let (y_len, y_number) = number(b, behind_digits);
    if x_number != y_number {
        return x_number < y_number;
    }
    if x_len != y_len {
        return x_len < y_len;
    }
    x < y
}

fn characters(bytes: &[u8]) -> std::str::Chars<'_> {
    std::str::from_utf8(bytes).unwrap_or_default().chars()
}

fn first(bytes: &[u8]) -> Option<char> {
    match bytes.first() {
        None => None,
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        Some(_) => Some(characters(bytes).next().unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
}

/// Returns how many digits stand at the beginning, and their number (Go's arithmetic wraps around).
fn number(bytes: &[u8], behind_digits: bool) -> (usize, i64) {
    if bytes.first().is_some_and(u8::is_ascii) && !bytes.first().is_some_and(u8::is_ascii_digit) {
        return (0, i64::from(behind_digits));
    }
    let mut value = i64::from(behind_digits);
    let mut len = 0;
    for character in characters(bytes).take_while(|character| is_digit(*character)) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(character as u32) - i64::from(b'0'));
        len += 1;
    }
    (len, value)
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic()
}

/// The zeros of the decimal digits beyond ASCII, up to U+FFFF (Unicode's category `Nd`, Go's `unicode.IsDigit`).
const ZEROS: [u32; 36] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

fn is_digit(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    let code = character as u32;
    let after = ZEROS.partition_point(|zero| *zero <= code);
    after.checked_sub(1).and_then(|index| ZEROS.get(index)).is_some_and(|zero| code - zero < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &[&'static str], flavour: Flavour) -> Vec<&'static str> {
        let mut entries: Vec<_> = keys.iter().map(|key| (key.as_bytes(), *key)).collect();
        sort(&mut entries, flavour);
        entries.into_iter().map(|(_, key)| key).collect()
    }

    #[test]
    fn numbers_in_keys_count_by_value_and_letters_come_last() {
        for flavour in [Flavour::V2, Flavour::V3] {
            assert_eq!(
                sorted(&["a10", "a9", "a-b", "aa", "a_b"], flavour),
                ["a-b", "a_b", "a9", "a10", "aa"]
            );
        }
    }

    #[test]
    fn the_two_flavours_differ_where_letters_follow_digits() {
        assert_eq!(sorted(&["10a", "1a", "2a"], Flavour::V2), ["10a", "1a", "2a"]);
        assert_eq!(sorted(&["10a", "1a", "2a"], Flavour::V3), ["1a", "2a", "10a"]);
    }
}
