//! Names of artifacts in registries: what registries take (oras-go: registry/reference.go), and what Helm makes of chart
//! references (pkg/registry/reference.go). Pure.

use std::fmt;

use regex::Regex;

use super::descriptor::Digest;
use crate::Error;

/// The scheme of chart references, `://` included.
pub(crate) const SCHEME: &str = "oci://";

/// Docker's own registry is asked under another name than it is called by.
const DOCKER: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// What a path between the registry and the tag may be.
const REPOSITORY: &str =
    r"^[a-z0-9]+(?:(?:[._]|__|[-]*)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|[-]*)[a-z0-9]+)*)*$";

/// The longest tag, in bytes.
const MAX_TAG_BYTES: usize = 128;

/// An artifact in a registry, or a repository of artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The registry's host and port.
    pub(crate) registry: String,
    /// The path of the repository.
    pub(crate) repository: String,
    /// A tag or a digest; empty for the repository itself.
    pub(crate) tag_or_digest: String,
}

impl Reference {
    /// Reads `host/path`, `host/path:tag`, `host/path@digest` or `host/path:tag@digest`, whose tag counts for nothing
    /// (oras-go: `ParseReference`).
    ///
    /// # Errors
    /// The part that is not as it has to be.
    pub(crate) fn parse(artifact: &str) -> Result<Reference, Error> {
        let invalid = |text: &str| Error::refused(format!("invalid reference: {text}"));
        let (registry, path) =
            artifact.split_once('/').ok_or_else(|| invalid("missing registry or repository"))?;
        let (repository, tag, digest) = match path.split_once('@') {
            Some((front, digest)) => (front.split_once(':').map_or(front, |(path, _)| path), "", digest),
            None => path.split_once(':').map_or((path, "", ""), |(path, tag)| (path, tag, "")),
        };
        check_registry(registry)?;
        let is_repository = Regex::new(REPOSITORY).is_ok_and(|path| path.is_match(repository));
        let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
        if !is_repository {
            return Err(invalid(&format!("invalid repository {}", quoted(repository))));
        }
        if !tag.is_empty() && !is_tag(tag) {
            return Err(invalid(&format!("invalid tag {}", quoted(tag))));
        }
        if !digest.is_empty()
            && let Err(reason) = Digest::parse(digest)
        {
            return Err(invalid(&format!("invalid digest {}: {reason}", quoted(digest))));
        }
        let tag_or_digest = format!("{tag}{digest}");
        Ok(Reference { registry: registry.to_owned(), repository: repository.to_owned(), tag_or_digest })
    }

    /// Returns another artifact of the repository.
    pub(crate) fn with(&self, tag_or_digest: impl Into<String>) -> Reference {
        Reference { tag_or_digest: tag_or_digest.into(), ..self.clone() }
    }

    /// Returns the digest, unless a tag stands in its place.
    pub(crate) fn digest(&self) -> Option<Digest> {
        Digest::parse(&self.tag_or_digest).ok()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.registry, self.repository)?;
        match self.digest() {
            _ if self.tag_or_digest.is_empty() => Ok(()),
            Some(digest) => write!(out, "@{digest}"),
            None => write!(out, ":{}", self.tag_or_digest),
        }
    }
}

/// Returns the host that a registry's requests go to.
pub(crate) fn host(registry: &str) -> &str {
    if registry == DOCKER.0 { DOCKER.1 } else { registry }
}

/// Checks the name of a registry, which is a host with or without a port (oras-go: `ValidateRegistry`).
///
/// # Errors
/// When it is anything else.
pub(crate) fn check_registry(registry: &str) -> Result<(), Error> {
    let url = value::url::parse(format!("dummy://{registry}").as_bytes());
    if !registry.is_empty() && url.is_ok_and(|url| url.host == registry.as_bytes()) {
        return Ok(());
    }
    let quoted = value::gofmt::quoted(registry.as_bytes());
    Err(Error::refused(format!("invalid reference: invalid registry {quoted}")))
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut bytes = text.bytes();
    bytes.next().is_some_and(is_word)
        && text.len() <= MAX_TAG_BYTES
        && bytes.all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

/// A chart reference without its scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChartReference {
    /// The chart's repository, with its tag if it has one.
    pub(crate) tagged: Reference,
    /// The digest that follows, unchecked; empty for none.
    pub(crate) digest: String,
}

impl ChartReference {
    /// Takes a chart reference apart. Tags have no plus sign, an underscore stands in its place (Helm: `newReference`).
    ///
    /// # Errors
    /// The part that is not as it has to be.
    pub(crate) fn parse(text: &str) -> Result<ChartReference, Error> {
        let text = text.strip_prefix(SCHEME).unwrap_or(text);
        let (front, digest) = text.rsplit_once('@').unwrap_or((text, ""));
        let tag = front.rsplit_once(':').map_or("", |(_, tag)| tag);
        let tagged = match tag.contains('+') && !tag.contains('/') {
            true => Reference::parse(&front.replace(tag, &tag.replace('+', "_")))?,
            false => Reference::parse(front)?,
        };
        Ok(ChartReference { tagged, digest: digest.to_owned() })
    }

    /// Returns the tag; empty for none.
    pub(crate) fn tag(&self) -> &str {
        &self.tagged.tag_or_digest
    }
}

impl fmt::Display for ChartReference {
    /// A digest counts only where there is no tag.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tag() {
            "" => write!(out, "{}@{}", self.tagged, self.digest),
            _ => self.tagged.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChartReference, Reference};

    const DIGEST: &str = "sha256:af4f7f5ab2db95e6bd2679ccd7eb0d321aff627405033fa92885e441a7fe5034";

    #[test]
    fn references_have_four_forms() {
        for (text, shown) in [
            ("h:5000/a/b".to_owned(), "h:5000/a/b".to_owned()),
            ("h/a:1.0.0".to_owned(), "h/a:1.0.0".to_owned()),
            (format!("h/a@{DIGEST}"), format!("h/a@{DIGEST}")),
            (format!("h/a:x y@{DIGEST}"), format!("h/a@{DIGEST}")),
            ("h/a:".to_owned(), "h/a".to_owned()),
        ] {
            assert_eq!(Reference::parse(&text).unwrap().to_string(), shown);
        }
    }

    /// Texts that Helm 4.3.1 printed.
    #[test]
    fn what_is_wrong_is_named() {
        for (text, reason) in [
            ("x", "missing registry or repository"),
            ("localhost:5001/", "invalid repository \"\""),
            ("localhost:5001/Charts/C", "invalid repository \"Charts/C\""),
            ("localhost:5001/charts/c:0.1.0:x", "invalid tag \"0.1.0:x\""),
            ("localhost:5001/c@sha256:abc", "invalid digest \"sha256:abc\": invalid checksum digest length"),
            ("a b/c", "invalid registry \"a b\""),
        ] {
            let error = Reference::parse(text).unwrap_err().to_string();
            assert_eq!(error, format!("invalid reference: {reason}"));
        }
    }

    #[test]
    fn a_plus_sign_in_a_tag_is_an_underscore() {
        let chart = ChartReference::parse("oci://h:1/a/c:1.0.0+b.1").unwrap();
        assert_eq!((chart.tag(), chart.to_string().as_str()), ("1.0.0_b.1", "h:1/a/c:1.0.0_b.1"));
        let chart = ChartReference::parse(&format!("h/c@{DIGEST}")).unwrap();
        assert_eq!((chart.tag(), chart.to_string()), ("", format!("h/c@{DIGEST}")));
    }
}
