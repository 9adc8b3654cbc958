//! Extended headers (PAX): records that say more of the next member than its own header can.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::header::Header;

/// The records of an extended header by their keys.
#[derive(Debug, Default)]
pub(super) struct Records(BTreeMap<Vec<u8>, Vec<u8>>);

/// Keys of the parts of a map of holes, which stand several times and in turn.
const HOLE_OFFSET: &[u8] = b"GNU.sparse.offset";
const HOLE_SIZE: &[u8] = b"GNU.sparse.numbytes";
const HOLE_MAP: &[u8] = b"GNU.sparse.map";

/// Reads records (`parsePAX`).
pub(super) fn records(text: &[u8]) -> Result<Records, Fault> {
    let mut records = BTreeMap::new();
    let mut holes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (key, value, after) = record(rest).ok_or(Fault::TarHeader)?;
        rest = after;
        match key {
            HOLE_OFFSET | HOLE_SIZE => {
                let expected = if holes.len() % 2 == 0 { HOLE_OFFSET } else { HOLE_SIZE };
                if key != expected || value.contains(&b',') {
                    return Err(Fault::TarHeader);
                }
                holes.push(value);
            }
            _ => {
                records.insert(key.to_vec(), value.to_vec());
            }
        }
    }
    if !holes.is_empty() {
        records.insert(HOLE_MAP.to_vec(), holes.join(&b','));
    }
    Ok(Records(records))
}

/// Splits off the first record, `LENGTH KEY=VALUE\n`, where the length is that of all of it.
fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = text.iter().position(|byte| *byte == b' ')?;
    let length = go_integer(text.get(..blank)?)?;
    let length = usize::try_from(length).ok().filter(|length| *length >= 5)?;
    let (record, rest) = text.split_at_checked(length)?;
    let record = record.get(blank + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (record.get(..equals)?, record.get(equals + 1..)?);
    let checked = match key {
        b"path" | b"linkpath" | b"uname" | b"gname" => value,
        _ => key,
    };
    (!key.is_empty() && !checked.contains(&0)).then_some((key, value, rest))
}

impl Records {
    /// Writes the records over what the member's own header says (`mergePAX`).
    pub(super) fn apply(&self, member: &mut Header) -> Result<(), Fault> {
        for (key, value) in self.0.iter().filter(|(_, value)| !value.is_empty()) {
            let number = || go_integer(value).ok_or(Fault::TarHeader);
            match key.as_slice() {
                b"path" => member.name.clone_from(value),
                b"size" => member.size = number()?,
                b"mtime" => member.modified = seconds(value)?,
                b"uid" | b"gid" => drop(number()?),
                b"atime" | b"ctime" => drop(seconds(value)?),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes the name and the size of a sparse file over what its own header says, and tells where its parts are listed
    /// (`readGNUSparsePAXHeaders`).
    pub(super) fn apply_sparse(&self, member: &mut Header) -> Result<List<'_>, Fault> {
        let list = self.list();
        if matches!(list, List::None) {
            return Ok(list);
        }
        if let name @ [_, ..] = self.get("GNU.sparse.name") {
            member.name = name.to_vec();
        }
        let size = match self.get("GNU.sparse.size") {
            [] => self.get("GNU.sparse.realsize"),
            size => size,
        };
        if !size.is_empty() {
            member.size = go_integer(size).ok_or(Fault::TarHeader)?;
        }
        Ok(list)
    }

    fn list(&self) -> List<'_> {
        let map = self.get("GNU.sparse.map");
        let listed = List::Listed { count: self.get("GNU.sparse.numblocks"), parts: map };
        match (self.get("GNU.sparse.major"), self.get("GNU.sparse.minor")) {
            (b"0", b"0" | b"1") => listed,
            (b"1", b"0") => List::InFront,
            (b"", b"") if !map.is_empty() => listed,
            _ => List::None,
        }
    }

    fn get(&self, key: &str) -> &[u8] {
        self.0.get(key.as_bytes()).map_or(&[], Vec::as_slice)
    }
}

/// Where the parts of a sparse file are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List<'r> {
    /// Nowhere, or in a form that Go does not know: the file is taken as it is.
    None,
    /// In the records (forms 0.0 and 0.1).
    Listed { count: &'r [u8], parts: &'r [u8] },
    /// In front of the contents (form 1.0).
    InFront,
}

/// Reads whole seconds of a time with a fraction (`parsePAXTime`).
fn seconds(text: &[u8]) -> Result<i64, Fault> {
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let whole = parts.next().and_then(go_integer).ok_or(Fault::TarHeader)?;
    let is_fraction = parts.next().unwrap_or_default().iter().all(u8::is_ascii_digit);
    if is_fraction { Ok(whole) } else { Err(Fault::TarHeader) }
}

/// Reads a decimal number as Go's `strconv.ParseInt` does, a sign allowed.
pub(super) fn go_integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Fault, Header, List, records};

    #[test]
    fn records_are_written_over_the_header() {
        let mut member = Header { name: b"short".to_vec(), size: 1, ..Header::default() };
        let text = b"12 path=a/b\n9 size=7\n24 mtime=1700000000.123\n";
        records(text).unwrap().apply(&mut member).unwrap();
        assert_eq!((member.name.as_slice(), member.size, member.modified), (&b"a/b"[..], 7, 1_700_000_000));
    }

    #[test]
    fn records_that_make_no_sense_are_refused() {
        for text in
            [&b"12 path=a/b"[..], b"x", b"99 a=b\n", b"6 a=b\nx", b"5 =b\n", b"13 path=a\0b \n", b"4 =\n"]
        {
            assert_eq!(records(text).err(), Some(Fault::TarHeader), "{text:?}");
        }
        let wrong = records(b"9 size=x\n").unwrap();
        assert_eq!(wrong.apply(&mut Header::default()), Err(Fault::TarHeader));
    }

    #[test]
    fn sparse_files_are_seen() {
        let list = |text: &[u8]| format!("{:?}", records(text).unwrap().list());
        assert_eq!(list(b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"), "InFront");
        assert_eq!(list(b"22 GNU.sparse.major=3\n22 GNU.sparse.minor=0\n"), "None");
        let parts = records(b"23 GNU.sparse.offset=0\n25 GNU.sparse.numbytes=5\n").unwrap();
        assert_eq!(parts.list(), List::Listed { count: b"", parts: b"0,5" });
    }
}
