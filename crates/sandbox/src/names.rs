//! Names, label keys and label values (apimachinery, `util/validation`).

use std::collections::BTreeSet;

const LABEL_HELP: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and \
     must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_HELP: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' \
     or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
     '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_HELP: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and \
     end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
     '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_HELP: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
     '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex \
     used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY_HELP: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
     'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const DNS1035_HELP: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
     alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for \
     validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

fn too_long(limit: usize) -> String {
    format!("must be no more than {limit} characters")
}

// Labels are checked by newer code (apimachinery, `api/validate/content`), which counts in bytes and says so.
fn too_many_bytes(limit: usize) -> String {
    format!("must be no more than {limit} bytes")
}

/// Problems of a DNS-1123 label.
pub(crate) fn dns1123_label(name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.len() > 63 {
        problems.push(too_long(63));
    }
    if !is_label(name) {
        let dotted = name.split('.').all(is_label);
        problems.push(if dotted { "must not contain dots".into() } else { LABEL_HELP.into() });
    }
    problems
}

/// Problems of a DNS-1035 label.
pub(crate) fn dns1035_label(name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.len() > 63 {
        problems.push(too_long(63));
    }
    if !is_label(name) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        problems.push(DNS1035_HELP.into());
    }
    problems
}

/// Problems of a DNS-1123 subdomain.
pub(crate) fn dns1123_subdomain(name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.len() > 253 {
        problems.push(too_long(253));
    }
    if !name.split('.').all(is_label) {
        problems.push(SUBDOMAIN_HELP.into());
    }
    problems
}

/// Problems of a subdomain after `*.`.
pub(crate) fn wildcard_subdomain(name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.len() > 253 {
        problems.push(too_long(253));
    }
    if !name.strip_prefix("*.").is_some_and(|rest| rest.split('.').all(is_label)) {
        problems.push(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist \
             of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. \
             '*.example.com', regex used for validation is \
             '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
                .into(),
        );
    }
    problems
}

/// Problems of a name with at least two segments (`IsFullyQualifiedDomainName`, without its trailing dot).
pub(crate) fn has_segments(name: &str, least: usize) -> Vec<String> {
    let problems = dns1123_subdomain(name);
    if !problems.is_empty() {
        return vec![problems.join(",")];
    }
    if name.split('.').count() >= least {
        return Vec::new();
    }
    let count = if least == 2 { "two" } else { "three" };
    vec![format!("should be a domain with at least {count} segments separated by dots")]
}

/// Problems of an IP address.
pub(crate) fn ip(text: &str) -> Vec<String> {
    match text.parse::<std::net::IpAddr>() {
        Ok(_) => Vec::new(),
        Err(_) => vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".into()],
    }
}

/// A CIDR's address and length of prefix.
pub(crate) fn parse_cidr(text: &str) -> Option<(std::net::IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let address: std::net::IpAddr = address.parse().ok()?;
    let length: u32 = length.bytes().all(|b| b.is_ascii_digit()).then(|| length.parse().ok())??;
    (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
}

/// Problems of a CIDR.
pub(crate) fn cidr(text: &str) -> Vec<String> {
    match parse_cidr(text) {
        Some(_) => Vec::new(),
        None => vec!["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)".into()],
    }
}

/// Problems of the name of a port (an IANA service name).
pub(crate) fn port_name(name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if name.len() > 15 {
        problems.push(too_long(15));
    }
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        problems.push("must contain at least one letter (a-z)".into());
    }
    if name.contains("--") {
        problems.push("must not contain consecutive hyphens".into());
    }
    if name.starts_with('-') || name.ends_with('-') {
        problems.push("must not begin or end with a hyphen".into());
    }
    problems
}

/// Problems of a percentage.
pub(crate) fn percent(text: &str) -> Vec<String> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Vec::new();
    }
    vec![
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for \
         validation is '[0-9]+%')"
            .into(),
    ]
}

/// Problems of the name of an environment variable.
pub(crate) fn environment_variable(name: &str) -> Vec<String> {
    if name.chars().all(|c| (' '..='~').contains(&c) && c != '=') {
        return Vec::new();
    }
    vec![
        "a valid environment variable name must consist only of printable ASCII characters other than '='"
            .into(),
    ]
}

/// Problems of the name of an HTTP header.
pub(crate) fn header_name(name: &str) -> Vec<String> {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Vec::new();
    }
    vec![
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for \
         validation is '[-A-Za-z0-9]+')"
            .into(),
    ]
}

/// Problems of a name that is one path segment (RBAC).
pub(crate) fn path_segment(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    let bad = ["/", "%"].into_iter().filter(|c| name.contains(c));
    bad.map(|c| format!("may not contain '{c}'")).collect()
}

fn is_qualified_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Problems of a qualified name: label keys, annotation keys, finalizers. All are called label keys in the message.
pub(crate) fn qualified_name(key: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let name = match key.split('/').collect::<Vec<_>>().as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                problems.push("prefix part must be non-empty".into());
            } else {
                let of_prefix = dns1123_subdomain(prefix);
                problems.extend(
                    of_prefix
                        .iter()
                        .map(|p| format!("prefix part {}", p.replace("253 characters", "253 bytes"))),
                );
            }
            *name
        }
        _ => {
            let help = QUALIFIED_HELP.trim_start_matches("name part must consist");
            return vec![format!(
                "a valid label key must consist{} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')",
                help
            )];
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".into());
    } else if name.len() > 63 {
        problems.push(format!("name part {}", too_many_bytes(63)));
    }
    if !is_qualified_part(name) {
        problems.push(QUALIFIED_HELP.into());
    }
    problems
}

/// Problems of a label value.
pub(crate) fn label_value(value: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if value.len() > 63 {
        problems.push(too_many_bytes(63));
    }
    if !value.is_empty() && !is_qualified_part(value) {
        problems.push(VALUE_HELP.into());
    }
    problems
}

/// Problems of a key of a ConfigMap or Secret.
pub(crate) fn config_key(key: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if key.len() > 253 {
        problems.push(too_long(253));
    }
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        problems.push(CONFIG_KEY_HELP.into());
    } else if key == "." {
        problems.push("must not be '.'".into());
    } else if key == ".." {
        problems.push("must not be '..'".into());
    } else if key.starts_with("..") {
        problems.push("must not start with '..'".into());
    }
    problems
}

/// Checks a key in a label selector.
pub(crate) fn check_label_key(key: &str) -> Result<(), String> {
    match qualified_name(key).as_slice() {
        [] => Ok(()),
        // A field without a path is shown as Go shows nil.
        problems => Err(format!("<nil>: Invalid value: {key:?}: {}", problems.join("; "))),
    }
}

/// Checks the values of a key in a label selector, which come sorted.
pub(crate) fn check_label_values(key: &str, values: &BTreeSet<&String>) -> Result<(), String> {
    let wrong = values.iter().enumerate().find_map(|(index, value)| {
        let problems = label_value(value);
        (!problems.is_empty()).then_some((index, value, problems))
    });
    match wrong {
        None => Ok(()),
        Some((index, value, problems)) => {
            Err(format!("values[{index}][{key}]: Invalid value: {value:?}: {}", problems.join("; ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_grammar() {
        assert!(dns1123_subdomain("a.b-c").is_empty());
        assert!(!dns1123_subdomain("a..b").is_empty());
        assert!(qualified_name("example.com/Name_1").is_empty());
        assert!(!qualified_name("a/b/c").is_empty());
        assert!(!label_value("-a").is_empty());
        assert!(config_key("..x") == ["must not start with '..'"]);
    }
}
