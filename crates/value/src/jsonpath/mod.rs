//! JSONPath templates in kubectl's dialect: parsed once, written out over a value (k8s.io/client-go/util/jsonpath).

mod compare;
mod find;
mod node;
mod parse;

pub use find::Template;
