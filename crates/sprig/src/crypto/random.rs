//! Random texts: bytes in Base64, letters and digits, UUIDs.

use super::base64;
use super::entropy::{Entropy, below};
use crate::error::Error;

/// The most letters or bytes one call makes, where Go would run out of memory later.
const LONGEST: i64 = 1 << 28;

/// What random letters are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// `a-zA-Z0-9` (`randAlphaNum`).
    AlphaNumeric,
    /// `a-zA-Z` (`randAlpha`).
    Alpha,
    /// The printable ones of ASCII, from the blank to `~` (`randAscii`).
    Ascii,
    /// `0-9` (`randNumeric`).
    Numeric,
}

/// Returns random letters (`randAlphaNum` and its siblings).
///
/// # Errors
/// When the count does not fit memory, with the text of Go's panic. A negative count gives no letters.
pub fn random_letters(letters: Letters, count: i64, entropy: &mut dyn Entropy) -> Result<String, Error> {
    if count > LONGEST {
        return Err(Error::new("runtime error: makeslice: len out of range"));
    }
    let letter = |entropy: &mut dyn Entropy| {
        let from = |alphabet: &[u8], entropy: &mut dyn Entropy| {
            alphabet[below(entropy, alphabet.len() as u64) as usize]
        };
        match letters {
            Letters::AlphaNumeric => {
                from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", entropy)
            }
            Letters::Alpha => from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", entropy),
            Letters::Ascii => b' ' + below(entropy, 95) as u8,
            Letters::Numeric => from(b"0123456789", entropy),
        }
    };
    Ok((0..count).map(|_| char::from(letter(&mut *entropy))).collect())
}

/// Returns random bytes in Base64 (`randBytes`).
///
/// # Errors
/// When the count is negative or does not fit memory, with the text of Go's panic.
pub fn random_bytes(count: i64, entropy: &mut dyn Entropy) -> Result<String, Error> {
    let length = usize::try_from(count).ok().filter(|_| count <= LONGEST);
    let length = length.ok_or_else(|| Error::new("runtime error: makeslice: len out of range"))?;
    let mut bytes = vec![0; length];
    entropy.fill(&mut bytes);
    Ok(base64::encode(&bytes))
}

/// Returns a random UUID of version 4 (`uuidv4`).
pub fn uuid_v4(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::super::entropy::Sequence;
    use super::*;

    #[test]
    fn letters_are_of_their_kind() {
        let text = |letters| random_letters(letters, 500, &mut Sequence(1)).unwrap();
        assert!(text(Letters::Numeric).bytes().all(|byte| byte.is_ascii_digit()));
        assert!(text(Letters::Alpha).bytes().all(|byte| byte.is_ascii_alphabetic()));
        assert!(text(Letters::AlphaNumeric).bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(text(Letters::Ascii).bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert_eq!(text(Letters::Alpha).len(), 500);
        assert_eq!(random_letters(Letters::Alpha, -1, &mut Sequence(1)).as_deref(), Ok(""));
    }

    #[test]
    fn uuids_name_their_version() {
        let uuid = uuid_v4(&mut Sequence(1));
        assert_eq!((uuid.len(), uuid.as_bytes()[14], uuid.matches('-').count()), (36, b'4', 4));
        assert!(b"89ab".contains(&uuid.as_bytes()[19]));
    }

    #[test]
    fn bytes_are_in_base64() {
        assert_eq!(base64::decode(random_bytes(20, &mut Sequence(1)).unwrap().as_bytes()).unwrap().len(), 20);
        assert!(random_bytes(-1, &mut Sequence(1)).is_err());
    }
}
