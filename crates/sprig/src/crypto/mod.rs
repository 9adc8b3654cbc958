//! Keys, certificates, digests and passwords, as Sprig's `crypto.go` makes them.

mod base64;
mod der;
mod entropy;
mod montgomery;
mod natural;
mod pem;
mod prime;
mod rsa;

pub use entropy::Entropy;
