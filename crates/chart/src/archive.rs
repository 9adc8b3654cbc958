//! A chart archive (gzipped tar) to its files, with Helm's limits and path rules, in one pass that keeps only what rendering
//! reads. Pure.

mod fault;
mod gunzip;
mod header;
mod inflater;
mod members;
mod pax;
mod sparse;
mod unpack;

use std::cell::{Cell, OnceCell};
use std::io::{self, BufRead};
use std::ops::Range;
use std::rc::Rc;

use value::Str;

use self::fault::Fault;
use self::gunzip::Gunzip;
use self::unpack::{Contents, Taker, Unpacked};
use crate::{Error, ErrorKind, File, chart, go_text};

/// How many bytes all files of an archive may have together (`MaxDecompressedChartSize`).
pub const MAX_CHART_SIZE_BYTES: u64 = 100 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const GZIP_MAGIC: &[u8] = b"\x1F\x8B\x08";

/// The bytes of an archive, which may be read more than once.
pub(crate) trait Packed {
    /// Returns how many bytes there are.
    fn size(&self) -> u64;

    /// Begins with the first byte, or as far before the end as is told. One reader is done with before the next begins.
    ///
    /// # Errors
    /// When the system refuses.
    fn open_at(&self, from_end: Option<u64>) -> io::Result<Box<dyn BufRead + Send + '_>>;

    /// Begins with the first byte.
    ///
    /// # Errors
    /// When the system refuses.
    fn open(&self) -> io::Result<Box<dyn BufRead + Send + '_>> {
        self.open_at(None)
    }
}

impl Packed for Str {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn open_at(&self, from_end: Option<u64>) -> io::Result<Box<dyn BufRead + Send + '_>> {
        let bytes = self.as_bytes();
        let start = from_end.map_or(0, |count| self.size().saturating_sub(count));
        Ok(Box::new(bytes.get(usize::try_from(start).unwrap_or(usize::MAX)..).unwrap_or_default()))
    }
}

/// Reads the files of an archive; their names lose the first element (Helm's `LoadArchiveFiles`). What is hardly ever
/// read is decompressed once more when it is.
///
/// # Errors
/// When it is not a gzipped tar, breaks a size limit, has a path that leads out of it, or has no file.
pub fn read(archive: &Str) -> Result<Vec<File>, Error> {
    read_while(Rc::new(archive.clone()), &mut ())
}

/// What sees the files of an archive while the rest, which may turn out to be broken, is still being decompressed.
pub(crate) trait Watcher {
    fn found(&mut self, file: &File);

    /// Does a piece of work while there is no file, and returns whether there was any.
    fn work(&mut self) -> bool;
}

impl Watcher for () {
    fn found(&mut self, _: &File) {}

    fn work(&mut self) -> bool {
        false
    }
}

/// As [`read`], with somebody who sees the files before all are there.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_while(archive: Rc<dyn Packed>, watcher: &mut dyn Watcher) -> Result<Vec<File>, Error> {
    let again = Rc::new(Again { archive: archive.clone(), end: Cell::new(0), stream: OnceCell::new() });
    let mut reading = Reading { again, files: Vec::new(), watcher };
    unpack::each(&*archive, &mut reading)?;
    if reading.files.is_empty() {
        return Err(Error::refused("no files in chart archive"));
    }
    Ok(reading.files)
}

/// Gathers the files of an archive.
struct Reading<'w> {
    again: Rc<Again>,
    files: Vec<File>,
    watcher: &'w mut dyn Watcher,
}

impl Taker for Reading<'_> {
    fn take(&mut self, unpacked: Unpacked) {
        let file = self.again.file(unpacked);
        self.watcher.found(&file);
        self.files.push(file);
    }

    fn work(&mut self) -> bool {
        self.watcher.work()
    }
}

/// What decompresses an archive once more when a file is wanted that was not kept.
struct Again {
    archive: Rc<dyn Packed>,
    /// Where the last file that was not kept ends.
    end: Cell<usize>,
    stream: OnceCell<Rc<Vec<u8>>>,
}

impl Again {
    fn file(self: &Rc<Self>, unpacked: Unpacked) -> File {
        let Unpacked { name, contents, modified } = unpacked;
        let data = match contents {
            Contents::Kept(bytes) => without_mark_of(bytes),
            Contents::Deferred(place) => self.deferred(place),
        };
        File { name: Rc::from(name), data, modified }
    }

    /// Returns contents that are fetched when somebody reads them.
    fn deferred(self: &Rc<Self>, place: Range<usize>) -> Str {
        self.end.set(place.end);
        let again = self.clone();
        Str::deferred(place.len(), move || Str::part(again.stream(), place.clone()))
    }

    fn stream(&self) -> &Rc<Vec<u8>> {
        self.stream.get_or_init(|| {
            let mut stream = vec![0; self.end.get()];
            // There was so much the first time.
            let opened = self.archive.open().map_err(Fault::from).and_then(Gunzip::new);
            let _filled = opened.and_then(|mut gunzip| gunzip.fill(&mut stream));
            Rc::new(stream)
        })
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::GzipHeader => ErrorKind::GzipHeader.into(),
            other => Error::refused(other.to_string()),
        }
    }
}

