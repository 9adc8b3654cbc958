//! The members of a tar as Go's `archive/tar` reads them: the same headers are refused, in the same order. Pure.

use super::fault::Fault;
use super::gunzip::Gunzip;
use super::header::{self, BLOCK_BYTES, Header};
use super::pax::{self, List, Records};
use super::sparse::{self, Part};

/// How long a long name and extended headers may be (`maxSpecialFileSize`).
const MAX_SPECIAL_BYTES: u64 = 1 << 20;

/// Reads one member after the other.
pub(super) struct Members<'a> {
    stream: Gunzip<'a>,
    /// What is not read of the present member's contents.
    left: u64,
    /// What fills its last block up.
    padding: u64,
    /// Which parts of it have contents, if it is sparse.
    parts: Option<Vec<Part>>,
}

impl<'a> Members<'a> {
    /// Returns the members of a stream.
    pub(super) fn new(stream: Gunzip<'a>) -> Self {
        Members { stream, left: 0, padding: 0, parts: None }
    }

    /// Returns where in the stream the present member's unread contents begin.
    pub(super) fn position(&self) -> u64 {
        self.stream.position()
    }

    /// Goes to the next member; nothing at the end (`Reader.Next`).
    pub(super) fn next(&mut self) -> Result<Option<Header>, Fault> {
        let mut records = Records::default();
        let mut long_name = None;
        loop {
            self.pass_rest()?;
            let Some(block) = self.read_header()? else { return Ok(None) };
            let mut member = Header::read(&block)?;
            self.begin(&member)?;
            match member.kind {
                header::EXTENDED => records = pax::records(&self.special()?)?,
                header::GLOBAL => {
                    pax::records(&self.special()?)?;
                    return Ok(Some(member));
                }
                header::LONG_NAME => long_name = Some(header::text(&self.special()?).to_vec()),
                header::LONG_LINK => drop(self.special()?),
                _ => {
                    records.apply(&mut member)?;
                    if let Some(name) = long_name.filter(|name| !name.is_empty()) {
                        member.name = name;
                    }
                    member.settle_kind();
                    self.begin(&member)?;
                    self.parts = self.parts_of(&mut member, &block, &records)?;
                    return Ok(Some(member));
                }
            }
        }
    }

    /// Returns whether the present member has holes, so that its contents are not one piece of the stream.
    pub(super) fn is_sparse(&self) -> bool {
        self.parts.is_some()
    }

    /// Returns the present member's contents, which are so long.
    pub(super) fn read_all(&mut self, size: usize) -> Result<Vec<u8>, Fault> {
        let Some(parts) = self.parts.take() else {
            let mut contents = Vec::with_capacity(size);
            let count = self.stream.append(&mut contents, size)?;
            self.left = self.left.saturating_sub(count as u64);
            return if count < size { Err(Fault::UnexpectedEnd) } else { Ok(contents) };
        };
        let mut contents = vec![0; size];
        self.fill_parts(&parts, &mut contents)?;
        Ok(contents)
    }

    /// Fills the parts between the holes of a member.
    fn fill_parts(&mut self, parts: &[Part], out: &mut [u8]) -> Result<(), Fault> {
        for part in parts {
            let place = part.range().and_then(|range| out.get_mut(range)).ok_or(Fault::TarHeader)?;
            let there = usize::try_from(self.left).unwrap_or(usize::MAX).min(place.len());
            let (present, missing) = place.split_at_mut(there);
            self.read_exact(present)?;
            if !missing.is_empty() {
                return Err(Fault::MissingData);
            }
        }
        if self.left > 0 { Err(Fault::UnreferencedData) } else { Ok(()) }
    }

    /// Fills a buffer with contents of the present member.
    pub(super) fn read_exact(&mut self, out: &mut [u8]) -> Result<(), Fault> {
        let count = self.stream.fill(out)?;
        self.left = self.left.saturating_sub(count as u64);
        if count < out.len() { Err(Fault::UnexpectedEnd) } else { Ok(()) }
    }

