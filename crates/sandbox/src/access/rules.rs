//! RBAC: what the stored roles and bindings allow (plugin/pkg/auth/authorizer/rbac).

use super::identity::Identity;
use crate::dig::Dig;
use crate::failure::{Failure, go_quote};
use crate::server::{Call, Server};
use crate::store;
use crate::write::meta;
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

/// What every authenticated user may do (`system:basic-user`).
const BASIC: [(&str, &str); 3] = [
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
];

/// Paths that anybody may read (`system:public-info-viewer`).
const PUBLIC: [&str; 5] = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attributes<'a> {
    pub(crate) verb: &'a str,
    pub(crate) group: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) subresource: &'a str,
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
    /// A path outside of all resources, or nothing.
    pub(crate) path: &'a str,
}

impl Attributes<'_> {
    /// 403 as the API server words it.
    pub(crate) fn refusal(&self, who: &Identity) -> Failure {
        if !self.path.is_empty() {
            let text = format!(
                "forbidden: User {} cannot {} path {}",
                go_quote(&who.name),
                self.verb,
                go_quote(self.path)
            );
            return Failure::new(403, Some("Forbidden"), text).with_details(json!({}));
        }
        let qualified = match self.group {
            "" => self.resource.to_owned(),
            group => format!("{}.{group}", self.resource),
        };
        let named = if self.name.is_empty() { String::new() } else { format!(" {}", go_quote(self.name)) };
        let resource = match self.subresource {
            "" => self.resource.to_owned(),
            sub => format!("{}/{sub}", self.resource),
        };
        let place = match self.namespace {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace {}", go_quote(namespace)),
        };
        let text = format!(
            "{qualified}{named} is forbidden: User {} cannot {} resource {} in API group {} {place}",
            go_quote(&who.name),
            self.verb,
            go_quote(&resource),
            go_quote(self.group)
        );
        let mut details = json!({"kind": self.resource});
        for (key, value) in [("name", self.name), ("group", self.group)] {
            if !value.is_empty() {
                details[key] = value.into();
            }
        }
        Failure::new(403, Some("Forbidden"), text).with_details(details)
    }
}

impl Server {
    /// Refuses a call that the sender has no right to.
    pub(crate) fn authorize(&self, call: &Call<'_>) -> Result<(), Failure> {
        if self.who.is_administrator() {
            return Ok(());
        }
        let selected = named_by_selector(call);
        let collection = call.name.is_none();
        let verb = match call.request.method {
            Method::GET | Method::HEAD if collection && call.request.flag("watch") => "watch",
            Method::GET | Method::HEAD if collection => "list",
            Method::GET | Method::HEAD => "get",
            Method::POST => "create",
            Method::PUT => "update",
            Method::PATCH => "patch",
            Method::DELETE if collection => "deletecollection",
            _ => "delete",
        };
        let attributes = Attributes {
            verb,
            group: &call.kind.group,
            resource: &call.kind.plural,
            subresource: &call.subresource,
            name: call.name.as_deref().or(selected.as_deref()).unwrap_or_default(),
            namespace: &call.namespace,
            path: "",
        };
        self.decide(&self.who, &attributes).map(|_| ()).ok_or_else(|| attributes.refusal(&self.who))
    }

    /// Refuses a path outside of all resources that the sender may not read.
    pub(crate) fn authorize_path(&self, method: &Method, path: &str) -> Result<(), Failure> {
        let verb = method.as_str().to_lowercase();
        let attributes = Attributes { verb: &verb, path, ..Attributes::default() };
        self.decide(&self.who, &attributes).map(|_| ()).ok_or_else(|| attributes.refusal(&self.who))
    }

