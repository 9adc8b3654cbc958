//! Charts on disk: the one module of this crate that reads files.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use value::Str;

use crate::archive::Packed;
use crate::ignore::Rules;
use crate::read_ahead::{Meanwhile, ReadAhead};
use crate::{Chart, Error, ErrorKind, File, Warning, archive, chart, decode, load, metadata, schema};

/// How many links one path may lead through (`filepath.EvalSymlinks`).
const MAX_LINKS: usize = 255;

/// Loads a chart from a directory or an archive (Helm's `loader.Load`).
///
/// # Errors
/// In Helm's words; warnings found before the error stay in the list.
pub fn load(path: &str, warnings: &mut Vec<Warning>) -> Result<Chart, Error> {
    load_while(path, warnings, &mut ())
}

/// As [`load`], with something to do while an archive is being decompressed.
///
/// # Errors
/// As [`load`].
pub fn load_while(
    path: &str,
    warnings: &mut Vec<Warning>,
    meanwhile: &mut dyn Meanwhile,
) -> Result<Chart, Error> {
    let about = fs::metadata(path).map_err(|error| file_error("stat", path, &error))?;
    if about.is_dir() {
        return load_directory(path, warnings);
    }
    let packed = open_archive(path)?;
    from_packed(packed, warnings, meanwhile).map_err(|error| in_file(path, error))
}

/// As [`load`], but whatever API version `Chart.yaml` names: `show` and `lint` do not ask (Helm: chart/v2/loader).
///
/// # Errors
/// As [`load`].
pub fn load_any_version(path: &str, warnings: &mut Vec<Warning>) -> Result<Chart, Error> {
    let about = fs::metadata(path).map_err(|error| file_error("stat", path, &error))?;
    if about.is_dir() {
        let files = read_directory(&absolute(path)?, warnings)?;
        return load::from_files(files, warnings);
    }
    let bytes = read(path)?;
    archive::check_is_archive(path, &bytes)?;
    let loaded = archive::read(&bytes.into()).and_then(|files| load::from_files(files, warnings));
    loaded.map_err(|error| in_file(path, error))
}

/// Names the file that has a wrong gzip header, its own or that of a subchart.
fn in_file(path: &str, error: Error) -> Error {
    if !is_gzip_header(&error) {
        return error;
    }
    ErrorKind::NotGzip { path: path.to_owned(), details: error.full_text() }.into()
}

fn is_gzip_header(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::GzipHeader => true,
        ErrorKind::Subchart { source, .. } => is_gzip_header(source),
        _ => false,
    }
}

/// Loads a chart from a directory (`loader.LoadDir`).
///
/// # Errors
/// As [`load`].
pub fn load_directory(path: &str, warnings: &mut Vec<Warning>) -> Result<Chart, Error> {
    let directory = absolute(path)?;
    let chart_file = format!("{directory}/Chart.yaml");
    let text = read(&chart_file).map_err(|source| ErrorKind::NoChartFile { path: chart_file, source })?;
    check_version(&text)?;
    let files = read_directory(&directory, warnings)?;
    load::from_files(files, warnings)
}

/// Loads a chart from an archive (`loader.LoadFile`).
///
/// # Errors
/// As [`load`]. Helm keeps the reason to itself when the archive, not the chart in it, is broken.
pub fn load_archive(path: &str, warnings: &mut Vec<Warning>) -> Result<Chart, Error> {
    let packed = open_archive(path)?;
    from_packed(packed, warnings, &mut ()).map_err(|error| in_file(path, error))
}

