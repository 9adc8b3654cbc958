//! Documents as trees that keep what values do not: comments, styles, anchors, tags, and the order of keys.
//!
//! A document that is read and written again comes out as yaml.v3 leaves it, in the layout that kustomize's `kyaml` asks
//! for (two columns, sequences at the indentation of their key).

mod comments;
mod node;
mod read;
mod scan_gaps;
mod write;
mod write_flow;

pub use node::{Comments, Content, Document, Node, ScalarStyle};
pub use read::read;
pub use write::write;