    /// Passes over what is left of the present member's contents.
    pub(super) fn pass_contents(&mut self) -> Result<(), Fault> {
        let left = std::mem::take(&mut self.left);
        if self.stream.skip(left)? < left { Err(Fault::UnexpectedEnd) } else { Ok(()) }
    }

    /// Passes over contents and padding; the padding of the last member may be cut off.
    fn pass_rest(&mut self) -> Result<(), Fault> {
        self.pass_contents()?;
        let padding = std::mem::take(&mut self.padding);
        self.stream.skip(padding).map(drop)
    }

    /// Finds out which parts of a sparse file there are; its header then has the size with the holes (`handleSparseFile`).
    fn parts_of(
        &mut self,
        member: &mut Header,
        block: &[u8; BLOCK_BYTES],
        records: &Records,
    ) -> Result<Option<Vec<Part>>, Fault> {
        let parts = if member.kind == header::SPARSE {
            self.old_parts(member, block)?
        } else {
            match records.apply_sparse(member)? {
                List::None => return Ok(None),
                List::Listed { count, parts } => sparse::listed(count, parts)?,
                List::InFront => sparse::in_front(|| self.read_own_block())?,
            }
        };
        if !member.has_contents() {
            return Err(Fault::TarHeader);
        }
        sparse::check(&parts, member.size)?;
        Ok(Some(parts))
    }

    /// Reads what GNU tar lists in the header and in blocks behind it.
    fn old_parts(&mut self, member: &mut Header, block: &[u8; BLOCK_BYTES]) -> Result<Vec<Part>, Fault> {
        if !member.is_gnu {
            return Err(Fault::TarHeader);
        }
        member.take_real_size(block)?;
        let (mut parts, mut goes_on) = sparse::in_block(block, header::SPARSE_LIST, header::SPARSE_FLAG)?;
        while goes_on {
            let block = self.read_block()?.ok_or(Fault::UnexpectedEnd)?;
            let (more, and_on) = sparse::in_block(&block, 0, sparse::FLAG)?;
            parts.extend(more);
            goes_on = and_on;
        }
        Ok(parts)
    }

    /// Reads a block of the present member's contents.
    fn read_own_block(&mut self) -> Result<[u8; BLOCK_BYTES], Fault> {
        let mut block = [0; BLOCK_BYTES];
        let there = usize::try_from(self.left).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        self.read_exact(&mut block[..there])?;
        if there < BLOCK_BYTES { Err(Fault::UnexpectedEnd) } else { Ok(block) }
    }

    /// Notes how long a member's contents are (`handleRegularFile`).
    fn begin(&mut self, member: &Header) -> Result<(), Fault> {
        let size = if member.has_contents() { member.size } else { 0 };
        self.left = u64::try_from(size).map_err(|_| Fault::TarHeader)?;
        self.padding = self.left.wrapping_neg() % BLOCK_BYTES as u64;
        self.parts = None;
        Ok(())
    }

    /// Reads the block of the next header; two blocks of zeros or the end of the stream are the end.
    fn read_header(&mut self) -> Result<Option<[u8; BLOCK_BYTES]>, Fault> {
        let Some(block) = self.read_block()? else { return Ok(None) };
        if !is_zero(&block) {
            return Ok(Some(block));
        }
        match self.read_block()? {
            Some(block) if !is_zero(&block) => Err(Fault::TarHeader),
            _ => Ok(None),
        }
    }

    fn read_block(&mut self) -> Result<Option<[u8; BLOCK_BYTES]>, Fault> {
        let mut block = [0; BLOCK_BYTES];
        match self.stream.fill(&mut block)? {
            0 => Ok(None),
            BLOCK_BYTES => Ok(Some(block)),
            _ => Err(Fault::UnexpectedEnd),
        }
    }

    /// Reads contents that describe the next member.
    fn special(&mut self) -> Result<Vec<u8>, Fault> {
        let size = self.left.min(MAX_SPECIAL_BYTES + 1);
        let mut contents = vec![0; usize::try_from(size).unwrap_or_default()];
        self.read_exact(&mut contents)?;
        if size > MAX_SPECIAL_BYTES { Err(Fault::FieldTooLong) } else { Ok(contents) }
    }
}

fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
}
