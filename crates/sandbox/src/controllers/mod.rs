//! What controllers and the kubelet of a cluster would do, done at once after every write.

mod aggregation;
mod autoscaling;
mod bootstrap;
mod budget;
mod daemon_set;
mod deployment;
mod job;
mod kubelet;
mod later;
mod objects;
mod quota;
mod reconcile;
mod replica_set;
mod revision;
mod roles;
mod service;
mod stateful_set;
mod template_hash;
mod volume;

pub(crate) use later::Later;
pub(crate) use objects::MANAGER;
pub(crate) use reconcile::Pending;
