//! What controllers and the kubelet of a cluster would do, done at once after every write.

mod aggregation;
mod autoscaling;
mod bootstrap;
mod budget;
mod daemon_set;
mod deployment;
mod job;
mod kubelet;
mod objects;
mod quota;
mod reconcile;
mod replica_set;
mod revision;
mod roles;
mod service;
mod stateful_set;
mod volume;

pub(crate) use reconcile::Pending;
