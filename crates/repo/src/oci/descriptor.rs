//! Descriptors: what registries say of content, and whether content is what they say (OCI image specification; oras-go:
//! content/reader.go). Pure.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::Error;
use crate::cache::hex;

/// A manifest of an image, which is what charts are to registries.
pub(crate) const IMAGE_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A list of manifests.
pub(crate) const IMAGE_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Docker's forms of both.
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// A form of manifest that the specification has left behind.
const ARTIFACT_MANIFEST: &str = "application/vnd.oci.artifact.manifest.v1+json";

/// The kinds of manifests that are asked for, in oras-go's order.
pub(crate) const MANIFESTS: [&str; 5] =
    [DOCKER_MANIFEST, DOCKER_LIST, IMAGE_MANIFEST, IMAGE_INDEX, ARTIFACT_MANIFEST];

/// A hash of content with its algorithm, `sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Digest {
    algorithm: Algorithm,
    digits: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// How many hexadecimal digits its hashes have.
    fn digits(self) -> usize {
        match self {
            Algorithm::Sha256 => 64,
            Algorithm::Sha384 => 96,
            Algorithm::Sha512 => 128,
        }
    }
}

impl Digest {
    /// Reads a digest.
    ///
    /// # Errors
    /// The words of go-digest's `Validate`.
    pub(crate) fn parse(text: &str) -> Result<Digest, &'static str> {
        const FORMAT: &str = "invalid checksum digest format";
        let (name, digits) = text.split_once(':').filter(|(name, _)| !name.is_empty()).ok_or(FORMAT)?;
        let known = [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];
        let Some(algorithm) = known.into_iter().find(|known| known.name() == name) else {
            return Err(if is_digest_of_some_kind(name, digits) {
                "unsupported digest algorithm"
            } else {
                FORMAT
            });
        };
        if digits.len() != algorithm.digits() {
            return Err(if digits.is_empty() { FORMAT } else { "invalid checksum digest length" });
        }
        if !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(FORMAT);
        }
        Ok(Digest { algorithm, digits: digits.to_owned() })
    }

    /// Returns the SHA-256 of content.
    pub(crate) fn of(content: &[u8]) -> Digest {
        Digest { algorithm: Algorithm::Sha256, digits: hex(&Sha256::digest(content)) }
    }

    /// Returns whether content has this hash.
    fn fits(&self, content: &[u8]) -> bool {
        self.digits
            == match self.algorithm {
                Algorithm::Sha256 => hex(&Sha256::digest(content)),
                Algorithm::Sha384 => hex(&Sha384::digest(content)),
                Algorithm::Sha512 => hex(&Sha512::digest(content)),
            }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.algorithm.name(), self.digits)
    }
}

/// go-digest's `DigestRegexp`.
fn is_digest_of_some_kind(name: &str, digits: &str) -> bool {
    let is_small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_small);
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'_' | b'-');
    name.split(['+', '.', '_', '-']).all(is_part) && !digits.is_empty() && digits.bytes().all(is_digit)
}

/// What is said of some content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Descriptor {
    /// What kind of content it is.
    #[serde(rename = "mediaType", default)]
    pub(crate) media_type: String,
    /// Its hash.
    pub(crate) digest: String,
    /// How many bytes it has.
    pub(crate) size: i64,
}

impl Descriptor {
    /// Describes content.
    pub(crate) fn of(media_type: &str, content: &[u8]) -> Descriptor {
        let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
        Descriptor { media_type: media_type.to_owned(), digest: Digest::of(content).to_string(), size }
    }

    /// Returns whether this is a manifest, which registries keep in another place than the rest.
    pub(crate) fn is_manifest(&self) -> bool {
        MANIFESTS.contains(&self.media_type.as_str())
    }

