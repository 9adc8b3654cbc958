//! URLs as Go's `net/url` takes them apart, with its error texts. Joining is left to the engine.

use super::format::address;
use super::text;

/// The parts of a URL that are looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    /// Lower-cased; empty for a relative reference.
    pub(crate) scheme: String,
    /// Host and port as written.
    pub(crate) host: &'a str,
    /// As written, percent-encoded; empty behind a scheme without slash.
    pub(crate) path: &'a str,
}

/// Takes a URL apart.
///
/// # Errors
/// The text of Go's `url.Error`: `parse "…": …`.
pub(crate) fn parse(url: &str) -> Result<Url<'_>, String> {
    let (before, fragment) = url.split_once('#').unwrap_or((url, ""));
    let parsed = parts(before).map_err(|fault| format!("parse {}: {fault}", text::go_quote(before)))?;
    unescape(fragment, Place::Elsewhere)
        .map_err(|fault| format!("parse {}: {fault}", text::go_quote(url)))?;
    Ok(parsed)
}

/// Splits off the fragment, without the `#`.
pub(crate) fn split(url: &str) -> (&str, &str) {
    url.split_once('#').unwrap_or((url, ""))
}

/// Decodes `%41`; what is not UTF-8 afterwards is replaced.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| byte == b'%') {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Checks a reference as the validator splits it: its address must be a URL, its fragment decodable.
///
/// # Errors
/// The validator's text.
pub(crate) fn check_reference(reference: &str) -> Result<(), String> {
    let (address, fragment) = split(reference);
    let failed = |text: &str, fault: String| format!("error in parsing {}: {fault}", text::go_quote(text));
    parse(address).map_err(|fault| failed(address, fault))?;
    unescape(fragment, Place::Elsewhere).map_err(|fault| failed(reference, fault))
}

/// Encodes all but letters, digits and the characters that are named.
pub(crate) fn encode(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for found in text.chars() {
        if found.is_ascii_alphanumeric() || kept.contains(found) {
            out.push(found);
        } else {
            let mut buffer = [0; 4];
            for byte in found.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

/// Encodes a fragment as the validator shows it: what stands between slashes as Go's `url.PathEscape` does.
pub(crate) fn encode_fragment(fragment: &str) -> String {
    encode(fragment, "-_.~$&+=:@/")
}

/// Returns an address with its fragment as the validator shows it.
pub(crate) fn as_the_validator_writes(address: &str) -> String {
    match address.split_once('#') {
        Some((address, fragment)) => format!("{address}#{}", encode_fragment(&decode(fragment))),
        None => address.to_owned(),
    }
}

fn parts(url: &str) -> Result<Url<'_>, String> {
    if url.bytes().any(|byte| byte < b' ' || byte == 0x7F) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let (scheme, rest) = scheme(url)?;
    let scheme = scheme.to_ascii_lowercase();
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            return Ok(Url { scheme, host: "", path: "" });
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let (host, path) = match rest.strip_prefix("//") {
        Some(after) if !scheme.is_empty() || !rest.starts_with("///") => {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            (self::authority(&scheme, authority)?, path)
        }
        _ => ("", rest),
    };
    unescape(path, Place::Elsewhere)?;
    Ok(Url { scheme, host, path })
}

fn scheme(url: &str) -> Result<(&str, &str), String> {
    for (at, found) in url.char_indices() {
        match found {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            ':' => return Ok((url.get(..at).unwrap_or_default(), url.get(at + 1..).unwrap_or_default())),
            _ => break,
        }
    }
    Ok(("", url))
}

fn authority<'a>(scheme: &str, authority: &'a str) -> Result<&'a str, String> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    check_host(scheme, host)?;
    if let Some(user) = user {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(allowed) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        user.splitn(2, ':').try_for_each(|part| unescape(part, Place::Elsewhere))?;
    }
    Ok(host)
}

