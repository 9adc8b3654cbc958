//! Charts to manifests: templates parsed once, executed, split into documents, sorted.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use chart::Chart;
use gotmpl::{MissingKey, Options, TemplateSet};
use manifest::{Document, Head, Hook, KindOrder, ManifestSet};
use value::{Map, Str, Value};

use crate::Capabilities;
use crate::ahead::Ahead;
use crate::context::{self, Renderable};
use crate::error::{Error, ErrorKind, execution_error, parse_error};
use crate::functions;
use crate::host::Host;
use crate::log::Log;
use crate::post_render;
use crate::release::Release;

/// From this size on a rendered text is handed over with its buffer; smaller ones are copied and the buffer is used again.
const LARGE_TEXT_BYTES: usize = 1 << 16;

/// The ending of files that hold notes to the user.
const NOTES: &str = "NOTES.txt";

/// What to render.
pub struct Request<'a> {
    /// The chart after its dependencies were processed.
    pub chart: &'a Chart,
    /// The coalesced values.
    pub values: &'a Map,
    /// The release it is for.
    pub release: &'a Release,
    /// What the cluster can do.
    pub capabilities: &'a Capabilities,
    /// Whether notes of subcharts count too.
    pub with_subchart_notes: bool,
    /// Whether missing values are logged and not fatal, as `lint` wants it.
    pub is_lint: bool,
    /// Whether a reference to a missing key is an error.
    pub is_strict: bool,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The documents in order (definitions in `crds/` are not rendered and stay with the chart).
    pub set: ManifestSet,
    /// The notes.
    pub notes: String,
    /// Log lines in Helm's form.
    pub log: Vec<String>,
    /// What the documents were made with.
    pub executed: Executed,
}

/// The templates that were executed: many small values, which whoever ends soon need not drop.
#[derive(Default)]
pub struct Executed(
    #[expect(dead_code, reason = "it is held so that it is not dropped")] Option<TemplateSet>,
);

impl std::fmt::Debug for Executed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Executed")
    }
}

/// Why rendering failed, with what there is to show for it.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// The rendered files by path, when the failure is in them: with `--debug` the user sees them.
    pub files: BTreeMap<String, String>,
    /// The hooks that were read before the failure: Helm shows them once more.
    pub hooks: Vec<Hook>,
    /// Log lines in Helm's form.
    pub log: Vec<String>,
}

/// Renders a chart; some of its templates may have been parsed ahead.
///
/// # Errors
/// Template errors, unsuitable Kubernetes versions, and documents that are not YAML.
pub fn render(
    request: &Request<'_>,
    host: &Host,
    ahead: Option<Ahead<'_, '_>>,
) -> Result<Rendered, Box<Failure>> {
    let log = Log::default();
    let fail = |error, files| Box::new(Failure { error, files, hooks: Vec::new(), log: log.take() });
    check_kube_version(request).map_err(|error| fail(error, BTreeMap::new()))?;
    let Texts { mut files, mut flaws, executed } =
        texts(request, host, &log, ahead).map_err(|error| fail(error, BTreeMap::new()))?;
    let notes = take_notes(&mut files, request);
    if let Some(post_render) = &host.post_render {
        files = post_render::run(&files, &**post_render)
            .map_err(|reason| fail(ErrorKind::PostRender(reason).into(), BTreeMap::new()))?;
        flaws.clear();
    }
    let mut heads = Vec::with_capacity(files.len());
    match read_heads(&files, &flaws, &mut heads) {
        Ok(()) => Ok(Rendered { set: sort(files, heads, &log), notes, log: log.take(), executed }),
        Err(error) => {
            // The manifests before it are sorted for what Helm logs of them.
            let hooks = sort(files.clone(), heads, &log).hooks;
            Err(Box::new(Failure { hooks, ..*fail(error, files) }))
        }
    }
}

fn check_kube_version(request: &Request<'_>) -> Result<(), Error> {
    let required = request.chart.metadata.kube_version.as_str();
    let present = &request.capabilities.kube_version;
    if required.is_empty() || chart::is_compatible_range(required, &present.normalized) {
        return Ok(());
    }
    Err(ErrorKind::KubeVersion { required: required.to_owned(), present: present.version.clone() }.into())
}