/// Opens an archive; what does not begin like one is not read to its end, which a device may not have.
fn open_archive(path: &str) -> Result<Rc<dyn Packed>, Error> {
    /// How much of a file tells its type (`http.DetectContentType`).
    const HEAD_SIZE_BYTES: u64 = 512;
    let mut file = fs::File::open(path).map_err(|error| file_error("open", path, &error))?;
    let mut bytes = Vec::new();
    let failed = |error: io::Error| file_error("read", path, &error);
    file.by_ref().take(HEAD_SIZE_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    archive::check_is_archive(path, &bytes)?;
    let about = file.metadata().map_err(|error| file_error("stat", path, &error))?;
    if about.is_file() {
        return Ok(Rc::new(PackedFile { file, size: about.len() }));
    }
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(Rc::new(Str::from(bytes)))
}

/// An archive on disk, which stays where it is when another takes its name.
struct PackedFile {
    file: fs::File,
    /// In bytes.
    size: u64,
}

impl Packed for PackedFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn open_at(&self, from_end: Option<u64>) -> io::Result<Box<dyn BufRead + Send + '_>> {
        /// How much is read at a time.
        const BUFFER_BYTES: usize = 64 << 10;
        let start = from_end.map_or(0, |count| self.size.saturating_sub(count));
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        let rest = usize::try_from(self.size - start).unwrap_or(usize::MAX);
        Ok(Box::new(BufReader::with_capacity(rest.clamp(1, BUFFER_BYTES), file)))
    }
}

/// Loads a chart from an archive's bytes. Pure.
///
/// # Errors
/// As [`load_archive`].
pub fn from_archive(archive: impl Into<Str>, warnings: &mut Vec<Warning>) -> Result<Chart, Error> {
    from_packed(Rc::new(archive.into()), warnings, &mut ())
}

fn from_packed(
    archive: Rc<dyn Packed>,
    warnings: &mut Vec<Warning>,
    meanwhile: &mut dyn Meanwhile,
) -> Result<Chart, Error> {
    let mut ahead = ReadAhead::new(meanwhile);
    let files = archive::read_while(archive, &mut ahead).map_err(|error| match error.kind() {
        ErrorKind::GzipHeader => error,
        _ => Error::refused("unable to load chart archive"),
    })?;
    let values = ahead.into_values();
    let chart_file = files.iter().find(|file| &*file.name == "Chart.yaml").ok_or(ErrorKind::NoVersion)?;
    check_version(&chart_file.data)?;
    load::from_read_files(files, values, warnings)
}

/// Checks that the API version is one that Helm loads. (Version 3 loads and is refused later by what is done with it.)
fn check_version(chart_file: &[u8]) -> Result<(), Error> {
    let version = decode::api_version(chart_file).map_err(load::in_document("Chart.yaml"))?;
    match version.as_str() {
        "" | metadata::API_VERSION_V1 | metadata::API_VERSION_V2 | metadata::API_VERSION_V3 => Ok(()),
        _ => Err(ErrorKind::UnsupportedVersion.into()),
    }
}

/// Reads the files of a chart's directory, those left out by `.helmignore` excepted, in the order of their paths.
///
/// # Errors
/// When something cannot be read, is no regular file, or is larger than a chart's file may be.
pub fn read_directory(directory: &str, warnings: &mut Vec<Warning>) -> Result<Vec<File>, Error> {
    let rules = rules(directory)?;
    let remaining = archive::MAX_CHART_SIZE_BYTES;
    let mut walk = Walk { root: directory, rules, files: Vec::new(), remaining, warnings };
    walk.entries(Path::new(directory), "")?;
    Ok(walk.files)
}

fn rules(directory: &str) -> Result<Rules, Error> {
    let path = format!("{directory}/.helmignore");
    let mut rules = match fs::metadata(&path) {
        Ok(_) => Rules::parse(&read(&path)?)?,
        Err(_) => Rules::default(),
    };
    rules.add_defaults();
    Ok(rules)
}

struct Walk<'a> {
    root: &'a str,
    rules: Rules,
    files: Vec<File>,
    remaining: u64,
    warnings: &'a mut Vec<Warning>,
}

