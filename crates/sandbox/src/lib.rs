//! An embedded Kubernetes API server: objects in memory or in a file, HTTP requests answered in process, controllers
//! that bring objects to where a cluster would bring them in the end, at once.
//!
//! It is a stand-in for tests and for trying things out. No container ever runs: Pods say that they run.

mod access;
mod base64;
mod body;
mod conform;
mod controllers;
mod convert;
mod crds;
mod custom;
mod decode;
mod defaults;
mod delete;
mod dig;
mod discovery;
mod disk;
mod error;
mod failure;
mod fields;
mod go_json;
mod go_text;
mod kinds;
mod limits;
mod listed;
mod names;
mod openapi;
mod patch;
mod patching;
mod pod_parts;
mod protobuf;
mod quantity;
mod read;
mod request;
mod rules;
mod sandbox;
mod schema;
mod selector;
mod serve;
mod server;
mod settling;
mod store;
mod strategy;
mod subresources;
mod table;
mod time;
mod transfer;
mod transport;
mod validate;
mod watch;
mod write;
mod yaml;

pub use body::{SandboxBody, WatchStream};
pub use error::Error;
pub use sandbox::{Options, Response, Sandbox};
pub use selector::LabelSelector;
pub use serve::{Answered, Observer, ServerCertificate, serve};
