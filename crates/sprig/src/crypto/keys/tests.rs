//! Rule tests of the module above.

use super::super::entropy::Sequence;
use super::*;

const PARAMETERS: &str = "{optional:false explicit:false application:false private:false defaultValue:<nil> \
                          tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}";

fn text<T>(result: Result<T, Error>) -> String {
    result.err().expect("an error is expected").to_string()
}

#[test]
fn kinds_are_written_in_sprigs_forms() {
    let first_line =
        |kind: &str| generate_private_key(kind, &mut Sequence(1)).lines().next().map(String::from);
    assert_eq!(first_line("ecdsa").as_deref(), Some("-----BEGIN EC PRIVATE KEY-----"));
    assert_eq!(first_line("ed25519").as_deref(), Some("-----BEGIN PRIVATE KEY-----"));
    assert_eq!(first_line("none").as_deref(), Some("Unknown type none"));
}

#[test]
fn an_rsa_key_comes_back() {
    let key = PrivateKey::Rsa(Box::new(rsa::PrivateKey::generate(1024, &mut Sequence(2))));
    let read = PrivateKey::from_pem(key.to_pem().as_bytes()).unwrap();
    assert_eq!(read.to_pem(), key.to_pem());
    assert!(read.public() == key.public());
}

#[test]
fn a_key_in_the_wrong_form_is_told_the_right_one() {
    let key = rsa::PrivateKey::generate(1024, &mut Sequence(2));
    let (pkcs1, sec1) =
        (key.to_pkcs1(), ecdsa::PrivateKey::generate(Curve::P256, &mut Sequence(1)).to_sec1());
    let use_instead =
        |name: &str| format!("x509: failed to parse private key (use {name} instead for this key format)");
    assert_eq!(text(from_pkcs8(&pkcs1)), use_instead("ParsePKCS1PrivateKey"));
    assert_eq!(text(from_pkcs8(&sec1)), use_instead("ParseECPrivateKey"));
    assert_eq!(text(from_pkcs1(&sec1)), use_instead("ParseECPrivateKey"));
    assert_eq!(text(from_sec1(None, &pkcs1)), use_instead("ParsePKCS1PrivateKey"));
}

// Go: x509.ParsePKCS1PrivateKey of each.
#[test]
fn broken_der_has_gos_texts() {
    let cases: [(&[u8], &str); 9] = [
        (&[], "syntax error: sequence truncated"),
        (
            &[0x68, 0x65, 0x6c],
            "structure error: tags don't match (16 vs {class:1 tag:8 length:101 isCompound:true}) PARAMETERS pkcs1PrivateKey @2",
        ),
        (
            &[0x30, 3, 1, 1, 0xff],
            "structure error: tags don't match (2 vs {class:0 tag:1 length:1 isCompound:false}) PARAMETERS int @2",
        ),
        (&[0x30, 0], "syntax error: sequence truncated"),
        (&[0x30, 3, 2, 2, 1], "syntax error: data truncated"),
        (&[0x30, 0x80], "syntax error: indefinite length found (not DER)"),
        (
            &[0x1f, 0x81, 1, 0],
            "structure error: tags don't match (16 vs {class:0 tag:129 length:0 isCompound:false}) PARAMETERS pkcs1PrivateKey @4",
        ),
        (&[0x30, 11, 2, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1], "structure error: integer too large"),
        (&[0x30, 4, 2, 2, 0, 1], "structure error: integer not minimally-encoded"),
    ];
    for (bytes, expected) in cases {
        let expected = format!("asn1: {}", expected.replace("PARAMETERS", PARAMETERS));
        assert_eq!(text(from_pkcs1(bytes)), expected);
    }
}

#[test]
fn pem_that_is_no_key_says_so() {
    let read =
        |label: &str, bytes: &[u8]| text(PrivateKey::from_pem(super::pem::encode(label, bytes).as_bytes()));
    assert_eq!(text(PrivateKey::from_pem(b"x")), "no PEM data in input");
    assert_eq!(read("CERTIFICATE", b""), "no private key data in PEM block of type CERTIFICATE");
    assert_eq!(read("X PRIVATE KEY", b""), "invalid private key type X PRIVATE KEY");
    assert_eq!(read("PRIVATE KEY", b""), "decoding PEM as PKCS#8: asn1: syntax error: sequence truncated");
    assert_eq!(
        read("RSA PRIVATE KEY", b""),
        "parsing RSA private key from PEM: asn1: syntax error: sequence truncated"
    );
    assert_eq!(
        read("EC PRIVATE KEY", b""),
        "parsing EC private key from PEM: x509: failed to parse EC private key: asn1: syntax error: sequence truncated"
    );
}
