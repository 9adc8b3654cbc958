//! Sprig's certificate functions (sprig/crypto.go): `genCA`, `genSelfSignedCert`, `genSignedCert`, their
//! `WithKey` forms, and `buildCustomCert`.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::entropy::Entropy;
use super::keys::PrivateKey;
use super::natural::Natural;
use super::x509::{self, Issuer, Template};
use super::{base64, pem, rsa};
use crate::error::Error;

const NANOSECONDS: i128 = 1_000_000_000;

/// A certificate and its private key, both in PEM. The key is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate in PEM.
    pub cert: String,
    /// The private key in PEM.
    pub key: String,
}

/// What a new certificate is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The common name; may be empty.
    pub common_name: &'a str,
    /// IP addresses as text.
    pub ips: &'a [String],
    /// Alternative DNS names.
    pub dns_names: &'a [String],
    /// Days until it ends; may be negative.
    pub days: i64,
}

/// Makes a certificate authority (`genCA`).
///
/// # Errors
/// As Go's crypto/x509.
pub fn generate_authority(
    subject: &Subject,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    self_sign(subject, true, new_key(entropy), now, entropy)
}

/// Makes a certificate authority for a given key (`genCAWithKey`).
///
/// # Errors
/// When the key cannot be read or cannot sign.
pub fn generate_authority_with_key(
    subject: &Subject,
    key_pem: &str,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    self_sign(subject, true, given_key(key_pem)?, now, entropy)
}

/// Makes a certificate that signs itself (`genSelfSignedCert`).
///
/// # Errors
/// When an address is none, or a name cannot be written.
pub fn generate_self_signed(
    subject: &Subject,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    addresses(subject.ips)?;
    self_sign(subject, false, new_key(entropy), now, entropy)
}

/// Makes a certificate that signs itself for a given key (`genSelfSignedCertWithKey`).
///
/// # Errors
/// As [`generate_self_signed`], and when the key cannot be read or cannot sign.
pub fn generate_self_signed_with_key(
    subject: &Subject,
    key_pem: &str,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    self_sign(subject, false, given_key(key_pem)?, now, entropy)
}

/// Makes a certificate signed by an authority (`genSignedCert`).
///
/// # Errors
/// When the authority's certificate or key cannot be read, and as [`generate_self_signed`].
pub fn generate_signed(
    subject: &Subject,
    authority: &Certificate,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    // Read first: making a key takes longer than finding out that there is nothing to sign with.
    let block = certificate_block(&authority.cert)?;
    signer(authority, &block)?;
    addresses(subject.ips)?;
    sign_by(subject, new_key(entropy), authority, now, entropy)
}

/// Makes a certificate signed by an authority for a given key (`genSignedCertWithKey`).
///
/// # Errors
/// As [`generate_signed`], and when the key cannot be read.
pub fn generate_signed_with_key(
    subject: &Subject,
    authority: &Certificate,
    key_pem: &str,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    sign_by(subject, given_key(key_pem)?, authority, now, entropy)
}

/// Checks a given certificate and key, both PEM in Base64 (`buildCustomCert`).
///
/// # Errors
/// Says which of the two cannot be decoded or parsed.
pub fn build_custom(cert_base64: &str, key_base64: &str) -> Result<Certificate, Error> {
    let cert = base64::decode(cert_base64.as_bytes())
        .map_err(|_| Error::new("unable to decode base64 certificate"))?;
    let key = base64::decode(key_base64.as_bytes())
        .map_err(|_| Error::new("unable to decode base64 private key"))?;
    let block = pem::decode(&cert).ok_or_else(|| Error::new("unable to decode certificate"))?;
    x509::parse(&block.bytes)
        .map_err(|error| Error::new(format!("error parsing certificate: decodedCert.Bytes: {error}")))?;
    PrivateKey::from_pem(&key).map_err(|error| Error::new(format!("error parsing private key: {error}")))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Certificate { cert: text(cert), key: text(key) })
}

fn new_key(entropy: &mut dyn Entropy) -> PrivateKey {
    PrivateKey::Rsa(Box::new(rsa::PrivateKey::generate(2048, entropy)))
}

fn given_key(text: &str) -> Result<PrivateKey, Error> {
    PrivateKey::from_pem(text.as_bytes()).map_err(|error| Error::new(format!("parsing private key: {error}")))
}

fn self_sign(
    subject: &Subject,
    is_authority: bool,
    key: PrivateKey,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    let ips = addresses(subject.ips)?;
    let template = Template { is_authority, ..template(subject, &ips, now, entropy) };
    let issuer = Issuer { subject: None, key_identifier: &[], public_key: None, key: &key };
    finish(&template, &key, &issuer, entropy)
}

fn sign_by(
    subject: &Subject,
    key: PrivateKey,
    authority: &Certificate,
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    let block = certificate_block(&authority.cert)?;
    let (parent, parent_key) = signer(authority, &block)?;
    let ips = addresses(subject.ips)?;
    let template = template(subject, &ips, now, entropy);
    let issuer = Issuer {
        subject: Some(parent.subject),
        key_identifier: parent.key_identifier,
        public_key: parent.public_key.as_ref(),
        key: &parent_key,
    };
    finish(&template, &key, &issuer, entropy)
}

fn certificate_block(cert: &str) -> Result<pem::Block, Error> {
    pem::decode(cert.as_bytes()).ok_or_else(|| Error::new("unable to decode certificate"))
}

fn signer<'a>(
    authority: &Certificate,
    block: &'a pem::Block,
) -> Result<(x509::Certificate<'a>, PrivateKey), Error> {
    let parent = x509::parse(&block.bytes).map_err(|error| {
        Error::new(format!("error parsing certificate: decodedSignerCert.Bytes: {error}"))
    })?;
    let key = PrivateKey::from_pem(authority.key.as_bytes())
        .map_err(|error| Error::new(format!("error parsing private key: {error}")))?;
    Ok((parent, key))
}

fn finish(
    template: &Template,
    key: &PrivateKey,
    issuer: &Issuer,
    entropy: &mut dyn Entropy,
) -> Result<Certificate, Error> {
    let bytes = x509::create(template, key, issuer, entropy)
        .map_err(|error| Error::new(format!("error creating certificate: {error}")))?;
    Ok(Certificate { cert: pem::encode("CERTIFICATE", &bytes), key: key.to_pem() })
}

fn template<'a>(
    subject: &Subject<'a>,
    ips: &'a [IpAddr],
    now: SystemTime,
    entropy: &mut dyn Entropy,
) -> Template<'a> {
    let mut serial = [0; 16];
    entropy.fill(&mut serial);
    let now = match now.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(error) => -(error.duration().as_nanos() as i128),
    };
    // Go: the length in nanoseconds wraps beyond 292 years.
    let length = subject.days.wrapping_mul(24 * 3600 * NANOSECONDS as i64);
    Template {
        serial: Natural::from_be_bytes(&serial),
        common_name: subject.common_name,
        ips,
        dns_names: subject.dns_names,
        not_before: now.div_euclid(NANOSECONDS) as i64,
        not_after: (now + i128::from(length)).div_euclid(NANOSECONDS) as i64,
        is_authority: false,
    }
}

fn addresses(texts: &[String]) -> Result<Vec<IpAddr>, Error> {
    let address = |text: &String| text.parse().map_err(|_| Error::new(format!("error parsing ip: {text}")));
    texts.iter().map(address).collect()
}

#[cfg(test)]
mod tests;
