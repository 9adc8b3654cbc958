//! Keys on the NIST curves: their forms and signatures.

use p256::ecdsa::signature::hazmat::RandomizedPrehashSigner;
use p256::elliptic_curve::rand_core::{self, CryptoRng, RngCore};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::der;
use super::entropy::Entropy;
use crate::error::Error;

/// A curve Go knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P224,
    P256,
    P384,
    P521,
}

impl Curve {
    const ALL: [Self; 4] = [Self::P224, Self::P256, Self::P384, Self::P521];

    /// The encoded object identifier.
    pub(crate) fn identifier(self) -> &'static [u8] {
        match self {
            Self::P224 => &[0x2b, 0x81, 4, 0, 0x21],
            Self::P256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
            Self::P384 => &[0x2b, 0x81, 4, 0, 0x22],
            Self::P521 => &[0x2b, 0x81, 4, 0, 0x23],
        }
    }

    pub(crate) fn from_identifier(identifier: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.identifier() == identifier)
    }

    /// How many bytes a secret has.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Returns the public point of a secret; nothing when the secret is out of range.
    fn public_point(self, secret: &[u8]) -> Option<Vec<u8>> {
        macro_rules! point {
            ($curve:ident) => {{
                use $curve::elliptic_curve::sec1::ToEncodedPoint;
                let key = $curve::SecretKey::from_slice(secret).ok()?;
                Some(key.public_key().to_encoded_point(false).as_bytes().to_vec())
            }};
        }
        match self {
            Self::P224 => point!(p224),
            Self::P256 => point!(p256),
            Self::P384 => point!(p384),
            Self::P521 => point!(p521),
        }
    }

    /// Tells whether the bytes are an uncompressed point of the curve.
    pub(crate) fn has_point(self, point: &[u8]) -> bool {
        point.len() == 1 + 2 * self.size()
            && point[0] == 4
            && match self {
                Self::P224 => p224::PublicKey::from_sec1_bytes(point).is_ok(),
                Self::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
                Self::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
                Self::P521 => p521::PublicKey::from_sec1_bytes(point).is_ok(),
            }
    }
}

/// A private key. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PrivateKey {
    pub(crate) curve: Curve,
    secret: Vec<u8>,
    /// The uncompressed point.
    pub(crate) public: Vec<u8>,
}

impl PrivateKey {
    pub(crate) fn generate(curve: Curve, entropy: &mut dyn Entropy) -> Self {
        let mut secret = vec![0; curve.size()];
        loop {
            entropy.fill(&mut secret);
            if curve == Curve::P521 {
                secret[0] &= 1;
            }
            if let Some(public) = curve.public_point(&secret) {
                return Self { curve, secret, public };
            }
        }
    }

    /// Takes a secret of the curve's size.
    ///
    /// # Errors
    /// When it is zero or not below the order, with Go's texts (crypto/internal/fips140).
    pub(crate) fn from_secret(curve: Curve, secret: Vec<u8>) -> Result<Self, Error> {
        match curve.public_point(&secret) {
            Some(public) => Ok(Self { curve, secret, public }),
            // Go: zero gives the point at infinity, whose encoding is no public key.
            None if secret.iter().all(|&byte| byte == 0) => {
                Err(Error::new("ecdsa: invalid public key encoding"))
            }
            None => Err(Error::new("input overflows the modulus size")),
        }
    }

    /// Returns the key in SEC 1 form; inside PKCS #8 the curve is named outside.
    pub(crate) fn to_sec1(&self) -> Vec<u8> {
        der::sequence(&[
            &[der::INTEGER, 1, 1],
            &der::octet_string(&self.secret),
            &der::element(0xa0, &der::object_identifier(self.curve.identifier())),
            &der::element(0xa1, &der::bit_string(&self.public)),
        ])
    }

    /// Signs the digest that Go chooses for the curve.
    pub(crate) fn sign(&self, message: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, Error> {
        macro_rules! sign {
            ($curve:ident, $digest:ty) => {{
                let key = $curve::ecdsa::SigningKey::from_slice(&self.secret).ok();
                let digest = <$digest>::digest(message);
                key.and_then(|key| {
                    let signature: $curve::ecdsa::Signature =
                        key.sign_prehash_with_rng(&mut Random(entropy), &digest).ok()?;
                    Some(signature.to_der().as_bytes().to_vec())
                })
            }};
        }
        let signature = match self.curve {
            Curve::P224 => sign!(p224, Sha256),
            Curve::P256 => sign!(p256, Sha256),
            Curve::P384 => sign!(p384, Sha384),
            Curve::P521 => sign!(p521, Sha512),
        };
        signature.ok_or_else(|| Error::new("ecdsa: private key does not match curve"))
    }
}

/// The source of randomness in the form the curves want.
struct Random<'a>(&'a mut dyn Entropy);

impl RngCore for Random<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl CryptoRng for Random<'_> {}
