//! Charts as artifacts of registries: found, fetched, pushed (Helm: pkg/registry/client.go, generic.go; oras-go: copy.go).

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use chart::Metadata;
use chart::go_json::{self, Fields, Node};
use regex::Regex;
use serde_json::Value as Json;
use value::semver::{Constraints, Version};
use value::url::Url;

use super::descriptor::{Descriptor, IMAGE_INDEX, IMAGE_MANIFEST, read_object};
use super::reference::{ChartReference, Reference, SCHEME};
use super::repository::Repository;
use super::session::Session;
use crate::at_once::at_once;
use crate::{Error, Event, Events, Place};

/// The kind of the part that is a chart's `Chart.yaml` as JSON.
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";

/// The kind of the part that is the archive.
const ARCHIVE: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// The kind of the part that is the signature.
const SIGNATURE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// What archives were called once.
const OLD_ARCHIVE: &str = "application/tar+gzip";

/// The most parts of an artifact, against registries that never end.
const MAX_PARTS: usize = 1000;

/// What is wanted of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The archive.
    Archive,
    /// The signature.
    Signature,
}

/// Finds which tag or digest a reference with a version or range stands for (`Client.ValidateReference`).
///
/// # Errors
/// When both name different charts, or no tag fits.
pub(crate) async fn find(
    session: Session<'_>,
    reference: &str,
    version: &str,
    parsed: &Url,
) -> Result<Place, Error> {
    let shown = String::from_utf8_lossy(&[&*parsed.host, &*parsed.path].concat()).into_owned();
    let chart = ChartReference::parse(&shown)?;
    let place = |path: Option<String>, digest: &str| {
        let mut target = parsed.clone();
        if let Some(path) = path {
            (target.path, target.raw_path) = (format!("/{path}").into_bytes(), Vec::new());
        }
        let url = String::from_utf8_lossy(&target.to_text()).into_owned();
        Place { url, digest: digest.to_owned(), is_listed: false }
    };
    let version = match (version, chart.tag()) {
        ("", tag) => tag,
        (version, "") => version,
        (version, tag) if version == tag => version,
        (version, tag) => {
            let text = format!("chart reference and version mismatch: {version} is not {tag}");
            return Err(Error::refused(text));
        }
    };
    let repository = &chart.tagged.repository;
    let digest = chart.digest.as_str();
    if !digest.is_empty() && version.is_empty() {
        return Ok(place(None, ""));
    }
    if !digest.is_empty() {
        let path = Some(format!("{repository}@{digest}"));
        let tagged = Reference::parse(&format!("{}/{repository}:{version}", chart.tagged.registry))?;
        // What has a digest need not have a tag.
        return match Repository::to_pull(session, &tagged).resolve(&tagged.tag_or_digest).await {
            Err(_) => Ok(place(path, "")),
            Ok(found) if found.digest == digest => Ok(place(path, digest)),
            Ok(found) => Err(Error::refused(format!(
                "chart reference digest mismatch: {} is not {digest}",
                found.digest
            ))),
        };
    }
    if Version::parse(version).is_ok() {
        return Ok(place(Some(format!("{repository}:{version}")), ""));
    }
    let tags = tags(session, reference).await?;
    if tags.is_empty() {
        let text = format!("unable to locate any tags in provided repository: {reference}");
        return Err(Error::refused(text));
    }
    Ok(place(Some(format!("{repository}:{}", fitting(&tags, version)?)), ""))
}

/// Returns the tags of a repository that are versions, the highest first (`Client.Tags`).
///
/// # Errors
/// When the registry does not give them.
pub(crate) async fn tags(session: Session<'_>, reference: &str) -> Result<Vec<String>, Error> {
    let reference = Reference::parse(reference.strip_prefix(SCHEME).unwrap_or(reference))?;
    let tags = Repository::to_pull(session, &reference).tags().await?;
    let mut versions: Vec<Version> =
        tags.iter().filter_map(|tag| Version::parse_strict(&tag.replace('_', "+")).ok()).collect();
    versions.sort_by(|a, b| b.cmp(a));
    Ok(versions.iter().map(Version::to_string).collect())
}

/// Returns the first tag that is the version or fits the range (`GetTagMatchingVersionOrConstraint`).
fn fitting<'t>(tags: &'t [String], version: &str) -> Result<&'t str, Error> {
    if let Some(same) = tags.iter().find(|tag| !version.is_empty() && *tag == version) {
        return Ok(same);
    }
    let range = if version.is_empty() { "*" } else { version };
    let range = Constraints::parse(range).map_err(|error| Error::refused(error.to_string()))?;
    let fits = |tag: &&String| Version::parse(tag).is_ok_and(|version| range.check(&version));
    tags.iter().find(fits).map(String::as_str).ok_or_else(|| {
        Error::refused(format!("could not locate a version matching provided version string {version}"))
    })
}

