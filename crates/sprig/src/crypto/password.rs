//! Passwords: `derivePassword` (Master Password's algorithm), `bcrypt` and `htpasswd`.

use hmac::{Hmac, Mac};
use scrypt::Params;
use sha2::Sha256;

use super::entropy::Entropy;

const SEED: &[u8] = b"com.lyndir.masterpassword";

/// Go's `bcrypt.DefaultCost`.
const COST: u32 = 10;

/// Go refuses longer passwords, which bcrypt would cut.
const LONGEST_BCRYPT: usize = 72;

/// Returns the password of a site (`derivePassword`), or a sentence when the kind of password is unknown.
pub fn derive_password(counter: u32, kind: &str, password: &[u8], user: &[u8], site: &[u8]) -> String {
    let templates = templates(kind);
    if templates.is_empty() {
        return format!("cannot find password template {kind}");
    }
    let salt = [SEED, &(user.len() as u32).to_be_bytes(), user].concat();
    let mut key = [0; 64];
    let derived = Params::new(15, 8, 2, 64)
        .ok()
        .and_then(|params| scrypt::scrypt(password, &salt, &params, &mut key).ok());
    let Some((mut mac, ())) = Hmac::<Sha256>::new_from_slice(&key).ok().zip(derived) else {
        return "failed to derive password: scrypt: parameters are too large".to_owned();
    };
    mac.update(&[SEED, &(site.len() as u32).to_be_bytes(), site, &counter.to_be_bytes()].concat());
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    let letter = |(class, &byte): (u8, &u8)| {
        let letters = letters(class);
        char::from(letters[usize::from(byte) % letters.len()])
    };
    template.bytes().zip(&seed[1..]).map(letter).collect()
}

/// Returns the bcrypt hash (`bcrypt`), or a sentence when the password is too long.
pub fn bcrypt(password: &[u8], entropy: &mut dyn Entropy) -> String {
    let failed = |text: &str| format!("failed to encrypt string with bcrypt: {text}");
    if password.len() > LONGEST_BCRYPT {
        return failed("bcrypt: password length exceeds 72 bytes");
    }
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    match ::bcrypt::hash_with_salt(password, COST, salt) {
        // Go writes the older version's letter.
        Ok(parts) => parts.format_for_version(::bcrypt::Version::TwoA),
        Err(error) => failed(&error.to_string()),
    }
}

/// Returns a line for a password file (`htpasswd`), with bcrypt.
pub fn htpasswd(user: &str, password: &[u8], entropy: &mut dyn Entropy) -> String {
    if user.contains(':') {
        return format!("invalid username: {user}");
    }
    format!("{user}:{}", bcrypt(password, entropy))
}

/// The forms of a kind of password; each letter stands for a class of letters.
fn templates(kind: &str) -> &'static [&'static str] {
    match kind {
        "maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        "long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        "medium" => &["CvcnoCvc", "CvcCvcno"],
        "short" => &["Cvcn"],
        "basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        "pin" => &["nnnn"],
        _ => &[],
    }
}

fn letters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

#[cfg(test)]
mod tests {
    use super::super::entropy::Sequence;
    use super::*;

    // Sprig's own tests (crypto_test.go).
    #[test]
    fn derived_passwords_are_sprigs() {
        for (kind, expected) in
            [("long", "ZedaFaxcZaso9*"), ("maximum", "pf4zS1LjCg&LjhsZ7T2~"), ("pin", "6685")]
        {
            assert_eq!(derive_password(1, kind, b"password", b"user", b"example.com"), expected);
        }
        assert_eq!(derive_password(1, "x", b"", b"", b""), "cannot find password template x");
    }

    #[test]
    fn lines_of_password_files() {
        let entropy = &mut Sequence(1);
        assert_eq!(htpasswd("a:b", b"", entropy), "invalid username: a:b");
        let line = htpasswd("u", b"p", entropy);
        assert!(line.starts_with("u:$2a$10$") && ::bcrypt::verify(b"p", &line[2..]).unwrap(), "{line}");
        assert_eq!(
            bcrypt(&[b'x'; 73], entropy),
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
        );
    }
}
