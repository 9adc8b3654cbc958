//! The files of an archive one after the other. Those of a large archive are unpacked on a thread of their own, while what
//! is there already is used.

use std::io;
use std::ops::Range;
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};
use std::thread;
use std::time::{Duration, SystemTime};

use super::fault::Fault;
use super::gunzip::Gunzip;
use super::header::{GLOBAL, Header};
use super::members::Members;
use super::{BYTE_ORDER_MARK, MAX_CHART_SIZE_BYTES, Packed, inner_name, without_mark};
use crate::read_ahead::path_in_chart;
use crate::{Error, chart};

/// From how many compressed bytes on a thread is started: with less it costs more than it gains.
const LARGE_BYTES: u64 = 64 << 10;

/// How many bytes of files are handed over together, since each time costs as much as unpacking some thousand.
const BATCH_BYTES: usize = 64 << 10;

/// How many batches may wait to be used.
const WAITING: usize = 4;

/// Contents up to this size are always kept.
const SMALL_BYTES: u64 = 4 << 10;

/// From this size on contents are not kept in archives of more than [`LARGE_ARCHIVE_BYTES`].
const LARGE_FILE_BYTES: u64 = 256 << 10;

/// Archives that decompress to more than this hold mostly what one rendering does not read.
const LARGE_ARCHIVE_BYTES: usize = 8 << 20;

/// Some files, none at the end, or why there are no more.
type Batch = Result<Vec<Unpacked>, Error>;

/// A file as it comes out of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpacked {
    /// Its path without the first element.
    pub(super) name: String,
    pub(super) contents: Contents,
    pub(super) modified: Option<SystemTime>,
}

/// What a file holds, perhaps behind a byte order mark if it is kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Contents {
    Kept(Vec<u8>),
    /// Where in the decompressed stream they are, without byte order mark.
    Deferred(Range<usize>),
}

impl Contents {
    /// Returns how many bytes are kept.
    fn weight(&self) -> usize {
        match self {
            Contents::Kept(bytes) => bytes.len(),
            Contents::Deferred(_) => 0,
        }
    }
}

/// What takes files as they come out of an archive.
pub(super) trait Taker {
    fn take(&mut self, file: Unpacked);

    /// Does a piece of other work while there is no file, and returns whether there was any.
    fn work(&mut self) -> bool;
}

/// Hands over one file after the other.
///
/// # Errors
/// When it is not a gzipped tar, breaks a size limit, or has a path that leads out of it.
pub(super) fn each(packed: &dyn Packed, taker: &mut dyn Taker) -> Result<(), Error> {
    let mut unpacking = Unpacking::new(packed)?;
    if packed.size() < LARGE_BYTES {
        return unpacking.each(taker);
    }
    let (sender, batches) = mpsc::sync_channel(WAITING);
    thread::scope(|scope| {
        let unpack = move || send_all(unpacking, &sender);
        match thread::Builder::new().spawn_scoped(scope, unpack) {
            Ok(_) => receive(batches, taker),
            Err(_) => Unpacking::new(packed)?.each(taker),
        }
    })
}

/// Takes what is sent, and works while nothing is there.
fn receive(batches: Receiver<Batch>, taker: &mut dyn Taker) -> Result<(), Error> {
    loop {
        let batch = match batches.try_recv() {
            Err(TryRecvError::Empty) if taker.work() => continue,
            Err(TryRecvError::Empty) => batches.recv().ok(),
            received => received.ok(),
        };
        let Some(batch) = batch else { return Ok(()) };
        batch?.into_iter().for_each(|file| taker.take(file));
    }
}

/// Sends files in batches until there is nothing more, or until nobody wants more.
fn send_all(mut unpacking: Unpacking<'_>, sender: &SyncSender<Batch>) {
    loop {
        let batch = unpacking.batch();
        let is_last = !matches!(&batch, Ok(files) if !files.is_empty());
        if sender.send(batch).is_err() || is_last {
            return;
        }
    }
}

/// Goes through the files of an archive.
struct Unpacking<'a> {
    members: Members<'a>,
    /// How many bytes the files may still have.
    remaining: u64,
    is_large: bool,
}

