//! Reaching a real cluster: kubeconfig files, credentials, TLS.

mod failure;
mod kubeconfig;
mod real;
mod worker;

pub use self::kubeconfig::{Options, Target, contexts};
pub use self::real::transport;
