//! Manifests, blobs and tags of one repository in a registry (OCI distribution specification; oras-go:
//! registry/remote/repository.go).

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, LINK, LOCATION};
use reqwest::{Method, StatusCode};
use serde_json::Value as Json;
use value::gofmt::quoted;
use value::url;

use super::challenge;
use super::descriptor::{Descriptor, Digest, MANIFESTS};
use super::reference::Reference;
use super::session::{Answer, Ask, Session, parse, with_query};
use crate::Error;
use crate::http;

/// The most that a manifest or a page of tags may have (oras-go: defaultMaxMetadataBytes).
const MAX_METADATA_BYTES: usize = 4 << 20;

/// The most that is fetched of a blob; Helm loads no chart that unpacks to more than 100 MiB.
const MAX_BLOB_BYTES: usize = 256 << 20;

/// The most pages of tags, against registries that never end.
const MAX_TAG_PAGES: usize = 1000;

const PULL: &[&str] = &["pull"];
const PUSH: &[&str] = &["pull", "push"];

static CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// A repository of artifacts.
#[derive(Clone, Copy)]
pub(crate) struct Repository<'a> {
    session: Session<'a>,
    reference: &'a Reference,
    /// What its requests need to be allowed.
    actions: &'static [&'static str],
}

impl<'a> Repository<'a> {
    /// Returns the repository of an artifact, for reading.
    pub(crate) fn to_pull(session: Session<'a>, reference: &'a Reference) -> Self {
        Repository { session, reference, actions: PULL }
    }

    /// Returns the repository of an artifact, for writing.
    pub(crate) fn to_push(session: Session<'a>, reference: &'a Reference) -> Self {
        Repository { session, reference, actions: PUSH }
    }

    fn ask(&self, method: Method, path: &str, most: usize) -> Ask {
        let Reference { registry, repository, .. } = self.reference;
        let url = self.session.url(registry, &format!("{repository}/{path}"));
        Ask::new(method, url, vec![challenge::scope(repository, self.actions)], most)
    }

    /// Fetches the manifest under a tag or digest, with what is said of it (`FetchReference`).
    ///
    /// # Errors
    /// When there is none, or it is not what its headers say.
    pub(crate) async fn manifest(&self, tag_or_digest: &str) -> Result<(Descriptor, Vec<u8>), Error> {
        let ask = self.ask(Method::GET, &format!("manifests/{tag_or_digest}"), MAX_METADATA_BYTES);
        let answer = self.session.send(&ask.header(ACCEPT, &MANIFESTS.join(", "))).await?;
        let wanted = self.reference.with(tag_or_digest);
        match answer.status {
            StatusCode::OK => {
                let descriptor = described(&answer, &wanted)?;
                Ok((descriptor, answer.body))
            }
            StatusCode::NOT_FOUND => Err(Answer::not_found(wanted)),
            _ => Err(answer.refusal()),
        }
    }

    /// Returns what a tag stands for (`Resolve`).
    ///
    /// # Errors
    /// When there is no such tag, or the registry does not say.
    pub(crate) async fn resolve(&self, tag: &str) -> Result<Descriptor, Error> {
        let ask = self.ask(Method::HEAD, &format!("manifests/{tag}"), 0);
        let answer = self.session.send(&ask.header(ACCEPT, &MANIFESTS.join(", "))).await?;
        let wanted = self.reference.with(tag);
        match answer.status {
            StatusCode::OK => described(&answer, &wanted),
            StatusCode::NOT_FOUND => Err(Answer::not_found(wanted)),
            _ => Err(answer.refusal()),
        }
    }