    /// Says why somebody may do something; `None` if they may not.
    pub(crate) fn decide(&self, who: &Identity, wanted: &Attributes<'_>) -> Option<String> {
        if who.is_administrator() {
            return Some(String::new());
        }
        let basic = |group: &str, resource: &str| BASIC.contains(&(group, resource));
        if who.is_authenticated() && wanted.verb == "create" && basic(wanted.group, wanted.resource) {
            return Some("RBAC: allowed by ClusterRoleBinding \"system:basic-user\" of ClusterRole \"system:basic-user\" to Group \"system:authenticated\"".into());
        }
        if wanted.verb == "get" && is_open_path(wanted.path, who) {
            return Some("RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole \"system:discovery\" to Group \"system:authenticated\"".into());
        }
        let mut grants = self.grants(who, wanted.namespace);
        grants.find(|grant| grant.rules().any(|rule| allows(rule, wanted))).map(|grant| grant.reason)
    }

    /// The roles that are bound to somebody, for the whole cluster and in a namespace.
    fn grants<'s>(&'s self, who: &'s Identity, namespace: &'s str) -> impl Iterator<Item = Grant> + 's {
        let bindings = |storage: &str, place: &str| -> Vec<Arc<Value>> {
            let prefix = store::prefix(&format!("rbac.authorization.k8s.io/{storage}"), place);
            self.store.scan(&prefix).map(|(_, binding)| binding.clone()).collect()
        };
        let mut all = bindings("clusterrolebindings", "");
        if !namespace.is_empty() {
            all.extend(bindings("rolebindings", namespace));
        }
        all.into_iter().filter_map(move |binding| {
            let subjects = binding.get("subjects").and_then(Value::as_array)?;
            let subject = subjects.iter().find(|s| is_subject(s, who, meta(&binding, "namespace")))?;
            let role = self.role_of(&binding)?;
            Some(Grant { reason: reason(&binding, subject), role })
        })
    }

    fn role_of(&self, binding: &Value) -> Option<Arc<Value>> {
        let reference = binding.get("roleRef")?;
        let name = reference.get("name")?.as_str()?;
        let (storage, place) = match reference.get("kind")?.as_str()? {
            "Role" => ("rbac.authorization.k8s.io/roles", meta(binding, "namespace")),
            _ => ("rbac.authorization.k8s.io/clusterroles", ""),
        };
        self.store.get(&store::key(storage, place, name)).cloned()
    }

    /// All rules for somebody in a namespace, those of everybody included (`SelfSubjectRulesReview`).
    pub(crate) fn rules_for(&self, who: &Identity, namespace: &str) -> (Vec<Value>, Vec<Value>) {
        let (mut resources, mut paths) = (Vec::new(), Vec::new());
        if who.is_administrator() {
            resources.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
            paths.push(json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
        }
        for grant in self.grants(who, namespace) {
            for rule in grant.rules() {
                let into = if rule.get("nonResourceURLs").is_some() { &mut paths } else { &mut resources };
                into.push(rule.clone());
            }
        }
        if who.is_authenticated() {
            resources.push(json!({
                "verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]
            }));
            resources.push(json!({
                "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
                "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]
            }));
            paths.push(json!({"verbs": ["get"], "nonResourceURLs": ["/.well-known", "/.well-known/*"]}));
            paths.push(json!({"verbs": ["get"], "nonResourceURLs": [
                "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
                "/version", "/version/"
            ]}));
        }
        paths.push(json!({"verbs": ["get"], "nonResourceURLs": PUBLIC}));
        (resources, paths)
    }
}

/// A role that somebody has, and through what.
struct Grant {
    reason: String,
    role: Arc<Value>,
}

impl Grant {
    fn rules(&self) -> impl Iterator<Item = &Value> {
        self.role.get("rules").and_then(Value::as_array).into_iter().flatten()
    }
}

fn named_by_selector(call: &Call<'_>) -> Option<String> {
    let selector = call.request.parameter("fieldSelector").filter(|_| call.name.is_none())?;
    let names = selector.split(',').filter_map(|part| part.strip_prefix("metadata.name="));
    names.map(|name| name.trim_start_matches('=').to_owned()).next()
}

