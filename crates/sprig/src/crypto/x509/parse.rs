//! Certificates read: what a signer's certificate must tell, and Go's error texts for what is malformed.

use std::collections::HashSet;

use super::super::der::{self, Element, Integer, Reader};
use super::super::ecdsa::Curve;
use super::super::keys::{self, PublicKey};
use crate::error::Error;

/// What signing needs of a certificate.
pub(crate) struct Certificate<'a> {
    /// DER of the subject's name.
    pub(crate) subject: &'a [u8],
    pub(crate) key_identifier: &'a [u8],
    /// None if the kind of key is unknown.
    pub(crate) public_key: Option<PublicKey>,
}

fn fail<T>(text: &str) -> Result<T, Error> {
    Err(malformed(text))
}

fn malformed(text: &str) -> Error {
    Error::new(format!("x509: {text}"))
}

trait OrMalformed<T> {
    fn required(self, text: &str) -> Result<T, Error>;
}

impl<T> OrMalformed<T> for Option<T> {
    fn required(self, text: &str) -> Result<T, Error> {
        self.ok_or_else(|| malformed(text))
    }
}

/// Reads a certificate.
///
/// # Errors
/// As Go's `ParseCertificate`. Name constraints are checked for their outline only.
pub(crate) fn parse(bytes: &[u8]) -> Result<Certificate<'_>, Error> {
    let mut outer = Reader(bytes);
    let mut input = outer.inside(der::SEQUENCE).required("malformed certificate")?;
    let mut tbs = input.inside(der::SEQUENCE).required("malformed tbs certificate")?;
    let version = version(&mut tbs)?;
    match tbs.integer().required("malformed serial number")? {
        Integer::Negative(_) => return fail("negative serial number"),
        Integer::Natural(_) => {}
    }
    let algorithm = tbs.content(der::SEQUENCE).required("malformed signature algorithm identifier")?;
    let outer_algorithm = input.content(der::SEQUENCE).required("malformed algorithm identifier")?;
    if algorithm != outer_algorithm {
        return fail("inner and outer signature algorithm identifiers don't match");
    }
    algorithm_identifier(algorithm)?;
    name(tbs.element(der::SEQUENCE).required("malformed issuer")?)?;
    validity(tbs.inside(der::SEQUENCE).required("malformed validity")?)?;
    let subject = tbs.element(der::SEQUENCE).required("malformed issuer")?;
    name(subject)?;
    let public_key = public_key_info(tbs.inside(der::SEQUENCE).required("malformed spki")?)?;
    let key_identifier = if version > 1 { optional_fields(&mut tbs, version)? } else { &[] };
    input.bit_string().required("malformed signature")?;
    if !outer.is_empty() {
        return fail("trailing data");
    }
    Ok(Certificate { subject: subject.whole, key_identifier, public_key })
}

/// Versions count from one.
fn version(tbs: &mut Reader) -> Result<i64, Error> {
    let Some(content) = tbs.optional(0xa0).required("malformed version")? else { return Ok(1) };
    let mut inner = Reader(content);
    let number = inner.integer().filter(|_| inner.is_empty()).required("malformed version")?;
    match number {
        Integer::Negative(_) => fail("malformed version"),
        Integer::Natural(number) if number.bit_length() > 62 => fail("malformed version"),
        Integer::Natural(number) => match number.limbs().first().copied().unwrap_or(0) {
            known @ 0..=2 => Ok(known as i64 + 1),
            _ => fail("invalid version"),
        },
    }
}

/// Returns the identifier and its parameters, all bytes.
fn algorithm_identifier(content: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let mut reader = Reader(content);
    let identifier = reader.object_identifier().required("malformed OID")?;
    if reader.is_empty() {
        return Ok((identifier, &[]));
    }
    Ok((identifier, reader.any().required("malformed parameters")?.whole))
}

fn name(element: Element) -> Result<(), Error> {
    let mut sets = Reader(element.content);
    while !sets.is_empty() {
        let mut set = sets.inside(der::SET).required("invalid RDNSequence")?;
        while !set.is_empty() {
            let mut attribute =
                set.inside(der::SEQUENCE).required("invalid RDNSequence: invalid attribute")?;
            attribute.object_identifier().required("invalid RDNSequence: invalid attribute type")?;
            let value = attribute
                .any()
                .required("invalid RDNSequence: invalid attribute value: invalid ASN.1 element")?;
            if let Some(text) = wrong_text(value) {
                return fail(&format!("invalid RDNSequence: invalid attribute value: {text}"));
            }
        }
    }
    Ok(())
}

