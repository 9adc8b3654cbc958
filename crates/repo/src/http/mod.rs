//! Requests over HTTP as Go's client carries them out: redirects, credentials, proxies, TLS, limits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

mod client;
mod failure;
mod proxy;
mod request;
mod roots;
mod tls;

pub use client::{Access, Client, Limit, TlsFiles};

pub(crate) use client::status_text;
pub use request::is_same_origin;
pub(crate) use request::{Question, Reach, Reply, port};

/// Returns what authorizes a request by name and password.
pub(crate) fn basic(name: &[u8], password: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode([name, b":", password].concat()))
}
