//! Keys, certificates, digests and passwords.

pub(crate) mod natural;
