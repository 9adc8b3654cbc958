//! What the readers and writers do as a whole; the expected texts were recorded from sigs.k8s.io/yaml over yaml.v2, yaml.v3 and
//! Go's `encoding/json`.

mod json;
mod yaml_head;
mod yaml_locate;
mod yaml_nodes;
mod yaml_read;
mod yaml_write;
