//! Private keys of every kind: made, read from PEM and written to it.

use ed25519_dalek::{Signer as _, SigningKey};

use super::asn1::{self, BYTES, Fields, IDENTIFIER};
use super::der;
use super::ecdsa::{self, Curve};
use super::entropy::Entropy;
use super::natural::Natural;
use super::{dsa, pem, rsa};
use crate::error::Error;

/// Encoded object identifiers of public keys.
pub(crate) const RSA_IDENTIFIER: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
pub(crate) const DSA_IDENTIFIER: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
pub(crate) const ECDSA_IDENTIFIER: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
pub(crate) const ED25519_IDENTIFIER: &[u8] = &[0x2b, 0x65, 0x70];

/// A private key. Never printed.
#[derive(Clone)]
pub(crate) enum PrivateKey {
    Rsa(Box<rsa::PrivateKey>),
    Dsa(Box<dsa::PrivateKey>),
    Ecdsa(ecdsa::PrivateKey),
    Ed25519([u8; 32]),
}

/// What a certificate says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Rsa {
        modulus: Natural,
        exponent: Natural,
    },
    Ecdsa {
        curve: Curve,
        point: Vec<u8>,
    },
    Ed25519(Vec<u8>),
    /// One Go knows but does not sign with.
    Other,
}

/// Returns a new private key in PEM (Sprig's `genPrivateKey`): `rsa` (4096 bits, also for an empty kind), `dsa`,
/// `ecdsa` or `ed25519`; of another kind a sentence says that it is unknown.
pub fn generate_private_key(kind: &str, entropy: &mut dyn Entropy) -> String {
    let key = match kind {
        "" | "rsa" => PrivateKey::Rsa(Box::new(rsa::PrivateKey::generate(4096, entropy))),
        "dsa" => PrivateKey::Dsa(Box::new(dsa::PrivateKey::generate(entropy))),
        "ecdsa" => PrivateKey::Ecdsa(ecdsa::PrivateKey::generate(Curve::P256, entropy)),
        "ed25519" => {
            let mut seed = [0; 32];
            entropy.fill(&mut seed);
            PrivateKey::Ed25519(seed)
        }
        _ => return format!("Unknown type {kind}"),
    };
    key.to_pem()
}

impl PrivateKey {
    /// Writes the key as Sprig does: each kind in its old form, Ed25519 in PKCS #8.
    pub(crate) fn to_pem(&self) -> String {
        match self {
            Self::Rsa(key) => pem::encode("RSA PRIVATE KEY", &key.to_pkcs1()),
            Self::Dsa(key) => pem::encode("DSA PRIVATE KEY", &key.to_der()),
            Self::Ecdsa(key) => pem::encode("EC PRIVATE KEY", &key.to_sec1()),
            Self::Ed25519(seed) => {
                let algorithm = der::sequence(&[&der::object_identifier(ED25519_IDENTIFIER)]);
                let secret = der::octet_string(&der::octet_string(seed));
                pem::encode("PRIVATE KEY", &der::sequence(&[&[der::INTEGER, 1, 0], &algorithm, &secret]))
            }
        }
    }

    /// Reads a key from PEM (sprig/crypto.go, parsePrivateKeyPEM).
    ///
    /// # Errors
    /// Says which form was expected and what is wrong with it.
    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, Error> {
        let block = pem::decode(text).ok_or_else(|| Error::new("no PEM data in input"))?;
        let label = block.label.as_str();
        let layer = |what: &'static str| move |error: Error| Error::new(format!("{what}: {error}"));
        if label == "PRIVATE KEY" {
            return from_pkcs8(&block.bytes).map_err(layer("decoding PEM as PKCS#8"));
        }
        let Some(kind) = label.strip_suffix(" PRIVATE KEY") else {
            return Err(Error::new(format!("no private key data in PEM block of type {label}")));
        };
        match kind {
            "RSA" => from_pkcs1(&block.bytes)
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(layer("parsing RSA private key from PEM")),
            "EC" => from_sec1(None, &block.bytes)
                .map(Self::Ecdsa)
                .map_err(layer("parsing EC private key from PEM")),
            "DSA" => dsa::PrivateKey::from_der(&block.bytes)
                .map(|key| Self::Dsa(Box::new(key)))
                .map_err(layer("parsing DSA private key from PEM")),
            _ => Err(Error::new(format!("invalid private key type {label}"))),
        }
    }

    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => {
                PublicKey::Rsa { modulus: key.modulus.clone(), exponent: Natural::from_u64(key.exponent) }
            }
            Self::Dsa(_) => PublicKey::Other,
            Self::Ecdsa(key) => PublicKey::Ecdsa { curve: key.curve, point: key.public.clone() },
            Self::Ed25519(seed) => {
                PublicKey::Ed25519(SigningKey::from_bytes(seed).verifying_key().to_bytes().to_vec())
            }
        }
    }

    /// Signs with the algorithm Go chooses for the kind.
    pub(crate) fn sign(&self, message: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, Error> {
        match self {
            Self::Rsa(key) => key.sign(message),
            Self::Ecdsa(key) => key.sign(message, entropy),
            Self::Ed25519(seed) => Ok(SigningKey::from_bytes(seed).sign(message).to_bytes().to_vec()),
            Self::Dsa(_) => Err(Error::new("x509: certificate private key does not implement crypto.Signer")),
        }
    }
}