// Discovery is for everybody who has a name.
fn is_open_path(path: &str, who: &Identity) -> bool {
    let below =
        |root: &str| path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    let discovery = ["/api", "/apis", "/openapi", "/.well-known"];
    PUBLIC.contains(&path) || who.is_authenticated() && discovery.iter().any(|root| below(root))
}

fn is_subject(subject: &Value, who: &Identity, namespace: &str) -> bool {
    let text = |field: &str| subject.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("kind") {
        "User" => text("name") == who.name,
        "Group" => who.groups.iter().any(|group| group == text("name")),
        "ServiceAccount" => {
            let place = if text("namespace").is_empty() { namespace } else { text("namespace") };
            who.name == format!("system:serviceaccount:{place}:{}", text("name"))
        }
        _ => false,
    }
}

fn reason(binding: &Value, subject: &Value) -> String {
    let text =
        |value: &Value, path: &str| value.at(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let namespace = meta(binding, "namespace");
    let (kind, name) = match namespace {
        "" => ("ClusterRoleBinding", meta(binding, "name").to_owned()),
        place => ("RoleBinding", format!("{}/{place}", meta(binding, "name"))),
    };
    let mut who = text(subject, "/name");
    if text(subject, "/kind") == "ServiceAccount" {
        who = format!("{who}/{}", text(subject, "/namespace"));
    }
    format!(
        "RBAC: allowed by {kind} {} of {} {} to {} {}",
        go_quote(&name),
        text(binding, "/roleRef/kind"),
        go_quote(&text(binding, "/roleRef/name")),
        text(subject, "/kind"),
        go_quote(&who)
    )
}

/// Whether a rule covers what is wanted (`rbac.RuleAllows`).
fn allows(rule: &Value, wanted: &Attributes<'_>) -> bool {
    let list = |field: &str| rule.get(field).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let has = |field: &str, text: &str| list(field).iter().any(|item| item == "*" || item == text);
    if !has("verbs", wanted.verb) {
        return false;
    }
    if !wanted.path.is_empty() {
        let covers = |url: &str| match url.strip_suffix('*') {
            Some(prefix) => wanted.path.starts_with(prefix),
            None => url == wanted.path,
        };
        return list("nonResourceURLs").iter().filter_map(Value::as_str).any(covers);
    }
    let combined = match wanted.subresource {
        "" => wanted.resource.to_owned(),
        sub => format!("{}/{sub}", wanted.resource),
    };
    let any_of_sub = format!("*/{}", wanted.subresource);
    let resource = has("resources", &combined)
        || !wanted.subresource.is_empty() && list("resources").iter().any(|r| *r == any_of_sub.as_str());
    let names = list("resourceNames");
    has("apiGroups", wanted.group) && resource && (names.is_empty() || names.iter().any(|n| n == wanted.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_verbs_groups_resources_and_names() {
        let rule =
            json!({"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["only"]});
        let wanted = Attributes { verb: "get", resource: "secrets", name: "only", ..Attributes::default() };
        assert!(allows(&rule, &wanted));
        assert!(!allows(&rule, &Attributes { name: "other", ..wanted }));
        assert!(!allows(&rule, &Attributes { verb: "list", ..wanted }));
        let scale = json!({"verbs": ["*"], "apiGroups": ["apps"], "resources": ["*/scale"]});
        let wanted = Attributes {
            verb: "get",
            group: "apps",
            resource: "deployments",
            subresource: "scale",
            ..wanted
        };
        assert!(allows(&scale, &wanted));
        assert!(!allows(&scale, &Attributes { subresource: "", ..wanted }));
        let paths = json!({"verbs": ["get"], "nonResourceURLs": ["/logs/*"]});
        assert!(allows(&paths, &Attributes { verb: "get", path: "/logs/a", ..Attributes::default() }));
    }
}
