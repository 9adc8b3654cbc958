//! What may go out at the same time.

use std::collections::HashSet;

use cluster::Resource;

/// How many requests for objects are under way at a time. Helm knows no limit; an API server takes a hundred streams in
/// one connection, and shares its time among clients.
pub(crate) const MOST_REQUESTS: usize = 32;

/// Cuts a list into stretches of objects that do not depend on each other: of one kind (`batchPerform` in Helm's
/// `client.go`), and none of them twice.
pub(crate) fn batches(resources: &[Resource]) -> Vec<&[Resource]> {
    let mut batches = Vec::new();
    for of_one_kind in resources.chunk_by(|one, next| one.mapping.kind == next.mapping.kind) {
        let mut rest = of_one_kind;
        while !rest.is_empty() {
            let (batch, others) = rest.split_at(distinct(rest));
            batches.push(batch);
            rest = others;
        }
    }
    batches
}

/// Returns how many objects there are before one comes again.
fn distinct(resources: &[Resource]) -> usize {
    let mut seen = HashSet::with_capacity(resources.len());
    let repeated = resources.iter().position(|Resource { mapping, namespace, name, .. }| {
        !seen.insert((mapping.group.as_str(), namespace.as_str(), name.as_str()))
    });
    repeated.unwrap_or(resources.len())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cluster::{Mapping, Resource};
    use serde_json::Value;

    use super::batches;

    #[test]
    fn a_batch_ends_with_a_kind_and_before_an_object_that_comes_again() {
        let resource = |text: &str| {
            let (kind, name) = text.split_once('/').unwrap();
            let mapping = Mapping {
                group: String::new(),
                version: "v1".to_owned(),
                kind: kind.to_owned(),
                plural: kind.to_lowercase(),
                namespaced: true,
            };
            let (mapping, namespace) = (Arc::new(mapping), "default".to_owned());
            Resource { object: Value::Null, mapping, namespace, name: name.to_owned() }
        };
        let resources = ["A/a", "A/b", "B/a", "B/b", "B/b", "B/a", "A/a"].map(resource);
        let lengths: Vec<usize> = batches(&resources).iter().map(|batch| batch.len()).collect();
        assert_eq!(lengths, [2, 2, 2, 1]);
        assert!(batches(&[]).is_empty());
    }
}