fn wrong_form(use_instead: &str) -> Error {
    Error::new(format!("x509: failed to parse private key (use {use_instead} instead for this key format)"))
}

struct Pkcs1 {
    version: i64,
    exponent: i64,
    /// n, d, p, q; what is not above zero is missing.
    numbers: [Option<Natural>; 4],
    /// dP, dQ, qInv.
    optional: [Option<Option<Natural>>; 3],
    has_more_primes: bool,
}

fn pkcs1_fields(bytes: &[u8]) -> Result<(Pkcs1, bool), Error> {
    let mut outer = Fields::new(bytes);
    let mut fields = outer.structure("pkcs1PrivateKey")?;
    let version = fields.int()?;
    let modulus = fields.big_int()?;
    let exponent = fields.int()?;
    let numbers = [modulus, fields.big_int()?, fields.big_int()?, fields.big_int()?];
    let optional = [fields.optional_big_int()?, fields.optional_big_int()?, fields.optional_big_int()?];
    let has_more_primes = fields.next_is(der::SEQUENCE);
    Ok((Pkcs1 { version, exponent, numbers, optional, has_more_primes }, !outer.rest().is_empty()))
}

fn from_pkcs1(bytes: &[u8]) -> Result<rsa::PrivateKey, Error> {
    let (fields, trailing) = pkcs1_fields(bytes).map_err(|error| {
        if sec1_fields(bytes).is_ok() {
            wrong_form("ParseECPrivateKey")
        } else if pkcs8_fields(bytes).is_ok() {
            wrong_form("ParsePKCS8PrivateKey")
        } else {
            error
        }
    })?;
    if trailing {
        return Err(asn1::syntax("trailing data"));
    }
    if fields.version > 1 {
        return Err(Error::new("x509: unsupported private key version"));
    }
    let not_positive = || Error::new("x509: private key contains zero or negative value");
    if fields.optional.contains(&Some(None)) {
        return Err(not_positive());
    }
    let [Some(modulus), Some(secret), Some(p), Some(q)] = fields.numbers else { return Err(not_positive()) };
    if fields.has_more_primes {
        return Err(Error::new("crypto/rsa: keys of more than two primes are not supported"));
    }
    let exponent = u64::try_from(fields.exponent).unwrap_or(0);
    let key = match fields.optional {
        [Some(Some(secret_p)), Some(Some(secret_q)), Some(Some(coefficient))] => {
            rsa::PrivateKey { modulus, exponent, secret, p, q, secret_p, secret_q, coefficient }
        }
        _ => rsa::PrivateKey::complete(modulus, exponent, secret, p, q)
            .ok_or_else(|| Error::new("crypto/rsa: p is even"))?,
    };
    key.check()?;
    Ok(key)
}

struct Sec1<'a> {
    version: i64,
    secret: &'a [u8],
    curve: Option<&'a [u8]>,
}

fn sec1_fields(bytes: &[u8]) -> Result<Sec1<'_>, Error> {
    let mut fields = Fields::new(bytes).structure("ecPrivateKey")?;
    let version = fields.int()?;
    let secret = fields.content(BYTES)?;
    let mut curve = None;
    if fields.next_is(0xa0) {
        curve = Some(Fields::new(explicit(fields.any()?)).content(IDENTIFIER)?);
    }
    Ok(Sec1 { version, secret, curve })
}