impl Walk<'_> {
    /// Walks a directory's entries sorted by name; `inner` is its path below the chart (Helm's `sympath.Walk`).
    ///
    /// The paths on disk stay as the system has them: a name need not be UTF-8.
    fn entries(&mut self, directory: &Path, inner: &str) -> Result<(), Error> {
        let failed = |operation, error| file_error(operation, &directory.to_string_lossy(), &error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(directory).map_err(|error| failed("open", error))? {
            let entry = entry.map_err(|error| failed("readdirent", error))?;
            entries.push((entry.file_name(), entry));
        }
        entries.sort_by(|a, b| a.0.as_encoded_bytes().cmp(b.0.as_encoded_bytes()));
        for (name, entry) in entries {
            let name = name.to_string_lossy();
            let inner = if inner.is_empty() { name.to_string() } else { format!("{inner}/{name}") };
            self.entry(&entry, &inner)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &fs::DirEntry, inner: &str) -> Result<(), Error> {
        let failed = |error| file_error("lstat", &format!("{}/{inner}", self.root), &error);
        // Mostly known from the listing; nothing else is asked about a directory.
        if entry.file_type().map_err(failed)?.is_dir() {
            return self.directory(&entry.path(), inner);
        }
        let about = entry.metadata().map_err(failed)?;
        if !about.is_symlink() {
            return self.visit(&entry.path(), inner, &about);
        }
        let path = format!("{}/{inner}", self.root);
        let resolved =
            resolve(&entry.path()).map_err(|source| ErrorKind::Symlink { path: path.clone(), source })?;
        let target = resolved.to_string_lossy().into_owned();
        self.warnings.push(Warning::SymbolicLink { path: path.clone(), resolved: target.clone() });
        let about = fs::symlink_metadata(&resolved).map_err(|error| file_error("lstat", &target, &error))?;
        self.visit(&entry.path(), inner, &about)
    }

    fn directory(&mut self, path: &Path, inner: &str) -> Result<(), Error> {
        if self.rules.is_ignored(inner, true, self.warnings) { Ok(()) } else { self.entries(path, inner) }
    }

    fn visit(&mut self, path: &Path, inner: &str, about: &fs::Metadata) -> Result<(), Error> {
        if about.is_dir() {
            return self.directory(path, inner);
        }
        if self.rules.is_ignored(inner, false, self.warnings) {
            return Ok(());
        }
        if !about.is_file() {
            return Err(Error::refused(format!(
                "cannot load irregular file {} as it has file mode type bits set",
                path.display()
            )));
        }
        let reading = |source| ErrorKind::Reading { name: inner.to_owned(), source };
        self.remaining = self.remaining.checked_sub(about.len()).ok_or_else(|| {
            let limit = archive::MAX_CHART_SIZE_BYTES;
            reading(Error::refused(format!("chart exceeds maximum decompressed size of {limit} bytes")))
        })?;
        let bytes = read_sized(path, about.len()).map_err(reading)?;
        let data = archive::without_mark_of(bytes);
        self.files.push(File { name: Rc::from(inner), data, modified: about.modified().ok() });
        Ok(())
    }
}

/// Returns the file a link leads to at the end, without links in its path (`filepath.EvalSymlinks`).
fn resolve(path: &Path) -> Result<PathBuf, Error> {
    // The system gives up after fewer links than Go does, and does not say where.
    fs::canonicalize(path).or_else(|_| resolve_by_hand(path))
}

fn resolve_by_hand(path: &Path) -> Result<PathBuf, Error> {
    let mut done = PathBuf::from("/");
    let mut todo = elements(path);
    let mut links = 0;
    while let Some(name) = todo.pop() {
        if name == ".." {
            done.pop();
            continue;
        }
        let next = done.join(&name);
        let failed = |error| file_error("lstat", &next.to_string_lossy(), &error);
        if !fs::symlink_metadata(&next).map_err(failed)?.is_symlink() {
            done = next;
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(Error::refused("EvalSymlinks: too many links"));
        }
        let target = fs::read_link(&next).map_err(failed)?;
        if target.is_absolute() {
            done = PathBuf::from("/");
        }
        todo.extend(elements(&target));
    }
    Ok(done)
}

/// Returns a path's elements, the last first.
fn elements(path: &Path) -> Vec<std::ffi::OsString> {
    use std::path::Component;
    let wanted = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    let mut names: Vec<_> = path.components().filter_map(wanted).collect();
    names.reverse();
    names
}

/// Returns what stands at a path, links followed; the error is Go's `stat …: no such file or directory`.
///
/// # Errors
/// When the system refuses.
pub fn stat(path: &str) -> Result<fs::Metadata, Error> {
    fs::metadata(path).map_err(|error| file_error("stat", path, &error))
}

/// Returns the absolute, clean form of a path (`filepath.Abs`).
///
/// # Errors
/// When there is no working directory.
pub fn absolute(path: &str) -> Result<String, Error> {
    if path.starts_with('/') {
        return Ok(chart::clean(path));
    }
    let here = std::env::current_dir().map_err(|error| file_error("getwd", "", &error))?;
    Ok(chart::clean(&format!("{}/{path}", here.to_string_lossy())))
}

/// Unpacks a chart's archive below a directory and returns the chart's own directory there (`chartutil.Expand`).
///
/// # Errors
/// When it is no archive, names no chart, or cannot be written.
pub fn expand(archive: &str, directory: &str) -> Result<String, Error> {
    let files = archive::read(&read(archive)?.into())?;
    let mut name = String::new();
    // An archive may have the file more than once; the last one counts, and all must be readable.
    for file in files.iter().filter(|file| &*file.name == "Chart.yaml") {
        name = decode::read_metadata(&file.data).map_err(load::in_document("Chart.yaml"))?.name;
    }
    let quoted = value::gofmt::quoted(name.as_bytes());
    if name.is_empty() {
        return Err(Error::refused("chart name not specified"));
    }
    if name == "." || name == ".." {
        return Err(Error::refused(format!("chart name {quoted} is not allowed")));
    }
    if name.contains('/') {
        return Err(Error::refused(format!("chart name {quoted} must not contain path separators")));
    }
    let root = format!("{directory}/{name}");
    for file in &files {
        // The archive's reader let no path through that leads out of the chart.
        let path = format!("{root}/{}", file.name);
        if let Some(parent) = Path::new(&path).parent() {
            fs::create_dir_all(parent)
                .map_err(|error| file_error("mkdir", &parent.to_string_lossy(), &error))?;
        }
        fs::write(&path, &*file.data).map_err(|error| file_error("open", &path, &error))?;
    }
    Ok(root)
}

/// Reads a file; the error is Go's `open …: no such file or directory`.
///
/// # Errors
/// When the system refuses.
pub fn read(path: &str) -> Result<Vec<u8>, Error> {
    let mut file = fs::File::open(path).map_err(|error| file_error("open", path, &error))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| file_error("read", path, &error))?;
    Ok(bytes)
}

