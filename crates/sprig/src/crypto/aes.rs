//! `encryptAES` and `decryptAES`: AES-256 in CBC mode, the start vector in front, in Base64.

use ::aes::Aes256;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};

use super::base64;
use super::entropy::Entropy;
use crate::error::Error;

const BLOCK: usize = 16;

/// The password cut or filled up with zeros.
fn key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password[..length]);
    key
}

/// Encrypts (`encryptAES`); an empty text stays empty.
pub fn encrypt_aes(password: &[u8], text: &[u8], entropy: &mut dyn Entropy) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut vector = [0; BLOCK];
    entropy.fill(&mut vector);
    let encryptor = cbc::Encryptor::<Aes256>::new(&key(password).into(), &vector.into());
    let encrypted = encryptor.encrypt_padded_vec_mut::<Pkcs7>(text);
    base64::encode(&[&vector[..], &encrypted].concat())
}

/// Decrypts (`decryptAES`); an empty text stays empty. The padding is not checked beyond its length.
///
/// # Errors
/// When the text is not Base64, or with the text of Go's panic when it has no whole blocks or the padding is
/// longer than the text, as with a wrong password.
pub fn decrypt_aes(password: &[u8], text: &[u8]) -> Result<Vec<u8>, Error> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let bytes = base64::decode(text)?;
    let Some((vector, encrypted)) = bytes.split_first_chunk::<BLOCK>() else {
        let (length, capacity) = (BLOCK, text.len() / 4 * 3);
        // Go slices up to the capacity of the decoded buffer.
        if capacity >= length {
            let end = bytes.len();
            return Err(Error::new(format!("runtime error: slice bounds out of range [{length}:{end}]")));
        }
        return Err(Error::new(format!(
            "runtime error: slice bounds out of range [:{length}] with capacity {capacity}"
        )));
    };
    if encrypted.len() % BLOCK != 0 {
        return Err(Error::new("crypto/cipher: input not full blocks"));
    }
    let decryptor = cbc::Decryptor::<Aes256>::new(&key(password).into(), vector.into());
    let mut plain = decryptor
        .decrypt_padded_vec_mut::<NoPadding>(encrypted)
        .map_err(|_| Error::new("crypto/cipher: input not full blocks"))?;
    let Some(&padding) = plain.last() else {
        return Err(Error::new("runtime error: index out of range [-1]"));
    };
    let Some(length) = plain.len().checked_sub(padding.into()) else {
        let end = plain.len() as i64 - i64::from(padding);
        return Err(Error::new(format!("runtime error: slice bounds out of range [:{end}]")));
    };
    plain.truncate(length);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::super::entropy::Sequence;
    use super::*;

    #[test]
    fn text_comes_back() {
        for text in ["", "x", "sixteen letters.", "longer than one block of letters"] {
            let encrypted = encrypt_aes(b"secret", text.as_bytes(), &mut Sequence(1));
            assert_eq!(decrypt_aes(b"secret", encrypted.as_bytes()).unwrap(), text.as_bytes());
        }
    }

    // Sprig's own test (crypto_test.go).
    #[test]
    fn sprigs_text_is_decrypted() {
        let text = decrypt_aes(b"secretkey", b"30tEfhuJSVRhpG97XCuWgz2okj7L8vQ1s6V9zVUPeDQ=").unwrap();
        assert_eq!(text, b"plaintext");
    }

    #[test]
    fn broken_texts_fail() {
        let text = |text: &str| decrypt_aes(b"x", text.as_bytes()).unwrap_err().to_string();
        assert_eq!(text("!"), "illegal base64 data at input byte 0");
        assert_eq!(text("YWJj"), "runtime error: slice bounds out of range [:16] with capacity 3");
        assert_eq!(text("AAAAAAAAAAAAAAAAAAAAAA=="), "runtime error: index out of range [-1]");
        assert_eq!(text("AAAAAAAAAAAAAAAAAAAA\nAAAA"), "crypto/cipher: input not full blocks");
        assert_eq!(text("AAAAAAAAAAAAAAAAAAAA\n\n\n\n"), "runtime error: slice bounds out of range [16:15]");
        assert_eq!(text("AAAAAAAAAAAAAAAAAAAAAAAA"), "crypto/cipher: input not full blocks");
    }
}
