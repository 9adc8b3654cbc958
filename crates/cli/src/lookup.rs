//! The template function `lookup`, answered by the cluster (engine/lookup_func.go).

use std::rc::Rc;

use cluster::{Client, Mapping, Resource};
use render::Lookup;
use serde_json::{Value, json};

use crate::errors::chain;
use crate::logging;

/// Returns the function for a cluster.
pub(crate) fn function(client: &Client) -> Rc<Lookup> {
    let client = client.clone();
    Rc::new(move |api_version, kind, namespace, name| {
        cluster::block_on(find(&client, (api_version, kind), namespace, name))
    })
}

async fn find(
    client: &Client,
    (api_version, kind): (&str, &str),
    namespace: &str,
    name: &str,
) -> Result<Option<Value>, String> {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let discovery = client.discover().await.map_err(|error| unknown(api_version, kind, &chain(&error)))?;
    let Some(mapping) = discovery.mapping(group, version, kind) else {
        let is_served = discovery.api_versions().any(|served| served == api_version);
        // Helm asks for a resource without a name then, and takes "not found" for an answer.
        return if is_served {
            Ok(None)
        } else {
            Err(unknown(api_version, kind, "the server could not find the requested resource"))
        };
    };
    let namespace = if mapping.namespaced { namespace } else { "" };
    let found = if name.is_empty() {
        client.list(&mapping, namespace, &[]).await
    } else {
        client.get(&named(mapping, namespace, name)).await
    };
    match found {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(chain(&error)),
    }
}

fn named(mapping: std::sync::Arc<Mapping>, namespace: &str, name: &str) -> Resource {
    let object = json!({"metadata": {"name": name, "namespace": namespace}});
    Resource { object, mapping, namespace: namespace.to_owned(), name: name.to_owned() }
}

/// Logs and words that a group version is not served.
fn unknown(api_version: &str, kind: &str, reason: &str) -> String {
    let slashed = if api_version.contains('/') { api_version.to_owned() } else { format!("/{api_version}") };
    let title = format!("{slashed}, Kind={kind}");
    logging::line(
        logging::Level::Error,
        "unable to retrieve resource list",
        &[("GroupVersion", api_version), ("error", reason)],
    );
    logging::line(
        logging::Level::Error,
        "unable to get apiresource",
        &[("groupVersionKind", &title), ("error", reason)],
    );
    format!("unable to get apiresource from unstructured: {title}: {reason}")
}
