//! RSA keys: generation, checks, PKCS #1 form and signatures (v1.5 with SHA-256), as Go's crypto/rsa.

use sha2::{Digest, Sha256};

use super::der;
use super::entropy::Entropy;
use super::montgomery::Modulus;
use super::natural::Natural;
use super::prime::{self, SmallPrimes};
use crate::error::Error;

/// Go and everyone else: 2^16 + 1.
const PUBLIC_EXPONENT: u64 = 65537;

/// DER of `DigestInfo` for SHA-256 up to the digest (RFC 8017, 9.2).
const SHA256_PREFIX: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

/// A private key of two primes. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PrivateKey {
    pub(crate) modulus: Natural,
    pub(crate) exponent: u64,
    pub(crate) secret: Natural,
    pub(crate) p: Natural,
    pub(crate) q: Natural,
    pub(crate) secret_p: Natural,
    pub(crate) secret_q: Natural,
    pub(crate) coefficient: Natural,
}

impl PrivateKey {
    /// Makes a key of `bits` bits (at least 128).
    pub(crate) fn generate(bits: usize, entropy: &mut dyn Entropy) -> Self {
        let small = SmallPrimes::for_size(bits / 2);
        loop {
            let p = prime::random(bits.div_ceil(2), PUBLIC_EXPONENT, &small, entropy);
            let q = prime::random(bits / 2, PUBLIC_EXPONENT, &small, entropy);
            let key = Self::from_primes(p, q);
            if let Some(key) = key.filter(|key| key.check().is_ok()) {
                return key;
            }
        }
    }

    /// Go keeps p and q in the order they were found, without the larger first.
    fn from_primes(p: Natural, q: Natural) -> Option<Self> {
        let (p_less, q_less) = (p.minus_one(), q.minus_one());
        let totient = p_less.mul(&q_less).div_rem(&p_less.gcd(&q_less)).0;
        let secret = inverse_of_small(PUBLIC_EXPONENT, &totient)?;
        let coefficient = Modulus::new(&p)?.power(&q, &p.checked_sub(&Natural::from_u64(2))?);
        Some(Self {
            modulus: p.mul(&q),
            exponent: PUBLIC_EXPONENT,
            secret_p: secret.rem(&p_less),
            secret_q: secret.rem(&q_less),
            secret,
            coefficient,
            p,
            q,
        })
    }

    /// Fills in what an old key file left out.
    pub(crate) fn complete(
        modulus: Natural,
        exponent: u64,
        secret: Natural,
        p: Natural,
        q: Natural,
    ) -> Option<Self> {
        let coefficient = Modulus::new(&p)?.power(&q, &p.checked_sub(&Natural::from_u64(2))?);
        let (secret_p, secret_q) = (secret.rem(&p.minus_one()), secret.rem(&q.minus_one()));
        Some(Self { modulus, exponent, secret, p, q, secret_p, secret_q, coefficient })
    }

    /// Checks that the numbers belong together.
    ///
    /// # Errors
    /// The first thing Go finds wrong (crypto/rsa `Validate`, crypto/internal/fips140/rsa `checkPrivateKey`).
    pub(crate) fn check(&self) -> Result<(), Error> {
        let fail = |text: &str| Err(Error::new(format!("crypto/rsa: {text}")));
        check_public(&self.modulus, self.exponent)?;
        if !self.p.is_odd() {
            return fail("p is even");
        }
        if self.p >= self.modulus || self.q >= self.modulus || self.p.is_one() || self.q.is_one() {
            return fail("invalid prime");
        }
        if !self.p.mul(&self.q).rem(&self.modulus).is_zero() {
            return fail("p * q != n");
        }
        let exponent = Natural::from_u64(self.exponent);
        for (prime, secret) in [(&self.p, &self.secret_p), (&self.q, &self.secret_q)] {
            let order = prime.minus_one();
            if *secret >= order || !exponent.mul(secret).rem(&order).is_one() {
                return fail("invalid CRT exponent");
            }
        }
        if !self.q.mul(&self.coefficient).rem(&self.p).is_one() {
            return fail("invalid CRT coefficient");
        }
        if self.secret.rem(&self.p.minus_one()) != self.secret_p {
            return fail("d does not match dP");
        }
        if self.secret.rem(&self.q.minus_one()) != self.secret_q {
            return fail("d does not match dQ");
        }
        let half = self.modulus.bit_length() / 2;
        if self.p == self.q {
            return fail("p == q");
        }
        if self.p.abs_diff(&self.q).bit_length() + 100 <= half {
            return fail("|p - q| too small");
        }
        if self.secret.bit_length() <= half {
            return fail("d too small");
        }
        check_size(self.modulus.bit_length())
    }

    /// Returns the key in PKCS #1 form.
    pub(crate) fn to_pkcs1(&self) -> Vec<u8> {
        let numbers = [
            &Natural::default(),
            &self.modulus,
            &Natural::from_u64(self.exponent),
            &self.secret,
            &self.p,
            &self.q,
            &self.secret_p,
            &self.secret_q,
            &self.coefficient,
        ];
        let elements: Vec<Vec<u8>> = numbers.into_iter().map(der::integer).collect();
        der::element(der::SEQUENCE, &elements.concat())
    }