/// What templates rendered.
#[derive(Default)]
pub(crate) struct Texts {
    /// The texts by path; what is not UTF-8 in them is replaced.
    pub(crate) files: BTreeMap<String, String>,
    /// What the reader of YAML says of texts that are not UTF-8.
    pub(crate) flaws: BTreeMap<String, String>,
    /// The templates.
    executed: Executed,
}

/// Renders every template of a chart to text; `NOTES.txt` included, partials left out.
pub(crate) fn texts(
    request: &Request<'_>,
    host: &Host,
    log: &Log,
    ahead: Option<Ahead<'_, '_>>,
) -> Result<Texts, Error> {
    let mut renderables =
        context::renderables(request.chart, request.values, request.release, request.capabilities);
    sort_for_parsing(&mut renderables);
    let missing_key = if request.is_strict { MissingKey::Error } else { MissingKey::Zero };
    let options = Options { missing_key, ..Options::default() };
    let mut set = TemplateSet::new("gotpl", functions::table(host, log, request.is_lint), options);
    crate::values_methods::add(&mut set);
    let templates: Vec<(&str, Str)> =
        renderables.iter().map(|renderable| (&*renderable.path, renderable.file.data.clone())).collect();
    set.parse_rest(&templates, ahead.and_then(Ahead::into_parsed)).map_err(|error| parse_error(&error))?;
    let mut rendered = Texts::default();
    let mut out = Vec::new();
    for renderable in renderables.iter().filter(|renderable| !context::is_partial(&renderable.path)) {
        let template: Map = [
            ("Name", Value::string(renderable.path.as_str())),
            ("BasePath", Value::string(&*renderable.base_path)),
        ]
        .into_iter()
        .collect();
        renderable.context.insert("Template", Value::Map(template.as_values()));
        out.clear();
        out.reserve(renderable.file.data.len());
        set.execute(&renderable.path, &Value::Map(renderable.context.clone()), &mut out)
            .map_err(|error| execution_error(&error))?;
        let (text, flaw) = take_text(&renderable.path, &mut out);
        if let Some(flaw) = flaw {
            rendered.flaws.insert(renderable.path.clone(), flaw);
        }
        rendered.files.insert(renderable.path.clone(), text);
    }
    rendered.executed = Executed(Some(set));
    Ok(rendered)
}

/// Takes over the rendered bytes. What is not UTF-8 is replaced, since documents are text from here on; of a manifest
/// with such bytes there is also what the reader of YAML says.
fn take_text(path: &str, out: &mut Vec<u8>) -> (String, Option<String>) {
    if functions::has_no_value(out) {
        let flaw = if std::str::from_utf8(out).is_err() { flaw(path, out) } else { None };
        return (functions::without_no_value(Str::from(&**out)).to_string_lossy(), flaw);
    }
    if out.len() < LARGE_TEXT_BYTES {
        return match value::go_lossy(out) {
            Cow::Borrowed(text) => (text.to_owned(), None),
            Cow::Owned(text) => (text, flaw(path, out)),
        };
    }
    match String::from_utf8(std::mem::take(out)) {
        Ok(text) => (text, None),
        Err(error) => {
            let bytes = error.as_bytes();
            (value::go_lossy(bytes).into_owned(), flaw(path, bytes))
        }
    }
}

/// Returns what the reader of YAML says of a manifest.
fn flaw(path: &str, bytes: &[u8]) -> Option<String> {
    if path.ends_with(NOTES) {
        return None;
    }
    value::yaml::check(bytes).err().map(|error| error.to_string())
}

/// Sorts deepest paths first and, within a depth, the greatest name first, so that a parent's definition of a template
/// replaces a subchart's (Helm: engine.go, sortTemplates). Of equal paths the last stays, as in Helm's map.
fn sort_for_parsing(renderables: &mut Vec<Renderable>) {
    let depth = |path: &str| path.bytes().filter(|byte| *byte == b'/').count();
    renderables.reverse();
    renderables.sort_by_cached_key(|renderable| Reverse((depth(&renderable.path), renderable.path.clone())));
    renderables.dedup_by(|later, earlier| later.path == earlier.path);
}

/// Takes the notes out of the files (Helm: action.go, renderResources).
fn take_notes(files: &mut BTreeMap<String, String>, request: &Request<'_>) -> String {
    let own = format!("{}/templates/{NOTES}", request.chart.name());
    let paths: Vec<String> = files.keys().filter(|path| path.ends_with(NOTES)).cloned().collect();
    let mut notes = String::new();
    for path in paths {
        let text = files.remove(&path).unwrap_or_default();
        if request.with_subchart_notes || path == own {
            if !notes.is_empty() {
                notes.push('\n');
            }
            notes.push_str(&text);
        }
    }
    notes
}