impl<'a> Unpacking<'a> {
    fn new(packed: &'a dyn Packed) -> Result<Self, Fault> {
        let is_large = expected_size(packed)? > LARGE_ARCHIVE_BYTES;
        let members = Members::new(Gunzip::new(packed.open()?)?);
        Ok(Unpacking { members, remaining: MAX_CHART_SIZE_BYTES, is_large })
    }

    fn each(&mut self, taker: &mut dyn Taker) -> Result<(), Error> {
        while let Some(file) = self.next()? {
            taker.take(file);
        }
        Ok(())
    }

    /// Returns the next files; none at the end.
    fn batch(&mut self) -> Result<Vec<Unpacked>, Error> {
        let mut files = Vec::new();
        let mut weight = 0;
        while weight < BATCH_BYTES
            && let Some(file) = self.next()?
        {
            weight += file.contents.weight();
            files.push(file);
        }
        Ok(files)
    }

    fn next(&mut self) -> Result<Option<Unpacked>, Error> {
        while let Some(member) = self.members.next()? {
            if member.is_directory() || member.kind == GLOBAL {
                continue;
            }
            let name = inner_name(&value::go_lossy(&member.name))?;
            let size = size_within(&member, self.remaining)?;
            let is_deferred = !self.members.is_sparse() && is_hardly_read(&name, size, self.is_large);
            let contents = match is_deferred {
                true => self.pass_over(size)?,
                false => self.keep(size)?,
            };
            self.remaining -= size;
            if self.remaining == 0 {
                return Err(Fault::TooLarge.into());
            }
            return Ok(Some(Unpacked { name, contents, modified: modified(&member) }));
        }
        Ok(None)
    }

    fn keep(&mut self, size: u64) -> Result<Contents, Fault> {
        let size = usize::try_from(size).map_err(|_| Fault::TooLarge)?;
        self.members.read_all(size).map(Contents::Kept)
    }

    /// Notes where contents are; only whether there is a byte order mark is seen now.
    fn pass_over(&mut self, size: u64) -> Result<Contents, Fault> {
        let start = usize::try_from(self.members.position()).map_err(|_| Fault::TooLarge)?;
        let end = start + usize::try_from(size).map_err(|_| Fault::TooLarge)?;
        let mut beginning = [0; BYTE_ORDER_MARK.len()];
        self.members.read_exact(&mut beginning)?;
        let start = start + beginning.len() - without_mark(&beginning).len();
        self.members.pass_contents()?;
        Ok(Contents::Deferred(start..end))
    }
}

/// Returns how large a member's contents are, if they are not larger than what is allowed. Members without contents must
/// not claim any, because Helm takes those that are missing for cut off by the limit.
fn size_within(member: &Header, remaining: u64) -> Result<u64, Fault> {
    let size = u64::try_from(member.size).unwrap_or(0);
    let is_claimed = size > 0 && !member.has_contents();
    if size > remaining || is_claimed { Err(Fault::TooLarge) } else { Ok(size) }
}

/// Returns whether a file's contents are likely not to be read: definitions, which are installed but not rendered,
/// documents, and what makes an archive large.
fn is_hardly_read(name: &str, size: u64, is_large: bool) -> bool {
    if size <= SMALL_BYTES {
        return false;
    }
    let name = path_in_chart(name);
    if name.starts_with("crds/") || chart::extension(name) == ".md" {
        return true;
    }
    let is_needed = name.starts_with("templates/") || !name.contains('/');
    is_large && size >= LARGE_FILE_BYTES && !is_needed
}

/// Returns how long the stream of an archive is by its own account.
fn expected_size(archive: &dyn Packed) -> io::Result<usize> {
    let mut end = [0; 4];
    if archive.size() < end.len() as u64 {
        return Ok(0);
    }
    archive.open_at(Some(end.len() as u64))?.read_exact(&mut end)?;
    Ok(u32::from_le_bytes(end) as usize)
}

