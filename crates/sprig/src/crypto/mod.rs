//! Keys, certificates, digests and passwords, as Sprig's `crypto.go` makes them.

mod aes;
mod asn1;
pub(crate) mod base64;
mod certificates;
mod der;
mod dsa;
mod ecdsa;
mod entropy;
mod hash;
mod keys;
mod montgomery;
pub(crate) mod natural;
mod password;
mod pem;
mod prime;
mod random;
mod rsa;
mod x509;

pub use aes::{decrypt_aes, encrypt_aes};
pub use certificates::{
    Certificate, Subject, build_custom, generate_authority, generate_authority_with_key,
    generate_self_signed, generate_self_signed_with_key, generate_signed, generate_signed_with_key,
};
pub use entropy::Entropy;
pub(crate) use entropy::below;
pub use hash::{adler32sum, sha1sum, sha256sum, sha512sum};
pub use keys::generate_private_key;
pub use password::{bcrypt, derive_password, htpasswd};
pub use random::{Letters, random_bytes, random_letters, uuid_v4};
