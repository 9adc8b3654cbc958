//! What rendering a chart yields: documents told apart into ordinary objects, hooks and definitions.

use crate::head::Head;
use crate::hook::{self, Hook, Reading};
use crate::kind_order::KindOrder;

/// One object of a release, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Path of the template it comes from, from the chart's name on.
    pub path: String,
    /// The document's text, without separators.
    pub content: String,
    /// What sorting and policies look at.
    pub head: Head,
}

/// A file of a chart's `crds/` folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crd {
    /// Name inside its chart (`crds/foo.yaml`); what error messages say.
    pub name: String,
    /// Path from the root chart's name on (`app/charts/sub/crds/foo.yaml`); what `# Source:` says.
    pub path: String,
    /// The file's text.
    pub content: String,
}

/// A document and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// An ordinary object.
    Manifest(Manifest),
    /// A hook.
    Hook(Hook),
    /// An object with an unknown hook event, which is left out; Helm logs the annotation's text.
    UnknownHook(String),
}

impl Document {
    /// Tells what a document is by its annotations.
    pub fn new(path: impl Into<String>, content: impl Into<String>, head: Head) -> Document {
        match hook::read(&head) {
            Reading::Ordinary => {
                Document::Manifest(Manifest { path: path.into(), content: content.into(), head })
            }
            Reading::Hook(hook) => {
                Document::Hook(Hook { path: path.into(), manifest: content.into(), ..*hook })
            }
            Reading::Unknown(types) => Document::UnknownHook(types),
        }
    }
}

/// The objects of a release in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManifestSet {
    /// Definitions that are installed first and never upgraded.
    pub crds: Vec<Crd>,
    /// Ordinary objects, by kind.
    pub manifests: Vec<Manifest>,
    /// Hooks, by kind.
    pub hooks: Vec<Hook>,
    /// Annotations of objects left out because of an unknown event.
    pub unknown_hooks: Vec<String>,
}

impl ManifestSet {
    /// Sorts documents, given in the order of their paths and places, into a set without definitions.
    pub fn from_documents(documents: impl IntoIterator<Item = Document>, order: KindOrder) -> ManifestSet {
        let mut set = ManifestSet::default();
        for document in documents {
            match document {
                Document::Manifest(manifest) => set.manifests.push(manifest),
                Document::Hook(hook) => set.hooks.push(hook),
                Document::UnknownHook(types) => set.unknown_hooks.push(types),
            }
        }
        order.sort(&mut set.manifests, |manifest| &manifest.head.kind);
        order.sort(&mut set.hooks, |hook| &hook.kind);
        set
    }

    /// Returns the text stored in a release: every object under a `# Source:` line.
    pub fn text(&self) -> String {
        let size = self.manifests.iter().map(|m| m.path.len() + m.content.len() + 16).sum();
        let mut text = String::with_capacity(size);
        for Manifest { path, content, .. } in &self.manifests {
            for part in ["---\n# Source: ", path, "\n", content, "\n"] {
                text.push_str(part);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Document, ManifestSet};
    use crate::head::Head;
    use crate::kind_order::KindOrder;

    #[test]
    fn a_set_is_sorted_by_kind_and_written_with_sources() {
        let document = |path: &str, object: serde_json::Value| {
            Document::new(path, object.to_string(), Head::from_object(&object).unwrap())
        };
        let set = ManifestSet::from_documents(
            [
                document("c/b.yaml", json!({"kind": "Service"})),
                document("c/c.yaml", json!({"kind": "Secret"})),
                document(
                    "c/d.yaml",
                    json!({"kind": "Job", "metadata": {"annotations": {"helm.sh/hook": "test"}}}),
                ),
            ],
            KindOrder::Install,
        );
        assert_eq!(
            set.text(),
            "---\n# Source: c/c.yaml\n{\"kind\":\"Secret\"}\n---\n# Source: c/b.yaml\n{\"kind\":\"Service\"}\n"
        );
        assert_eq!(set.hooks[0].path, "c/d.yaml");
    }
}
