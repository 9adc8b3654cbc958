//! The formats that strings of custom objects are checked against (apiextensions, `validation/formats.go`; their
//! rules are kube-openapi's `strfmt`). Other formats mean nothing.

use super::instance::Patterns;
use std::net::{IpAddr, Ipv6Addr};

const UUID: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
const UUID3: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$";
const UUID4: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
const UUID5: &str = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$";
const HOST: &str = r"^([a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|([a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$";
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$";
const COLOR: &str = "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$";
const BYTE_NUMBER: &str = "(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])";
const SSN: &str = r"^\d{3}[- ]?\d{2}[- ]?\d{4}$";
const CARD: &str = r"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$";
const TIME: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$";
const SPAN: &str =
    "(?i)[0-9]+\\s*(ns|nano|us|µs|micro|ms|milli|s|sec|m|min|h|hr|hour|d|day|w|wk|week)[a-zµ]*";
const SHORT_NAME: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const LONG_NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

const KNOWN: [&str; 26] = [
    "bsonobjectid",
    "uri",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "cidr",
    "mac",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
    "isbn",
    "isbn10",
    "isbn13",
    "creditcard",
    "ssn",
    "hexcolor",
    "rgbcolor",
    "byte",
    "password",
    "date",
    "duration",
    "datetime",
    "k8sshortname",
    "k8slongname",
];

// Dashes do not count: `date-time` is `datetime`.
fn plain(format: &str) -> String {
    format.replace('-', "")
}

/// Whether strings can have the format.
pub(super) fn is_known(format: &str) -> bool {
    KNOWN.contains(&plain(format).as_str())
}

/// Whether `text` has the format.
pub(super) fn is_valid(format: &str, text: &str, patterns: &Patterns) -> bool {
    let matches = |pattern: &str| patterns.get(pattern).is_ok_and(|regex| regex.is_match(text.as_bytes()));
    match plain(format).as_str() {
        "bsonobjectid" => text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit()),
        "uri" => value::url::is_request_url(text),
        "email" => is_email(text),
        "hostname" => matches(HOST) && text.len() <= 255 && text.split('.').all(|part| part.len() <= 63),
        "ipv4" => is_ipv4(text),
        "ipv6" => text.contains(':') && text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => is_mac(text),
        "uuid" => matches(UUID),
        "uuid3" => matches(UUID3),
        "uuid4" => matches(UUID4),
        "uuid5" => matches(UUID5),
        "isbn" => is_isbn10(text) || is_isbn13(text),
        "isbn10" => is_isbn10(text),
        "isbn13" => is_isbn13(text),
        "creditcard" => is_credit_card(text, patterns),
        "ssn" => matches(SSN),
        "hexcolor" => matches(COLOR),
        "rgbcolor" => {
            let number = BYTE_NUMBER;
            matches(&format!(r"^rgb\(\s*{number}\s*,\s*{number}\s*,\s*{number}\s*\)$"))
        }
        "byte" => matches(BASE64),
        "date" => is_date(text),
        "datetime" => is_date_time(text, patterns),
        "duration" => value::time::Duration::parse(text).is_ok() || matches(SPAN),
        "k8sshortname" => text.len() <= 63 && matches(SHORT_NAME),
        "k8slongname" => text.len() <= 253 && matches(LONG_NAME),
        _ => true,
    }
}

fn is_email(text: &str) -> bool {
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
        None => text,
    };
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let dotted = |part: &str| part.split('.').all(|p| !p.is_empty()) && part.chars().all(allowed);
    address.rsplit_once('@').is_some_and(|(local, domain)| {
        let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
        (quoted || dotted(local)) && dotted(domain)
    })
}

// Leading zeros are forgiven, as Go once did.
fn is_ipv4(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let octet = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse::<u64>().is_ok_and(|n| n < 256)
    };
    let mapped =
        || text.parse::<Ipv6Addr>().is_ok_and(|ip| ip.to_ipv4_mapped().is_some()) && text.contains('.');
    parts.len() == 4 && parts.iter().all(octet) || mapped()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let bits = match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) => 128,
        Ok(IpAddr::V4(_)) => 32,
        Err(_) if is_ipv4(address) => 32,
        Err(_) => return false,
    };
    !length.is_empty()
        && length.bytes().all(|b| b.is_ascii_digit())
        && length.parse::<u8>().is_ok_and(|n| n <= bits)
}

