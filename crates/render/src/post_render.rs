//! The step between rendering and sorting in which a post-renderer may change every manifest.
//!
//! All files go out as one stream, hooks included, each document with an annotation that names its file; what comes back is
//! sorted into files again (Helm: action.go, annotateAndMerge and splitAndDeannotate).

use std::collections::BTreeMap;

use value::yaml::nodes::{self, Content, Document, Node, ScalarStyle};

use crate::context;
use crate::host::PostRender;

const METADATA: &str = "metadata";
const ANNOTATIONS: &str = "annotations";

/// Names the file that a document comes from.
const FILE_ANNOTATION: &str = "postrenderer.helm.sh/postrender-filename";

/// What kyaml notes in documents while it reads them, and takes away when it writes them (kio/byteio_writer.go).
const READER_ANNOTATIONS: [&str; 3] = [
    "internal.config.kubernetes.io/index",
    "config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
];

/// Pairs of annotations of which kyaml adds the one that is missing (kio/kioutil, CopyLegacyAnnotations).
const TWIN_ANNOTATIONS: [(&str, &str); 2] = [
    ("config.kubernetes.io/path", "internal.config.kubernetes.io/path"),
    ("config.k8s.io/id", "internal.config.kubernetes.io/id"),
];

/// Runs a post-renderer over files and returns the files that come of it.
///
/// # Errors
/// In Helm's words.
pub(crate) fn run(
    files: &BTreeMap<String, String>,
    post_render: &PostRender,
) -> Result<BTreeMap<String, String>, String> {
    let merged = merge(files).map_err(|reason| format!("error merging manifests: {reason}"))?;
    let changed = post_render(merged.as_bytes())
        .map_err(|reason| format!("error while running post render on files: {reason}"))?;
    split(&changed).map_err(|reason| format!("error while parsing post rendered output: {reason}"))
}

fn merge(files: &BTreeMap<String, String>) -> Result<String, String> {
    let mut documents = Vec::new();
    let texts = files.iter().filter(|(path, text)| !context::is_partial(path) && !text.trim().is_empty());
    for (path, text) in texts {
        for part in manifest::split(text) {
            for mut document in read_all(part).map_err(|reason| format!("parsing {path}: {reason}"))? {
                annotate(&mut document.root, FILE_ANNOTATION, path)
                    .map_err(|reason| format!("annotating {path}: {reason}"))?;
                documents.push(document);
            }
        }
    }
    write_all(documents).map_err(|reason| format!("writing merged docs: {reason}"))
}

fn split(stream: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let text = str::from_utf8(stream).map_err(|_| match nodes::read(stream) {
        Err(error) => malformed(&error),
        Ok(_) => "the stream is not UTF-8".to_owned(),
    });
    let documents = text.and_then(read_all).map_err(|reason| format!("error parsing YAML: {reason}"))?;
    let mut by_path: BTreeMap<String, Vec<Document>> = BTreeMap::new();
    for (index, mut document) in documents.into_iter().enumerate() {
        let path = path_of(&document.root).ok_or("getting metadata: missing Resource metadata")?;
        let path = if path.is_empty() { format!("generated-by-postrender-{index}.yaml") } else { path };
        clear_annotation(&mut document.root, FILE_ANNOTATION)
            .map_err(|reason| format!("clearing filename annotation: {reason}"))?;
        by_path.entry(path).or_default().push(document);
    }
    let mut files = BTreeMap::new();
    for (path, documents) in by_path {
        let text = write_all(documents).map_err(|reason| format!("re-writing {path}: {reason}"))?;
        files.insert(path, text);
    }
    Ok(files)
}

/// Returns the path that a document's annotation names; nothing if the document tells nothing about itself.
fn path_of(root: &Node) -> Option<String> {
    let is_told = |name: &&str| root.get(name).is_some_and(|value| !is_empty(value));
    ["apiVersion", "kind", METADATA].iter().find(|name| is_told(name))?;
    let annotations = root.get(METADATA).and_then(|metadata| metadata.get(ANNOTATIONS));
    let path = annotations.and_then(|annotations| annotations.get(FILE_ANNOTATION));
    Some(path.filter(|path| !path.is_null()).and_then(Node::text).unwrap_or_default().to_owned())
}

fn is_empty(node: &Node) -> bool {
    match &node.content {
        Content::Scalar { text, .. } => text.is_empty() || node.is_null(),
        _ => has_no_members(node),
    }
}

/// Reads all documents of a stream as kyaml does (kio/byteio_reader.go): separators are found by lines, empty documents are
/// left out, and a list that stands alone is taken apart.
fn read_all(stream: &str) -> Result<Vec<Document>, String> {
    let stream = stream.replace("\r\n", "\n");
    let parts = split_stream(&stream)?;
    let last = parts.len().saturating_sub(1);
    let mut documents = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let with_break;
        let text = if index == last {
            *part
        } else {
            with_break = format!("{part}\n");
            &with_break
        };
        let document = nodes::read(text.as_bytes()).map_err(|error| malformed(&error))?;
        let Some(mut document) = document.filter(|document| !document.root.is_null()) else { continue };
        prepare(&mut document.root)?;
        match take_items(&mut document.root).filter(|_| last == 0) {
            Some(items) => {
                documents.extend(items.into_iter().map(|root| Document { root, ..Document::default() }));
            }
            None => documents.push(document),
        }
    }
    Ok(documents)
}

fn malformed(error: &value::Error) -> String {
    format!("MalformedYAMLError: {}", error.inner_text())
}

