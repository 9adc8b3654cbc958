//! Fetching over HTTP as Helm's getter does it: one GET, redirects, credentials, proxies, TLS, limits.

mod client;
mod failure;
mod proxy;
mod roots;
mod tls;

pub use client::{Access, Client, Limit, TlsFiles};
