//! Abbreviating and wrapping of text by goutils' rules, which count bytes.

use value::Str;

/// What happens to a word that is longer than a line.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum LongWords {
    /// It stands on a line of its own.
    Keep,
    /// It is cut.
    Break,
}

/// Shortens a text to `width` bytes, three of them dots (goutils' `AbbreviateFull`); widths below 4 leave it whole.
///
/// From an offset above 4 on, what comes before it is replaced by dots as well.
pub(super) fn abbreviate(text: &[u8], offset: i64, width: i64) -> Str {
    let Some(width) = usize::try_from(width).ok().filter(|&width| width >= 4) else { return Str::from(text) };
    if text.len() <= width {
        return Str::from(text);
    }
    let kept = width - 3;
    let offset = usize::try_from(offset).unwrap_or(0).min(text.len() - kept);
    if offset <= 4 {
        return joined(&[text.get(..kept).unwrap_or_default(), b"..."]);
    }
    if width < 7 {
        return Str::new();
    }
    if offset + kept < text.len() {
        // goutils ignores the error of a width below 4, which gives no text at all.
        let rest = text.get(offset..).unwrap_or_default();
        let middle = if kept < 4 { Str::new() } else { abbreviate(rest, 0, kept as i64) };
        return joined(&[b"...", &middle]);
    }
    joined(&[b"...", text.get(text.len() - kept..).unwrap_or_default()])
}

fn joined(parts: &[&[u8]]) -> Str {
    Str::from(parts.concat())
}

/// Breaks a text at blanks so that lines have at most `width` bytes (goutils' `WrapCustom`); existing line breaks count
/// as letters.
pub(super) fn wrap(text: &[u8], width: i64, line_break: &[u8], long_words: LongWords) -> Str {
    let width = usize::try_from(width).unwrap_or(0).max(1);
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while rest.len() > width {
        if let [b' ', tail @ ..] = rest {
            rest = tail;
            continue;
        }
        let window = rest.get(..=width).unwrap_or(rest);
        let blank = window.iter().rposition(|&byte| byte == b' ');
        let (line, next) = match (blank, long_words) {
            (Some(blank), _) => (blank, blank + 1),
            (None, LongWords::Break) => (width, width),
            (None, LongWords::Keep) => match rest.iter().skip(width).position(|&byte| byte == b' ') {
                Some(blank) => (width + blank, width + blank + 1),
                None => break,
            },
        };
        out.extend_from_slice(rest.get(..line).unwrap_or_default());
        out.extend_from_slice(line_break);
        rest = rest.get(next..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Str::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_the_last_blank_that_fits() {
        assert_eq!(wrap(b"hello big world", 5, b"\n", LongWords::Keep), "hello\nbig\nworld");
        assert_eq!(wrap(b"abcdefgh ij", 3, b"\n", LongWords::Keep), "abcdefgh\nij");
        assert_eq!(wrap(b"abcdefgh ij", 3, b"|", LongWords::Break), "abc|def|gh|ij");
        assert_eq!(wrap(b"  lead", 10, b"\n", LongWords::Keep), "  lead");
    }

    #[test]
    fn abbreviations_count_their_dots() {
        assert_eq!(abbreviate(b"hello world", 0, 5), "he...");
        assert_eq!(abbreviate(b"1234 5678 9123", 5, 10), "...5678...");
        assert_eq!(abbreviate(b"hello", 0, 3), "hello");
    }
}
