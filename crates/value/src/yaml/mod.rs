//! YAML as Kubernetes' tools read and write it: YAML 1.1 with the resolution, the texts and the layout of
//! sigs.k8s.io/yaml (over yaml.v2), and the layout of yaml.v3 for `toYamlPretty`.

mod build;
mod chars;
mod documents;
mod emit;
mod exact;
mod head;
mod head_exact;
mod head_plain;
mod input;
mod key_order;
pub mod lines;
mod locate;
pub mod nodes;
mod options;
mod parse;
mod problem;
mod property;
mod read;
mod resolve;
mod scalar;
mod scan;
mod style;
mod timestamp;
mod token;
mod tree;
pub mod walk;
mod write;

pub use documents::{Documents, documents};
pub use head::{Head, HeadMetadata, head};
pub use locate::{Location, Step, locate};
pub use options::{Duplicates, Numbers, Options};
pub use read::{check, read, read_list, read_map, to_json};
pub use write::{write, write_json, write_pretty};
