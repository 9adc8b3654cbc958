//! Rule tests of the module above.

use super::super::ecdsa;
use super::super::entropy::Sequence;
use super::super::generate_private_key;
use super::*;

/// 2026-01-02 03:04:05.
fn now() -> SystemTime {
    UNIX_EPOCH + std::time::Duration::from_secs(1_767_323_045)
}

fn ed25519_key() -> String {
    generate_private_key("ed25519", &mut Sequence(1))
}

fn authority(key: &str) -> Certificate {
    let subject = Subject { common_name: "my*ca", days: 365, ..Subject::default() };
    generate_authority_with_key(&subject, key, now(), &mut Sequence(2)).unwrap()
}

fn bytes(certificate: &Certificate) -> Vec<u8> {
    pem::decode(certificate.cert.as_bytes()).unwrap().bytes
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn an_authority_says_what_gos_says() {
    let bytes = bytes(&authority(&ed25519_key()));
    assert!(contains(&bytes, b"\x17\r260102030405Z\x17\r270102030405Z"));
    // An asterisk is no PrintableString.
    assert!(contains(&bytes, b"\x06\x03\x55\x04\x03\x0c\x05my*ca"));
    assert!(contains(&bytes, b"\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x02\xa4"));
    assert!(contains(&bytes, b"\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x05\x30\x03\x01\x01\xff"));
    assert!(contains(&bytes, b"\x06\x03\x55\x1d\x0e\x04\x16\x04\x14"));
}

#[test]
fn a_signed_certificate_names_its_authority_and_addresses() {
    let authority = authority(&ed25519_key());
    let ips = ["10.0.0.1".to_string(), "::ffff:10.0.0.2".into(), "::1".into()];
    let names = ["a.b".to_string(), "*.c".into()];
    let subject = Subject { common_name: "x", ips: &ips, dns_names: &names, days: -1 };
    let key = generate_private_key("ecdsa", &mut Sequence(3));
    let signed = generate_signed_with_key(&subject, &authority, &key, now(), &mut Sequence(4)).unwrap();
    assert_eq!(signed.key, key);
    let bytes = bytes(&signed);
    assert!(contains(&bytes, b"\x17\r260102030405Z\x17\r260101030405Z"));
    assert!(contains(
        &bytes,
        b"\x82\x03a.b\x82\x03*.c\x87\x04\x0a\x00\x00\x01\x87\x04\x0a\x00\x00\x02\x87\x10"
    ));
    assert!(contains(&bytes, b"\x06\x03\x55\x1d\x23\x04\x18\x30\x16\x80\x14"));
    assert!(!contains(&bytes, b"\x06\x03\x55\x1d\x0e"));
    x509::parse(&bytes).unwrap();
}

#[test]
fn years_from_2050_have_four_digits() {
    let subject = Subject { days: 36_500, ..Subject::default() };
    let certificate =
        generate_self_signed_with_key(&subject, &ed25519_key(), now(), &mut Sequence(1)).unwrap();
    assert!(contains(&bytes(&certificate), b"\x18\x0f21251209030405Z"));
}

#[test]
fn every_curve_signs() {
    for curve in [ecdsa::Curve::P224, ecdsa::Curve::P256, ecdsa::Curve::P384, ecdsa::Curve::P521] {
        let key = PrivateKey::Ecdsa(ecdsa::PrivateKey::generate(curve, &mut Sequence(5)));
        let read = PrivateKey::from_pem(key.to_pem().as_bytes()).unwrap();
        assert!(read.public() == key.public());
        authority(&key.to_pem());
    }
}

#[test]
fn errors_have_sprigs_texts() {
    let authority = authority(&ed25519_key());
    let subject = Subject::default();
    let other = generate_private_key("ed25519", &mut Sequence(9));
    let signed = |authority: &Certificate, subject: &Subject, key: &str| {
        generate_signed_with_key(subject, authority, key, now(), &mut Sequence(1)).err().unwrap().to_string()
    };
    let with = |cert: &str, key: &str| Certificate { cert: cert.into(), key: key.into() };
    let ips = ["1.2.3".to_string()];
    let names = ["é".to_string()];
    assert_eq!(signed(&with("", ""), &subject, &other), "unable to decode certificate");
    assert_eq!(
        signed(&with(&pem::encode("X", b"abc"), ""), &subject, &other),
        "error parsing certificate: decodedSignerCert.Bytes: x509: malformed certificate"
    );
    assert_eq!(
        signed(&with(&authority.cert, "k"), &subject, &other),
        "error parsing private key: no PEM data in input"
    );
    assert_eq!(signed(&authority, &subject, "k"), "parsing private key: no PEM data in input");
    assert_eq!(
        signed(&with(&authority.cert, &other), &subject, &other),
        "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey"
    );
    assert_eq!(signed(&authority, &Subject { ips: &ips, ..subject }, &other), "error parsing ip: 1.2.3");
    assert_eq!(
        signed(&authority, &Subject { dns_names: &names, ..subject }, &other),
        "error creating certificate: x509: \"é\" cannot be encoded as an IA5String"
    );
}

#[test]
fn custom_certificates_are_checked() {
    let authority = authority(&ed25519_key());
    let [cert, key] = [&authority.cert, &authority.key].map(|text| base64::encode(text.as_bytes()));
    let text = |cert: &str, key: &str| build_custom(cert, key).err().unwrap().to_string();
    assert!(build_custom(&cert, &key).unwrap() == authority);
    assert_eq!(text("!", &key), "unable to decode base64 certificate");
    assert_eq!(text(&cert, "!"), "unable to decode base64 private key");
    assert_eq!(text("", &key), "unable to decode certificate");
    assert_eq!(
        text(&cert, &cert),
        "error parsing private key: no private key data in PEM block of type CERTIFICATE"
    );
    assert_eq!(
        text(&key, &key),
        "error parsing certificate: decodedCert.Bytes: x509: malformed tbs certificate"
    );
}
