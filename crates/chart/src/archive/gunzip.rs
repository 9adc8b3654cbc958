//! Gzip as Go's `compress/gzip` and `compress/flate` read it: what comes before a fault is given out first. Pure.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::fault::Fault;

/// How much is decompressed at a time: it stays in the processor's cache.
const BUFFER_BYTES: usize = 128 << 10;

/// How long name and comment of a header may be, their ends included.
const MAX_TEXT_BYTES: usize = 512;

/// Headers and padding come on top of the files; no chart needs this much.
const MAX_STREAM_SIZE_BYTES: u64 = 2 * super::MAX_CHART_SIZE_BYTES;

/// Bits of a gzip header's flags (RFC 1952).
const HEADER_CHECKSUM: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

/// Decompresses the members of a gzip file one after the other.
pub(super) struct Gunzip<'a> {
    /// What is not decompressed yet.
    input: &'a [u8],
    inflate: Decompress,
    checksum: Crc,
    /// Why there is nothing more; the inner nothing is a proper end.
    end: Option<Option<Fault>>,
    /// Decompressed and not given out yet, between two positions.
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    given: u64,
}

impl<'a> Gunzip<'a> {
    /// Reads the first header.
    pub(super) fn new(input: &'a [u8]) -> Result<Self, Fault> {
        let mut gunzip = Gunzip {
            input,
            inflate: Decompress::new(false),
            checksum: Crc::new(),
            end: None,
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            from: 0,
            to: 0,
            given: 0,
        };
        if input.is_empty() {
            return Err(Fault::Empty);
        }
        gunzip.read_header()?;
        Ok(gunzip)
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
            if out.len() >= BUFFER_BYTES {
                let count = self.inflate_into(out)?;
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

    /// Decompresses into the empty buffer; nothing comes only at a proper end.
    fn refill(&mut self) -> Result<usize, Fault> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = self.inflate_into(&mut buffer);
        self.buffer = buffer;
        (self.from, self.to) = (0, *outcome.as_ref().unwrap_or(&0));
        outcome
    }

    fn inflate_into(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if let Some(end) = self.end {
                return end.map_or(Ok(0), Err);
            }
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let outcome = self.inflate.decompress(self.input, out, FlushDecompress::None);
            let read = usize::try_from(self.inflate.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(self.inflate.total_out() - written).unwrap_or(usize::MAX);
            self.input = self.input.get(read..).unwrap_or_default();
            self.checksum.update(out.get(..written).unwrap_or_default());
            match outcome {
                Err(_) => self.end = Some(Some(Fault::Corrupt(self.inflate.total_in()))),
                Ok(Status::StreamEnd) => self.end_member(),
                Ok(_) if read == 0 && written == 0 => self.end = Some(Some(Fault::UnexpectedEnd)),
                Ok(_) => {}
            }
            if written > 0 {
                return Ok(written);
            }
        }
    }

    /// Checks a member's end, and begins the next one if there is one.
    fn end_member(&mut self) {
        self.end = match self.check_member() {
            Err(fault) => Some(Some(fault)),
            Ok(()) if self.input.is_empty() => Some(None),
            Ok(()) => self.read_header().err().map(Some),
        };
        self.inflate.reset(false);
        self.checksum.reset();
    }

    fn check_member(&mut self) -> Result<(), Fault> {
        let [a, b, c, d, e, f, g, h] = self.take_array()?;
        let said = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        if said == (self.checksum.sum(), self.checksum.amount()) { Ok(()) } else { Err(Fault::Checksum) }
    }

    /// Reads a member's header (`gzip.Reader.readHeader`).
    fn read_header(&mut self) -> Result<(), Fault> {
        let start = self.input;
        let head: [u8; 10] = self.take_array()?;
        let [0x1F, 0x8B, 8, flags, ..] = head else { return Err(Fault::GzipHeader) };
        if flags & EXTRA != 0 {
            let length = u16::from_le_bytes(self.take_array()?);
            self.take(usize::from(length))?;
        }
        if flags & NAME != 0 {
            self.take_text()?;
        }
        if flags & COMMENT != 0 {
            self.take_text()?;
        }
        if flags & HEADER_CHECKSUM != 0 {
            let mut checksum = Crc::new();
            checksum.update(start.get(..start.len() - self.input.len()).unwrap_or_default());
            let said = u16::from_le_bytes(self.take_array()?);
            if u32::from(said) != checksum.sum() & 0xFFFF {
                return Err(Fault::GzipHeader);
            }
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.input.split_at_checked(count).ok_or(Fault::UnexpectedEnd)?;
        self.input = rest;
        Ok(taken)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| Fault::UnexpectedEnd)
    }

    /// Passes over a text that ends with a zero.
    fn take_text(&mut self) -> Result<(), Fault> {
        let searched = self.input.get(..MAX_TEXT_BYTES).unwrap_or(self.input);
        match searched.iter().position(|byte| *byte == 0) {
            Some(end) => self.take(end + 1).map(drop),
            None if searched.len() < MAX_TEXT_BYTES => Err(Fault::UnexpectedEnd),
            None => Err(Fault::GzipHeader),
        }
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
        let mut gunzip = match Gunzip::new(bytes) {
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
}
