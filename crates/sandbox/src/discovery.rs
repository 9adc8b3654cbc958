//! The documents that say what is served: `/version`, `/api`, `/apis`, groups, resource lists, aggregated discovery.
//! Made when asked for.

use crate::kinds::{Kind, Subresource};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const AGGREGATED: &str = "apidiscovery.k8s.io";

/// Whether `accept` prefers aggregated discovery, and whether it takes anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Aggregated,
    Legacy,
    Unknown,
}

/// Reads the `Accept` header of a request for `/api` or `/apis`.
pub(crate) fn wanted(accept: &str) -> Wanted {
    let mut result = Wanted::Unknown;
    for clause in accept.split(',').map(str::trim) {
        let has = |part: &str| clause.split(';').any(|p| p.trim() == part);
        if has("as=APIGroupDiscoveryList") && clause.contains(AGGREGATED) {
            if has("v=v2") {
                return Wanted::Aggregated;
            }
        } else if result == Wanted::Unknown {
            result = Wanted::Legacy;
        }
    }
    if accept.is_empty() { Wanted::Legacy } else { result }
}

/// The media type of aggregated discovery.
pub(crate) const AGGREGATED_TYPE: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// `/version` for a version like `v1.36.2`.
pub(crate) fn version(git_version: &str) -> Value {
    let mut parts = git_version.trim_start_matches('v').split(['.', '+', '-']);
    let major = parts.next().unwrap_or("1").to_owned();
    let minor = parts.next().unwrap_or("0").to_owned();
    let previous = minor.parse::<u32>().map_or(0, |m| m.saturating_sub(1)).to_string();
    json!({
        "major": major, "minor": minor, "emulationMajor": major, "emulationMinor": minor,
        "minCompatibilityMajor": major, "minCompatibilityMinor": previous,
        "gitVersion": git_version, "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "",
    })
}

/// The group names, in the order of discovery, without the core group.
pub(crate) fn groups(kinds: &[Arc<Kind>]) -> Vec<&str> {
    let mut groups: Vec<&str> = Vec::new();
    for kind in kinds {
        if !kind.group.is_empty() && !groups.contains(&kind.group.as_str()) {
            groups.push(&kind.group);
        }
    }
    groups
}

/// The versions of a group, most preferred first.
pub(crate) fn versions<'k>(kinds: &'k [Arc<Kind>], group: &str) -> Vec<&'k str> {
    let mut versions: Vec<&str> = Vec::new();
    for kind in kinds.iter().filter(|k| k.group == group) {
        if !versions.contains(&kind.version.as_str()) {
            versions.push(&kind.version);
        }
    }
    let custom = kinds.iter().any(|k| k.group == group && k.custom.is_some());
    if custom {
        versions.sort_by(|a, b| priority(b).cmp(&priority(a)).then_with(|| a.cmp(b)));
    }
    versions
}

// apimachinery, `version.CompareKubeAwareVersionStrings`: GA over beta over alpha, larger numbers first.
fn priority(version: &str) -> (u8, u64, u64) {
    let Some(rest) = version.strip_prefix('v') else { return (0, 0, 0) };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (major, tail) = rest.split_at(end);
    let Ok(major) = major.parse() else { return (0, 0, 0) };
    let minor = |text: &str| if text.is_empty() { Some(0) } else { text.parse().ok() };
    if tail.is_empty() {
        return (3, major, 0);
    }
    for (stage, word) in [(2, "beta"), (1, "alpha")] {
        if let Some(minor) = tail.strip_prefix(word).and_then(minor) {
            return (stage, major, minor);
        }
    }
    (0, 0, 0)
}

