//! The step that deletes what a release holds (`Uninstall.deleteRelease`).

use cluster::{Propagation, Resource};
use futures_util::stream::{self, StreamExt};
use manifest::{Head, KindOrder, ownership};

use super::journal::{Journal, Kept, KeptObject};
use super::objects;
use crate::batches::MOST_REQUESTS;
use crate::connections::Connections;
use crate::detail::Detail;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::live;
use crate::plan::Plan;

pub(super) async fn delete_objects(
    plan: &Plan,
    propagation: Propagation,
    journal: &mut Journal,
    connections: Connections<'_>,
) -> Result<(), Error> {
    let Some(record) = journal.records.get(&plan.revision) else { return Ok(()) };
    let failed = |causes| Error::from(ErrorKind::Deletion { name: plan.name.clone(), causes });
    let removal = plan_removal(&record.manifest).map_err(|error| failed(vec![error]))?;
    let located = live::locate(removal.objects, connections).await;
    let resources = located.map_err(|error| failed(vec![error]))?;
    let owned = Owned::verify(resources, &record.name, &record.namespace, removal.kept, connections).await;
    journal.kept = owned.kept;
    owned.resources.iter().for_each(|resource| connections.detail(Detail::Owned(resource, &record.name)));
    let errors = objects::delete(&owned.resources, propagation, connections).await;
    journal.deleted = owned.resources;
    if errors.is_empty() { Ok(()) } else { Err(failed(errors.into_iter().map(Error::from).collect())) }
}

/// What a manifest says must go and may stay.
pub(crate) struct Removal {
    pub(crate) objects: Vec<serde_json::Value>,
    pub(crate) kept: Kept,
}

/// Sorts a stored manifest for removal. Documents of one kind are in the order of their numbers as text (`10`
/// before `2`), because Helm keeps them in a map by name and sorts that.
pub(crate) fn plan_removal(text: &str) -> Result<Removal, Error> {
    let mut documents: Vec<(String, &str)> = manifest::split(text)
        .into_iter()
        .enumerate()
        .map(|(number, document)| (number.to_string(), document))
        .collect();
    documents.sort();
    let mut parsed = Vec::with_capacity(documents.len());
    for (_, document) in documents {
        let object = manifest::document(document)?;
        let head = Head::from_object(&object)?;
        // An object with a hook annotation is a hook and none of the release's objects.
        if !head.annotations.contains_key(manifest::HOOK_ANNOTATION) {
            parsed.push((head, object));
        }
    }
    KindOrder::Uninstall.sort(&mut parsed, |(head, _)| &head.kind);
    let mut removal = Removal { objects: Vec::new(), kept: Kept::default() };
    for (head, object) in parsed {
        // Any policy but `keep` neither keeps nor deletes (`filterManifestsToKeep`).
        match head.annotations.get(ownership::RESOURCE_POLICY) {
            None if object.is_null() => {}
            None => removal.objects.push(object),
            Some(policy) if policy.trim().to_lowercase() == ownership::KEEP => {
                removal.kept.by_policy.push(KeptObject { kind: head.kind, name: head.name });
            }
            Some(_) => {}
        }
    }
    Ok(removal)
}

/// The objects that belong to a release, and those that do not.
pub(crate) struct Owned {
    pub(crate) resources: Vec<Resource>,
    pub(crate) kept: Kept,
}

impl Owned {
    /// Reads every object and looks at its marks; those that are gone are left out.
    pub(crate) async fn verify(
        resources: Vec<Resource>,
        name: &str,
        namespace: &str,
        kept: Kept,
        connections: Connections<'_>,
    ) -> Owned {
        let mut owned = Owned { resources: Vec::new(), kept };
        let mut unowned = Vec::new();
        let mut unverifiable = Vec::new();
        let looking = resources.iter().map(|resource| connections.cluster.find(resource));
        let found: Vec<_> = stream::iter(looking).buffered(MOST_REQUESTS).collect().await;
        for (resource, found) in resources.into_iter().zip(found) {
            match found {
                Ok(None) => {}
                Ok(Some(live)) if ownership::check(&live, name, namespace).is_ok() => {
                    owned.resources.push(resource);
                }
                Ok(Some(_)) => unowned.push(resource),
                Err(error) => unverifiable.push((resource, error)),
            }
        }
        for resource in &unowned {
            connections.reporter.report(Event::NotOwned { resource, release: name });
            owned.kept.not_owned.push(named(resource));
        }
        for (resource, error) in &unverifiable {
            connections.reporter.report(Event::Unverifiable { resource, release: name, error });
            owned.kept.unverifiable.push((named(resource), cluster::chain(error)));
        }
        owned
    }
}

fn named(resource: &Resource) -> KeptObject {
    KeptObject { kind: resource.mapping.kind.clone(), name: resource.name.clone() }
}

#[cfg(test)]
mod tests {
    use super::plan_removal;

    #[test]
    fn kinds_go_in_uninstall_order_and_policies_are_obeyed() {
        let text = r#"---
# Source: a
{"kind":"Secret","metadata":{"name":"s"}}
---
{"kind":"Service","metadata":{"name":"v"}}
---
{"kind":"ConfigMap","metadata":{"name":"k","annotations":{"helm.sh/resource-policy":" Keep "}}}
---
{"kind":"ConfigMap","metadata":{"name":"d","annotations":{"helm.sh/resource-policy":"delete"}}}
"#;
        let removal = plan_removal(text).unwrap();
        let names: Vec<_> =
            removal.objects.iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["v", "s"]);
        assert_eq!(removal.kept.by_policy[0].name, "k");
        assert_eq!(removal.kept.by_policy.len(), 1);
    }
}