/// A document of a rendered file: where it stands there, and what it describes.
struct Part {
    range: Range<usize>,
    head: Head,
}

/// From how many bytes of manifests on the second half is read on a thread of its own.
const SHARED_BYTES: usize = 256 << 10;

/// The stack of that thread: documents may be deep.
const STACK_BYTES: usize = 256 << 20;

/// What a file holds: its documents up to the first that cannot be read, and what is wrong with that.
type Outcome = (Vec<Part>, Option<String>);

/// Splits files into documents and reads what each describes, file by file (Helm: manifest_sorter.go, SortManifests).
/// After an error `heads` holds what was read before it.
fn read_heads(
    files: &BTreeMap<String, String>,
    flaws: &BTreeMap<String, String>,
    heads: &mut Vec<Vec<Part>>,
) -> Result<(), Error> {
    for ((path, _), outcome) in files.iter().zip(read_all(files)) {
        let problem = |problem| Error::from(ErrorKind::Manifest { path: path.to_owned(), problem });
        if let Some(flaw) = flaws.get(path) {
            return Err(problem(flaw.clone()));
        }
        let (parts, flaw) = outcome;
        heads.push(parts);
        if let Some(flaw) = flaw {
            return Err(problem(flaw));
        }
    }
    Ok(())
}

/// Reads all files, those behind the middle at the same time as those before it where that is worth a thread.
fn read_all(files: &BTreeMap<String, String>) -> Vec<Outcome> {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let read = |files: &[(&str, &str)]| -> Vec<Outcome> {
        files.iter().map(|(path, text)| read_parts(path, text)).collect()
    };
    let total: usize = files.iter().map(|(_, text)| text.len()).sum();
    if total < SHARED_BYTES {
        return read(&files);
    }
    let (first, second) = files.split_at(middle(&files, total));
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
        let other = builder.spawn_scoped(scope, || read(second));
        let mut outcomes = read(first);
        match other.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(more)) => outcomes.extend(more),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => outcomes.extend(read(second)),
        }
        outcomes
    })
}

/// Returns how many files have half of the bytes.
fn middle(files: &[(&str, &str)], total: usize) -> usize {
    let mut before = 0;
    let is_before = |(_, text): &&(&str, &str)| {
        before += text.len();
        before - text.len() / 2 <= total / 2
    };
    files.iter().take_while(is_before).count()
}

fn read_parts(path: &str, text: &str) -> Outcome {
    let mut parts = Vec::new();
    if context::is_partial(path) || text.trim().is_empty() {
        return (parts, None);
    }
    for content in manifest::split(text) {
        match head(content) {
            Ok(head) => {
                let start = content.as_ptr() as usize - text.as_ptr() as usize;
                parts.push(Part { range: start..start + content.len(), head });
            }
            Err(problem) => return (parts, Some(problem)),
        }
    }
    (parts, None)
}

/// Sorts the documents of files. A file's text becomes that of its last document, which for most is the only one.
fn sort(files: BTreeMap<String, String>, heads: Vec<Vec<Part>>, log: &Log) -> ManifestSet {
    let mut documents = Vec::with_capacity(heads.iter().map(Vec::len).sum());
    for ((path, mut text), mut parts) in files.into_iter().zip(heads) {
        let last = parts.pop();
        for Part { range, head } in parts {
            documents.push(Document::new(path.as_str(), text.get(range).unwrap_or_default(), head));
        }
        if let Some(Part { range, head }) = last {
            text.truncate(range.end);
            text.drain(..range.start);
            documents.push(Document::new(path, text, head));
        }
    }
    let set = ManifestSet::from_documents(documents, KindOrder::Install);
    for types in &set.unknown_hooks {
        log.info("skipping unknown hooks", &[("hookTypes", types.as_bytes())]);
    }
    set
}

fn head(document: &str) -> Result<Head, String> {
    let head = value::yaml::head(document.as_bytes()).map_err(|error| error.to_string())?;
    let metadata = head.metadata.unwrap_or_default();
    Ok(Head {
        api_version: head.api_version,
        kind: head.kind,
        name: metadata.name,
        namespace: metadata.namespace,
        annotations: metadata.annotations,
    })
}
