//! One header block of a tar, in the forms that Go's `archive/tar` knows: V7, USTAR with and without PAX, STAR and GNU.

use std::ops::Range;

use super::fault::Fault;

/// The size of a block.
pub(super) const BLOCK_BYTES: usize = 512;

/// Kinds of members (the header's type flag).
pub(super) const EXTENDED: u8 = b'x';
pub(super) const GLOBAL: u8 = b'g';
pub(super) const LONG_NAME: u8 = b'L';
pub(super) const LONG_LINK: u8 = b'K';
const REGULAR: u8 = b'0';
const OLD_REGULAR: u8 = 0;
const DIRECTORY: u8 = b'5';
pub(super) const SPARSE: u8 = b'S';

const NAME: Range<usize> = 0..100;
const MODE: Range<usize> = 100..108;
const OWNER: Range<usize> = 108..116;
const GROUP: Range<usize> = 116..124;
const SIZE: Range<usize> = 124..136;
const MODIFIED: Range<usize> = 136..148;
const CHECKSUM: Range<usize> = 148..156;
const KIND: usize = 156;
const MAGIC: Range<usize> = 257..263;
const VERSION: Range<usize> = 263..265;
const DEVICE_MAJOR: Range<usize> = 329..337;
const DEVICE_MINOR: Range<usize> = 337..345;
const PREFIX: Range<usize> = 345..500;
const STAR_PREFIX: Range<usize> = 345..476;
const STAR_ACCESSED: Range<usize> = 476..488;
const STAR_CHANGED: Range<usize> = 488..500;
const STAR_TRAILER: Range<usize> = 508..512;
const GNU_ACCESSED: Range<usize> = 345..357;
const GNU_CHANGED: Range<usize> = 357..369;
const GNU_REAL_SIZE: Range<usize> = 483..495;

/// Where a header of GNU tar lists the parts of a sparse file, and the flag that says whether another block goes on.
pub(super) const SPARSE_LIST: usize = 386;
pub(super) const SPARSE_FLAG: usize = 482;

/// The bits of a mode that tell the type of a file, and those of a directory (`c_ISDIR`).
const NO_PERMISSIONS: i64 = !0o7777;
const DIRECTORY_MODE: i64 = 0o40000;

/// What a header says of a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// The path.
    pub(super) name: Vec<u8>,
    /// The type flag.
    pub(super) kind: u8,
    /// How many bytes its contents have.
    pub(super) size: i64,
    /// Permissions and, in some archives, the type of the file.
    pub(super) mode: i64,
    /// When it was changed, in seconds since 1970.
    pub(super) modified: i64,
    /// Whether it is in the form of GNU tar.
    pub(super) is_gnu: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    V7,
    Ustar,
    Star,
    Gnu,
}

impl Header {
    /// Reads a block (`Reader.readHeader`).
    pub(super) fn read(block: &[u8; BLOCK_BYTES]) -> Result<Header, Fault> {
        let form = form(block)?;
        let mut header = Header {
            name: text(&block[NAME]).to_vec(),
            kind: block[KIND],
            size: number(&block[SIZE])?,
            mode: number(&block[MODE])?,
            modified: number(&block[MODIFIED])?,
            is_gnu: form == Form::Gnu,
        };
        number(&block[OWNER])?;
        number(&block[GROUP])?;
        if form != Form::V7 {
            number(&block[DEVICE_MAJOR])?;
            number(&block[DEVICE_MINOR])?;
        }
        let prefix = prefix(block, form)?;
        if !prefix.is_empty() {
            header.name = [prefix, b"/", &header.name].concat();
        }
        Ok(header)
    }

    /// Returns whether contents may follow: links, devices, directories and pipes have none, whatever their size says.
    pub(super) fn has_contents(&self) -> bool {
        !matches!(self.kind, b'1'..=b'6')
    }

    /// Returns whether it is a directory, by its kind or by its mode (`FileInfo.IsDir`).
    pub(super) fn is_directory(&self) -> bool {
        self.kind == DIRECTORY || self.mode & NO_PERMISSIONS == DIRECTORY_MODE
    }

    /// An old regular file is a directory if its name ends like one.
    pub(super) fn settle_kind(&mut self) {
        if self.kind == OLD_REGULAR {
            self.kind = if self.name.ends_with(b"/") { DIRECTORY } else { REGULAR };
        }
    }

    /// Takes the size of a sparse file with its holes from the block of its header.
    pub(super) fn take_real_size(&mut self, block: &[u8; BLOCK_BYTES]) -> Result<(), Fault> {
        self.size = number(&block[GNU_REAL_SIZE])?;
        Ok(())
    }
}

