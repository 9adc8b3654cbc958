//! What a registry wants to be told before it answers: challenges and scopes (oras-go: auth/challenge.go, scope.go). Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use value::gofmt;
use value::url::{self, Url};

use crate::Error;

/// What a registry wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// Name and password with the request.
    Basic,
    /// A token that another server gives out.
    Bearer {
        /// The URL of that server.
        realm: String,
        /// For which service the token is to be.
        service: String,
        /// What it is to allow.
        scopes: Vec<String>,
    },
    /// Something else, or nothing.
    Unknown,
}

impl Challenge {
    /// Reads the header `WWW-Authenticate`; what cannot be read of its parameters is passed over.
    pub(crate) fn parse(header: &str) -> Challenge {
        let (scheme, rest) = token(header);
        if scheme.eq_ignore_ascii_case("basic") {
            return Challenge::Basic;
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Challenge::Unknown;
        }
        let mut parameters = parameters(rest);
        let mut take = |name: &str| parameters.remove(name).unwrap_or_default();
        let scopes = take("scope");
        let scopes = scopes.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        Challenge::Bearer { realm: take("realm"), service: take("service"), scopes }
    }
}

fn parameters(mut rest: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    loop {
        let (key, after) = token(blank(rest));
        let Some(after) = blank(after).strip_prefix('=').filter(|_| !key.is_empty()) else { return found };
        let Some((value, after)) = parameter_value(blank(after)) else { return found };
        found.insert(key.to_owned(), value);
        let Some(next) = blank(after).strip_prefix(',') else { return found };
        rest = next;
    }
}

fn parameter_value(text: &str) -> Option<(String, &str)> {
    if !text.starts_with('"') {
        let (value, rest) = token(text);
        return (!value.is_empty()).then(|| (value.to_owned(), rest));
    }
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })?;
    let (literal, rest) = text.split_at_checked(end + 2)?;
    Some((String::from_utf8_lossy(&gofmt::quote::unquote(literal.as_bytes())?).into_owned(), rest))
}

fn token(text: &str) -> (&str, &str) {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
    text.split_at(text.find(|letter| !is_part(letter)).unwrap_or(text.len()))
}

fn blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// Checks where a registry sends us for a token: not from TLS to none, and not to addresses of this machine or its
/// network that are not the registry's own (oras-go: auth/client.go, validateRealm).
///
/// # Errors
/// When name and password must not go there.
pub(crate) fn check_realm(realm: &str, registry: &Url) -> Result<(), Error> {
    if realm.is_empty() {
        return Ok(());
    }
    let quoted = gofmt::quoted(realm.as_bytes());
    let refuse = |text: String| Err(Error::refused(text));
    let url = match url::parse(realm.as_bytes()) {
        Ok(url) => url,
        Err(problem) => return refuse(format!("failed to parse bearer realm {quoted}: {problem}")),
    };
    match &*url.scheme {
        b"https" => {}
        b"http" if registry.scheme == b"https" => {
            return refuse(format!("bearer realm {quoted} uses http but registry was contacted over https"));
        }
        b"http" => {}
        other => {
            let scheme = gofmt::quoted(other);
            return refuse(format!("bearer realm {quoted} uses unsupported scheme {scheme}"));
        }
    }
    let host = String::from_utf8_lossy(url.hostname()).into_owned();
    if host.parse().is_ok_and(is_near) && url.hostname() != registry.hostname() {
        let host = gofmt::quoted(host.as_bytes());
        return refuse(format!(
            "bearer realm host {host} is a loopback, link-local, private, or unspecified address"
        ));
    }
    Ok(())
}

/// Returns whether an address belongs to this machine or its network.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let is_local_multicast = v4.octets().starts_with(&[224, 0, 0]);
            v4.is_loopback()
                || v4.is_link_local()
                || v4.is_private()
                || v4.is_unspecified()
                || is_local_multicast
        }
        IpAddr::V6(v6) => {
            let is_local_multicast = v6.segments()[0] & 0xff0f == 0xff02;
            v6.is_loopback()
                || v6.is_unicast_link_local()
                || v6.is_unique_local()
                || v6.is_unspecified()
                || is_local_multicast
        }
    }
}

/// Returns the scope for a repository: `repository:charts/c:pull,push`.
pub(crate) fn scope(repository: &str, actions: &[&str]) -> String {
    format!("repository:{repository}:{}", actions.join(","))
}

/// Returns scopes without doubles, the actions for one thing together and sorted (oras-go: `CleanScopes`).
pub(crate) fn clean(scopes: Vec<String>) -> Vec<String> {
    let mut whole = BTreeSet::new();
    let mut actions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for scope in scopes {
        match scope.rsplit_once(':').filter(|(what, _)| what.contains(':')) {
            None => {
                whole.insert(scope);
            }
            Some((what, list)) => actions
                .entry(what.to_owned())
                .or_default()
                .extend(list.split(',').filter(|action| !action.is_empty()).map(str::to_owned)),
        }
    }
    for (what, list) in actions.into_iter().filter(|(_, list)| !list.is_empty()) {
        let list =
            if list.contains("*") { "*".to_owned() } else { list.into_iter().collect::<Vec<_>>().join(",") };
        whole.insert(format!("{what}:{list}"));
    }
    whole.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Challenge, check_realm, clean};

    #[test]
    fn challenges_are_read() {
        let header = r#"Bearer realm="https://auth/token", service = registry ,scope="repository:a:pull x""#;
        let Challenge::Bearer { realm, service, scopes } = Challenge::parse(header) else { panic!() };
        assert_eq!((realm.as_str(), service.as_str()), ("https://auth/token", "registry"));
        assert_eq!(scopes, ["repository:a:pull", "x"]);
        assert_eq!(Challenge::parse("basic realm=x"), Challenge::Basic);
        assert_eq!(Challenge::parse(""), Challenge::Unknown);
        for broken in ["Bearer", "Bearer realm", "Bearer realm=", "Bearer realm=\"x", "Bearer =\"\\\"é"] {
            let Challenge::Bearer { realm, .. } = Challenge::parse(broken) else { panic!("{broken}") };
            assert_eq!(realm, "", "{broken}");
        }
    }

    #[test]
    fn tokens_are_not_fetched_from_just_anywhere() {
        let registry = value::url::parse(b"https://r.example:5000/v2/").unwrap();
        for realm in
            ["http://a/", "ftp://a/", "https://127.0.0.1/", "https://10.0.0.1/x", "https://[::1]/", "%"]
        {
            assert!(check_realm(realm, &registry).is_err(), "{realm}");
        }
        for realm in ["https://auth.example/token", "https://8.8.8.8/", ""] {
            assert!(check_realm(realm, &registry).is_ok(), "{realm}");
        }
        let near = value::url::parse(b"http://127.0.0.1:5000/v2/").unwrap();
        assert!(check_realm("http://127.0.0.1:5001/token", &near).is_ok());
    }

    #[test]
    fn scopes_of_one_thing_are_put_together() {
        let scopes = ["repository:a:push", "repository:a:pull,push", "x", "repository:b:pull,*", "r:c:"];
        let cleaned = clean(scopes.map(str::to_owned).to_vec());
        assert_eq!(cleaned, ["repository:a:pull,push", "repository:b:*", "x"]);
    }
}