/// Says what is wrong with the text of a name.
fn wrong_text(value: Element) -> Option<&'static str> {
    let printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(byte);
    let surrogate = |pair: &[u8]| {
        let unit = u16::from_be_bytes([pair[0], pair[1]]);
        matches!(unit, 0xfffe | 0xffff | 0xfdd0..=0xfdef | 0xd800..=0xdfff)
    };
    let content = value.content;
    match value.tag {
        0x13 if !content.iter().all(printable) => Some("invalid PrintableString"),
        0x0c if std::str::from_utf8(content).is_err() => Some("invalid UTF-8 string"),
        0x16 if !content.is_ascii() => Some("invalid IA5String"),
        0x12 if !content.iter().all(|byte| byte.is_ascii_digit() || *byte == b' ') => {
            Some("invalid NumericString")
        }
        0x1e if !content.len().is_multiple_of(2) || content.chunks_exact(2).any(surrogate) => {
            Some("invalid BMPString")
        }
        _ => None,
    }
}

fn validity(mut reader: Reader) -> Result<(), Error> {
    for _ in 0..2 {
        let element = reader.any().filter(|time| [der::UTC_TIME, der::GENERALIZED_TIME].contains(&time.tag));
        let element = element.required("unsupported time format")?;
        let (digits, text) = if element.tag == der::UTC_TIME {
            (10..=12, "malformed UTCTime")
        } else {
            (14..=14, "malformed GeneralizedTime")
        };
        let (&last, number) = element.content.split_last().required(text)?;
        let well_formed =
            last == b'Z' && digits.contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
        well_formed.then_some(()).required(text)?;
    }
    Ok(())
}

fn public_key_info(mut reader: Reader) -> Result<Option<PublicKey>, Error> {
    let algorithm = reader.content(der::SEQUENCE).required("malformed public key algorithm identifier")?;
    let (identifier, parameters) = algorithm_identifier(algorithm)?;
    let (bytes, unused) = reader.bit_string().required("malformed subjectPublicKey")?;
    if unused != 0 {
        return fail("malformed subjectPublicKey");
    }
    match identifier {
        keys::RSA_IDENTIFIER => rsa_public_key(parameters, bytes).map(Some),
        keys::ECDSA_IDENTIFIER => ecdsa_public_key(parameters, bytes).map(Some),
        keys::ED25519_IDENTIFIER if !parameters.is_empty() => {
            fail("Ed25519 key encoded with illegal parameters")
        }
        keys::ED25519_IDENTIFIER if bytes.len() != 32 => fail("wrong Ed25519 public key size"),
        keys::ED25519_IDENTIFIER => Ok(Some(PublicKey::Ed25519(bytes.to_vec()))),
        keys::DSA_IDENTIFIER => {
            Reader(bytes).integer().required("invalid DSA public key")?;
            Ok(Some(PublicKey::Other))
        }
        _ => Ok(None),
    }
}

fn rsa_public_key(parameters: &[u8], bytes: &[u8]) -> Result<PublicKey, Error> {
    if parameters != der::NULL {
        return fail("RSA key missing NULL parameters");
    }
    let mut reader = Reader(bytes).inside(der::SEQUENCE).required("invalid RSA public key")?;
    let modulus = reader.integer().required("invalid RSA modulus")?;
    let exponent = reader.integer().required("invalid RSA public exponent")?;
    let modulus = modulus.positive().required("RSA modulus is not a positive number")?;
    let exponent = exponent.positive().required("RSA public exponent is not a positive number")?;
    if exponent.bit_length() > 63 {
        return fail("invalid RSA public exponent");
    }
    Ok(PublicKey::Rsa { modulus, exponent })
}

fn ecdsa_public_key(parameters: &[u8], bytes: &[u8]) -> Result<PublicKey, Error> {
    let identifier = Reader(parameters).object_identifier().required("invalid ECDSA parameters")?;
    let curve = Curve::from_identifier(identifier).required("unsupported elliptic curve")?;
    if bytes.first() != Some(&4) {
        return Err(Error::new("ecdsa: invalid uncompressed public key"));
    }
    if !curve.has_point(bytes) {
        return Err(Error::new(format!("{curve:?} point not on curve")));
    }
    Ok(PublicKey::Ecdsa { curve, point: bytes.to_vec() })
}

