//! The formats Helm's validator asserts, with its texts (jsonschema v6, format.go).

pub(crate) mod address;
mod names;
mod times;
mod versions;

use super::{pattern, url};

type Check = fn(&str) -> Result<(), String>;

/// Every format that is checked; an unknown one says nothing.
pub(crate) const FORMATS: [(&str, Check); 19] = [
    ("date", times::date),
    ("date-time", times::date_time),
    ("duration", times::duration),
    ("email", names::email),
    ("hostname", names::hostname),
    ("ipv4", address::ipv4),
    ("ipv6", address::ipv6),
    ("iri", uri),
    ("iri-reference", uri_reference),
    ("json-pointer", names::json_pointer),
    ("period", times::period),
    ("regex", pattern::check),
    ("relative-json-pointer", names::relative_json_pointer),
    ("semver", versions::semver),
    ("time", times::time),
    ("uri", uri),
    ("uri-reference", uri_reference),
    ("uri-template", names::uri_template),
    ("uuid", versions::uuid),
];

/// Checks a text by the name of a format.
///
/// # Errors
/// The fault in the validator's words.
pub(crate) fn check(name: &str, text: &str) -> Result<(), String> {
    match FORMATS.iter().find(|(known, _)| *known == name) {
        Some((_, check)) => check(text),
        None => Ok(()),
    }
}

fn uri(text: &str) -> Result<(), String> {
    if parsed(text)?.scheme.is_empty() { Err("relative url".to_owned()) } else { Ok(()) }
}

fn uri_reference(text: &str) -> Result<(), String> {
    if text.contains('\\') { Err("contains \\".to_owned()) } else { parsed(text).map(|_| ()) }
}

/// Parses a URL; a host with colons must be an address in brackets.
fn parsed(text: &str) -> Result<url::Url<'_>, String> {
    let parsed = url::parse(text)?;
    let host = url::decode(parsed.host);
    let name = match host.strip_prefix('[').and_then(|host| host.rsplit_once(']')) {
        Some((name, _)) => name,
        None => host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name),
    };
    if name.contains(':') {
        if !host.contains('[') || !host.contains(']') {
            return Err("ipv6 address not enclosed in brackets".to_owned());
        }
        address::ipv6(name).map_err(|fault| format!("invalid ipv6 address: {fault}"))?;
    }
    Ok(parsed)
}
