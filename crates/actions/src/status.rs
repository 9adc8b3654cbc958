//! A revision and its objects in the cluster (`helm status`).

use std::pin::pin;

use cluster::{FieldValidation, Resource};
use futures_util::stream::{self, StreamExt};
use release::Record;
use serde_json::Value;

use crate::batches::MOST_REQUESTS;
use crate::connections::Connections;
use crate::detail::Detail;
use crate::error::Error;
use crate::{get, live};

/// Whether objects come as they are or as rows for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As they are.
    Objects,
    /// As `Table`s.
    Tables,
}

/// A revision and its objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The revision.
    pub record: Record,
    /// Its objects by `version/Kind`, in the order of first appearance; lists of the pods that workloads select come
    /// under `v1/Pod(related)`. Objects that cannot be read are left out.
    pub resources: Vec<(String, Vec<Value>)>,
}

/// Reads a revision (0: the newest) and its objects.
///
/// # Errors
/// When the cluster does not answer, there is no such revision, or its manifest cannot be read.
pub async fn run(
    name: &str,
    revision: i64,
    form: Form,
    connections: Connections<'_>,
) -> Result<Outcome, Error> {
    let record = get::run(name, revision, connections).await?;
    let located = live::build(&record.manifest, FieldValidation::Ignore, connections).await?;
    let reading = located.iter().map(async |resource| match form {
        Form::Objects => connections.cluster.get(resource).await,
        Form::Tables => connections.cluster.get_table(resource).await,
    });
    let mut read = pin!(stream::iter(reading).buffered(MOST_REQUESTS));
    let mut resources = Vec::new();
    let mut selectors: Vec<Value> = Vec::new();
    for resource in &located {
        let Some(Ok(object)) = read.next().await else { continue };
        connections.detail(Detail::PodsOf(resource));
        let mapping = &resource.mapping;
        push(&mut resources, format!("{}/{}", mapping.version, mapping.kind), vec![object]);
        let Some(selector) = selector_of(&resource.object) else { continue };
        if selectors.contains(selector) {
            continue;
        }
        selectors.push(selector.clone());
        let pods = related_pods(resource, selector, form, connections).await;
        push(&mut resources, "v1/Pod(related)".to_owned(), pods);
    }
    Ok(Outcome { record, resources })
}

fn push(resources: &mut Vec<(String, Vec<Value>)>, key: String, objects: Vec<Value>) {
    if objects.is_empty() {
        return;
    }
    match resources.iter_mut().find(|(own, _)| *own == key) {
        Some((_, list)) => list.extend(objects),
        None => resources.push((key, objects)),
    }
}

/// Returns the labels by which a workload's manifest selects its pods (`getSelectorFromObject`).
pub(crate) fn selector_of(object: &Value) -> Option<&Value> {
    let selector = &object["spec"]["selector"];
    let labels = match object["kind"].as_str()? {
        "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => &selector["matchLabels"],
        "ReplicationController" => selector,
        _ => return None,
    };
    labels.is_object().then_some(labels)
}

async fn related_pods(
    resource: &Resource,
    labels: &Value,
    form: Form,
    connections: Connections<'_>,
) -> Vec<Value> {
    let pairs = labels.as_object().into_iter().flatten();
    let terms: Vec<String> =
        pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    let selector = terms.join(",");
    let query = [("labelSelector", selector.as_str())];
    let cluster = connections.cluster;
    let Ok(discovery) = cluster.discover().await else { return Vec::new() };
    let Some(pods) = discovery.preferred("", "Pod") else { return Vec::new() };
    let namespace = &resource.namespace;
    let found = match form {
        Form::Objects => cluster.list(&pods, namespace, &query).await,
        Form::Tables => cluster.list_table(&pods, namespace, &query).await,
    };
    found.map_or_else(|_| Vec::new(), |pods| vec![pods])
}