    /// Fetches content, which the caller checks (`Fetch`).
    ///
    /// # Errors
    /// When it is not there, or the registry sends something of another size or kind.
    pub(crate) async fn fetch(&self, wanted: &Descriptor) -> Result<Vec<u8>, Error> {
        let most = if wanted.is_manifest() { MAX_METADATA_BYTES } else { MAX_BLOB_BYTES };
        // It becomes a part of the URL.
        wanted.digest()?;
        let size = usize::try_from(wanted.size).map_err(|_| Error::refused("invalid descriptor size"))?;
        if size > most {
            return Err(Error::refused(format!("{} is larger than {} MiB", wanted.digest, most >> 20)));
        }
        let mut ask = self.ask(Method::GET, &place(wanted), size);
        if wanted.is_manifest() {
            ask = ask.header(ACCEPT, &wanted.media_type);
        }
        let answer = self.session.send(&ask).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(Answer::not_found(&wanted.digest)),
            _ => return Err(answer.refusal()),
        }
        if answer.length().is_some_and(|length| length != wanted.size) {
            return Err(Error::refused(format!("{}: mismatch Content-Length", answer.place())));
        }
        check_digest_header(&answer, &wanted.digest)?;
        Ok(answer.body)
    }

    /// Returns whether content is there (`Exists`).
    ///
    /// # Errors
    /// When the registry does not say.
    pub(crate) async fn has(&self, content: &Descriptor) -> Result<bool, Error> {
        let mut ask = self.ask(Method::HEAD, &place(content), 0);
        if content.is_manifest() {
            ask = ask.header(ACCEPT, &MANIFESTS.join(", "));
        }
        let answer = self.session.send(&ask).await?;
        match answer.status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(answer.refusal()),
        }
    }

    /// Uploads a blob: the registry says where, then it is sent there (`blobStore.Push`).
    ///
    /// # Errors
    /// When the registry refuses, or wants it sent to another server.
    pub(crate) async fn push_blob(&self, descriptor: &Descriptor, content: Bytes) -> Result<(), Error> {
        let begin = self.ask(Method::POST, "blobs/uploads/", MAX_METADATA_BYTES);
        let begun = self.session.send(&begin).await?;
        if begun.status != StatusCode::ACCEPTED {
            return Err(begun.refusal());
        }
        let target = upload_target(&begun)?;
        let target = with_query(target, &[("digest", &descriptor.digest)]);
        let mut ask = self.ask(Method::PUT, "", MAX_METADATA_BYTES);
        ask.url = String::from_utf8_lossy(&target.to_text()).into_owned();
        ask.body = content;
        let answer = self.session.send(&ask.header(CONTENT_TYPE, "application/octet-stream")).await?;
        if answer.status == StatusCode::CREATED { Ok(()) } else { Err(answer.refusal()) }
    }

    /// Puts a manifest under a tag or its digest (`manifestStore.push`).
    ///
    /// # Errors
    /// When the registry refuses.
    pub(crate) async fn push_manifest(
        &self,
        descriptor: &Descriptor,
        content: Bytes,
        tag_or_digest: &str,
    ) -> Result<(), Error> {
        let mut ask = self.ask(Method::PUT, &format!("manifests/{tag_or_digest}"), MAX_METADATA_BYTES);
        ask.body = content;
        let answer = self.session.send(&ask.header(CONTENT_TYPE, &descriptor.media_type)).await?;
        if answer.status != StatusCode::CREATED {
            return Err(answer.refusal());
        }
        check_digest_header(&answer, &descriptor.digest)
    }

    /// Returns all tags, page by page (`Tags`).
    ///
    /// # Errors
    /// When the registry does not give them, or points elsewhere for more.
    pub(crate) async fn tags(&self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let mut ask = self.ask(Method::GET, "tags/list", MAX_METADATA_BYTES);
        for _ in 0..MAX_TAG_PAGES {
            let answer = self.session.send(&ask).await?;
            if answer.status != StatusCode::OK {
                return Err(answer.refusal());
            }
            let page = page_of_tags(&answer.decode()?);
            found.extend(page.map_err(|reason| {
                Error::refused(reason).context("failed to decode response").context(answer.place())
            })?);
            match next_page(&answer)? {
                Some(url) => ask.url = url,
                None => return Ok(found),
            }
        }
        Err(Error::refused(format!("the registry has more than {MAX_TAG_PAGES} pages of tags")))
    }
}

/// Asks a registry whether it is one, and whether it lets us in (`Registry.Ping`).
///
/// # Errors
/// When it is not, or does not.
pub(crate) async fn ping(session: &Session<'_>, registry: &str) -> Result<(), Error> {
    let ask = Ask::new(Method::GET, session.url(registry, ""), Vec::new(), MAX_METADATA_BYTES);
    let answer = session.send(&ask).await?;
    match answer.status {
        StatusCode::OK => Ok(()),
        StatusCode::NOT_FOUND => Err(Error::refused("not found")),
        _ => Err(answer.refusal()),
    }
}

/// Returns the tags of a page; the error is Go's, whose type has no name.
fn page_of_tags(page: &Json) -> Result<Vec<String>, String> {
    let kind = |value: &Json| value::json::type_of(&value::json::from_serde(value));
    let tags = match page {
        Json::Null => return Ok(Vec::new()),
        Json::Object(page) => page.get("tags").unwrap_or(&Json::Null),
        other => {
            let wanted = "struct { Tags []string \"json:\\\"tags\\\"\" }";
            return Err(format!("json: cannot unmarshal {} into Go value of type {wanted}", kind(other)));
        }
    };
    let text = |(at, tag): (usize, &Json)| match tag {
        Json::String(tag) => Ok(tag.clone()),
        Json::Null => Ok(String::new()),
        other => Err(format!("json: cannot unmarshal {} into .tags.{at} of type string", kind(other))),
    };
    match tags {
        Json::Null => Ok(Vec::new()),
        Json::Array(tags) => tags.iter().enumerate().map(text).collect(),
        other => {
            Err(format!("json: cannot unmarshal {} into Go struct field .tags of type []string", kind(other)))
        }
    }
}

