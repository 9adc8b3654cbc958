//! What goes wrong with TLS, in the words of Go's `crypto/tls` and `crypto/x509`: for connections to clusters, chart
//! repositories and databases alike. Holds no connections and no configuration.

mod certificate;
mod failure;

pub use certificate::describe_certificate;
pub use failure::describe;
