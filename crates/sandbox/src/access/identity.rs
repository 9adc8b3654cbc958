//! Who sends a request: the administrator, a service account, nobody, or somebody that one of them acts for.

use super::rules::Attributes;
use crate::failure::Failure;
use crate::request::Request;
use crate::server::Server;
use serde_json::{Map, Value, json};

const MASTERS: &str = "system:masters";
const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";
const ANONYMOUS: &str = "system:anonymous";
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// A user as RBAC knows one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) groups: Vec<String>,
    pub(crate) extra: Vec<(String, Vec<String>)>,
}

impl Identity {
    /// The one that may do everything.
    pub(crate) fn administrator() -> Identity {
        let groups = [MASTERS, AUTHENTICATED].map(str::to_owned).to_vec();
        Identity { name: "admin".into(), uid: "admin-uid".into(), groups, extra: Vec::new() }
    }

    fn anonymous() -> Identity {
        Identity { name: ANONYMOUS.into(), groups: vec![UNAUTHENTICATED.into()], ..Identity::default() }
    }

    /// A service account with its groups.
    pub(crate) fn service_account(namespace: &str, name: &str, uid: &str) -> Identity {
        let name = format!("{SERVICE_ACCOUNT}{namespace}:{name}");
        let mut groups = account_groups(&name);
        groups.push(AUTHENTICATED.into());
        Identity { name, uid: uid.into(), groups, extra: Vec::new() }
    }

    pub(crate) fn is_administrator(&self) -> bool {
        self.groups.iter().any(|group| group == MASTERS)
    }

    pub(crate) fn is_authenticated(&self) -> bool {
        self.groups.iter().any(|group| group == AUTHENTICATED)
    }

    /// `userInfo` of a review.
    pub(crate) fn info(&self) -> Value {
        let mut info = json!({"username": self.name, "groups": self.groups});
        if !self.uid.is_empty() {
            info["uid"] = self.uid.clone().into();
        }
        if !self.extra.is_empty() {
            let extra: Map<String, Value> =
                self.extra.iter().map(|(key, values)| (key.clone(), json!(values))).collect();
            info["extra"] = extra.into();
        }
        info
    }
}

fn account_groups(user: &str) -> Vec<String> {
    let Some((namespace, _)) = user.strip_prefix(SERVICE_ACCOUNT).and_then(|rest| rest.split_once(':'))
    else {
        return Vec::new();
    };
    vec!["system:serviceaccounts".into(), format!("system:serviceaccounts:{namespace}")]
}

impl Server {
    /// Finds out who sends a request.
    ///
    /// # Errors
    /// 401 for a token that is none, 403 for acting as somebody without the right to.
    pub(crate) fn identify(&self, request: &Request) -> Result<Identity, Failure> {
        let own = self.authenticate(request)?;
        if request.impersonation.is_empty() {
            return Ok(own);
        }
        let acted = impersonated(&request.impersonation)?;
        let may = |resource: &str, name: &str| {
            let attributes = Attributes { verb: "impersonate", resource, name, ..Attributes::default() };
            match self.decide(&own, &attributes) {
                Some(_) => Ok(()),
                None => Err(attributes.refusal(&own)),
            }
        };
        may("users", &acted.name)?;
        for (key, group) in &request.impersonation {
            if key == "group" {
                may("groups", group)?;
            }
        }
        Ok(acted)
    }

    fn authenticate(&self, request: &Request) -> Result<Identity, Failure> {
        let Some(wanted) = &self.options.token else { return Ok(Identity::administrator()) };
        let mut words = request.authorization.split(' ').filter(|word| !word.is_empty());
        let is_bearer = words.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"));
        let Some(token) = words.next().filter(|_| is_bearer) else { return Ok(Identity::anonymous()) };
        if is_same(token, wanted) {
            return Ok(Identity::administrator());
        }
        self.token_holder(token).ok_or_else(|| Failure::new(401, Some("Unauthorized"), "Unauthorized"))
    }
}

// Compares all bytes, so that the time it takes tells nothing.
fn is_same(given: &str, wanted: &str) -> bool {
    let differing = given.bytes().zip(wanted.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == wanted.len() && differing == 0
}

/// The user that the headers `Impersonate-…` name.
fn impersonated(headers: &[(String, String)]) -> Result<Identity, Failure> {
    let all = |wanted: &str| {
        headers.iter().filter(|(key, _)| key == wanted).map(|(_, value)| value.clone()).collect()
    };
    let (users, groups): (Vec<String>, Vec<String>) = (all("user"), all("group"));
    let uids: Vec<String> = all("uid");
    let Some(name) = users.into_iter().next() else {
        return Err(Failure::new(
            500,
            Some("InternalError"),
            "Internal error occurred: requested [{UID/Group/Extra}] without impersonating a user",
        ));
    };
    let mut identity =
        Identity { groups, uid: uids.into_iter().next().unwrap_or_default(), name, extra: Vec::new() };
    if identity.groups.is_empty() {
        identity.groups = account_groups(&identity.name);
    }
    let group = if identity.name == ANONYMOUS { UNAUTHENTICATED } else { AUTHENTICATED };
    if !identity.groups.iter().any(|g| g == group) {
        identity.groups.push(group.into());
    }
    for (key, value) in headers {
        let Some(key) = key.strip_prefix("extra-") else { continue };
        let key = crate::request::percent_decoded(key, false);
        match identity.extra.iter_mut().find(|(k, _)| *k == key) {
            Some((_, values)) => values.push(value.clone()),
            None => identity.extra.push((key, vec![value.clone()])),
        }
    }
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_acted_for_gets_the_groups_of_everybody() {
        let headers = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let jane =
            impersonated(&headers(&[("user", "jane"), ("group", "devs"), ("extra-scopes", "view")])).unwrap();
        assert_eq!(jane.groups, ["devs", AUTHENTICATED]);
        assert_eq!(jane.extra, [("scopes".to_owned(), vec!["view".to_owned()])]);
        let account = impersonated(&headers(&[("user", "system:serviceaccount:a:b")])).unwrap();
        assert_eq!(account.groups, ["system:serviceaccounts", "system:serviceaccounts:a", AUTHENTICATED]);
        assert!(impersonated(&headers(&[("group", "devs")])).is_err());
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(is_same("abc", "abc"));
        assert!(!is_same("ab", "abc") && !is_same("abd", "abc") && !is_same("", "abc"));
    }
}
