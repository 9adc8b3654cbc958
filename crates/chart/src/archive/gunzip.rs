//! The decompressed bytes of a gzip file as a stream that goes forward. A large file is decompressed on a thread of its
//! own, while what is there already is used.

use std::io::BufRead;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

use super::Packed;
use super::fault::Fault;
use super::inflater::Inflater;

/// How much is decompressed at a time: it stays in the processor's cache.
const BUFFER_BYTES: usize = 128 << 10;

/// From how many compressed bytes on a thread is started: with less it costs more than it gains.
const LARGE_BYTES: u64 = 64 << 10;

/// How many buffers may wait to be used.
const WAITING: usize = 2;

/// Headers and padding come on top of the files; no chart needs this much.
const MAX_STREAM_SIZE_BYTES: u64 = 2 * super::MAX_CHART_SIZE_BYTES;

/// A buffer, and how much of it is filled.
type Filled = (Box<[u8]>, usize);

/// Where decompressed bytes come from.
enum Source<'a> {
    Here(Inflater<Box<dyn BufRead + Send + 'a>>),
    /// Another thread fills buffers, and gets them back.
    Elsewhere(Receiver<Result<Filled, Fault>>, Sender<Box<[u8]>>),
}

/// The decompressed bytes.
pub(super) struct Gunzip<'a> {
    source: Source<'a>,
    /// Decompressed and not given out yet, between two positions.
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    given: u64,
}

/// Calls a function with the decompressed bytes of a file.
///
/// # Errors
/// When the first header is none, and what the function returns.
pub(super) fn with_stream<T, E: From<Fault>>(
    packed: &dyn Packed,
    read: impl FnOnce(Gunzip<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let inflater = Inflater::new(packed.open().map_err(Fault::from)?)?;
    if packed.size() < LARGE_BYTES {
        return read(Gunzip::from(Source::Here(inflater)));
    }
    let (filled, received) = mpsc::sync_channel(WAITING);
    let (used, buffers) = mpsc::channel();
    thread::scope(|scope| {
        let inflate = move || inflate_all(inflater, &filled, &buffers);
        match thread::Builder::new().spawn_scoped(scope, inflate) {
            Ok(_) => read(Gunzip::from(Source::Elsewhere(received, used))),
            Err(_) => read(Gunzip::new(packed)?),
        }
    })
}

/// Fills buffers until there is nothing more, or until nobody wants more.
fn inflate_all(
    mut inflater: Inflater<impl BufRead>,
    filled: &SyncSender<Result<Filled, Fault>>,
    buffers: &Receiver<Box<[u8]>>,
) {
    loop {
        let mut buffer = buffers.try_recv().unwrap_or_else(|_| vec![0; BUFFER_BYTES].into());
        let outcome = inflater.inflate_into(&mut buffer).map(|count| (buffer, count));
        let is_last = !matches!(outcome, Ok((_, 1..)));
        if filled.send(outcome).is_err() || is_last {
            return;
        }
    }
}

impl<'a> From<Source<'a>> for Gunzip<'a> {
    fn from(source: Source<'a>) -> Self {
        Gunzip { source, buffer: Box::default(), from: 0, to: 0, given: 0 }
    }
}

impl<'a> Gunzip<'a> {
    /// Reads the first header.
    pub(super) fn new(packed: &'a dyn Packed) -> Result<Self, Fault> {
        Ok(Gunzip::from(Source::Here(Inflater::new(packed.open()?)?)))
    }

    /// Returns how many bytes were given out.
    pub(super) fn position(&self) -> u64 {
        self.given
    }