/// Returns where content lies, below the repository.
fn place(content: &Descriptor) -> String {
    format!("{}/{}", if content.is_manifest() { "manifests" } else { "blobs" }, content.digest)
}

/// Returns what an answer's headers say of a manifest (`generateDescriptor`).
fn described(answer: &Answer, wanted: &Reference) -> Result<Descriptor, Error> {
    let wrong = |text: String| Error::refused(format!("{}: {text}", answer.place()));
    let media_type = answer.header(&CONTENT_TYPE).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    if media_type.is_empty() {
        return Err(wrong("invalid response `Content-Type` header; mime: no media type".to_owned()));
    }
    let header = match answer.header(&CONTENT_DIGEST) {
        None => None,
        Some(text) => Some(Digest::parse(text).map_err(|reason| {
            wrong(format!("invalid response header value: `Docker-Content-Digest: {text}`; {reason}"))
        })?),
    };
    let own = wanted.digest();
    let is_head = answer.method == Method::HEAD;
    let digest = match (header, &own) {
        (Some(digest), _) => digest,
        (None, Some(own)) if is_head => own.clone(),
        (None, None) if is_head => {
            return Err(Error::refused(
                "HTTP HEAD request missing required header \"Docker-Content-Digest\"",
            ));
        }
        (None, _) => Digest::of(&answer.body),
    };
    if let Some(own) = own.filter(|own| *own != digest) {
        return Err(mismatch(answer, &digest.to_string(), &own.to_string()));
    }
    let read = i64::try_from(answer.body.len()).unwrap_or(i64::MAX);
    let size = match answer.length() {
        Some(length) => length,
        None if is_head => return Err(wrong("unknown response Content-Length".to_owned())),
        None => read,
    };
    Ok(Descriptor { media_type, digest: digest.to_string(), size })
}

/// Checks that an answer speaks of the content that was asked for (`verifyContentDigest`).
fn check_digest_header(answer: &Answer, wanted: &str) -> Result<(), Error> {
    match answer.header(&CONTENT_DIGEST) {
        Some(digest) if Digest::parse(digest).is_err() => Err(Error::refused(format!(
            "{}: invalid response header: `Docker-Content-Digest: {digest}`",
            answer.place()
        ))),
        Some(digest) if digest != wanted => Err(mismatch(answer, digest, wanted)),
        _ => Ok(()),
    }
}

fn mismatch(answer: &Answer, received: &str, wanted: &str) -> Error {
    let (received, wanted) = (quoted(received.as_bytes()), quoted(wanted.as_bytes()));
    Error::refused(format!(
        "{}: invalid response; digest mismatch in Docker-Content-Digest: received {received} when expecting {wanted}",
        answer.place()
    ))
}

/// Returns where a blob is to be sent, which must be the same server: what authorizes goes along
/// (`completePushAfterInitialPost`).
fn upload_target(begun: &Answer) -> Result<url::Url, Error> {
    let location =
        begun.header(&LOCATION).ok_or_else(|| Error::refused("http: no Location header in response"))?;
    let target = url::resolve(&begun.url, &parse(location)?);
    let shown = quoted(&target.host);
    if target.hostname() != begun.url.hostname() || http::port(&target) != http::port(&begun.url) {
        return Err(Error::refused(format!(
            "blob upload Location {shown} is on a different host than the registry {}",
            quoted(&begun.url.host)
        )));
    }
    if begun.url.scheme == b"https" && target.scheme != b"https" {
        return Err(Error::refused(format!("blob upload Location {shown} downgrades scheme from https")));
    }
    Ok(target)
}

/// Returns the URL of the next page, on the same server (`parseLink`).
fn next_page(answer: &Answer) -> Result<Option<String>, Error> {
    let Some(header) = answer.header(&LINK) else { return Ok(None) };
    let invalid = |text: &str, reason: String| {
        Err(Error::refused(format!("invalid next link {}: {reason}", quoted(text.as_bytes()))))
    };
    let Some(rest) = header.strip_prefix('<') else { return invalid(header, "missing '<'".to_owned()) };
    let Some((link, _)) = rest.split_once('>') else { return invalid(header, "missing '>'".to_owned()) };
    let next = url::resolve(&answer.url, &parse(link)?);
    if !http::is_same_origin(&next, &answer.url) {
        let own = quoted(&answer.url.to_text());
        return invalid(link, format!("not the same origin as {own}"));
    }
    Ok(Some(String::from_utf8_lossy(&next.to_text()).into_owned()))
}
