//! A chart archive (gzipped tar) to its files, with Helm's limits and path rules. Pure.

mod stream;

use std::io::Read;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use flate2::read::MultiGzDecoder;
use tar::EntryType;
use value::Str;

use crate::{Error, File, chart, go_text};

/// How many bytes all files of an archive may have together (`MaxDecompressedChartSize`).
pub const MAX_CHART_SIZE_BYTES: u64 = 100 * 1024 * 1024;
/// Headers and padding come on top of the files; no chart needs this much.
const MAX_STREAM_SIZE_BYTES: u64 = 2 * MAX_CHART_SIZE_BYTES;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const GZIP_MAGIC: &[u8] = b"\x1F\x8B\x08";

/// Reads the files of an archive; their names lose the first element (Helm's `LoadArchiveFiles`).
///
/// # Errors
/// When it is not a gzipped tar, breaks a size limit, has a path that leads out of it, or has no file.
pub fn read(archive: &Str) -> Result<Vec<File>, Error> {
    check_gzip_header(archive)?;
    if let Some(files) = stream::read(archive) {
        return Ok(files);
    }
    let (stream, broken) = decompress(archive);
    let files = Members { stream: Rc::new(stream), broken }.read()?;
    if files.is_empty() {
        return Err(Error::refused("no files in chart archive"));
    }
    Ok(files)
}

/// Decompresses an archive as far as it goes, and returns whether it is broken there. What comes before may hold all
/// that is wanted: Go reads no further than the archive's end mark.
fn decompress(archive: &[u8]) -> (Vec<u8>, bool) {
    let mut stream = Vec::with_capacity(expected_size(archive));
    let broken = MultiGzDecoder::new(archive).take(MAX_STREAM_SIZE_BYTES).read_to_end(&mut stream).is_err();
    (stream, broken)
}

/// Returns how much room the stream needs: its end says its length, which no compression of gzip's can make more than
/// 1032 times as long.
fn expected_size(bytes: &[u8]) -> usize {
    let said = bytes.last_chunk().map_or(0, |end| u32::from_le_bytes(*end) as usize);
    // The reader looks for the end once more when the room is full.
    said.saturating_add(32).min(bytes.len().saturating_mul(1032)).min(MAX_STREAM_SIZE_BYTES as usize)
}

/// A decompressed archive.
struct Members {
    /// Shared by the files, which are parts of it.
    stream: Rc<Vec<u8>>,
    broken: bool,
}

impl Members {
    fn read(&self) -> Result<Vec<File>, Error> {
        let mut archive = tar::Archive::new(self.stream.as_slice());
        let mut files = Vec::new();
        let mut remaining = MAX_CHART_SIZE_BYTES;
        for entry in archive.entries().map_err(|_| self.malformed())? {
            let mut entry = entry.map_err(|_| self.malformed())?;
            let name = value::go_lossy(&entry.path_bytes()).into_owned();
            if is_no_file(&entry, &name) {
                continue;
            }
            let file = self.read_member(&mut entry, inner_name(&name)?, remaining)?;
            remaining = remaining.saturating_sub(entry.size());
            if remaining == 0 {
                return Err(too_large());
            }
            files.push(file);
        }
        let end = self.stream.len() - archive.into_inner().len();
        let has_end_mark = end >= 512 && self.stream.get(end - 512..end).is_some_and(is_zero);
        if self.broken && !has_end_mark {
            return Err(unexpected_end());
        }
        Ok(files)
    }

    fn read_member(
        &self,
        entry: &mut tar::Entry<'_, &[u8]>,
        name: String,
        remaining: u64,
    ) -> Result<File, Error> {
        let size = entry.size();
        if size > remaining {
            return Err(too_large());
        }
        let start = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
        let whole =
            if entry.header().entry_type().is_gnu_sparse() { None } else { self.stream.get(start..end) };
        let data: Str = match whole {
            Some(data) => Str::part(&self.stream, end - without_mark(data).len()..end),
            None => {
                let mut data = Vec::new();
                entry.read_to_end(&mut data).map_err(|_| self.malformed())?;
                if (data.len() as u64) < size {
                    return Err(unexpected_end());
                }
                without_mark(&data).into()
            }
        };
        Ok(File { name: Rc::from(name), data, modified: modified(entry) })
    }

    /// Tells an archive that ends too early from one whose headers make no sense.
    fn malformed(&self) -> Error {
        if self.broken || !self.stream.len().is_multiple_of(512) {
            return unexpected_end();
        }
        Error::refused("archive/tar: invalid tar header")
    }
}

/// Returns whether a member is a directory or describes others.
fn is_no_file<R: Read>(entry: &tar::Entry<'_, R>, name: &str) -> bool {
    let kind = entry.header().entry_type();
    let is_header = matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader);
    kind.is_dir() || name.ends_with('/') || is_header
}

fn modified<R: Read>(entry: &tar::Entry<'_, R>) -> Option<SystemTime> {
    let seconds = entry.header().mtime().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

fn unexpected_end() -> Error {
    Error::refused("unexpected EOF")
}

/// Takes a byte order mark off the beginning.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
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

fn check_gzip_header(bytes: &[u8]) -> Result<(), Error> {
    match bytes.len() {
        0 => Err(Error::refused("EOF")),
        1..10 => Err(Error::refused("unexpected EOF")),
        _ if !bytes.starts_with(GZIP_MAGIC) => Err(Error::refused("gzip: invalid header")),
        _ => Ok(()),
    }
}

fn too_large() -> Error {
    Error::refused(format!("decompressed chart is larger than the maximum size {MAX_CHART_SIZE_BYTES}"))
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
