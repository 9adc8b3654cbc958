//! The decompressed bytes of a gzip file as a stream that goes forward.

use std::io::BufRead;

use super::fault::Fault;
use super::inflater::Inflater;

/// How much is decompressed at a time: it stays in the processor's cache.
const BUFFER_BYTES: usize = 128 << 10;

/// Headers and padding come on top of the files; no chart needs this much.
const MAX_STREAM_SIZE_BYTES: u64 = 2 * super::MAX_CHART_SIZE_BYTES;

/// The decompressed bytes.
pub(super) struct Gunzip<'a> {
    inflater: Inflater<Box<dyn BufRead + Send + 'a>>,
    /// Decompressed and not given out yet, between two positions.
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    given: u64,
}

impl<'a> Gunzip<'a> {
    /// Reads the first header.
    pub(super) fn new(packed: Box<dyn BufRead + Send + 'a>) -> Result<Self, Fault> {
        Ok(Gunzip { inflater: Inflater::new(packed)?, buffer: Box::default(), from: 0, to: 0, given: 0 })
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

    /// Appends bytes as far as there are some, and returns how many.
    pub(super) fn append(&mut self, out: &mut Vec<u8>, count: usize) -> Result<usize, Fault> {
        let mut appended = 0;
        while appended < count {
            let piece = self.piece(count - appended)?;
            if piece.is_empty() {
                break;
            }
            out.extend_from_slice(piece);
            appended += piece.len();
        }
        Ok(appended)
    }

    /// Passes over bytes as far as there are some, and returns how many.
    pub(super) fn skip(&mut self, count: u64) -> Result<u64, Fault> {
        let mut skipped = 0;
        while skipped < count {
            let piece = self.piece(usize::try_from(count - skipped).unwrap_or(usize::MAX))?;
            if piece.is_empty() {
                break;
            }
            skipped += piece.len() as u64;
        }
        Ok(skipped)
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        if self.from == self.to && out.len() >= BUFFER_BYTES {
            let count = self.inflater.inflate_into(out)?;
            self.give(count)?;
            return Ok(count);
        }
        let piece = self.piece(out.len())?;
        if let Some(out) = out.get_mut(..piece.len()) {
            out.copy_from_slice(piece);
        }
        Ok(piece.len())
    }

    /// Gives out at most so many bytes that are there already, or come next; nothing only at the end.
    fn piece(&mut self, most: usize) -> Result<&[u8], Fault> {
        if self.from == self.to {
            self.refill()?;
        }
        let start = self.from;
        self.from += most.min(self.to - start);
        self.give(self.from - start)?;
        Ok(self.buffer.get(start..self.from).unwrap_or_default())
    }

    /// Counts what is given out.
    fn give(&mut self, count: usize) -> Result<(), Fault> {
        self.given += count as u64;
        if self.given > MAX_STREAM_SIZE_BYTES { Err(Fault::TooLarge) } else { Ok(()) }
    }

    /// Fills the empty buffer; nothing comes only at a proper end.
    fn refill(&mut self) -> Result<(), Fault> {
        (self.from, self.to) = (0, 0);
        if self.buffer.is_empty() {
            self.buffer = vec![0; BUFFER_BYTES].into();
        }
        self.to = self.inflater.inflate_into(&mut self.buffer)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::{BUFFER_BYTES, Fault, Gunzip};

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Unpacks everything, and returns the fault that ends it.
    fn unpacked(bytes: &[u8]) -> (Vec<u8>, Option<Fault>) {
        let mut out = Vec::new();
        let mut gunzip = match Gunzip::new(Box::new(bytes)) {
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
        let bytes = packed(&contents);
        let mut gunzip = Gunzip::new(Box::new(&*bytes)).unwrap();
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
}
