//! The kinds a server serves: the built-in table and what a CustomResourceDefinition adds. No objects.

use crate::custom::Patterns;
use crate::rules::Rules;
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// One served group, version and resource.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) plural: String,
    pub(crate) singular: String,
    pub(crate) short_names: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) namespaced: bool,
    /// Whether the server keeps `metadata.generation`.
    pub(crate) has_generation: bool,
    /// Whether DELETE answers the object instead of a Status.
    pub(crate) returns_deleted: bool,
    /// Whether PUT without resourceVersion is refused.
    pub(crate) needs_version: bool,
    /// Letters of the verbs: c d D(eletecollection) g l p u w.
    pub(crate) verbs: String,
    pub(crate) subresources: Vec<Subresource>,
    /// Line of the type in the schema table.
    pub(crate) type_index: Option<usize>,
    pub(crate) storage_hash: String,
    /// `group/plural` under which objects are kept; versions and the two event groups share one.
    pub(crate) storage: String,
    pub(crate) custom: Option<Custom>,
}

/// What only a custom resource has.
#[derive(Debug)]
pub(crate) struct Custom {
    pub(crate) schema: Option<Arc<Value>>,
    /// The version in which objects are kept, and its schema.
    pub(crate) storage_version: String,
    pub(crate) storage_schema: Option<Arc<Value>>,
    pub(crate) patterns: Patterns,
    /// Compiled when first asked for, by [`Custom::rules`].
    pub(crate) rules: OnceLock<Option<Rules>>,
    pub(crate) list_kind: String,
    pub(crate) scale: Option<Value>,
    pub(crate) deprecated: Option<String>,
    pub(crate) selectable: Vec<String>,
    pub(crate) terminating: bool,
    /// `additionalPrinterColumns`
    pub(crate) columns: Vec<Value>,
}

impl Custom {
    /// A version whose objects have no schema yet.
    pub(crate) fn new(schema: Option<Value>, storage_version: &str, storage_schema: Option<Value>) -> Custom {
        Custom {
            schema: schema.map(Arc::new),
            storage_version: storage_version.to_owned(),
            storage_schema: storage_schema.map(Arc::new),
            patterns: Patterns::default(),
            rules: OnceLock::new(),
            list_kind: String::new(),
            scale: None,
            deprecated: None,
            selectable: Vec::new(),
            terminating: false,
            columns: Vec::new(),
        }
    }

    /// The CEL rules of the schema, compiled when first asked for; `None` if there are none.
    pub(crate) fn rules(&self) -> Option<&Rules> {
        self.rules.get_or_init(|| self.schema.as_ref().and_then(Rules::of)).as_ref()
    }
}

/// A subresource with its own verbs and perhaps its own kind (`scale` answers an autoscaling/v1 Scale).
#[derive(Debug)]
pub(crate) struct Subresource {
    pub(crate) name: String,
    pub(crate) group: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) kind: String,
    pub(crate) verbs: String,
}

impl Kind {
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `deployments.apps`, as messages name it.
    pub(crate) fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    pub(crate) fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|s| s.name == name)
    }

    pub(crate) fn has_status(&self) -> bool {
        self.subresource("status").is_some()
    }

    pub(crate) fn list_kind(&self) -> String {
        self.custom.as_ref().map_or_else(|| format!("{}List", self.kind), |c| c.list_kind.clone())
    }

    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

/// The built-in kinds, in the order of discovery.
pub(crate) fn built_in() -> &'static [Arc<Kind>] {
    static KINDS: OnceLock<Vec<Arc<Kind>>> = OnceLock::new();
    KINDS.get_or_init(|| include_str!("../tables/kinds.txt").lines().map(|l| Arc::new(parse(l))).collect())
}

/// The one built-in kind of that storage name, for code that writes objects itself.
pub(crate) fn stored(storage: &str) -> &'static Arc<Kind> {
    built_in().iter().find(|k| k.storage == storage).expect("storage names in code are in the table")
}

// Tab-separated columns, written by tables/derive.py.
fn parse(line: &str) -> Kind {
    let mut columns = line.split('\t');
    let mut next = || columns.next().unwrap_or_default();
    let list = |text: &str| text.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let (group, version, kind, plural, singular) = (next(), next(), next(), next(), next());
    let (short, categories, flags, verbs, index) = (next(), next(), next(), next(), next());
    let (storage_hash, subresources) = (next(), next());
    let storage = if plural == "events" { "/events".into() } else { format!("{group}/{plural}") };
    Kind {
        group: group.into(),
        version: version.into(),
        kind: kind.into(),
        plural: plural.into(),
        singular: singular.into(),
        short_names: list(short),
        categories: list(categories),
        namespaced: flags.starts_with('N'),
        has_generation: flags.contains('g'),
        returns_deleted: flags.contains('r'),
        needs_version: flags.contains('v'),
        verbs: verbs.into(),
        subresources: subresources.split(' ').filter(|s| !s.is_empty()).map(parse_subresource).collect(),
        type_index: index.parse().ok(),
        storage_hash: storage_hash.into(),
        storage,
        custom: None,
    }
}

fn parse_subresource(text: &str) -> Subresource {
    let mut parts = text.split(':');
    let mut next = || parts.next().unwrap_or_default();
    let (name, kind, verbs) = (next(), next(), next());
    let mut kind = kind.rsplit('/');
    let mut own = || kind.next().map(str::to_owned);
    let (kind, version, group) = (own().unwrap_or_default(), own(), own());
    Subresource { name: name.into(), group, version, kind, verbs: verbs.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_is_a_kind_of_another_group() {
        let deployments = stored("apps/deployments");
        let scale = deployments.subresource("scale").unwrap();
        assert_eq!((scale.group.as_deref(), scale.kind.as_str()), (Some("autoscaling"), "Scale"));
        assert_eq!(deployments.resource(), "deployments.apps");
        assert!(deployments.has_generation && deployments.has_status());
    }
}
