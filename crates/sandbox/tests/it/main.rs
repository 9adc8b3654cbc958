//! The sandbox as its callers see it: requests in, responses out.

mod admission;
mod apply;
mod clients;
mod controllers;
mod crash;
mod custom;
mod deletion;
mod disk;
mod protocol;
mod server;
mod validation;
mod watch;
