//! Keys, certificates, digests and passwords, as Sprig's `crypto.go` makes them.

mod asn1;
mod base64;
mod certificates;
mod der;
mod dsa;
mod ecdsa;
mod entropy;
mod keys;
mod montgomery;
mod natural;
mod pem;
mod prime;
mod rsa;
mod x509;

pub use certificates::{
    Certificate, Subject, build_custom, generate_authority, generate_authority_with_key,
    generate_self_signed, generate_self_signed_with_key, generate_signed, generate_signed_with_key,
};
pub use entropy::Entropy;
pub use keys::generate_private_key;