    /// Returns the hash.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn digest(&self) -> Result<Digest, Error> {
        Digest::parse(&self.digest)
            .map_err(|reason| Error::refused(format!("failed to validate {}: {reason}", self.digest)))
    }

    /// Checks that content is what this says (oras-go: content.ReadAll).
    ///
    /// # Errors
    /// When it is longer, shorter or another.
    pub(crate) fn check(&self, content: &[u8]) -> Result<(), Error> {
        let digest = self.digest()?;
        match usize::try_from(self.size) {
            Err(_) => Err(Error::refused("invalid descriptor size")),
            Ok(size) if content.len() < size => Err(Error::refused(format!(
                "read failed: expected content size of {size}, got {}, for digest {digest}: unexpected EOF",
                content.len()
            ))),
            Ok(size) if content.len() > size => Err(Error::refused("trailing data")),
            Ok(_) if !digest.fits(content) => Err(Error::refused("mismatched digest")),
            Ok(_) => Ok(()),
        }
    }

    /// Returns what a manifest consists of; content that is no manifest has no parts (oras-go: content.Successors).
    ///
    /// # Errors
    /// When a manifest is not JSON of the form it should have.
    pub(crate) fn parts(&self, content: &[u8]) -> Result<Vec<Descriptor>, Error> {
        #[derive(Default, Deserialize)]
        struct Manifest {
            subject: Option<Descriptor>,
            config: Option<Descriptor>,
            #[serde(default)]
            layers: Option<Vec<Descriptor>>,
            #[serde(default)]
            manifests: Option<Vec<Descriptor>>,
            #[serde(default)]
            blobs: Option<Vec<Descriptor>>,
        }
        if !self.is_manifest() {
            return Ok(Vec::new());
        }
        let form = if matches!(self.media_type.as_str(), IMAGE_INDEX | DOCKER_LIST) {
            "v1.Index"
        } else {
            "v1.Manifest"
        };
        let document = read_object(content, form)?;
        let manifest: Option<Manifest> = serde_json::from_value(document)
            .map_err(|error| Error::refused(format!("the registry's manifest cannot be read: {error}")))?;
        let Manifest { subject, config, layers, manifests, blobs } = manifest.unwrap_or_default();
        let subject = subject.filter(|_| !self.media_type.starts_with("application/vnd.docker."));
        Ok(match self.media_type.as_str() {
            IMAGE_INDEX | DOCKER_LIST => subject.into_iter().chain(manifests.unwrap_or_default()).collect(),
            ARTIFACT_MANIFEST => subject.into_iter().chain(blobs.unwrap_or_default()).collect(),
            _ => subject.into_iter().chain(config).chain(layers.unwrap_or_default()).collect(),
        })
    }
}

/// Reads a JSON object.
///
/// # Errors
/// In the words of Go's decoder, which names the type it decodes into.
pub(crate) fn read_object(text: &[u8], go_type: &str) -> Result<Json, Error> {
    let refuse = |error: value::Error| Error::refused(error.to_string());
    let document = value::json::read(text).map_err(refuse)?;
    match value::json::to_serde(&document).map_err(refuse)? {
        object @ (Json::Object(_) | Json::Null) => Ok(object),
        _ => Err(refuse(value::json::type_error(value::json::type_of(&document), go_type))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Descriptor, Digest, IMAGE_INDEX, IMAGE_MANIFEST};

    #[test]
    fn digests_are_checked_as_go_digest_does() {
        for (text, reason) in [
            ("", "invalid checksum digest format"),
            (":abc", "invalid checksum digest format"),
            ("sha256:", "invalid checksum digest format"),
            ("sha256:abc", "invalid checksum digest length"),
            ("md5:abc", "unsupported digest algorithm"),
            ("md5:", "invalid checksum digest format"),
            ("M:abc", "invalid checksum digest format"),
        ] {
            assert_eq!(Digest::parse(text), Err(reason), "{text}");
        }
        let digest = Digest::of(b"x");
        assert_eq!(Digest::parse(&digest.to_string()), Ok(digest));
        assert!(Digest::parse(&format!("sha256:{}", "G".repeat(64))).is_err());
    }

    #[test]
    fn content_is_what_its_descriptor_says() {
        let descriptor = Descriptor::of("x", b"abc");
        descriptor.check(b"abc").unwrap();
        let reason = |content: &[u8]| descriptor.check(content).unwrap_err().to_string();
        assert!(reason(b"ab").contains("expected content size of 3, got 2"));
        assert_eq!(reason(b"abcd"), "trailing data");
        assert_eq!(reason(b"abd"), "mismatched digest");
        let negative = Descriptor { size: -1, ..descriptor.clone() };
        assert_eq!(negative.check(b"").unwrap_err().to_string(), "invalid descriptor size");
    }

    #[test]
    fn manifests_name_their_parts() {
        let config = r#"{"mediaType":"c","digest":"d","size":1}"#;
        let text = format!(r#"{{"config":{config},"layers":[{config},{config}],"manifests":[{config}]}}"#);
        let count = |media_type: &str| Descriptor::of(media_type, b"").parts(text.as_bytes()).unwrap().len();
        assert_eq!((count(IMAGE_MANIFEST), count(IMAGE_INDEX), count("x")), (3, 1, 0));
        assert!(Descriptor::of(IMAGE_MANIFEST, b"").parts(b"[").is_err());
        assert!(Descriptor::of(IMAGE_MANIFEST, b"").parts(br#"{"layers":null}"#).unwrap().is_empty());
    }
}