fn check_host(scheme: &str, host: &str) -> Result<(), String> {
    match host.rfind('[') {
        Some(0) => return check_literal(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    let strict = scheme == "http" || scheme == "https";
    let colon = if strict { host.find(':') } else { host.rfind(':') };
    check_port(colon.and_then(|at| host.get(at..)).unwrap_or_default())?;
    unescape(host, Place::Host)
}

/// Checks `[::1]:80`.
fn check_literal(host: &str) -> Result<(), String> {
    let Some(end) = host.rfind(']') else {
        return Err("missing ']' in host".to_owned());
    };
    check_port(host.get(end + 1..).unwrap_or_default())?;
    let name = host.get(1..end).unwrap_or_default();
    let (name, zone) = match name.find("%25") {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    unescape(name, Place::Host)?;
    unescape(zone, Place::Zone)?;
    let address = format!("{}{}", decode(name), decode(zone));
    match address::parse(&address) {
        Err(fault) => Err(format!("invalid host: {fault}")),
        Ok(address) if address.four => Err("invalid IP-literal".to_owned()),
        Ok(_) => Ok(()),
    }
}

fn check_port(port: &str) -> Result<(), String> {
    let digits = port.strip_prefix(':').or_else(|| port.is_empty().then_some(""));
    match digits {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(()),
        _ => Err(format!("invalid port {} after host", text::go_quote(port))),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Host,
    Zone,
    Elsewhere,
}

/// Checks the percent signs, and in a host the characters (Go's `unescape`).
fn unescape(text: &str, place: Place) -> Result<(), String> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            check_escape(bytes.get(at..).unwrap_or_default(), place)?;
            at += 3;
            continue;
        }
        if place != Place::Elsewhere && byte.is_ascii() && !in_host(byte) {
            let shown = text::go_quote(&char::from(byte).to_string());
            return Err(format!("invalid character {shown} in host name"));
        }
        at += 1;
    }
    Ok(())
}

fn check_escape(from_percent: &[u8], place: Place) -> Result<(), String> {
    let shown = String::from_utf8_lossy(from_percent.get(..3).unwrap_or(from_percent));
    let fault = || Err(format!("invalid URL escape {}", text::go_quote(&shown)));
    let code =
        shown.get(1..).filter(|digits| digits.len() == 2 && digits.bytes().all(|d| d.is_ascii_hexdigit()));
    let Some(code) = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else { return fault() };
    match place {
        Place::Host if code < 0x80 && shown != "%25" => fault(),
        Place::Zone if shown != "%25" && code != b' ' && !in_host(code) => fault(),
        _ => Ok(()),
    }
}

fn in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_gos_words() {
        for (url, expected) in [
            ("http://a b", "invalid character \" \" in host name"),
            ("http://[::1", "missing ']' in host"),
            ("::", "missing protocol scheme"),
            ("http://a:b/", "invalid port \":b\" after host"),
            ("http://%zz", "invalid URL escape \"%zz\""),
            ("http://x/%2", "invalid URL escape \"%2\""),
            ("1http://x", "first path segment in URL cannot contain colon"),
            ("http://us er@x", "net/url: invalid userinfo"),
            ("http://[1:2]/", "invalid host: ParseAddr(\"1:2\"): address string too short"),
        ] {
            assert_eq!(parse(url), Err(format!("parse \"{url}\": {expected}")));
        }
    }

    #[test]
    fn parts_are_as_written() {
        let url = parse("FILE://host/a%20b?x#y").unwrap();
        assert_eq!((url.scheme.as_str(), url.host, url.path), ("file", "host", "/a%20b"));
        assert_eq!(decode("/a%20b%"), "/a b%");
    }

    #[test]
    fn references_are_an_address_and_a_fragment() {
        assert_eq!(check_reference("a#/%41"), Ok(()));
        let fault = check_reference("::#/a");
        assert_eq!(fault, Err("error in parsing \"::\": parse \"::\": missing protocol scheme".to_owned()));
        let fault = check_reference("a#/%zz");
        assert_eq!(fault, Err("error in parsing \"a#/%zz\": invalid URL escape \"%zz\"".to_owned()));
        assert_eq!(as_the_validator_writes("x#/a'b/^%C3%A9"), "x#/a%27b/%5E%C3%A9");
    }
}
