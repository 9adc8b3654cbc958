//! Reaching a real cluster: kubeconfig files, credentials, TLS.

mod discovery_cache;
mod failure;
mod kubeconfig;
mod limit;
mod real;
mod validation;
mod worker;

pub(crate) use self::discovery_cache::Kept;
pub use self::discovery_cache::{DiscoveryCache, server_folder};
pub use self::kubeconfig::{Options, Target, contexts};
pub use self::limit::Rate;
pub use self::real::transport;