/// `/api`.
pub(crate) fn core_versions() -> Value {
    let address = json!([{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:443"}]);
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": address})
}

/// `/apis/GROUP`, without the type (which `/apis` leaves out).
fn group_entry(kinds: &[Arc<Kind>], group: &str) -> Map<String, Value> {
    let versions: Vec<Value> = versions(kinds, group)
        .into_iter()
        .map(|v| json!({"groupVersion": format!("{group}/{v}"), "version": v}))
        .collect();
    let mut entry = Map::new();
    entry.insert("name".into(), group.into());
    entry.insert("preferredVersion".into(), versions.first().cloned().unwrap_or_default());
    entry.insert("versions".into(), versions.into());
    entry
}

/// `/apis`.
pub(crate) fn group_list(kinds: &[Arc<Kind>]) -> Value {
    let groups: Vec<Value> =
        groups(kinds).into_iter().map(|g| Value::Object(group_entry(kinds, g))).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`.
pub(crate) fn group(kinds: &[Arc<Kind>], name: &str) -> Value {
    let mut entry = group_entry(kinds, name);
    entry.insert("kind".into(), "APIGroup".into());
    entry.insert("apiVersion".into(), "v1".into());
    Value::Object(entry)
}

fn verbs(letters: &str) -> Vec<&'static str> {
    let name = |letter| match letter {
        'c' => "create",
        'd' => "delete",
        'D' => "deletecollection",
        'g' => "get",
        'l' => "list",
        'p' => "patch",
        'u' => "update",
        _ => "watch",
    };
    letters.chars().map(name).collect()
}

/// `/apis/GROUP/VERSION` and `/api/v1`.
pub(crate) fn resource_list(kinds: &[Arc<Kind>], group: &str, version: &str) -> Value {
    let mut resources = Vec::new();
    let mut group_version = String::new();
    for kind in kinds.iter().filter(|k| k.group == group && k.version == version) {
        group_version = kind.api_version();
        resources.push(resource(kind));
        resources.extend(kind.subresources.iter().map(|sub| subresource(kind, sub)));
    }
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources})
}

fn resource(kind: &Kind) -> Value {
    let mut entry = json!({
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
        "verbs": verbs(&kind.verbs),
    });
    if !kind.short_names.is_empty() {
        entry["shortNames"] = json!(kind.short_names);
    }
    if !kind.categories.is_empty() {
        entry["categories"] = json!(kind.categories);
    }
    if !kind.storage_hash.is_empty() {
        entry["storageVersionHash"] = json!(kind.storage_hash);
    }
    entry
}

fn subresource(kind: &Kind, sub: &Subresource) -> Value {
    let mut entry = json!({
        "name": format!("{}/{}", kind.plural, sub.name), "singularName": "", "namespaced": kind.namespaced,
        "kind": sub.kind, "verbs": verbs(&sub.verbs),
    });
    if let (Some(group), Some(version)) = (&sub.group, &sub.version) {
        entry["group"] = json!(group);
        entry["version"] = json!(version);
    }
    entry
}

/// Aggregated discovery of the core group (`/api`) or of all others (`/apis`).
pub(crate) fn aggregated(kinds: &[Arc<Kind>], core: bool) -> Value {
    let names = if core { vec![""] } else { groups(kinds) };
    let items: Vec<Value> = names
        .into_iter()
        .map(|name| {
            let versions: Vec<Value> =
                versions(kinds, name).into_iter().map(|v| aggregated_version(kinds, name, v)).collect();
            let metadata = if core { json!({}) } else { json!({"name": name}) };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn aggregated_version(kinds: &[Arc<Kind>], group: &str, version: &str) -> Value {
    let of_version = kinds.iter().filter(|k| k.group == group && k.version == version);
    let resources: Vec<Value> = of_version.map(|k| aggregated_resource(k)).collect();
    json!({"version": version, "resources": resources, "freshness": "Current"})
}

fn aggregated_resource(kind: &Kind) -> Value {
    // Built-in kinds leave group and version empty: they are those of the list.
    let response_kind = |name: &str, group: Option<&String>, version: Option<&String>| match &kind.custom {
        Some(_) if group.is_none() => json!({"group": kind.group, "version": kind.version, "kind": name}),
        _ => json!({
            "group": group.map_or("", String::as_str), "version": version.map_or("", String::as_str), "kind": name
        }),
    };
    let mut entry = json!({
        "resource": kind.plural, "responseKind": response_kind(&kind.kind, None, None),
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular, "verbs": verbs(&kind.verbs),
    });
    if !kind.short_names.is_empty() {
        entry["shortNames"] = json!(kind.short_names);
    }
    if !kind.categories.is_empty() {
        entry["categories"] = json!(kind.categories);
    }
    if !kind.subresources.is_empty() {
        let subs: Vec<Value> = kind
            .subresources
            .iter()
            .map(|s| {
                let response = response_kind(&s.kind, s.group.as_ref(), s.version.as_ref());
                json!({"subresource": s.name, "responseKind": response, "verbs": verbs(&s.verbs)})
            })
            .collect();
        entry["subresources"] = subs.into();
    }
    entry
}

/// `/`: the paths served.
pub(crate) fn paths(kinds: &[Arc<Kind>]) -> Value {
    let mut paths = vec!["/api".to_owned(), "/api/v1".into(), "/apis".into(), "/apis/".into()];
    for group in groups(kinds) {
        paths.push(format!("/apis/{group}"));
        paths.extend(versions(kinds, group).into_iter().map(|v| format!("/apis/{group}/{v}")));
    }
    paths.extend(["/healthz", "/livez", "/readyz", "/version"].map(str::to_owned));
    paths.sort();
    json!({"paths": paths})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;

    #[test]
    fn stable_versions_come_first() {
        let mut versions = vec!["v1alpha1", "v2beta1", "v1", "v10", "foo"];
        versions.sort_by_key(|v| std::cmp::Reverse(priority(v)));
        assert_eq!(versions, ["v10", "v1", "v2beta1", "v1alpha1", "foo"]);
    }

    #[test]
    fn autoscaling_prefers_v2() {
        let group = group(kinds::built_in(), "autoscaling");
        assert_eq!(group["preferredVersion"]["version"], "v2");
        let list = resource_list(kinds::built_in(), "apps", "v1");
        let scale = list["resources"].as_array().unwrap().iter().find(|r| r["name"] == "deployments/scale");
        assert_eq!(scale.unwrap()["group"], "autoscaling");
    }

    #[test]
    fn only_v2_of_aggregated_discovery_is_served() {
        assert_eq!(
            wanted("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"),
            Wanted::Unknown
        );
        assert_eq!(wanted(&format!("{AGGREGATED_TYPE},application/json")), Wanted::Aggregated);
        assert_eq!(wanted("application/json"), Wanted::Legacy);
    }
}