/// The content of an explicitly tagged element.
fn explicit(whole: &[u8]) -> &[u8] {
    der::Reader(whole).any().map_or(&[], |element| element.content)
}

fn from_sec1(named: Option<&[u8]>, bytes: &[u8]) -> Result<ecdsa::PrivateKey, Error> {
    let fields = sec1_fields(bytes).map_err(|error| {
        if pkcs8_fields(bytes).is_ok() {
            wrong_form("ParsePKCS8PrivateKey")
        } else if pkcs1_fields(bytes).is_ok() {
            wrong_form("ParsePKCS1PrivateKey")
        } else {
            Error::new(format!("x509: failed to parse EC private key: {error}"))
        }
    })?;
    if fields.version != 1 {
        return Err(Error::new(format!("x509: unknown EC private key version {}", fields.version)));
    }
    let curve = named
        .or(fields.curve)
        .and_then(Curve::from_identifier)
        .ok_or_else(|| Error::new("x509: unknown elliptic curve"))?;
    // Go: zeros too many or too few in front are tolerated (sec1.go, parseECPrivateKey).
    let surplus = fields.secret.len().saturating_sub(curve.size());
    let (front, secret) = fields.secret.split_at(surplus);
    if front.iter().any(|&byte| byte != 0) {
        return Err(Error::new("x509: invalid private key length"));
    }
    let mut padded = vec![0; curve.size() - secret.len()];
    padded.extend(secret);
    ecdsa::PrivateKey::from_secret(curve, padded)
}

struct Pkcs8<'a> {
    algorithm: &'a [u8],
    parameters: &'a [u8],
    secret: &'a [u8],
}

fn pkcs8_fields(bytes: &[u8]) -> Result<Pkcs8<'_>, Error> {
    let mut fields = Fields::new(bytes).structure("pkcs8")?;
    fields.int()?;
    let mut algorithm = fields.structure("AlgorithmIdentifier")?;
    let identifier = algorithm.content(IDENTIFIER)?;
    let parameters = if algorithm.rest().is_empty() { &[] } else { algorithm.any()? };
    Ok(Pkcs8 { algorithm: identifier, parameters, secret: fields.content(BYTES)? })
}

fn from_pkcs8(bytes: &[u8]) -> Result<PrivateKey, Error> {
    let fields = pkcs8_fields(bytes).map_err(|error| {
        if sec1_fields(bytes).is_ok() {
            wrong_form("ParseECPrivateKey")
        } else if pkcs1_fields(bytes).is_ok() {
            wrong_form("ParsePKCS1PrivateKey")
        } else {
            error
        }
    })?;
    let embedded = |kind: &str, error: Error| {
        Error::new(format!("x509: failed to parse {kind} private key embedded in PKCS#8: {error}"))
    };
    match fields.algorithm {
        RSA_IDENTIFIER => from_pkcs1(fields.secret)
            .map(|key| PrivateKey::Rsa(Box::new(key)))
            .map_err(|error| embedded("RSA", error)),
        ECDSA_IDENTIFIER => {
            let curve = Fields::new(fields.parameters).content(IDENTIFIER).ok();
            from_sec1(curve, fields.secret).map(PrivateKey::Ecdsa).map_err(|error| embedded("EC", error))
        }
        ED25519_IDENTIFIER => ed25519_seed(&fields).map(PrivateKey::Ed25519),
        other => {
            let name = der::identifier_text(other).unwrap_or_default();
            let text = "x509: PKCS#8 wrapping contained private key with unknown algorithm";
            Err(Error::new(format!("{text}: {name}")))
        }
    }
}

fn ed25519_seed(fields: &Pkcs8) -> Result<[u8; 32], Error> {
    if !fields.parameters.is_empty() {
        return Err(Error::new("x509: invalid Ed25519 private key parameters"));
    }
    let seed = Fields::new(fields.secret)
        .content(BYTES)
        .map_err(|error| Error::new(format!("x509: invalid Ed25519 private key: {error}")))?;
    seed.try_into()
        .map_err(|_| Error::new(format!("x509: invalid Ed25519 private key length: {}", seed.len())))
}

#[cfg(test)]
mod tests;
