//! The rule on API versions that Kubernetes deprecates (Helm: lint/rules/deprecations.go; k8s.io/apiserver,
//! endpoints/deprecation). All of Kubernetes' versions so far begin with 1.

mod lifecycles;

use super::object::Object;
use crate::KubeVersion;

/// One kind of an API version, by minor versions of Kubernetes.
struct Lifecycle {
    kind: &'static str,
    deprecated: u32,
    /// 0 when no version is announced.
    removed: u32,
    replacement: Replacement,
}

/// What takes a kind's place.
enum Replacement {
    /// Nothing that Kubernetes names.
    None,
    /// Another version of the same kind.
    Version(&'static str),
    /// Another version and kind.
    Kind(&'static str, &'static str),
}

/// Returns what there is to say when an object's API version is deprecated in a version of Kubernetes.
pub(super) fn check(object: &Object, version: &KubeVersion) -> Option<String> {
    let (api_version, kind) = (object.api_version.as_str(), object.kind.as_str());
    let (_, kinds) = lifecycles::LIFECYCLES.iter().find(|(found, _)| *found == api_version)?;
    let lifecycle = kinds.iter().find(|lifecycle| lifecycle.kind == kind)?;
    let number = |text: &str| text.parse::<u32>().ok();
    let present = (number(&version.major)?, number(&version.minor)?);
    // apiserver: version 0.0 stands for an unknown one, for which everything counts.
    if present != (0, 0) && (1, lifecycle.deprecated) > present {
        return None;
    }
    let mut text = format!("{api_version} {kind} is deprecated in v1.{}+", lifecycle.deprecated);
    if lifecycle.removed > 0 {
        text.push_str(&format!(", unavailable in v1.{}+", lifecycle.removed));
    }
    match lifecycle.replacement {
        Replacement::None => {}
        Replacement::Version(version) => text.push_str(&format!("; use {version} {kind}")),
        Replacement::Kind(version, kind) => text.push_str(&format!("; use {version} {kind}")),
    }
    Some(text)
}
