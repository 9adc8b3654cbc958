//! The usual way through an archive: one pass, which keeps only what rendering reads. Whatever is odd ends it, and the
//! exact reader (`archive.rs`) then says what is wrong. Pure.

use std::cell::OnceCell;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use value::Str;

use super::{MAX_CHART_SIZE_BYTES, MAX_STREAM_SIZE_BYTES, inner_name, is_no_file, modified, without_mark};
use crate::{File, chart};

/// How much is decompressed at a time: it stays in the processor's cache.
const BUFFER_BYTES: usize = 128 << 10;

/// Contents up to this size are always kept.
const SMALL_BYTES: u64 = 4 << 10;

/// From this size on contents are not kept in archives of more than [`LARGE_ARCHIVE_BYTES`].
const LARGE_BYTES: u64 = 256 << 10;

/// Archives that decompress to more than this hold mostly what one rendering does not read.
const LARGE_ARCHIVE_BYTES: usize = 8 << 20;

/// Returns the files of an archive, or nothing when there is anything odd about it. What is hardly ever read is
/// decompressed once more when it is.
pub(super) fn read(archive: &Str) -> Option<Vec<File>> {
    let is_large = super::expected_size(archive) > LARGE_ARCHIVE_BYTES;
    let again = Rc::new(Again { archive: archive.clone(), stream: OnceCell::new() });
    let decoder = MultiGzDecoder::new(archive.as_bytes()).take(MAX_STREAM_SIZE_BYTES);
    let stream = Forward { reader: BufReader::with_capacity(BUFFER_BYTES, decoder), position: 0 };
    let mut members = tar::Archive::new(stream);
    let mut files = Vec::new();
    let mut remaining = MAX_CHART_SIZE_BYTES;
    for entry in members.entries_with_seek().ok()? {
        let mut entry = entry.ok()?;
        let name = value::go_lossy(&entry.path_bytes()).into_owned();
        if is_no_file(&entry, &name) {
            continue;
        }
        let name = inner_name(&name).ok()?;
        let size = entry.size();
        remaining = remaining.checked_sub(size).filter(|remaining| *remaining > 0)?;
        if entry.header().entry_type().is_gnu_sparse() {
            return None;
        }
        let data = match is_hardly_read(&name, size, is_large) {
            true => again.deferred(&mut entry)?,
            false => contents(&mut entry, size)?,
        };
        files.push(File { name: Rc::from(name), data, modified: modified(&entry) });
    }
    (!files.is_empty()).then_some(files)
}

/// Returns whether a file's contents are likely not to be read: definitions, which are installed but not rendered,
/// documents, and what makes an archive large.
fn is_hardly_read(name: &str, size: u64, is_large: bool) -> bool {
    if size <= SMALL_BYTES {
        return false;
    }
    let mut name = name;
    while let Some((_, inner)) = name.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        name = inner;
    }
    if name.starts_with("crds/") || chart::extension(name) == ".md" {
        return true;
    }
    let is_needed = name.starts_with("templates/") || !name.contains('/');
    is_large && size >= LARGE_BYTES && !is_needed
}

fn contents(entry: &mut impl Read, size: u64) -> Option<Str> {
    let mut data = vec![0; usize::try_from(size).ok()?];
    entry.read_exact(&mut data).ok()?;
    let kept = without_mark(&data).len();
    Some(match data.len() - kept {
        0 => Str::from(data),
        mark => Str::from(data.get(mark..).unwrap_or_default()),
    })
}

/// What decompresses an archive as a whole when a file is wanted that was not kept.
struct Again {
    archive: Str,
    stream: OnceCell<Rc<Vec<u8>>>,
}

impl Again {
    /// Returns a file's contents to be fetched later; only whether there is a byte order mark is seen now.
    fn deferred<R: Read>(self: &Rc<Self>, entry: &mut tar::Entry<'_, R>) -> Option<Str> {
        let start = usize::try_from(entry.raw_file_position()).ok()?;
        let end = start.checked_add(usize::try_from(entry.size()).ok()?)?;
        let mut beginning = [0; 3];
        entry.read_exact(&mut beginning).ok()?;
        let start = start + beginning.len() - without_mark(&beginning).len();
        let again = self.clone();
        Some(Str::deferred(end - start, move || Str::part(again.stream(), start..end)))
    }

    fn stream(&self) -> &Rc<Vec<u8>> {
        self.stream.get_or_init(|| Rc::new(super::decompress(&self.archive).0))
    }
}

/// A reader that goes forward only, and passes over what is not wanted without copying it.
struct Forward<R> {
    reader: BufReader<R>,
    position: u64,
}

impl<R: Read> Read for Forward<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Read> Seek for Forward<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Current(offset) = to else { return Err(io::ErrorKind::Unsupported.into()) };
        let mut left = u64::try_from(offset).map_err(|_| io::ErrorKind::Unsupported)?;
        self.position += left;
        while left > 0 {
            let available = self.reader.fill_buf()?.len();
            if available == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let passed = usize::try_from(left).unwrap_or(usize::MAX).min(available);
            self.reader.consume(passed);
            left -= passed as u64;
        }
        Ok(self.position)
    }
}