/// Returns what stands before the name; times in place of it are read only to see that they are numbers.
fn prefix(block: &[u8; BLOCK_BYTES], form: Form) -> Result<&[u8], Fault> {
    match form {
        Form::V7 => Ok(&[]),
        Form::Ustar => Ok(text(&block[PREFIX])),
        Form::Star => {
            number(&block[STAR_ACCESSED])?;
            number(&block[STAR_CHANGED])?;
            Ok(text(&block[STAR_PREFIX]))
        }
        Form::Gnu => {
            let is_time = |field: &[u8]| field.first() == Some(&0) || number(field).is_ok();
            let prefix = text(&block[PREFIX]);
            // Go before 1.8 wrote archives that say GNU and are USTAR.
            let is_mislabelled = !is_time(&block[GNU_ACCESSED]) || !is_time(&block[GNU_CHANGED]);
            Ok(if is_mislabelled && prefix.is_ascii() { prefix } else { &[] })
        }
    }
}

/// Tells the form from its marks; the checksum must be right (`block.getFormat`).
fn form(block: &[u8; BLOCK_BYTES]) -> Result<Form, Fault> {
    let said = octal(&block[CHECKSUM])?;
    // The checksum counts as blanks.
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| i64::from(*byte)).sum::<i64>();
    let negative = |bytes: &[u8]| bytes.iter().map(|byte| i64::from(byte >> 7)).sum::<i64>();
    let blanks = CHECKSUM.len() as i64 * i64::from(b' ');
    let unsigned = sum(block) - sum(&block[CHECKSUM]) + blanks;
    let signed = || unsigned - 256 * (negative(block) - negative(&block[CHECKSUM]));
    if said != unsigned && said != signed() {
        return Err(Fault::TarHeader);
    }
    Ok(match (&block[MAGIC], &block[VERSION]) {
        (b"ustar\0", _) if &block[STAR_TRAILER] == b"tar\0" => Form::Star,
        (b"ustar\0", _) => Form::Ustar,
        (b"ustar ", b" \0") => Form::Gnu,
        _ => Form::V7,
    })
}

/// Returns a text up to its zero, if it has one.
pub(super) fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Reads a number: octal digits, or bytes with the highest bit set (`parser.parseNumeric`).
pub(super) fn number(field: &[u8]) -> Result<i64, Fault> {
    let Some(first) = field.first().filter(|first| *first & 0x80 != 0) else { return octal(field) };
    let inverted = if first & 0x40 != 0 { 0xFF } else { 0 };
    let mut number: u64 = 0;
    for (index, byte) in field.iter().enumerate() {
        let byte = byte ^ inverted;
        let byte = if index == 0 { byte & 0x7F } else { byte };
        if number >> 56 > 0 {
            return Err(Fault::TarHeader);
        }
        number = number << 8 | u64::from(byte);
    }
    let number = i64::try_from(number).map_err(|_| Fault::TarHeader)?;
    Ok(if inverted == 0 { number } else { !number })
}

/// Reads octal digits between blanks and zeros (`parser.parseOctal`).
fn octal(field: &[u8]) -> Result<i64, Fault> {
    let is_filling = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = field.iter().position(|byte| !is_filling(byte)) else { return Ok(0) };
    let end = field.iter().rposition(|byte| !is_filling(byte)).map_or(0, |last| last + 1);
    let digits = text(field.get(start..end).unwrap_or_default());
    let mut number: u64 = 0;
    for digit in digits {
        if !matches!(digit, b'0'..=b'7') || number >> 61 > 0 {
            return Err(Fault::TarHeader);
        }
        number = number << 3 | u64::from(digit - b'0');
    }
    Ok(number.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::{Fault, number};

    #[test]
    fn numbers_are_octal_or_binary() {
        for (field, expected) in [
            (&b"0000644\0"[..], Ok(0o644)),
            (b"  644 \0 ", Ok(0o644)),
            (b"\0\0\0\0", Ok(0)),
            (b"12\x005", Ok(0o12)),
            (b"\x80\0\0\x01\0", Ok(256)),
            (b"\xFF\xFF\xFF\xFE", Ok(-2)),
            (b"89", Err(Fault::TarHeader)),
            (b"-1", Err(Fault::TarHeader)),
            (b"+1", Err(Fault::TarHeader)),
            (b"\x80\x01\0\0\0\0\0\0\0\0", Err(Fault::TarHeader)),
        ] {
            assert_eq!(number(field), expected, "{field:?}");
        }
    }
}