/// Takes a byte order mark off the beginning.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Returns a file's bytes without a byte order mark.
pub(crate) fn without_mark_of(bytes: Vec<u8>) -> Str {
    match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => Str::from(rest),
        None => Str::from(bytes),
    }
}

/// Checks that a file begins as a gzip stream, and says what it looks like if not (`EnsureArchive`).
///
/// # Errors
/// With a hint when the name is that of a YAML file.
pub fn check_is_archive(name: &str, bytes: &[u8]) -> Result<(), Error> {
    if bytes.starts_with(GZIP_MAGIC) {
        return Ok(());
    }
    if name.ends_with(".yml") || name.ends_with(".yaml") {
        let hint = "seems to be a YAML file, but expected a gzipped archive";
        return Err(Error::refused(format!("file '{name}' {hint}")));
    }
    let found = content_type(bytes);
    Err(Error::refused(format!("file '{name}' does not appear to be a gzipped archive; got '{found}'")))
}

/// Takes the first element off a member's name and refuses what leads out of the chart.
fn inner_name(name: &str) -> Result<String, Error> {
    // Archives made on Windows may have backslashes.
    let delimiter = if name.contains('\\') { '\\' } else { '/' };
    let (first, rest) = name.split_once(delimiter).unwrap_or((name, ""));
    let rest = rest.replace(delimiter, "/");
    if rest.starts_with('/') {
        return Err(Error::refused("chart illegally contains absolute paths"));
    }
    let inner = chart::clean(&rest);
    if inner == "." {
        let name = go_text::quote(name);
        return Err(Error::refused(format!(
            "chart illegally contains content outside the base directory: {name}"
        )));
    }
    if inner.starts_with("..") {
        return Err(Error::refused("chart illegally references parent directory"));
    }
    if has_drive(&inner) {
        return Err(Error::refused("chart contains illegally named files"));
    }
    if first == "Chart.yaml" {
        return Err(Error::refused("chart yaml not in base directory"));
    }
    Ok(inner)
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic())
}

/// Returns what Go's `http.DetectContentType` says of the first 512 bytes, filled up with zeros as Helm does.
fn content_type(bytes: &[u8]) -> &'static str {
    let mut head = bytes.get(..512).unwrap_or(bytes).to_vec();
    head.resize(512, 0);
    let text_start = head.iter().position(|byte| !b"\t\n\x0C\r ".contains(byte)).unwrap_or(head.len());
    let text = head.get(text_start..).unwrap_or_default();
    for tag in HTML_TAGS {
        let begins = text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        if begins && matches!(text.get(tag.len()), Some(b' ' | b'>')) {
            return "text/html; charset=utf-8";
        }
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    if let Some((_, name)) = SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return name;
    }
    let is_binary = |byte: &u8| matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F);
    if head.iter().any(is_binary) { "application/octet-stream" } else { "text/plain; charset=utf-8" }
}

const HTML_TAGS: &[&[u8]] = &[
    b"<!DOCTYPE HTML",
    b"<HTML",
    b"<HEAD",
    b"<SCRIPT",
    b"<IFRAME",
    b"<H1",
    b"<DIV",
    b"<FONT",
    b"<TABLE",
    b"<A",
    b"<STYLE",
    b"<TITLE",
    b"<B",
    b"<BODY",
    b"<BR",
    b"<P",
    b"<!--",
];

const SIGNATURES: &[(&[u8], &str)] = &[
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\xFE\xFF\x00\x00", "text/plain; charset=utf-16be"),
    (b"\xFF\xFE\x00\x00", "text/plain; charset=utf-16le"),
    (b"\xEF\xBB\xBF\x00", "text/plain; charset=utf-8"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\x00\x00\x02\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\x0D\x0A\x1A\x0A", "image/png"),
    (b"\xFF\xD8\xFF", "image/jpeg"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\x00", "application/ogg"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"ttcf", "font/collection"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x1F\x8B\x08", "application/x-gzip"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1A\x07\x00", "application/x-rar-compressed"),
    (b"Rar!\x1A\x07\x01\x00", "application/x-rar-compressed"),
    (b"\x00\x61\x73\x6D", "application/wasm"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_first_element_and_must_stay_inside() {
        assert_eq!(inner_name("c/templates/a.yaml").unwrap(), "templates/a.yaml");
        assert_eq!(inner_name("c\\templates\\a.yaml").unwrap(), "templates/a.yaml");
        for (name, text) in [
            ("c//etc/passwd", "chart illegally contains absolute paths"),
            ("c/../../x", "chart illegally references parent directory"),
            ("c/c:/x", "chart contains illegally named files"),
            ("c", "chart illegally contains content outside the base directory: \"c\""),
            ("Chart.yaml/x", "chart yaml not in base directory"),
        ] {
            assert_eq!(inner_name(name).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_archive_is_named() {
        let text = |name, bytes| check_is_archive(name, bytes).unwrap_err().to_string();
        assert_eq!(
            text("a.yaml", b"x"),
            "file 'a.yaml' seems to be a YAML file, but expected a gzipped archive"
        );
        assert_eq!(
            text("a", b"x"),
            "file 'a' does not appear to be a gzipped archive; got 'application/octet-stream'"
        );
        assert_eq!(
            text("a", b"PK\x03\x04"),
            "file 'a' does not appear to be a gzipped archive; got 'application/zip'"
        );
    }
}
