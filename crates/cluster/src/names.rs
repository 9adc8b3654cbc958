//! Paths and queries of API requests.

use std::fmt::Write as _;

/// Appends `name=value` pairs to a path, percent-encoded.
pub(crate) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let mut url = path.to_owned();
    for (position, (name, value)) in query.iter().enumerate() {
        url.push(if position == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        escape_into(&mut url, value);
    }
    url
}

/// Percent-encodes one path segment or query value; unreserved characters stay.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape_into(&mut escaped, text);
    escaped
}

fn escape_into(target: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            target.push(char::from(byte));
        } else {
            write!(target, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
}

/// Returns the path of a namespace's collection in the core group.
pub(crate) fn core_collection(namespace: &str, plural: &str) -> String {
    if namespace.is_empty() {
        format!("/api/v1/{plural}")
    } else {
        format!("/api/v1/namespaces/{}/{plural}", escape(namespace))
    }
}

#[cfg(test)]
mod tests {
    use super::{core_collection, with_query};

    #[test]
    fn queries_are_escaped() {
        let url = with_query(
            &core_collection("a", "secrets"),
            &[("labelSelector", "name=r,owner=helm"), ("x", "1")],
        );
        assert_eq!(url, "/api/v1/namespaces/a/secrets?labelSelector=name%3Dr%2Cowner%3Dhelm&x=1");
    }
}