// `net.ParseMAC`: 6, 8 or 20 bytes, in pairs with colons or dashes, or in fours with dots.
fn is_mac(text: &str) -> bool {
    let groups = |separator: char, width: usize| {
        let parts: Vec<&str> = text.split(separator).collect();
        let hex = |p: &&str| p.len() == width && p.bytes().all(|b| b.is_ascii_hexdigit());
        matches!(parts.len() * width / 2, 6 | 8 | 20) && parts.iter().all(hex)
    };
    groups(':', 2) || groups('-', 2) || groups('.', 4)
}

fn digits(text: &str) -> Vec<u32> {
    text.chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| c.to_digit(10).unwrap_or(if c == 'X' { 10 } else { 99 }))
        .collect()
}

fn is_isbn10(text: &str) -> bool {
    let digits = digits(text);
    let sound = digits.iter().enumerate().all(|(at, d)| *d < 10 || *d == 10 && at == 9);
    digits.len() == 10
        && sound
        && digits.iter().zip(1..).map(|(d, weight)| d * weight).sum::<u32>().is_multiple_of(11)
}

fn is_isbn13(text: &str) -> bool {
    let digits = digits(text);
    let weighted = digits.iter().zip([1, 3].into_iter().cycle()).map(|(d, weight)| d * weight);
    digits.len() == 13 && digits.iter().all(|d| *d < 10) && weighted.sum::<u32>().is_multiple_of(10)
}

fn is_credit_card(text: &str, patterns: &Patterns) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let luhn = |(at, digit): (usize, u32)| match at % 2 {
        0 => digit,
        _ if digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    };
    let sum: u32 = digits(&plain).into_iter().rev().enumerate().map(luhn).sum();
    patterns.get(CARD).is_ok_and(|regex| regex.is_match(plain.as_bytes())) && sum.is_multiple_of(10)
}

/// Whether `text` is a day like `2006-01-02`.
pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, width: usize| {
        (part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Whether `text` is a time like `2006-01-02T15:04:05Z`.
pub(super) fn is_date_time(text: &str, patterns: &Patterns) -> bool {
    let lower = text.to_lowercase();
    let Some((date, time)) = lower.split_once('t') else { return false };
    is_date(date) && patterns.get(TIME).is_ok_and(|regex| regex.is_match(time.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_take_what_kubernetes_takes() {
        let patterns = Patterns::default();
        let good = [
            ("ipv4", "1.2.3.4"),
            ("ipv4", "001.2.3.4"),
            ("ipv6", "::1"),
            ("cidr", "10.0.0.0/8"),
            ("duration", "1h"),
            ("duration", "3 weeks"),
            ("byte", "YWI="),
            ("date", "2024-02-29"),
            ("date-time", "2001-01-01T00:00:00Z"),
            ("email", "Bob <b@example.com>"),
            ("hostname", "a-b.example.com"),
            ("uuid", "B0EEBC999C0B4EF8BB6D6BB9BD380A11"),
            ("isbn10", "0321751043"),
            ("isbn13", "978-0321751041"),
            ("creditcard", "4111-1111-1111-1111"),
            ("mac", "01:02:03:04:05:06"),
            ("hexcolor", "#fff"),
            ("rgbcolor", "rgb(1,2,3)"),
            ("uri", "https://x/y"),
            ("k8s-short-name", "a-b"),
            ("unheard-of", "anything"),
        ];
        for (format, text) in good {
            assert!(is_valid(format, text, &patterns), "{format} {text}");
        }
        let bad = [
            ("ipv4", "1.2.3"),
            ("ipv6", "1.2.3.4"),
            ("cidr", "10.0.0.0/33"),
            ("duration", "xx"),
            ("byte", "***"),
            ("byte", ""),
            ("date", "2023-02-29"),
            ("date-time", "nope"),
            ("email", "@x"),
            ("uri", "x y"),
            ("isbn10", "0321751044"),
            ("creditcard", "4111-1111-1111-1112"),
            ("mac", "01:02"),
            ("k8s-short-name", "A"),
        ];
        for (format, text) in bad {
            assert!(!is_valid(format, text, &patterns), "{format} {text}");
        }
    }
}
