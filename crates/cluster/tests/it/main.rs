//! The transport to a real server, against a listener on this machine.

extern crate pintle_cluster as cluster;

mod connect;
