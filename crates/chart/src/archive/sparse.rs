//! Files with holes: which parts of them an archive has, in the forms that Go's `archive/tar` reads. Pure.

use std::ops::Range;

use super::fault::Fault;
use super::header::{BLOCK_BYTES, number};
use super::pax::go_integer;

/// How long the list of parts in front of a file may be (`maxSpecialFileSize`).
const MAX_LIST_BYTES: usize = 1 << 20;

/// Where in a block of parts alone the flag is that says whether another one goes on.
pub(super) const FLAG: usize = 504;

/// A part of a file that has contents; between the parts there are zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Where in the file it begins.
    pub(super) start: i64,
    /// How many bytes it has.
    pub(super) length: i64,
}

impl Part {
    /// Returns its place in the file.
    pub(super) fn range(&self) -> Option<Range<usize>> {
        let start = usize::try_from(self.start).ok()?;
        Some(start..start.checked_add(usize::try_from(self.length).ok()?)?)
    }
}

/// Reads the parts that a block of GNU tar lists between `from` and its flag that says whether another block goes on
/// (`readOldGNUSparseMap`).
pub(super) fn in_block(
    block: &[u8; BLOCK_BYTES],
    from: usize,
    flag: usize,
) -> Result<(Vec<Part>, bool), Fault> {
    const NUMBER_BYTES: usize = 12;
    let list = block.get(from..flag).unwrap_or_default();
    let mut parts = Vec::new();
    for entry in list.chunks_exact(2 * NUMBER_BYTES).take_while(|entry| entry[0] != 0) {
        let (start, length) = entry.split_at(NUMBER_BYTES);
        parts.push(Part { start: number(start)?, length: number(length)? });
    }
    Ok((parts, block[flag] > 0))
}

/// Reads as many parts as `count` says from numbers that stand in turn (`readGNUSparseMap0x1`).
pub(super) fn listed(count: &[u8], list: &[u8]) -> Result<Vec<Part>, Fault> {
    let count = usize::try_from(go_integer(count).ok_or(Fault::TarHeader)?).map_err(|_| Fault::TarHeader)?;
    let numbers: Vec<&[u8]> =
        if list.is_empty() { Vec::new() } else { list.split(|byte| *byte == b',').collect() };
    if count.checked_mul(2) != Some(numbers.len()) {
        return Err(Fault::TarHeader);
    }
    parts(numbers)
}

/// Reads the parts from lines at the beginning of the file's own contents, which take whole blocks
/// (`readGNUSparseMap1x0`).
pub(super) fn in_front(
    mut next_block: impl FnMut() -> Result<[u8; BLOCK_BYTES], Fault>,
) -> Result<Vec<Part>, Fault> {
    let mut text = Vec::new();
    let mut lines = 0;
    let mut read_up_to = |wanted: usize, text: &mut Vec<u8>| {
        while lines < wanted {
            if text.len() + BLOCK_BYTES > MAX_LIST_BYTES {
                return Err(Fault::SparseTooLong);
            }
            let block = next_block()?;
            lines += block.iter().filter(|byte| **byte == b'\n').count();
            text.extend_from_slice(&block);
        }
        Ok(())
    };
    read_up_to(1, &mut text)?;
    let count = text.split(|byte| *byte == b'\n').next().and_then(go_integer).ok_or(Fault::TarHeader)?;
    let numbers =
        usize::try_from(count).ok().and_then(|count| count.checked_mul(2)).ok_or(Fault::TarHeader)?;
    read_up_to(numbers.saturating_add(1), &mut text)?;
    parts(text.split(|byte| *byte == b'\n').skip(1).take(numbers).collect())
}

fn parts(numbers: Vec<&[u8]>) -> Result<Vec<Part>, Fault> {
    let part = |pair: &[&[u8]]| Some(Part { start: go_integer(pair[0])?, length: go_integer(pair[1])? });
    numbers.chunks_exact(2).map(|pair| part(pair).ok_or(Fault::TarHeader)).collect()
}

/// Checks that parts follow one another inside a file of that size (`validateSparseEntries`).
pub(super) fn check(parts: &[Part], size: i64) -> Result<(), Fault> {
    let mut end = 0;
    for part in parts {
        let next = part.start.checked_add(part.length).ok_or(Fault::TarHeader)?;
        if part.start < 0 || part.length < 0 || next > size || end > part.start {
            return Err(Fault::TarHeader);
        }
        end = next;
    }
    if size < 0 { Err(Fault::TarHeader) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_BYTES, Fault, Part, check, in_front, listed};

    const fn part(start: i64, length: i64) -> Part {
        Part { start, length }
    }

    #[test]
    fn lists_have_the_numbers_they_promise() {
        assert_eq!(listed(b"2", b"0,5,10,1"), Ok(vec![part(0, 5), part(10, 1)]));
        assert_eq!(listed(b"0", b""), Ok(Vec::new()));
        for (count, list) in [("1", "0,5,10,1"), ("", "0,5"), ("-1", "0"), ("1", "x,5"), ("1", "0,")] {
            assert_eq!(listed(count.as_bytes(), list.as_bytes()), Err(Fault::TarHeader), "{count} {list}");
        }
    }

    #[test]
    fn lists_in_front_take_whole_blocks() {
        let read = |text: &str| {
            let mut text = text.as_bytes().to_vec();
            text.resize(text.len().next_multiple_of(BLOCK_BYTES), 0);
            let mut blocks = text.chunks_exact(BLOCK_BYTES).map(|block| block.try_into().unwrap());
            in_front(|| blocks.next().ok_or(Fault::UnexpectedEnd))
        };
        assert_eq!(read("1\n512\n7\n"), Ok(vec![part(512, 7)]));
        assert_eq!(read("1\n512\n"), Err(Fault::UnexpectedEnd));
        assert_eq!(read("x\n512\n7\n"), Err(Fault::TarHeader));
        assert_eq!(in_front(|| Ok([b'1'; BLOCK_BYTES])), Err(Fault::SparseTooLong));
    }

    #[test]
    fn parts_follow_one_another() {
        assert_eq!(check(&[part(0, 5), part(5, 0), part(8, 2)], 10), Ok(()));
        for parts in [&[part(0, 11)][..], &[part(-1, 2)], &[part(0, -1)], &[part(4, 2), part(0, 1)]] {
            assert_eq!(check(parts, 10), Err(Fault::TarHeader), "{parts:?}");
        }
        assert_eq!(check(&[part(i64::MAX, 1)], i64::MAX), Err(Fault::TarHeader));
    }
}
