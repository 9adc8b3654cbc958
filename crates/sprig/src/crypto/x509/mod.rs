//! X.509 certificates: read as Go's crypto/x509 reads them, written as its `CreateCertificate` writes them.

mod parse;
mod write;

pub(crate) use parse::{Certificate, parse};
pub(crate) use write::{Issuer, Template, create};
