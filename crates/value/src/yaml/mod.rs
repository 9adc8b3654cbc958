//! YAML as Kubernetes' tools read and write it: YAML 1.1 with the resolution, the texts and the layout of
//! sigs.k8s.io/yaml (over yaml.v2), and the layout of yaml.v3 for `toYamlPretty`.

mod build;
mod chars;
mod emit;
mod exact;
mod input;
mod key_order;
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
mod write;

pub use options::{Duplicates, Numbers, Options};
pub use read::{Head, HeadMetadata, check, head, read, read_list, read_map, to_json};
pub use write::{write, write_json, write_pretty};
