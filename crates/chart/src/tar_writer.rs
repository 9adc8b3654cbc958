//! Tar archives as Go's `archive/tar` writes them: USTAR where a name fits, else a PAX header before the member. Pure.

const BLOCK_BYTES: usize = 512;
const NAME_BYTES: usize = 100;
const PREFIX_BYTES: usize = 155;
const FILE_MODE: u64 = 0o644;
const REGULAR: u8 = b'0';
const EXTENDED: u8 = b'x';
/// The largest time that eleven octal digits hold.
const MAX_TIME: u64 = (1 << 33) - 1;

/// An archive in the making.
#[derive(Default)]
pub(crate) struct TarWriter {
    out: Vec<u8>,
}

impl TarWriter {
    /// Adds a file.
    pub(crate) fn add(&mut self, name: &str, data: &[u8], seconds: u64) {
        let seconds = seconds.min(MAX_TIME);
        match split(name) {
            Some((prefix, name)) => self.header(prefix, name, FILE_MODE, data.len(), seconds, REGULAR),
            None => {
                self.extended(name);
                self.header("", &ascii(name), FILE_MODE, data.len(), seconds, REGULAR);
            }
        }
        self.body(data);
    }

    /// Returns the archive with its end mark.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.out.resize(self.out.len() + 2 * BLOCK_BYTES, 0);
        self.out
    }

    /// Adds the header that says a name which USTAR cannot hold.
    fn extended(&mut self, name: &str) {
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        let own_name = crate::clean(&format!("{folder}/PaxHeaders.0/{base}"));
        let own_name = ascii(own_name.trim_start_matches('/'));
        let record = record("path", name);
        let shown = own_name.get(..NAME_BYTES).unwrap_or(&own_name).trim_end_matches('/');
        self.header("", shown, 0, record.len(), 0, EXTENDED);
        self.body(&record);
    }

    fn header(&mut self, prefix: &str, name: &str, mode: u64, size: usize, seconds: u64, kind: u8) {
        let mut block = [0; BLOCK_BYTES];
        put(&mut block, 0, NAME_BYTES, name.as_bytes());
        put_octal(&mut block, 100, 8, mode);
        put_octal(&mut block, 108, 8, 0);
        put_octal(&mut block, 116, 8, 0);
        put_octal(&mut block, 124, 12, size as u64);
        put_octal(&mut block, 136, 12, seconds);
        block[148..156].fill(b' ');
        block[156] = kind;
        put(&mut block, 257, 8, b"ustar\x0000");
        if kind == REGULAR {
            // Go leaves the device numbers of extended headers empty.
            put_octal(&mut block, 329, 8, 0);
            put_octal(&mut block, 337, 8, 0);
        }
        put(&mut block, 345, PREFIX_BYTES, prefix.as_bytes());
        let sum = block.iter().map(|byte| u64::from(*byte)).sum();
        put_octal(&mut block, 148, 7, sum);
        self.out.extend_from_slice(&block);
    }

    fn body(&mut self, data: &[u8]) {
        self.out.extend_from_slice(data);
        self.out.resize(self.out.len().next_multiple_of(BLOCK_BYTES), 0);
    }
}

/// Puts bytes into a field, as many as it holds.
fn put(block: &mut [u8; BLOCK_BYTES], at: usize, length: usize, bytes: &[u8]) {
    let length = bytes.len().min(length);
    block[at..at + length].copy_from_slice(&bytes[..length]);
}

/// Puts a number into a field: octal digits, zeros before them, a zero byte behind.
fn put_octal(block: &mut [u8; BLOCK_BYTES], at: usize, length: usize, number: u64) {
    let digits = format!("{number:0width$o}", width = length - 1);
    put(block, at, length, digits.as_bytes());
    block[at + length - 1] = 0;
}

/// Splits a name into prefix and name as USTAR wants them; `None` if it does not fit or is not ASCII.
fn split(name: &str) -> Option<(&str, &str)> {
    if !name.is_ascii() || name.contains('\0') {
        return None;
    }
    if name.len() <= NAME_BYTES {
        return Some(("", name));
    }
    let limit = name.len().min(PREFIX_BYTES + 1);
    let at = name.get(..limit)?.rfind('/').filter(|at| *at > 0)?;
    let (prefix, rest) = (name.get(..at)?, name.get(at + 1..)?);
    (!rest.is_empty() && rest.len() <= NAME_BYTES).then_some((prefix, rest))
}

/// Leaves out what is not ASCII.
fn ascii(name: &str) -> String {
    name.chars().filter(|letter| letter.is_ascii() && *letter != '\0').collect()
}

/// Returns a record of an extended header, which begins with its own length.
fn record(key: &str, text: &str) -> Vec<u8> {
    let rest = format!(" {key}={text}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{TarWriter, record, split};

    #[test]
    fn long_names_are_split_where_they_can_be() {
        let folder = "f".repeat(90);
        let name = format!("{folder}/{folder}");
        assert_eq!(split(&name), Some((folder.as_str(), folder.as_str())));
        assert_eq!(split("a/b"), Some(("", "a/b")));
        assert_eq!(split(&"x".repeat(101)), None);
        assert_eq!(split("ä"), None);
    }

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(record("path", "ä"), "11 path=\u{e4}\n".as_bytes());
        for length in 80..100 {
            let record = record("path", &"x".repeat(length));
            let said: usize = String::from_utf8_lossy(&record).split(' ').next().unwrap().parse().unwrap();
            assert_eq!(said, record.len());
        }
    }

    #[test]
    fn members_are_read_back_by_name() {
        let mut writer = TarWriter::default();
        let names = [
            "c/Chart.yaml".to_owned(),
            format!("c/{}/{}", "d".repeat(120), "e".repeat(120)),
            "c/ä".to_owned(),
        ];
        names.iter().for_each(|name| writer.add(name, b"text", 1_700_000_000));
        let bytes = writer.finish();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let read: Vec<String> = archive
            .entries()
            .unwrap()
            .map(|entry| String::from_utf8(entry.unwrap().path_bytes().into_owned()).unwrap())
            .collect();
        assert_eq!(read, names);
    }
}
