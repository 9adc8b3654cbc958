//! What a cluster serves: groups, versions, kinds and their paths.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::client::Client;
use crate::connect::Kept;
use crate::error::Error;
use crate::resource::Mapping;

const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// Group versions and kinds of a cluster.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    mappings: HashMap<(String, String, String), Arc<Mapping>>,
    versions: BTreeSet<String>,
    preferred: HashMap<(String, String), String>,
    /// All of them, in the server's order.
    served: Vec<Arc<Mapping>>,
}

/// Where a server tells what it serves.
pub(crate) const ROOTS: [&str; 2] = ["/api", "/apis"];

impl Discovery {
    /// Returns how a kind is served, if it is.
    pub fn mapping(&self, group: &str, version: &str, kind: &str) -> Option<Arc<Mapping>> {
        self.mappings.get(&(group.to_owned(), version.to_owned(), kind.to_owned())).cloned()
    }

    /// Returns whether a group version (`v1`, `apps/v1`) is served.
    pub fn has_version(&self, api_version: &str) -> bool {
        self.versions.contains(api_version)
    }

    /// Returns how a kind is served in the first version of its group that has it.
    pub fn preferred(&self, group: &str, kind: &str) -> Option<Arc<Mapping>> {
        let version = self.preferred.get(&(group.to_owned(), kind.to_owned()))?;
        self.mapping(group, version, kind)
    }

    /// Returns `.Capabilities.APIVersions`: group versions and `group/version/Kind`, sorted
    /// (`action.GetVersionSet`, which has no order).
    pub fn api_versions(&self) -> impl Iterator<Item = &str> {
        self.versions.iter().map(String::as_str)
    }

    /// Asks for everything in two requests where the server can do so, group by group otherwise. What is known
    /// already is taken if the server says that it still holds.
    pub(crate) async fn ask(client: &Client, known: Option<Kept>) -> Result<Kept, Error> {
        if let Some(known) = known.filter(|known| known.tags.iter().all(|tag| !tag.is_empty()))
            && still_holds(client, &known).await?
        {
            return Ok(known);
        }
        let mut found = Kept::default();
        for (root, tag) in ROOTS.iter().zip(&mut found.tags) {
            let Some((answer, new_tag)) = client.get_unless_same(root, AGGREGATED, "").await? else {
                continue;
            };
            *tag = new_tag;
            match answer["kind"].as_str() {
                Some("APIGroupDiscoveryList") => found.discovery.read_aggregated(&answer),
                _ => found.discovery.ask_groups(client, root, &answer).await?,
            }
        }
        Ok(found)
    }

    /// Writes what is served in a few columns.
    pub(crate) fn to_json(&self) -> Value {
        let row = |mapping: &Arc<Mapping>| {
            let Mapping { group, version, kind, plural, namespaced } = &**mapping;
            json!([group, version, kind, plural, namespaced])
        };
        json!({"versions": self.versions, "kinds": self.served.iter().map(row).collect::<Vec<_>>()})
    }

    /// Reads what [`Discovery::to_json`] has written.
    pub(crate) fn from_json(document: &Value) -> Option<Discovery> {
        let mut discovery = Discovery::default();
        for row in document["kinds"].as_array()? {
            let column = |index: usize| row[index].as_str().map(str::to_owned);
            discovery.add(Mapping {
                group: column(0)?,
                version: column(1)?,
                kind: column(2)?,
                plural: column(3)?,
                namespaced: row[4].as_bool()?,
            });
        }
        let versions = document["versions"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned);
        discovery.versions.extend(versions);
        Some(discovery)
    }

    fn read_aggregated(&mut self, list: &Value) {
        for group in items(&list["items"]) {
            let name = text(&group["metadata"]["name"]);
            for version in items(&group["versions"]) {
                let version_name = text(&version["version"]);
                self.versions.insert(join(name, version_name));
                for resource in items(&version["resources"]) {
                    self.read_aggregated_resource(name, version_name, resource);
                }
            }
        }
    }

    fn read_aggregated_resource(&mut self, group: &str, version: &str, resource: &Value) {
        let kind = text(&resource["responseKind"]["kind"]);
        for subresource in items(&resource["subresources"]) {
            self.add_version_kind(group, version, text(&subresource["responseKind"]["kind"]));
        }
        self.add(Mapping {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: text(&resource["resource"]).to_owned(),
            namespaced: resource["scope"] == "Namespaced",
        });
    }

    /// The protocol before Kubernetes 1.26: a list of groups, then one request for each group version.
    async fn ask_groups(&mut self, client: &Client, root: &str, answer: &Value) -> Result<(), Error> {
        let mut group_versions = Vec::new();
        for version in items(&answer["versions"]) {
            group_versions.push((String::new(), text(version).to_owned()));
        }
        for group in items(&answer["groups"]) {
            for version in items(&group["versions"]) {
                group_versions.push((text(&group["name"]).to_owned(), text(&version["version"]).to_owned()));
            }
        }
        for (group, version) in group_versions {
            let path = format!("{root}/{}", join(&group, &version));
            self.versions.insert(join(&group, &version));
            // A group whose server is away is left out, as client-go does (an orphaned APIService).
            match client.get_json(&path).await {
                Ok(list) => self.read_resource_list(&group, &version, &list),
                Err(error) if error.api_status().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn read_resource_list(&mut self, group: &str, version: &str, list: &Value) {
        for resource in items(&list["resources"]) {
            let (name, kind) = (text(&resource["name"]), text(&resource["kind"]));
            if name.contains('/') {
                self.add_version_kind(group, version, kind);
                continue;
            }
            self.add(Mapping {
                group: group.to_owned(),
                version: version.to_owned(),
                kind: kind.to_owned(),
                plural: name.to_owned(),
                namespaced: resource["namespaced"] == true,
            });
        }
    }

    fn add(&mut self, mapping: Mapping) {
        self.add_version_kind(&mapping.group, &mapping.version, &mapping.kind);
        let mapping = Arc::new(mapping);
        self.served.push(Arc::clone(&mapping));
        let key = (mapping.group.clone(), mapping.version.clone(), mapping.kind.clone());
        self.preferred
            .entry((mapping.group.clone(), mapping.kind.clone()))
            .or_insert_with(|| mapping.version.clone());
        self.mappings.entry(key).or_insert(mapping);
    }

    fn add_version_kind(&mut self, group: &str, version: &str, kind: &str) {
        self.versions.insert(format!("{}/{kind}", join(group, version)));
    }
}

async fn still_holds(client: &Client, known: &Kept) -> Result<bool, Error> {
    for (root, tag) in ROOTS.iter().zip(&known.tags) {
        if client.get_unless_same(root, AGGREGATED, tag).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn join(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
