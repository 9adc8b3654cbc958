//! Keys, certificates, digests and passwords, as Sprig's `crypto.go` makes them.

pub(crate) mod base64;
mod der;
mod entropy;
mod montgomery;
pub(crate) mod natural;
mod pem;
mod prime;
mod rsa;

pub use entropy::Entropy;
