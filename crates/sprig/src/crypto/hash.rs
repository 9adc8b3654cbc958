//! Digests as hexadecimal or decimal text.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// Returns the SHA-1 digest in hexadecimal (`sha1sum`).
pub fn sha1sum(input: &[u8]) -> String {
    hex(&Sha1::digest(input))
}

/// Returns the SHA-256 digest in hexadecimal (`sha256sum`).
pub fn sha256sum(input: &[u8]) -> String {
    hex(&Sha256::digest(input))
}

/// Returns the SHA-512 digest in hexadecimal (`sha512sum`).
pub fn sha512sum(input: &[u8]) -> String {
    hex(&Sha512::digest(input))
}

/// Returns the Adler-32 checksum in decimal (`adler32sum`).
pub fn adler32sum(input: &[u8]) -> String {
    const MODULUS: u32 = 65_521;
    // As many bytes as fit before the sums could overflow (zlib's NMAX).
    const RUN: usize = 5552;
    let (mut a, mut b) = (1_u32, 0_u32);
    for run in input.chunks(RUN) {
        for &byte in run {
            a += u32::from(byte);
            b += a;
        }
        (a, b) = (a % MODULUS, b % MODULUS);
    }
    (b << 16 | a).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_known_texts() {
        assert_eq!(sha1sum(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(sha256sum(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(sha512sum(b"abc").starts_with("ddaf35a193617abacc417349ae204131"));
        assert_eq!(adler32sum(b"Wikipedia"), "300286872");
        assert_eq!(adler32sum(&[0xff; 100_000]), adler32_slowly(&[0xff; 100_000]));
        assert_eq!(adler32sum(b""), "1");
    }

    fn adler32_slowly(input: &[u8]) -> String {
        let (a, b) = input.iter().fold((1, 0), |(a, b): (u64, u64), &byte| {
            let a = (a + u64::from(byte)) % 65_521;
            (a, (b + a) % 65_521)
        });
        (b << 16 | a).to_string()
    }
}
