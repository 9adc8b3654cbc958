//! Kubernetes' protobuf form of built-in objects, by the field numbers of `tables/wire.txt`.

mod read;
mod write;

pub(crate) use read::to_json;
pub(crate) use write::{is_servable, listed, object, watch_event};

/// The media type of typed clients.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// Every body begins so (apimachinery, `runtime/serializer/protobuf`).
const PREFIX: &[u8; 4] = b"k8s\0";
