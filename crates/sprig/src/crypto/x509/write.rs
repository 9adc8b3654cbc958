//! Certificates written with the fields, order and encodings of Go's `CreateCertificate`.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use value::time::civil;

use super::super::der;
use super::super::ecdsa::Curve;
use super::super::entropy::Entropy;
use super::super::keys::{self, PrivateKey, PublicKey};
use super::super::natural::Natural;
use crate::error::Error;

/// What a certificate is to say.
pub(crate) struct Template<'a> {
    pub(crate) serial: Natural,
    pub(crate) common_name: &'a str,
    pub(crate) ips: &'a [IpAddr],
    pub(crate) dns_names: &'a [String],
    /// Seconds since 1970.
    pub(crate) not_before: i64,
    pub(crate) not_after: i64,
    pub(crate) is_authority: bool,
}

/// Who signs.
pub(crate) struct Issuer<'a> {
    /// DER of the name; none for a certificate that signs itself.
    pub(crate) subject: Option<&'a [u8]>,
    pub(crate) key_identifier: &'a [u8],
    /// What the issuer's certificate says; none if there is none or its kind is unknown.
    pub(crate) public_key: Option<&'a PublicKey>,
    pub(crate) key: &'a PrivateKey,
}

/// Writes and signs a certificate for `key`.
///
/// # Errors
/// As Go's `CreateCertificate`.
pub(crate) fn create(
    template: &Template,
    key: &PrivateKey,
    issuer: &Issuer,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, Error> {
    let algorithm = signature_algorithm(issuer.key)?;
    let (public, public_info) = public_key_info(key)?;
    let subject = name(template.common_name);
    let issuer_name = issuer.subject.unwrap_or(&subject);
    if issuer.public_key.is_some_and(|public| *public != issuer.key.public()) {
        return Err(Error::new("x509: provided PrivateKey doesn't match parent's PublicKey"));
    }
    let key_identifier = if template.is_authority { &Sha256::digest(&public)[..20] } else { &[] };
    let authority_identifier = if issuer_name == subject { &[] } else { issuer.key_identifier };
    let extensions =
        extensions(template, key_identifier, authority_identifier, subject == [der::SEQUENCE, 0])?;
    let certificate = der::sequence(&[
        &der::element(0xa0, &[der::INTEGER, 1, 2]),
        &der::integer(&template.serial),
        &algorithm,
        issuer_name,
        &der::sequence(&[&time(template.not_before), &time(template.not_after)]),
        &subject,
        &public_info,
        &der::element(0xa3, &extensions),
    ]);
    let signature = issuer.key.sign(&certificate, entropy)?;
    Ok(der::sequence(&[&certificate, &algorithm, &der::bit_string(&signature)]))
}

fn signature_algorithm(key: &PrivateKey) -> Result<Vec<u8>, Error> {
    let ecdsa = |last| der::sequence(&[&der::object_identifier(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, last])]);
    Ok(match key {
        PrivateKey::Rsa(_) => {
            let sha256_with_rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
            der::sequence(&[&der::object_identifier(&sha256_with_rsa), der::NULL])
        }
        PrivateKey::Ecdsa(key) => match key.curve {
            Curve::P224 | Curve::P256 => ecdsa(2),
            Curve::P384 => ecdsa(3),
            Curve::P521 => ecdsa(4),
        },
        PrivateKey::Ed25519(_) => der::sequence(&[&der::object_identifier(keys::ED25519_IDENTIFIER)]),
        PrivateKey::Dsa(_) => {
            return Err(Error::new("x509: certificate private key does not implement crypto.Signer"));
        }
    })
}

/// The public key's bytes, and with its algorithm around them.
fn public_key_info(key: &PrivateKey) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let (bytes, algorithm) = match key {
        PrivateKey::Rsa(key) => {
            let algorithm = [&der::object_identifier(keys::RSA_IDENTIFIER), der::NULL].concat();
            (key.to_public_pkcs1(), algorithm)
        }
        PrivateKey::Ecdsa(key) => {
            let curve = der::object_identifier(key.curve.identifier());
            (key.public.clone(), [der::object_identifier(keys::ECDSA_IDENTIFIER), curve].concat())
        }
        PrivateKey::Ed25519(_) => match key.public() {
            PublicKey::Ed25519(bytes) => (bytes, der::object_identifier(keys::ED25519_IDENTIFIER)),
            _ => return Err(Error::new("x509: unsupported public key type: ed25519.PublicKey")),
        },
        PrivateKey::Dsa(_) => return Err(Error::new("x509: unsupported public key type: *dsa.PublicKey")),
    };
    let info = der::sequence(&[&der::element(der::SEQUENCE, &algorithm), &der::bit_string(&bytes)]);
    Ok((bytes, info))
}