fn modified(member: &Header) -> Option<SystemTime> {
    let seconds = u64::try_from(member.modified).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use value::Str;

    use super::*;

    fn header(name: &str, size: usize, add: impl FnOnce(&mut [u8; 512])) -> [u8; 512] {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        add(&mut header);
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        header
    }

    /// A file with that name and so many bytes that do not repeat.
    fn member(name: &str, size: usize) -> Vec<u8> {
        let header = header(name, size, |_| ());
        let noise = (0..size as u32).map(|index| (index.wrapping_mul(0x9E37_79B1) >> 24) as u8);
        header.into_iter().chain(noise).chain(std::iter::repeat_n(0, size.wrapping_neg() % 512)).collect()
    }

    fn packed(tar: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(tar).unwrap();
        encoder.finish().unwrap()
    }

    /// Takes files, and counts down what else there is to do.
    struct Taken {
        files: Vec<Unpacked>,
        work: u32,
    }

    impl Taker for Taken {
        fn take(&mut self, file: Unpacked) {
            self.files.push(file);
        }

        fn work(&mut self) -> bool {
            self.work = self.work.saturating_sub(1);
            self.work > 0
        }
    }

    fn taken(bytes: &[u8]) -> (Vec<Unpacked>, Result<(), Error>) {
        let mut taken = Taken { files: Vec::new(), work: 3 };
        let outcome = each(&Str::from(bytes), &mut taken);
        (taken.files, outcome)
    }

    fn unpacked(bytes: &[u8]) -> (Vec<(String, usize)>, Result<(), String>) {
        let (files, outcome) = taken(bytes);
        let length = |contents: &Contents| match contents {
            Contents::Kept(bytes) => bytes.len(),
            Contents::Deferred(place) => place.len(),
        };
        let files = files.into_iter().map(|file| (file.name, length(&file.contents))).collect();
        (files, outcome.map_err(|error| error.to_string()))
    }

    #[test]
    fn a_large_archive_comes_from_another_thread_with_its_faults() {
        let names: Vec<String> = (0..40).map(|number| format!("c/templates/{number}")).collect();
        let tar: Vec<u8> = names.iter().flat_map(|name| member(name, 10_000)).collect();
        let mut bytes = packed(&tar);
        assert!(bytes.len() as u64 >= LARGE_BYTES && tar.len() > 2 * BATCH_BYTES);
        let expected: Vec<_> = (0..40).map(|number| (format!("templates/{number}"), 10_000)).collect();
        assert_eq!(unpacked(&bytes), (expected.clone(), Ok(())));
        let checksum = bytes.len() - 8;
        bytes[checksum] ^= 1;
        let (files, outcome) = unpacked(&bytes);
        assert_eq!(outcome, Err(String::from("gzip: invalid checksum")));
        assert!(expected.starts_with(&files));
    }

    #[test]
    fn what_is_hardly_read_is_passed_over() {
        let tar = [member("c/Chart.yaml", 10), member("c/crds/a.yaml", 5_000), member("c/x.md", 9)].concat();
        let (files, outcome) = taken(&packed(&tar));
        outcome.unwrap();
        let files: Vec<Contents> = files.into_iter().map(|file| file.contents).collect();
        assert_eq!(files[0].weight(), 10);
        // Behind the first file's header and block, and its own header.
        assert_eq!(files[1], Contents::Deferred(3 * 512..3 * 512 + 5_000));
        assert_eq!(files[2].weight(), 9);
    }

    /// A sparse file of ten bytes in GNU tar's old form, with `stored` bytes of the three it lists.
    fn sparse(stored: usize) -> Vec<u8> {
        let mut tar = header("c/f", stored, |header| {
            header[156] = b'S';
            header[257..265].copy_from_slice(b"ustar  \0");
            for (place, number) in [(386, 1), (398, 2), (410, 8), (422, 1), (483, 10)] {
                header[place..place + 11].copy_from_slice(format!("{number:011o}").as_bytes());
            }
        })
        .to_vec();
        tar.resize(512 + stored, b'x');
        tar.resize(1024, 0);
        tar
    }

    #[test]
    fn holes_of_sparse_files_are_zeros() {
        let contents = |stored| {
            let (files, outcome) = taken(&packed(&sparse(stored)));
            let files: Vec<Contents> = files.into_iter().map(|file| file.contents).collect();
            outcome.map(|()| files).map_err(|error| error.to_string())
        };
        assert_eq!(contents(3), Ok(vec![Contents::Kept(b"\0xx\0\0\0\0\0x\0".to_vec())]));
        let missing = "archive/tar: sparse file references non-existent data";
        assert_eq!(contents(2), Err(missing.to_owned()));
        let unreferenced = "archive/tar: sparse file contains unreferenced data";
        assert_eq!(contents(4), Err(unreferenced.to_owned()));
    }
}
