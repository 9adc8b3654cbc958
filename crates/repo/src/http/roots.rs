//! What is read of certificates: when they are valid, and PEM files.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use value::time::civil::days;

use crate::Error;

/// The certificates of a file with authorities.
pub(super) fn authorities(path: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = read(path, "can't read CA file")?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok).collect();
    if found.is_empty() && !text.is_empty() {
        return Err(Error::refused("failed to append certificates from pem block"));
    }
    Ok(found)
}

/// A client certificate and its key; nothing where one of the files is empty.
pub(super) type Pair = Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>;

/// Reads a client certificate with its key.
pub(super) fn pair(cert_file: &str, key_file: &str) -> Result<Pair, Error> {
    let cert_text = read(cert_file, "unable to read cert file")?;
    let key_text = read(key_file, "unable to read key file")?;
    if cert_text.is_empty() || key_text.is_empty() {
        return Ok(None);
    }
    let refuse = |text: &str| Error::refused(format!("unable to load cert from key pair: tls: {text}"));
    let certs: Vec<_> = CertificateDer::pem_slice_iter(&cert_text).filter_map(Result::ok).collect();
    if certs.is_empty() {
        return Err(refuse(&no_certificate(&block_types(&cert_text))));
    }
    match PrivateKeyDer::from_pem_slice(&key_text) {
        Ok(key) => Ok(Some((certs, key))),
        Err(_) => Err(refuse(&no_key(&block_types(&key_text)))),
    }
}

/// Says what there is in place of a certificate (Go: tls.X509KeyPair).
fn no_certificate(found: &[String]) -> String {
    match found {
        [] => "failed to find any PEM data in certificate input".to_owned(),
        [one] if one.ends_with("PRIVATE KEY") => {
            "failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have \
             been switched"
                .to_owned()
        }
        others => format!(
            "failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following \
             types: [{}]",
            others.join(" ")
        ),
    }
}

/// Says what there is in place of a key (Go: tls.X509KeyPair).
fn no_key(found: &[String]) -> String {
    match found {
        [] => "failed to find any PEM data in key input".to_owned(),
        [one] if one == "CERTIFICATE" => {
            "found a certificate rather than a key in the PEM for the private key".to_owned()
        }
        others => format!(
            "failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the \
             following types: [{}]",
            others.join(" ")
        ),
    }
}

/// Returns the types of the PEM blocks of a text, in their order.
fn block_types(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let begins =
        text.lines().filter_map(|line| line.trim_end().strip_prefix("-----BEGIN ")?.strip_suffix("-----"));
    begins.map(str::to_owned).collect()
}

fn read(path: &str, words: &str) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        let quoted = value::gofmt::quoted(path.as_bytes());
        // A directory can be opened; reading it is what fails.
        let verb = if error.kind() == ErrorKind::IsADirectory { "read" } else { "open" };
        Error::file(verb, Path::new(path), &error).context(format!("{words}: {quoted}"))
    })
}

/// Returns from when to when a certificate is valid, in seconds since 1970; nothing if it cannot be read.
pub(super) fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    let mut skipped = 0;
    // The version is optional; then number, algorithm and issuer.
    while skipped < 3 {
        let (tag, _, rest) = element(fields)?;
        fields = rest;
        skipped += i32::from(tag != 0xA0);
    }
    let (_, times, _) = element(fields)?;
    let (first_tag, first, rest) = element(times)?;
    let (last_tag, last, _) = element(rest)?;
    Some((time(first_tag, first)?, time(last_tag, last)?))
}

/// Splits off the first element of DER: its tag, its contents, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

/// Reads a `UTCTime` or a `GeneralizedTime`.
fn time(tag: u8, text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        0x17 => {
            let year: i64 = text.get(..2)?.parse().ok()?;
            (year + if year >= 50 { 1900 } else { 2000 }, text.get(2..)?)
        }
        _ => (text.get(..4)?.parse().ok()?, text.get(4..)?),
    };
    let number = |at: usize| rest.get(at..at + 2)?.parse::<i64>().ok();
    let (month, day) = (number(0)?, number(2)?);
    Some(days(year, month, day) * 86_400 + number(4)? * 3_600 + number(6)? * 60 + number(8)?)
}

#[cfg(test)]
mod tests {
    use super::{block_types, no_certificate, no_key, time};

    #[test]
    fn what_stands_in_place_of_a_certificate_or_key_is_named() {
        let key = block_types(b"x\n-----BEGIN EC PRIVATE KEY-----\n");
        assert!(no_certificate(&key).ends_with("PEM inputs may have been switched"));
        let two = block_types(b"-----BEGIN A-----\n-----END A-----\n-----BEGIN B-----\n");
        assert!(no_certificate(&two).ends_with("following types: [A B]"));
        assert!(no_key(&two).ends_with("following types: [A B]"));
        assert!(no_key(&block_types(b"-----BEGIN CERTIFICATE-----")).starts_with("found a certificate"));
    }

    #[test]
    fn times_of_certificates_are_read() {
        assert_eq!(time(0x17, b"700101000001Z"), Some(1));
        assert_eq!(time(0x18, b"20240229000000Z"), Some(19_782 * 86_400));
        assert_eq!(time(0x17, b"x"), None);
    }
}