/// A name of a common name only; an empty one is left out.
fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return der::sequence(&[]);
    }
    let printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    let tag = if common_name.bytes().all(printable) { 0x13 } else { 0x0c };
    let attribute =
        der::sequence(&[&der::object_identifier(&[0x55, 4, 3]), &der::element(tag, common_name.as_bytes())]);
    der::sequence(&[&der::element(der::SET, &attribute)])
}

/// Two digits of the year from 1950 to 2049, four otherwise (RFC 5280, 4.1.2.5).
fn time(seconds: i64) -> Vec<u8> {
    let (date, clock) = (civil::date(seconds.div_euclid(86400)), seconds.rem_euclid(86400));
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let rest = format!("{:02}{:02}{hour:02}{minute:02}{second:02}Z", date.month, date.day);
    if (1950..2050).contains(&date.year) {
        der::element(der::UTC_TIME, format!("{:02}{rest}", date.year % 100).as_bytes())
    } else {
        der::element(der::GENERALIZED_TIME, format!("{:04}{rest}", date.year).as_bytes())
    }
}

fn extension(identifier: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[der::BOOLEAN, 1, 0xff] } else { &[] };
    der::sequence(&[&der::object_identifier(identifier), critical, &der::octet_string(value)])
}

fn extensions(
    template: &Template,
    key_identifier: &[u8],
    authority_identifier: &[u8],
    subject_is_empty: bool,
) -> Result<Vec<u8>, Error> {
    // Digital signature and key encipherment, for authorities also certificate signing.
    let usage: &[u8] = if template.is_authority { &[3, 2, 2, 0xa4] } else { &[3, 2, 5, 0xa0] };
    let purpose = |last| der::object_identifier(&[0x2b, 6, 1, 5, 5, 7, 3, last]);
    let authority: &[u8] =
        if template.is_authority { &[der::SEQUENCE, 3, der::BOOLEAN, 1, 0xff] } else { &[der::SEQUENCE, 0] };
    let mut list = vec![
        extension(&[0x55, 29, 15], true, usage),
        extension(&[0x55, 29, 37], false, &der::sequence(&[&purpose(1), &purpose(2)])),
        extension(&[0x55, 29, 19], true, authority),
    ];
    if !key_identifier.is_empty() {
        list.push(extension(&[0x55, 29, 14], false, &der::octet_string(key_identifier)));
    }
    if !authority_identifier.is_empty() {
        let value = der::sequence(&[&der::element(0x80, authority_identifier)]);
        list.push(extension(&[0x55, 29, 35], false, &value));
    }
    if !template.dns_names.is_empty() || !template.ips.is_empty() {
        list.push(extension(&[0x55, 29, 17], subject_is_empty, &alternative_names(template)?));
    }
    Ok(der::element(der::SEQUENCE, &list.concat()))
}

fn alternative_names(template: &Template) -> Result<Vec<u8>, Error> {
    let mut names = Vec::new();
    for name in template.dns_names {
        if !name.is_ascii() {
            let quoted = value::gofmt::quoted(name.as_bytes());
            return Err(Error::new(format!("x509: {quoted} cannot be encoded as an IA5String")));
        }
        names.extend(der::element(0x82, name.as_bytes()));
    }
    for ip in template.ips {
        // Go: an IPv4 address in IPv6 form is written with four bytes.
        let element = match ip.to_canonical() {
            IpAddr::V4(ip) => der::element(0x87, &ip.octets()),
            IpAddr::V6(ip) => der::element(0x87, &ip.octets()),
        };
        names.extend(element);
    }
    Ok(der::element(der::SEQUENCE, &names))
}
