//! Gzip as Go's `compress/gzip` and `compress/flate` read it: what comes before a fault is given out first. Pure.

use std::io::{self, BufRead};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::fault::Fault;

/// How long name and comment of a header may be, their ends included.
const MAX_TEXT_BYTES: usize = 512;

/// Bits of a gzip header's flags (RFC 1952).
const HEADER_CHECKSUM: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

/// Decompresses the members of a gzip file one after the other.
pub(super) struct Inflater<R> {
    /// What is not decompressed yet.
    input: R,
    inflate: Decompress,
    checksum: Crc,
    /// Why there is nothing more; the inner nothing is a proper end.
    end: Option<Option<Fault>>,
}

impl<R: BufRead> Inflater<R> {
    /// Reads the first header.
    pub(super) fn new(input: R) -> Result<Self, Fault> {
        let mut inflater =
            Inflater { input, inflate: Decompress::new(false), checksum: Crc::new(), end: None };
        if inflater.held()?.is_empty() {
            return Err(Fault::Empty);
        }
        inflater.read_header()?;
        Ok(inflater)
    }

    /// Decompresses into the beginning of a buffer, and returns how much; nothing comes only at a proper end.
    pub(super) fn inflate_into(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if let Some(end) = self.end {
                return end.map_or(Ok(0), Err);
            }
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            self.held()?;
            let outcome = self.inflate.decompress(self.input.fill_buf()?, out, FlushDecompress::None);
            let read = usize::try_from(self.inflate.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(self.inflate.total_out() - written).unwrap_or(usize::MAX);
            self.input.consume(read);
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
            Ok(()) => match self.held() {
                Ok([]) => Some(None),
                Ok(_) => self.read_header().err().map(Some),
                Err(fault) => Some(Some(fault)),
            },
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
        let mut checksum = Crc::new();
        let head: [u8; 10] = self.take_header(&mut checksum)?;
        let [0x1F, 0x8B, 8, flags, ..] = head else { return Err(Fault::GzipHeader) };
        if flags & EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.take_header(&mut checksum)?) {
                let [_] = self.take_header(&mut checksum)?;
            }
        }
        if flags & NAME != 0 {
            self.take_text(&mut checksum)?;
        }
        if flags & COMMENT != 0 {
            self.take_text(&mut checksum)?;
        }
        if flags & HEADER_CHECKSUM != 0 {
            let said = u16::from_le_bytes(self.take_array()?);
            if u32::from(said) != checksum.sum() & 0xFFFF {
                return Err(Fault::GzipHeader);
            }
        }
        Ok(())
    }

    /// Returns what was read and not decompressed, which is nothing only at the end.
    fn held(&mut self) -> Result<&[u8], Fault> {
        while let Err(error) = self.input.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error.into());
            }
        }
        Ok(self.input.fill_buf()?)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Takes bytes of a header, which are part of its checksum.
    fn take_header<const N: usize>(&mut self, checksum: &mut Crc) -> Result<[u8; N], Fault> {
        let bytes = self.take_array()?;
        checksum.update(&bytes);
        Ok(bytes)
    }

    /// Passes over a text that ends with a zero.
    fn take_text(&mut self, checksum: &mut Crc) -> Result<(), Fault> {
        for _ in 0..MAX_TEXT_BYTES {
            if self.take_header(checksum)? == [0] {
                return Ok(());
            }
        }
        Err(Fault::GzipHeader)
    }
}