/// Fetches a part of a chart (`Client.Pull`).
///
/// # Errors
/// When the artifact is not there, is no chart, or is not what its descriptors say.
pub(crate) async fn pull(session: Session<'_>, reference: &str, wanted: Part) -> Result<Vec<u8>, Error> {
    let name = ChartReference::parse(reference)?.to_string();
    let reference = Reference::parse(&name)?;
    let repository = Repository::to_pull(session, &reference);
    let root = match reference.tag_or_digest.as_str() {
        "" => Err(Error::refused("invalid reference")),
        tag_or_digest => repository.manifest(tag_or_digest).await,
    };
    let (root, manifest) = root.map_err(|error| error.context(on_source("FetchReference")))?;
    let parts = fetch_parts(&repository, &root, manifest, wanted).await?;
    let content = choose(&parts, wanted, session.events)?;
    (session.events)(Event::Pulled { reference: &name, digest: &root.digest });
    Ok(content)
}

/// A part of an artifact.
struct Fetched {
    descriptor: Descriptor,
    content: Vec<u8>,
}

/// Fetches everything of an artifact that could be wanted: the parts of one manifest at the same time (oras-go: `Copy`).
async fn fetch_parts(
    repository: &Repository<'_>,
    root: &Descriptor,
    manifest: Vec<u8>,
    wanted: Part,
) -> Result<Vec<Fetched>, Error> {
    let mut seen = HashSet::from([root.clone()]);
    let mut found = Vec::new();
    let mut waiting = vec![(root.clone(), manifest, "Successors")];
    while let Some((descriptor, content, step)) = waiting.pop() {
        let parts = descriptor.is_manifest().then(|| descriptor.check(&content));
        let parts = parts.unwrap_or(Ok(())).and_then(|()| descriptor.parts(&content));
        let mut parts = parts.map_err(|error| error.context(on_source(step)))?;
        parts.retain(|part| {
            (part.is_manifest() || is_wanted(&part.media_type, wanted)) && seen.insert(part.clone())
        });
        if seen.len() > MAX_PARTS {
            return Err(Error::refused(format!("the artifact has more than {MAX_PARTS} parts")));
        }
        let contents = at_once(parts.iter().map(|part| repository.fetch(part)).collect()).await;
        for (part, content) in parts.into_iter().zip(contents) {
            let step = if part.is_manifest() { "FindSuccessors" } else { "Fetch" };
            let content = content.map_err(|error| error.context(on_source(step)))?;
            if part.is_manifest() {
                waiting.push((part, content, step));
                continue;
            }
            part.check(&content)
                .map_err(|error| error.context("failed to perform \"Push\" on destination"))?;
            found.push(Fetched { descriptor: part, content });
        }
        if matches!(descriptor.media_type.as_str(), IMAGE_MANIFEST | IMAGE_INDEX) {
            found.push(Fetched { descriptor, content });
        }
    }
    Ok(found)
}

fn on_source(step: &str) -> String {
    format!("failed to perform \"{step}\" on source")
}

fn is_wanted(media_type: &str, wanted: Part) -> bool {
    match media_type {
        CONFIG => true,
        ARCHIVE | OLD_ARCHIVE => wanted == Part::Archive,
        SIGNATURE => wanted == Part::Signature,
        _ => false,
    }
}

/// Takes the part that is wanted, if the whole is a chart (`Client.processChartPull`).
fn choose(parts: &[Fetched], wanted: Part, events: Events<'_>) -> Result<Vec<u8>, Error> {
    if parts.len() < 2 {
        return Err(Error::refused(format!(
            "manifest does not contain minimum number of descriptors (2), descriptors found: {}",
            parts.len()
        )));
    }
    let last = |media_type: &str| parts.iter().rfind(|part| part.descriptor.media_type == media_type);
    let old = last(OLD_ARCHIVE);
    if old.is_some() {
        events(Event::OldMediaType { media_type: OLD_ARCHIVE });
    }
    let config = last(CONFIG)
        .ok_or_else(|| Error::refused(format!("could not load config with mediatype {CONFIG}")))?;
    let (media_type, found) = match wanted {
        Part::Archive => (ARCHIVE, last(ARCHIVE).or(old)),
        Part::Signature => (SIGNATURE, last(SIGNATURE)),
    };
    let found = found.ok_or_else(|| {
        Error::refused(format!("manifest does not contain a layer with mediatype {media_type}"))
    })?;
    read_object(&config.content, "v2.Metadata")?;
    Ok(found.content.clone())
}

