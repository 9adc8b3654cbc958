//! Defaults that the API server fills into objects of built-in kinds when it reads them.

use crate::kinds::Kind;
use serde_json::Value;

/// Fills in the defaults of `kind`.
pub(crate) fn apply(kind: &Kind, object: &mut Value) {
    if let Some(custom) = &kind.custom {
        if let Some(schema) = &custom.schema {
            crate::crds::set_defaults(object, schema);
        }
    }
}

/// The quality of service class of a Pod.
pub(crate) fn pod_qos(_spec: &Value) -> &'static str {
    "BestEffort"
}
