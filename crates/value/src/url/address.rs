//! Whether a text is an IP address, by Go's `netip.ParseAddr`.

use crate::gofmt::quoted;

/// Which kind of address a text is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Version {
    V4,
    V6,
}

/// What is wrong, and with which rest of the text.
struct Problem<'a> {
    message: &'static str,
    at: &'a [u8],
}

type Checked<'a> = Result<(), Problem<'a>>;

/// Checks an address and returns which kind it is.
///
/// # Errors
/// Go's text, `ParseAddr("…"): …`.
pub(super) fn parse(text: &[u8]) -> Result<Version, String> {
    let result = match text.iter().find(|byte| b".:%".contains(byte)) {
        Some(b'.') => check_v4(text).map(|()| Version::V4),
        Some(b':') => check_v6(text).map(|()| Version::V6),
        Some(_) => Err(problem("missing IPv6 address", b"")),
        None => Err(problem("unable to parse IP", b"")),
    };
    result.map_err(|problem| {
        let place =
            if problem.at.is_empty() { String::new() } else { format!(" (at {})", quoted(problem.at)) };
        format!("ParseAddr({}): {}{place}", quoted(text), problem.message)
    })
}

fn problem<'a>(message: &'static str, at: &'a [u8]) -> Problem<'a> {
    Problem { message, at }
}

fn check_v4(text: &[u8]) -> Checked<'_> {
    let (mut value, mut digits, mut dots) = (0u32, 0, 0);
    for (index, byte) in text.iter().enumerate() {
        let rest = text.get(index..).unwrap_or_default();
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(problem("IPv4 field has octet with leading zero", b""));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(problem("IPv4 field has value >255", b""));
                }
            }
            b'.' => {
                if index == 0 || index == text.len() - 1 || digits == 0 {
                    return Err(problem("IPv4 field must have at least one digit", rest));
                }
                if dots == 3 {
                    return Err(problem("IPv4 address too long", b""));
                }
                (value, digits, dots) = (0, 0, dots + 1);
            }
            _ => return Err(problem("unexpected character", rest)),
        }
    }
    if dots < 3 { Err(problem("IPv4 address too short", b"")) } else { Ok(()) }
}

fn check_v6(text: &[u8]) -> Checked<'_> {
    let percent = memchr::memchr(b'%', text);
    if percent.is_some_and(|percent| percent + 1 == text.len()) {
        return Err(problem("zone must be a non-empty string", b""));
    }
    let mut rest = text.get(..percent.unwrap_or(text.len())).unwrap_or_default();
    let mut ellipsis = false;
    if let [b':', b':', tail @ ..] = rest {
        (ellipsis, rest) = (true, tail);
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut size = 0;
    while size < 16 {
        let digits = check_group(rest)?;
        if rest.get(digits) == Some(&b'.') {
            check_embedded(rest, size, ellipsis)?;
            (size, rest) = (size + 4, b"");
            break;
        }
        size += 2;
        rest = rest.get(digits..).unwrap_or_default();
        match rest {
            [] => break,
            [b':'] => return Err(problem("colon must be followed by more characters", rest)),
            [b':', b':', tail @ ..] => {
                if ellipsis {
                    return Err(problem("multiple :: in address", rest.get(1..).unwrap_or_default()));
                }
                (ellipsis, rest) = (true, tail);
                if rest.is_empty() {
                    break;
                }
            }
            [b':', tail @ ..] => rest = tail,
            _ => return Err(problem("unexpected character, want colon", rest)),
        }
    }
    match (rest.is_empty(), size < 16, ellipsis) {
        (false, _, _) => Err(problem("trailing garbage after address", rest)),
        (true, true, false) => Err(problem("address string too short", b"")),
        (true, false, true) => Err(problem("the :: must expand to at least one field of zeros", b"")),
        _ => Ok(()),
    }
}

/// Returns how many hexadecimal digits stand in front.
fn check_group(text: &[u8]) -> Result<usize, Problem<'_>> {
    match text.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(text.len()) {
        0 => Err(problem("each colon-separated field must have at least one digit", text)),
        digits @ 1..=4 => Ok(digits),
        _ => Err(problem("each group must have 4 or less digits", text)),
    }
}

fn check_embedded(text: &[u8], size: usize, ellipsis: bool) -> Checked<'_> {
    if !ellipsis && size != 12 {
        return Err(problem("embedded IPv4 address must replace the final 2 fields of the address", text));
    }
    if size > 12 {
        return Err(problem("too many hex fields to fit an embedded IPv4 at the end of the address", text));
    }
    check_v4(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for text in ["::1", "fe80::1%en0", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "::"] {
            assert_eq!(parse(text.as_bytes()), Ok(Version::V6), "{text}");
        }
        assert_eq!(parse(b"1.2.3.4"), Ok(Version::V4));
        for text in
            ["", "abc", "1:2", "1:2:3:4:5:6:7:8:9", "::1::", "12345::", "1.2.3", "01.2.3.4", "fe80::1%"]
        {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