/// A chart that is to be pushed.
#[derive(Debug)]
pub struct Parcel<'a> {
    /// What its `Chart.yaml` says.
    pub metadata: &'a Metadata,
    /// The archive.
    pub archive: Vec<u8>,
    /// The signature, if there is one.
    pub signature: Option<Vec<u8>>,
    /// When the archive was made, as Go's `time.RFC3339` writes it.
    pub created: &'a str,
}

/// Pushes a chart to a repository below a remote, under its own name and version (`OCIPusher.push`, `Client.Push`).
///
/// # Errors
/// When name or version cannot be a reference, or the registry refuses.
pub(crate) async fn push(session: Session<'_>, remote: &str, parcel: Parcel<'_>) -> Result<(), Error> {
    let Parcel { metadata, archive, signature, created } = parcel;
    let folder = remote.strip_prefix(SCHEME).unwrap_or(remote);
    let place = chart::clean(&format!("{folder}/{}", metadata.name));
    let name = ChartReference::parse(&format!("{place}:{}", metadata.version))?.to_string();
    let reference = Reference::parse(&name)?;
    let repository = Repository::to_push(session, &reference);

    let blob =
        |media_type: &str, content: Vec<u8>| (Descriptor::of(media_type, &content), Bytes::from(content));
    let mut fields = Fields::default();
    go_json::push_metadata(&mut fields, metadata);
    let config = blob(CONFIG, go_json::marshal(&fields).into_bytes());
    let mut layers = vec![blob(ARCHIVE, archive)];
    layers.extend(signature.map(|signature| blob(SIGNATURE, signature)));
    layers.sort_by(|(a, _), (b, _)| a.digest.cmp(&b.digest));
    let descriptors = layers.iter().map(|(descriptor, _)| descriptor);
    let manifest = manifest(&config.0, descriptors, &annotations(metadata, created));
    let (root, manifest) = blob(IMAGE_MANIFEST, manifest.into_bytes());

    let on_destination = |step: &str| format!("failed to perform \"{step}\" on destination");
    let exists = |error: Error| error.context(on_destination("Exists"));
    if !repository.has(&root).await.map_err(exists)? {
        let blobs = layers.into_iter().chain([config]).map(|(descriptor, content)| async move {
            if repository.has(&descriptor).await.map_err(exists)? {
                return Ok(());
            }
            let pushed = repository.push_blob(&descriptor, content).await;
            pushed.map_err(|error| error.context(on_destination("Push")))
        });
        at_once(blobs.collect()).await.into_iter().collect::<Result<Vec<()>, Error>>()?;
        let pushed = repository.push_manifest(&root, manifest.clone(), &root.digest).await;
        pushed.map_err(|error| error.context(on_destination("Push")))?;
    }
    let tagged = repository.push_manifest(&root, manifest, &reference.tag_or_digest).await;
    tagged.map_err(|error| error.context(on_destination("Tag")))?;
    (session.events)(Event::Pushed { reference: &name, digest: &root.digest });
    Ok(())
}

/// Returns a manifest as Go writes it.
fn manifest<'d>(
    config: &Descriptor,
    layers: impl Iterator<Item = &'d Descriptor>,
    annotations: &BTreeMap<&str, String>,
) -> String {
    let described = |descriptor: &Descriptor| {
        let mut fields = Fields::default();
        fields.text("mediaType", &descriptor.media_type);
        fields.text("digest", &descriptor.digest);
        fields.push("size", Node::Plain(Json::from(descriptor.size)));
        Node::Object(fields)
    };
    let mut fields = Fields::default();
    fields.push("schemaVersion", Node::Plain(Json::from(2)));
    fields.push("config", described(config));
    fields.push("layers", Node::List(layers.map(described).collect()));
    let mut notes = Fields::default();
    annotations.iter().for_each(|(name, text)| notes.text(name, text));
    fields.push("annotations", Node::Object(notes));
    go_json::marshal(&fields)
}

/// Returns what a manifest says of its chart (pkg/registry/chart.go, generateOCIAnnotations).
fn annotations<'m>(metadata: &'m Metadata, created: &str) -> BTreeMap<&'m str, String> {
    const TITLE: &str = "org.opencontainers.image.title";
    const VERSION: &str = "org.opencontainers.image.version";
    let source = metadata.sources.first().map_or("", String::as_str);
    let mut found: BTreeMap<&str, String> = [
        ("org.opencontainers.image.description", metadata.description.as_str()),
        (TITLE, &metadata.name),
        (VERSION, &metadata.version),
        ("org.opencontainers.image.url", &metadata.home),
        ("org.opencontainers.image.created", created),
        ("org.opencontainers.image.source", source),
        ("org.opencontainers.image.authors", &authors(metadata)),
    ]
    .into_iter()
    .filter(|(_, text)| !text.trim().is_empty())
    .map(|(name, text)| (name, text.to_owned()))
    .collect();
    let own =
        metadata.annotations.iter().flatten().filter(|(name, _)| !matches!(name.as_str(), TITLE | VERSION));
    found.extend(own.map(|(name, text)| (name.as_str(), text.clone())));
    found
}

