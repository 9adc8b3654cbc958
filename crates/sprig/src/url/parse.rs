//! A URL taken apart.

use value::gofmt::quoted;

use super::address;
use super::escape::{Part, escape, unescape};

/// The parts of a URL; path and fragment decoded, the rest as written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Url {
    pub(crate) scheme: Vec<u8>,
    pub(crate) opaque: Vec<u8>,
    pub(crate) user: Option<UserInfo>,
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    pub(crate) fragment: Vec<u8>,
}

/// User name and password, decoded.
#[derive(Debug, Clone)]
pub(crate) struct UserInfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl UserInfo {
    /// Returns the escaped form.
    pub(crate) fn to_text(&self) -> Vec<u8> {
        let mut text = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend_from_slice(&escape(password, Part::User));
        }
        text
    }
}

impl Url {
    /// Returns the host without port and brackets.
    pub(crate) fn hostname(&self) -> &[u8] {
        let host = match memchr::memrchr(b':', &self.host) {
            Some(colon) if is_optional_port(self.host.get(colon..).unwrap_or_default()) => {
                self.host.get(..colon).unwrap_or_default()
            }
            _ => &self.host,
        };
        match host {
            [b'[', inner @ .., b']'] => inner,
            host => host,
        }
    }
}

/// Takes a URL apart as Go's `url.Parse`.
///
/// # Errors
/// Go's text, `parse "…": …`.
pub(crate) fn parse(text: &[u8]) -> Result<Url, String> {
    let (url, fragment) = cut(text, b'#');
    let mut parsed = parse_url(url).map_err(|problem| format!("parse {}: {problem}", quoted(url)))?;
    if let Some(fragment) = fragment {
        parsed.fragment = unescape(fragment, Part::Fragment)
            .map_err(|problem| format!("parse {}: {problem}", quoted(text)))?;
    }
    Ok(parsed)
}

fn cut(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(separator, text) {
        Some(position) => (text.get(..position).unwrap_or_default(), text.get(position + 1..)),
        None => (text, None),
    }
}

pub(super) fn parse_url(text: &[u8]) -> Result<Url, String> {
    if text.iter().any(u8::is_ascii_control) {
        return Err(String::from("net/url: invalid control character in URL"));
    }
    if text == b"*" {
        return Ok(Url { path: b"*".to_vec(), ..Url::default() });
    }
    let (scheme, rest) = split_scheme(text)?;
    let (rest, query) = cut(rest, b'?');
    let mut url = Url {
        scheme: scheme.to_ascii_lowercase(),
        query: query.unwrap_or_default().to_vec(),
        ..Url::default()
    };
    if !rest.starts_with(b"/") {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b'/').0.contains(&b':') {
            return Err(String::from("first path segment in URL cannot contain colon"));
        }
    }
    let mut path = rest;
    if (!url.scheme.is_empty() || !rest.starts_with(b"///")) && rest.starts_with(b"//") {
        let authority = rest.get(2..).unwrap_or_default();
        let end = memchr::memchr(b'/', authority).unwrap_or(authority.len());
        path = authority.get(end..).unwrap_or_default();
        (url.user, url.host) = parse_authority(&url.scheme, authority.get(..end).unwrap_or_default())?;
    }
    url.path = unescape(path, Part::Path)?;
    Ok(url)
}

fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err(String::from("missing protocol scheme")),
            b':' => {
                return Ok((
                    text.get(..index).unwrap_or_default(),
                    text.get(index + 1..).unwrap_or_default(),
                ));
            }
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<UserInfo>, Vec<u8>), String> {
    let Some(at) = memchr::memrchr(b'@', authority) else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, authority.get(at + 1..).unwrap_or_default())?;
    let user = authority.get(..at).unwrap_or_default();
    if !user.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte)) {
        return Err(String::from("net/url: invalid userinfo"));
    }
    let (name, password) = cut(user, b':');
    let name = unescape(name, Part::User)?;
    let password = password.map(|password| unescape(password, Part::User)).transpose()?;
    Ok((Some(UserInfo { name, password }), host))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    match memchr::memrchr(b'[', host) {
        Some(0) => return parse_literal(host),
        Some(_) => return Err(String::from("invalid IP-literal")),
        None => {}
    }
    if let (Some(first), Some(last)) = (memchr::memchr(b':', host), memchr::memrchr(b':', host)) {
        let is_web = scheme == b"http" || scheme == b"https";
        check_port(host.get(if is_web { first } else { last }..).unwrap_or_default())?;
    }
    unescape(host, Part::Host)
}

/// Parses `[::1%25en0]:80`.
fn parse_literal(host: &[u8]) -> Result<Vec<u8>, String> {
    let close = memchr::memrchr(b']', host).ok_or("missing ']' in host")?;
    let port = host.get(close + 1..).unwrap_or_default();
    check_port(port)?;
    let port = unescape(port, Part::Host)?;
    let name = host.get(1..close).unwrap_or_default();
    let zone = memchr::memmem::find(name, b"%25").unwrap_or(name.len());
    let mut decoded = unescape(name.get(..zone).unwrap_or_default(), Part::Host)?;
    decoded.extend(unescape(name.get(zone..).unwrap_or_default(), Part::Zone)?);
    let version = address::parse(&decoded).map_err(|problem| format!("invalid host: {problem}"))?;
    if version == address::Version::V4 {
        return Err(String::from("invalid IP-literal"));
    }
    Ok([b"[".as_slice(), &decoded, b"]", &port].concat())
}

fn check_port(port: &[u8]) -> Result<(), String> {
    if is_optional_port(port) { Ok(()) } else { Err(format!("invalid port {} after host", quoted(port))) }
}

fn is_optional_port(port: &[u8]) -> bool {
    match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}
