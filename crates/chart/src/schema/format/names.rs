//! Host names, mail addresses, JSON pointers and URI templates.

use super::{address, parsed};
use crate::schema::{text, url};

/// Checks labels between dots.
pub(crate) fn hostname(name: &str) -> Result<(), String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.len() > 253 {
        return Err("more than 253 characters long".to_owned());
    }
    name.split('.').try_for_each(label)
}

fn label(label: &str) -> Result<(), String> {
    if label.is_empty() || label.len() > 63 {
        return Err("label must be 1 to 63 characters long".to_owned());
    }
    if label.starts_with('-') {
        return Err("label starts with hyphen".to_owned());
    }
    if label.ends_with('-') {
        return Err("label ends with hyphen".to_owned());
    }
    only(label, |c| c.is_ascii_alphanumeric() || c == '-')
}

fn only(text: &str, allowed: impl Fn(char) -> bool) -> Result<(), String> {
    match text.chars().find(|c| !allowed(*c)) {
        Some(found) => Err(format!("invalid character {}", text::quote_char(found))),
        None => Ok(()),
    }
}

/// Checks a local part, `@` and a host name or bracketed address.
pub(crate) fn email(mail: &str) -> Result<(), String> {
    if mail.len() > 254 {
        // The text is one off in the validator as well.
        return Err("more than 255 characters long".to_owned());
    }
    let Some((local, domain)) = mail.rsplit_once('@') else {
        return Err("missing @".to_owned());
    };
    if local.len() > 64 {
        return Err("local part more than 64 characters long".to_owned());
    }
    local_part(local)?;
    match domain.strip_prefix('[').and_then(|domain| domain.strip_suffix(']')) {
        Some(literal) => match literal.strip_prefix("IPv6:") {
            Some(six) => address::ipv6(six).map_err(|fault| format!("invalid ipv6 address: {fault}")),
            None => address::ipv4(literal).map_err(|fault| format!("invalid ipv4 address: {fault}")),
        },
        None => hostname(domain).map_err(|fault| format!("invalid domain: {fault}")),
    }
}

fn local_part(local: &str) -> Result<(), String> {
    if local.len() > 1 && local.starts_with('"') {
        // The validator does not look whether the last character is a quote: it drops one byte.
        let inner = local.as_bytes().get(1..local.len() - 1).unwrap_or_default();
        if inner.iter().any(|byte| matches!(byte, b'\\' | b'"')) {
            return Err("backslash and quote are not allowed within quoted local part".to_owned());
        }
        return Ok(());
    }
    if local.starts_with('.') {
        return Err("starts with dot".to_owned());
    }
    if local.ends_with('.') {
        return Err("ends with dot".to_owned());
    }
    if local.contains("..") {
        return Err("consecutive dots".to_owned());
    }
    only(local, |c| c.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c))
}

/// Checks `/a/b~1c` (RFC 6901).
pub(crate) fn json_pointer(pointer: &str) -> Result<(), String> {
    if pointer.is_empty() {
        return Ok(());
    }
    if !pointer.starts_with('/') {
        return Err("not starting with /".to_owned());
    }
    let mut parts = pointer.split('~');
    parts.next();
    if parts.all(|part| part.starts_with(['0', '1'])) {
        Ok(())
    } else {
        Err("~ must be followed by 0 or 1".to_owned())
    }
}

/// Checks `1/a` or `0#`.
pub(crate) fn relative_json_pointer(pointer: &str) -> Result<(), String> {
    let rest = pointer.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = pointer.len() - rest.len();
    if digits == 0 {
        return Err("must start with non-negative integer".to_owned());
    }
    if digits > 1 && pointer.starts_with('0') {
        return Err("starts with zero".to_owned());
    }
    if rest == "#" { Ok(()) } else { json_pointer(rest) }
}

/// Checks that the braces of a template pair up within each path segment.
pub(crate) fn uri_template(template: &str) -> Result<(), String> {
    let path = parsed(template)?.path;
    // Go keeps the written path only where encoding the decoded one would differ.
    if path == escaped(&url::decode(path)) {
        return Ok(());
    }
    for segment in path.split('/') {
        let mut open = false;
        for brace in url::decode(segment).chars().filter(|c| matches!(c, '{' | '}')) {
            if (brace == '{') == open {
                return Err("nested curly braces".to_owned());
            }
            open = !open;
        }
        if open {
            return Err("no matching closing brace".to_owned());
        }
    }
    Ok(())
}

fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