fn authors(metadata: &Metadata) -> String {
    let author = |maintainer: &chart::Maintainer| match maintainer.email.as_str() {
        "" => maintainer.name.clone(),
        email => format!("{} ({email})", maintainer.name),
    };
    metadata.maintainers.iter().flatten().map(author).collect::<Vec<_>>().join(", ")
}

/// Returns the name of the file that an archive from a registry gets (downloader/chart_downloader.go, DownloadTo).
pub(crate) fn file_name(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once(':').map_or_else(|| name.to_owned(), |(name, tag)| format!("{name}-{tag}.tgz"))
}

/// Takes tag and reference of a dependency apart (downloader/manager.go, parseOCIRef); the tag may be a range.
///
/// # Errors
/// When there is no tag.
pub(crate) fn dependency_reference(url: &str) -> Result<(&str, &str), Error> {
    let parts = Regex::new(r"^(oci://[^:]+(:\d{1,5})?[^:]+):(.*)$").ok().and_then(|form| {
        let found = form.captures(url)?;
        Some((found.get(1)?.as_str(), found.get(3)?.as_str()))
    });
    parts.ok_or_else(|| {
        Error::refused(format!(
            "could not parse OCI reference: improperly formatted oci chart reference: {url}"
        ))
    })
}

/// Returns whether a URL leads to a registry.
pub(crate) fn is_in_registry(parsed: &Url) -> bool {
    parsed.to_text().starts_with(SCHEME.as_bytes())
}

#[cfg(test)]
mod tests {
    use chart::{Maintainer, Metadata};

    use super::{annotations, dependency_reference, file_name, fitting};

    #[test]
    fn a_version_is_taken_as_it_stands_before_it_is_a_range() {
        let tags: Vec<String> = ["1.1.0-rc.1", "1.0.0+b", "0.2.0"].map(str::to_owned).to_vec();
        assert_eq!(fitting(&tags, "").unwrap(), "1.0.0+b");
        assert_eq!(fitting(&tags, ">0.0.0-0").unwrap(), "1.1.0-rc.1");
        assert_eq!(fitting(&tags, "~0.2").unwrap(), "0.2.0");
        let reason = |version: &str| fitting(&tags, version).unwrap_err().to_string();
        assert_eq!(reason(">9"), "could not locate a version matching provided version string >9");
        assert_eq!(reason("latest"), "improper constraint: \"latest\"");
    }

    #[test]
    fn dependencies_have_tags() {
        for (url, parts) in [
            ("oci://h/a/c:1.0.0", ("oci://h/a/c", "1.0.0")),
            ("oci://h:5001/a/c:>=1 <2", ("oci://h:5001/a/c", ">=1 <2")),
            ("oci://127.0.0.1:99999/c:1", ("oci://127.0.0.1:99999/c", "1")),
            ("oci://h/c:", ("oci://h/c", "")),
        ] {
            assert_eq!(dependency_reference(url).unwrap(), parts);
        }
        let error = dependency_reference("oci://h/c").unwrap_err().to_string();
        assert!(error.ends_with("improperly formatted oci chart reference: oci://h/c"), "{error}");
    }

    #[test]
    fn files_are_named_after_chart_and_tag() {
        assert_eq!(file_name("/charts/c:1.0.0+b"), "c-1.0.0+b.tgz");
        assert_eq!(file_name("/charts/c@sha256:ab"), "c@sha256-ab.tgz");
    }

    #[test]
    fn manifests_say_what_charts_say_of_themselves() {
        let mut metadata = Metadata { name: "c".into(), version: "1".into(), ..Metadata::default() };
        let person = |name: &str, email: &str| {
            Some(Maintainer { name: name.into(), email: email.into(), ..Maintainer::default() })
        };
        metadata.maintainers = vec![person("a", "a@x"), person("b", "")];
        let own = [("k".into(), "v".into()), ("org.opencontainers.image.title".into(), "x".into())];
        metadata.annotations = Some(own.into());
        let found = annotations(&metadata, "2026-01-01T00:00:00Z");
        assert_eq!(found["org.opencontainers.image.authors"], "a (a@x), b");
        assert_eq!((found["org.opencontainers.image.title"].as_str(), found["k"].as_str()), ("c", "v"));
        assert!(!found.contains_key("org.opencontainers.image.url"));
    }
}