/// Reads what follows the key and returns the subject's key identifier.
fn optional_fields<'a>(tbs: &mut Reader<'a>, version: i64) -> Result<&'a [u8], Error> {
    tbs.optional(0x81).required("malformed issuerUniqueID")?;
    tbs.optional(0x82).required("malformed subjectUniqueID")?;
    let present = if version == 3 { tbs.optional(0xa3).required("malformed extensions")? } else { None };
    let Some(content) = present else { return Ok(&[]) };
    let mut reader = Reader(content).inside(der::SEQUENCE).required("malformed extensions")?;
    let mut list = Vec::new();
    let mut seen = HashSet::new();
    while !reader.is_empty() {
        let mut fields = reader.inside(der::SEQUENCE).required("malformed extension")?;
        let identifier = fields.object_identifier().required("malformed extension OID field")?;
        let critical = fields.next_is(der::BOOLEAN);
        let critical = critical && fields.boolean().required("malformed extension critical field")?;
        let value = fields.content(der::OCTET_STRING).required("malformed extension value field")?;
        if !seen.insert(identifier) {
            let name = der::identifier_text(identifier).unwrap_or_default();
            return fail(&format!("certificate contains duplicate extension with OID \"{name}\""));
        }
        list.push((identifier, critical, value));
    }
    let mut key_identifier: &[u8] = &[];
    for (identifier, critical, value) in list {
        if let [0x55, 29, number] = *identifier {
            check_extension(number, critical, Reader(value))?;
            if number == 14 {
                key_identifier = Reader(value).content(der::OCTET_STRING).unwrap_or_default();
            }
        }
    }
    Ok(key_identifier)
}

/// Checks an extension of the arc 2.5.29 (x509/parser.go, processExtensions).
fn check_extension(number: u8, critical: bool, mut value: Reader) -> Result<(), Error> {
    match number {
        15 => value.bit_string().map(drop).required("invalid key usage"),
        19 => basic_constraints(value),
        17 => alternative_names(value),
        30 => name_constraints(value),
        31 => value.inside(der::SEQUENCE).map(drop).required("invalid CRL distribution points"),
        35 if critical => fail("authority key identifier incorrectly marked critical"),
        35 => {
            let mut inner = value.inside(der::SEQUENCE).required("invalid authority key identifier")?;
            inner.optional(0x80).map(drop).required("invalid authority key identifier")
        }
        37 => {
            let mut inner = value.inside(der::SEQUENCE).required("invalid extended key usages")?;
            while !inner.is_empty() {
                inner.object_identifier().required("invalid extended key usages")?;
            }
            Ok(())
        }
        14 if critical => fail("subject key identifier incorrectly marked critical"),
        14 => value.content(der::OCTET_STRING).map(drop).required("invalid subject key identifier"),
        32 => value.inside(der::SEQUENCE).map(drop).required("invalid certificate policies"),
        33 => value.inside(der::SEQUENCE).map(drop).required("invalid policy mappings extension"),
        36 => value.inside(der::SEQUENCE).map(drop).required("invalid policy constraints extension"),
        54 => value.integer().map(drop).required("invalid inhibit any policy extension"),
        _ => Ok(()),
    }
}

fn basic_constraints(mut value: Reader) -> Result<(), Error> {
    let text = "invalid basic constraints";
    let mut inner = value.inside(der::SEQUENCE).required(text)?;
    if inner.next_is(der::BOOLEAN) {
        inner.boolean().required(text)?;
    }
    if inner.next_is(der::INTEGER) && !matches!(inner.integer(), Some(Integer::Natural(_))) {
        return fail(text);
    }
    Ok(())
}

fn alternative_names(mut value: Reader) -> Result<(), Error> {
    let mut inner = value.inside(der::SEQUENCE).required("invalid subject alternative names")?;
    while !inner.is_empty() {
        let name = inner.any().required("invalid subject alternative name")?;
        match name.tag {
            0x81 if !name.content.is_ascii() => return fail("SAN rfc822Name is malformed"),
            0x82 if !name.content.is_ascii() => return fail("SAN dNSName is malformed"),
            0x86 if !name.content.is_ascii() => return fail("SAN uniformResourceIdentifier is malformed"),
            0x87 => match name.content {
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, _, _, _, _] => {
                    return fail("SAN iPAddress contains IPv4-mapped IPv6 address");
                }
                bytes if ![4, 16].contains(&bytes.len()) => {
                    return fail(&format!("cannot parse IP address of length {}", bytes.len()));
                }
                _ => {}
            },
            _ => {}
        }
    }
    Ok(())
}

fn name_constraints(mut value: Reader) -> Result<(), Error> {
    let text = "invalid NameConstraints extension";
    let mut inner = value.inside(der::SEQUENCE).filter(|_| value.is_empty()).required(text)?;
    let permitted = inner.optional(0xa0).required(text)?.unwrap_or_default();
    let excluded = inner.optional(0xa1).filter(|_| inner.is_empty()).required(text)?.unwrap_or_default();
    if permitted.is_empty() && excluded.is_empty() {
        return fail("empty name constraints extension");
    }
    Ok(())
}
