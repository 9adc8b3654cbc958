//! DSA keys: generation and the form OpenSSL gave them. Nothing signs with them any more.

use super::asn1::Fields;
use super::der;
use super::entropy::Entropy;
use super::montgomery::Modulus;
use super::natural::Natural;
use super::prime::{self, SmallPrimes};
use crate::error::Error;

/// A private key. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PrivateKey {
    p: Natural,
    q: Natural,
    generator: Natural,
    public: Natural,
    secret: Natural,
}

impl PrivateKey {
    /// Makes parameters of 2048 and 256 bits (Go's `L2048N256`) and a key for them.
    pub(crate) fn generate(entropy: &mut dyn Entropy) -> Self {
        loop {
            let small = SmallPrimes::for_size(256);
            let q = prime::random(256, 65537, &small, entropy);
            let Some(p) = prime::random_multiple_and_one(2048, &q, entropy) else { continue };
            let Some(modulus) = Modulus::new(&p) else { continue };
            let generator = modulus.power(&Natural::from_u64(2), &p.minus_one().div_rem(&q).0);
            let mut secret = [0; 40];
            entropy.fill(&mut secret);
            let secret = Natural::from_be_bytes(&secret).rem(&q);
            if !generator.is_one() && !secret.is_zero() {
                let public = modulus.power(&generator, &secret);
                return Self { p, q, generator, public, secret };
            }
        }
    }

    pub(crate) fn to_der(&self) -> Vec<u8> {
        let version = Natural::default();
        let numbers = [&version, &self.p, &self.q, &self.generator, &self.public, &self.secret];
        der::element(der::SEQUENCE, &numbers.map(der::integer).concat())
    }

    /// # Errors
    /// What encoding/asn1 says of the bytes; the numbers are not checked.
    pub(crate) fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        let mut fields = Fields::new(bytes).structure("DSAKeyFormat")?;
        fields.int()?;
        let mut number = || fields.big_int().map(Option::unwrap_or_default);
        Ok(Self { p: number()?, q: number()?, generator: number()?, public: number()?, secret: number()? })
    }
}
