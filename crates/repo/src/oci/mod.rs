//! Charts in OCI registries: references, logins, and the requests that fetch and push them (Helm: pkg/registry).

mod challenge;
mod charts;
mod descriptor;
mod logins;
mod reference;
mod repository;
mod session;

pub use charts::Parcel;
pub use logins::Login;

pub(crate) use charts::{Part, dependency_reference, file_name, find, is_in_registry, pull, push, tags};
pub(crate) use logins::Logins;
pub(crate) use reference::{SCHEME, check_registry, host};
pub(crate) use repository::ping;
pub(crate) use session::{Asker, Passes, Session};