    /// Returns the public key in PKCS #1 form.
    pub(crate) fn to_public_pkcs1(&self) -> Vec<u8> {
        der::sequence(&[&der::integer(&self.modulus), &der::integer(&Natural::from_u64(self.exponent))])
    }

    /// Signs SHA-256 of the message (PKCS #1 v1.5).
    ///
    /// # Errors
    /// When the key is too short for the digest or its numbers do not fit each other.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let length = self.modulus.bit_length().div_ceil(8);
        let digest = [&SHA256_PREFIX[..], &Sha256::digest(message)].concat();
        let padding = length
            .checked_sub(digest.len() + 3)
            .filter(|&padding| padding >= 8)
            .ok_or_else(|| Error::new("crypto/rsa: message too long for RSA key size"))?;
        let padded = [&[0, 1][..], &vec![0xff; padding], &[0], &digest].concat();
        let padded = Natural::from_be_bytes(&padded);
        let broken = || Error::new("crypto/rsa: verification error");
        let signature = self.decrypt(&padded).ok_or_else(broken)?;
        // A wrong signature from a damaged key would give the primes away.
        let check = Modulus::new(&self.modulus).ok_or_else(broken)?;
        if check.power(&signature, &Natural::from_u64(self.exponent)) != padded {
            return Err(broken());
        }
        Ok(signature.to_padded_be_bytes(length))
    }

    /// Raises to the secret exponent by way of the two primes (Garner).
    fn decrypt(&self, number: &Natural) -> Option<Natural> {
        let p = Modulus::new(&self.p)?;
        let m1 = p.power(number, &self.secret_p);
        let m2 = Modulus::new(&self.q)?.power(number, &self.secret_q);
        let difference = m1.add(&self.p).checked_sub(&m2.rem(&self.p))?;
        let factor = p.product(&difference, &self.coefficient);
        Some(factor.mul(&self.q).add(&m2))
    }
}

/// Checks a public key as Go does before every use.
fn check_public(modulus: &Natural, exponent: u64) -> Result<(), Error> {
    let fail = |text: &str| Err(Error::new(format!("crypto/rsa: {text}")));
    if !modulus.is_odd() {
        return fail("public modulus is even");
    }
    if exponent < 2 {
        return fail("public exponent too small or negative");
    }
    if exponent.is_multiple_of(2) {
        return fail("public exponent is even");
    }
    if exponent > (1 << 31) - 1 {
        return fail("public exponent too large");
    }
    Ok(())
}

fn check_size(bits: usize) -> Result<(), Error> {
    if bits >= 1024 {
        return Ok(());
    }
    Err(Error::new(format!(
        "crypto/rsa: {bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
    )))
}

/// The inverse of a small prime: `(1 + k * modulus) / small` for the one `k` that makes it whole.
fn inverse_of_small(small: u64, modulus: &Natural) -> Option<Natural> {
    let remainder = modulus.div_rem_small(small).1;
    let multiple = (1..small).find(|multiple| (multiple * remainder + 1).is_multiple_of(small))?;
    let sum = modulus.mul(&Natural::from_u64(multiple)).add(&Natural::from_u64(1));
    Some(sum.div_rem_small(small).0)
}

#[cfg(test)]
mod tests {
    use super::super::entropy::Sequence;
    use super::*;

    #[test]
    fn a_generated_key_is_sound_and_signs() {
        let key = PrivateKey::generate(1024, &mut Sequence(7));
        assert_eq!(key.modulus.bit_length(), 1024);
        key.check().unwrap();
        let signature = key.sign(b"message").unwrap();
        assert_eq!(signature.len(), 128);
        let modulus = Modulus::new(&key.modulus).unwrap();
        let opened = modulus.power(&Natural::from_be_bytes(&signature), &Natural::from_u64(65537));
        assert!(opened.to_be_bytes().ends_with(&Sha256::digest(b"message")));
    }

    #[test]
    fn short_keys_are_insecure() {
        let p = prime::random(256, PUBLIC_EXPONENT, &SmallPrimes::for_size(256), &mut Sequence(1));
        let q = prime::random(256, PUBLIC_EXPONENT, &SmallPrimes::for_size(256), &mut Sequence(2));
        let text = PrivateKey::from_primes(p, q).unwrap().check().unwrap_err().to_string();
        assert!(text.starts_with("crypto/rsa: 512-bit keys are insecure"), "{text}");
    }

    #[test]
    fn numbers_that_do_not_belong_together_are_told() {
        let mut key = PrivateKey::generate(1024, &mut Sequence(8));
        key.coefficient = key.coefficient.add(&Natural::from_u64(1));
        assert_eq!(key.check().unwrap_err().to_string(), "crypto/rsa: invalid CRT coefficient");
        assert!(key.sign(b"message").is_err());
    }
}