/// Notes what kyaml notes in a document, as far as it outlasts writing.
fn prepare(root: &mut Node) -> Result<(), String> {
    for (old, new) in TWIN_ANNOTATIONS {
        let annotation = |name: &str| {
            let annotations = root.get(METADATA).and_then(|metadata| metadata.get(ANNOTATIONS));
            annotations.and_then(|annotations| annotations.get(name)).and_then(Node::text).map(str::to_owned)
        };
        match (annotation(old), annotation(new)) {
            (None, Some(text)) => annotate(root, old, &text)?,
            (Some(text), None) => annotate(root, new, &text)?,
            _ => {}
        }
    }
    annotate(root, READER_ANNOTATIONS[0], "0")
}

/// Takes the items out of a list.
fn take_items(root: &mut Node) -> Option<Vec<Node>> {
    let kind = root.get("kind").and_then(Node::text)?;
    if !matches!(kind, "List" | "ResourceList") {
        return None;
    }
    let has_function = root.get("functionConfig").is_some();
    match root.get_mut("items") {
        Some(Node { content: Content::Sequence { items, .. }, .. }) => Some(std::mem::take(items)),
        Some(_) => Some(Vec::new()),
        None => has_function.then(Vec::new),
    }
}

/// Splits a stream at lines that begin with `---`, behind which only a comment may stand.
fn split_stream(stream: &str) -> Result<Vec<&str>, String> {
    let mut parts = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(at) = stream[from..].find("\n---").map(|at| from + at) {
        let behind = at + "\n---".len();
        let Some(length) = stream[behind..].find('\n') else { break };
        let rest = stream[behind..behind + length].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(format!("invalid document separator: {}", stream[at..behind + length].trim()));
        }
        parts.push(&stream[start..at]);
        start = behind + length + 1;
        from = start;
    }
    if !stream.is_empty() {
        parts.push(&stream[start..]);
    }
    Ok(parts)
}

fn write_all(mut documents: Vec<Document>) -> Result<String, String> {
    for document in &mut documents {
        for name in READER_ANNOTATIONS {
            clear_annotation(&mut document.root, name)?;
        }
        clear_empty_annotations(&mut document.root)?;
    }
    Ok(nodes::write(&documents))
}

/// Sets an annotation; its mapping is made where there is none.
fn annotate(root: &mut Node, name: &str, text: &str) -> Result<(), String> {
    clear_empty_annotations(root)?;
    let metadata = member(root, METADATA)?;
    let annotations = member(metadata, ANNOTATIONS)?;
    let pairs = pairs_of(annotations)?;
    match pairs.iter_mut().find(|(key, _)| key.text() == Some(name)) {
        Some((_, value)) => {
            let style = match &value.content {
                Content::Scalar { style, .. } => *style,
                _ => ScalarStyle::Plain,
            };
            *value = Node::scalar(text, style);
        }
        None => pairs.push((
            Node::scalar(name, ScalarStyle::Plain),
            // Some tools take an annotation without quotes for a number.
            Node::scalar(text, ScalarStyle::SingleQuoted),
        )),
    }
    Ok(())
}

/// Returns a mapping's member, which is made where there is none.
fn member<'n>(parent: &'n mut Node, name: &str) -> Result<&'n mut Node, String> {
    let pairs = pairs_of(parent)?;
    let index = pairs.iter().position(|(key, _)| key.text() == Some(name)).unwrap_or_else(|| {
        pairs.push((Node::scalar(name, ScalarStyle::Plain), Node::mapping()));
        pairs.len() - 1
    });
    Ok(&mut pairs[index].1)
}

fn pairs_of(node: &mut Node) -> Result<&mut Vec<(Node, Node)>, String> {
    if node.pairs().is_none() {
        return Err(wrong_kind(node));
    }
    node.pairs_mut().ok_or_else(String::new)
}

fn wrong_kind(node: &Node) -> String {
    let kind = match node.content {
        Content::Scalar { .. } => "ScalarNode",
        Content::Alias(_) => "AliasNode",
        Content::Sequence { .. } => "SequenceNode",
        Content::Mapping { .. } => "MappingNode",
    };
    let text = nodes::write(&[Document { root: node.clone(), ..Document::default() }]);
    format!("wrong node kind: expected MappingNode but got {kind}: node contents:\n{text}")
}

fn clear_annotation(root: &mut Node, name: &str) -> Result<(), String> {
    if root.pairs().is_none() {
        return Err(wrong_kind(root));
    }
    let Some(metadata) = root.get_mut(METADATA).filter(|metadata| !metadata.is_null()) else { return Ok(()) };
    if metadata.pairs().is_none() {
        return Err(wrong_kind(metadata));
    }
    let Some(annotations) = metadata.get_mut(ANNOTATIONS).filter(|node| !node.is_null()) else {
        return Ok(());
    };
    pairs_of(annotations)?.retain(|(key, _)| key.text() != Some(name));
    Ok(())
}

/// Removes annotations and metadata that hold nothing.
fn clear_empty_annotations(root: &mut Node) -> Result<(), String> {
    if root.pairs().is_none() {
        return Err(wrong_kind(root));
    }
    if let Some(metadata) = root.get_mut(METADATA).filter(|metadata| !metadata.is_null()) {
        if metadata.pairs().is_none() {
            return Err(wrong_kind(metadata));
        }
        remove_empty(metadata, ANNOTATIONS);
    }
    remove_empty(root, METADATA);
    Ok(())
}

fn remove_empty(parent: &mut Node, name: &str) {
    if let Some(pairs) = parent.pairs_mut()
        && let Some(index) =
            pairs.iter().position(|(key, value)| key.text() == Some(name) && has_no_members(value))
    {
        pairs.remove(index);
    }
}

/// Returns whether a node has nothing in it, which is true of scalars too.
fn has_no_members(node: &Node) -> bool {
    match &node.content {
        Content::Sequence { items, .. } => items.is_empty(),
        Content::Mapping { pairs, .. } => pairs.is_empty(),
        _ => true,
    }
}