/// Reads the documents on disk that schemas refer to; those elsewhere are refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct SchemaFiles;

impl schema::Loader for SchemaFiles {
    fn load(&self, url: &str) -> Result<Vec<u8>, String> {
        match schema::file_path(url) {
            Some(path) => read(&path).map_err(|error| error.full_text()),
            None => Err(format!("schemas behind URLs are not available yet: {url}")),
        }
    }
}

/// Reads a file that has so many bytes, with as few questions to the system as can be: charts have many small ones.
fn read_sized(path: &Path, size: u64) -> Result<Vec<u8>, Error> {
    let failed = |operation, error| file_error(operation, &path.to_string_lossy(), &error);
    let file = fs::File::open(path).map_err(|error| failed("open", error))?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    // Some systems do not know sizes, and say zero.
    let limit = if size == 0 { u64::MAX } else { size };
    file.take(limit).read_to_end(&mut bytes).map_err(|error| failed("read", error))?;
    Ok(bytes)
}

/// Returns an error in the words of Go's `PathError`.
pub fn file_error(operation: &'static str, path: &str, error: &io::Error) -> Error {
    ErrorKind::File { operation, path: path.to_owned(), reason: go_reason(error) }.into()
}

/// Returns what the system says, as Go words it: `no such file or directory`, not `No such file or directory (os error 2)`.
pub fn go_reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut reason = String::with_capacity(text.len());
    let mut chars = text.chars();
    reason.extend(chars.next().map(|c| c.to_ascii_lowercase()));
    reason.push_str(chars.as_str());
    reason
}