    /// Fills a buffer as far as there is something, and returns how far.
    pub(super) fn fill(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let count = self.read(rest)?;
            if count == 0 {
                break;
            }
            filled += count;
        }
        Ok(filled)
    }

    /// Passes over bytes as far as there are some, and returns how many.
    pub(super) fn skip(&mut self, count: u64) -> Result<u64, Fault> {
        let mut skipped = 0;
        while skipped < count {
            if self.from == self.to && self.refill()? == 0 {
                break;
            }
            let wanted = usize::try_from(count - skipped).unwrap_or(usize::MAX);
            let passed = wanted.min(self.to - self.from);
            self.from += passed;
            skipped += self.give(passed)?;
        }
        Ok(skipped)
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        if self.from == self.to {
            if let Source::Here(inflater) = &mut self.source
                && out.len() >= BUFFER_BYTES
            {
                let count = inflater.inflate_into(out)?;
                self.give(count)?;
                return Ok(count);
            }
            self.refill()?;
        }
        let held = self.buffer.get(self.from..self.to).unwrap_or_default();
        let count = held.len().min(out.len());
        if let (Some(out), Some(held)) = (out.get_mut(..count), held.get(..count)) {
            out.copy_from_slice(held);
        }
        self.from += count;
        self.give(count)?;
        Ok(count)
    }

    /// Counts what is given out.
    fn give(&mut self, count: usize) -> Result<u64, Fault> {
        self.given += count as u64;
        if self.given > MAX_STREAM_SIZE_BYTES { Err(Fault::TooLarge) } else { Ok(count as u64) }
    }

    /// Fills the empty buffer; nothing comes only at a proper end.
    fn refill(&mut self) -> Result<usize, Fault> {
        (self.from, self.to) = (0, 0);
        match &mut self.source {
            Source::Here(inflater) => {
                if self.buffer.is_empty() {
                    self.buffer = vec![0; BUFFER_BYTES].into();
                }
                self.to = inflater.inflate_into(&mut self.buffer)?;
            }
            Source::Elsewhere(received, used) => {
                // The other thread has ended when it has said that there is nothing more.
                let Ok(filled) = received.recv() else { return Ok(0) };
                let (buffer, count) = filled?;
                let last = std::mem::replace(&mut self.buffer, buffer);
                self.to = count;
                if !last.is_empty() {
                    // Nobody takes it back from the last buffer on.
                    let _ = used.send(last);
                }
            }
        }
        Ok(self.to)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use value::Str;

    use super::{BUFFER_BYTES, Fault, Gunzip, LARGE_BYTES, with_stream};

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Unpacks everything, and returns the fault that ends it.
    fn unpacked(bytes: &[u8]) -> (Vec<u8>, Option<Fault>) {
        let mut out = Vec::new();
        let packed = Str::from(bytes);
        let mut gunzip = match Gunzip::new(&packed) {
            Ok(gunzip) => gunzip,
            Err(fault) => return (out, Some(fault)),
        };
        let mut piece = [0; 100];
        loop {
            match gunzip.read(&mut piece) {
                Ok(0) => return (out, None),
                Ok(count) => out.extend_from_slice(&piece[..count]),
                Err(fault) => return (out, Some(fault)),
            }
        }
    }

    #[test]
    fn members_follow_each_other() {
        let bytes = [packed(b"one "), packed(b""), packed(b"two")].concat();
        assert_eq!(unpacked(&bytes), (b"one two".to_vec(), None));
    }

    #[test]
    fn large_buffers_are_filled_without_a_copy_and_skipping_counts() {
        let contents: Vec<u8> = (0..3 * BUFFER_BYTES).map(|index| (index / 7) as u8).collect();
        let bytes = Str::from(packed(&contents));
        let mut gunzip = Gunzip::new(&bytes).unwrap();
        assert_eq!(gunzip.skip(1000), Ok(1000));
        let mut out = vec![0; 2 * BUFFER_BYTES];
        assert_eq!(gunzip.fill(&mut out), Ok(out.len()));
        assert_eq!(out, contents[1000..1000 + out.len()]);
        assert_eq!(gunzip.position(), (1000 + out.len()) as u64);
        assert_eq!(gunzip.skip(u64::MAX), Ok((contents.len() - 1000 - out.len()) as u64));
    }

    #[test]
    fn what_comes_before_a_fault_is_given_out() {
        let whole = packed(b"contents");
        let mut wrong = whole.clone();
        wrong[whole.len() - 6] ^= 1;
        assert_eq!(unpacked(&wrong), (b"contents".to_vec(), Some(Fault::Checksum)));
        let cut = &whole[..whole.len() - 3];
        assert_eq!(unpacked(cut), (b"contents".to_vec(), Some(Fault::UnexpectedEnd)));
        let trailed = [&*whole, b"0123456789"].concat();
        assert_eq!(unpacked(&trailed), (b"contents".to_vec(), Some(Fault::GzipHeader)));
        let mut corrupt = whole[..10].to_vec();
        corrupt.push(0b111);
        assert_eq!(unpacked(&corrupt), (Vec::new(), Some(Fault::Corrupt(1))));
        assert_eq!(unpacked(b"").1, Some(Fault::Empty));
    }

    #[test]
    fn headers_may_carry_more() {
        let plain = packed(b"x");
        let header = |flags: u8, more: &[u8]| {
            let mut bytes = plain[..10].to_vec();
            bytes[3] = flags;
            [&*bytes, more, &plain[10..]].concat()
        };
        assert_eq!(unpacked(&header(0b100, b"\x02\x00ab")), (b"x".to_vec(), None));
        assert_eq!(unpacked(&header(0b11000, b"name\0comment\0")), (b"x".to_vec(), None));
        assert_eq!(unpacked(&header(0b10, b"\0\0")).1, Some(Fault::GzipHeader));
        assert_eq!(unpacked(&header(0b1000, &[b'n'; 600])).1, Some(Fault::GzipHeader));
    }

    #[test]
    fn a_large_file_comes_from_another_thread_with_its_faults() {
        let noise = |seed: u32| seed.wrapping_mul(0x9E37_79B1) >> 24;
        let contents: Vec<u8> = (0..5 * BUFFER_BYTES as u32).map(|index| noise(index) as u8).collect();
        let mut bytes = packed(&contents);
        assert!(bytes.len() as u64 >= LARGE_BYTES);
        let all = |mut stream: Gunzip<'_>| -> Result<Vec<u8>, Fault> {
            let mut out = vec![0; contents.len()];
            assert_eq!(stream.fill(&mut out)?, out.len());
            assert_eq!(stream.skip(1)?, 0);
            Ok(out)
        };
        assert!(with_stream(&Str::from(&*bytes), all) == Ok(contents.clone()));
        // Who wants no more ends the other thread.
        assert_eq!(with_stream(&Str::from(&*bytes), |mut stream| stream.skip(7)), Ok(7));
        let checksum = bytes.len() - 8;
        bytes[checksum] ^= 1;
        assert!(with_stream(&Str::from(&*bytes), all) == Err(Fault::Checksum));
    }
}
