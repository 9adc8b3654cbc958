//! Fields of a DER structure read with the error texts of Go's encoding/asn1, which key files show users.

use super::der::{self, Integer};
use super::natural::Natural;
use crate::error::Error;

/// What a field should be: its universal tag, whether it is compound, and its type's name in Go.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    tag: u8,
    name: &'static str,
}

pub(crate) const INT: Kind = Kind { tag: der::INTEGER, name: "int" };
pub(crate) const BIG_INT: Kind = Kind { tag: der::INTEGER, name: "" };
pub(crate) const BYTES: Kind = Kind { tag: der::OCTET_STRING, name: "" };
pub(crate) const IDENTIFIER: Kind = Kind { tag: der::OBJECT_IDENTIFIER, name: "ObjectIdentifier" };

/// A structure of the Go type `name`.
pub(crate) const fn structure(name: &'static str) -> Kind {
    Kind { tag: der::SEQUENCE, name }
}

/// The fields of a structure that are still to be read.
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    offset: usize,
}

struct Header {
    class: u8,
    tag: usize,
    compound: bool,
    length: usize,
    /// Where the content starts.
    content: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Returns what was not read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.offset..]
    }

    /// Tells whether the next element starts with this byte.
    pub(crate) fn next_is(&self, tag: u8) -> bool {
        self.rest().first() == Some(&tag)
    }

    /// Reads the content of a field.
    ///
    /// # Errors
    /// As Go's `parseField`.
    pub(crate) fn content(&mut self, kind: Kind) -> Result<&'a [u8], Error> {
        if self.rest().is_empty() {
            return Err(syntax("sequence truncated"));
        }
        let header = self.header()?;
        let (tag, compound) = (usize::from(kind.tag & 0x1f), kind.tag & 0x20 != 0);
        if header.class != 0 || header.tag != tag || header.compound != compound {
            return Err(mismatch(tag, &header, kind.name));
        }
        let content =
            self.bytes[header.content..].get(..header.length).ok_or_else(|| syntax("data truncated"))?;
        self.offset = header.content + header.length;
        Ok(content)
    }

    /// Reads a structure and returns its fields.
    pub(crate) fn structure(&mut self, name: &'static str) -> Result<Fields<'a>, Error> {
        self.content(structure(name)).map(Fields::new)
    }

    /// Reads a number that must fit Go's `int`.
    pub(crate) fn int(&mut self) -> Result<i64, Error> {
        let content = self.content(INT)?;
        let too_large = || structural("integer too large");
        match integer(content)? {
            _ if content.len() > 8 => Err(too_large()),
            Integer::Negative(number) => Ok(number),
            Integer::Natural(number) => {
                i64::try_from(number.limbs().first().copied().unwrap_or(0)).map_err(|_| too_large())
            }
        }
    }

    /// Reads a number of any size; what is not above zero is `None`.
    pub(crate) fn big_int(&mut self) -> Result<Option<Natural>, Error> {
        Ok(integer(self.content(BIG_INT)?)?.positive())
    }

    /// Reads a number that may be missing.
    pub(crate) fn optional_big_int(&mut self) -> Result<Option<Option<Natural>>, Error> {
        if self.next_is(der::INTEGER) { self.big_int().map(Some) } else { Ok(None) }
    }

    /// Reads an element of any kind, all of its bytes.
    pub(crate) fn any(&mut self) -> Result<&'a [u8], Error> {
        let header = self.header()?;
        let start = self.offset;
        let end = header.content + header.length;
        let bytes = self.bytes.get(start..end).ok_or_else(|| syntax("data truncated"))?;
        self.offset = end;
        Ok(bytes)
    }

    fn header(&self) -> Result<Header, Error> {
        let mut bytes =
            self.rest().iter().copied().enumerate().map(|(index, byte)| (self.offset + index + 1, byte));
        let mut next = || bytes.next().ok_or_else(|| syntax("truncated tag or length"));
        let (_, first) = next()?;
        let mut tag = usize::from(first & 0x1f);
        if tag == 0x1f {
            tag = 0;
            loop {
                let (_, byte) = next().map_err(|_| syntax("truncated base 128 integer"))?;
                if tag >> 24 != 0 {
                    return Err(structural("base 128 integer too large"));
                }
                tag = tag << 7 | usize::from(byte & 0x7f);
                if byte & 0x80 == 0 {
                    break;
                }
            }
            if tag < 0x1f {
                return Err(syntax("non-minimal tag"));
            }
        }
        let (mut content, byte) = next()?;
        let mut length = usize::from(byte);
        if byte & 0x80 != 0 {
            length = 0;
            if byte == 0x80 {
                return Err(syntax("indefinite length found (not DER)"));
            }
            for _ in 0..byte & 0x7f {
                let byte;
                (content, byte) = next()?;
                if length >= 1 << 23 {
                    return Err(structural("length too large"));
                }
                length = length << 8 | usize::from(byte);
                if length == 0 {
                    return Err(structural("superfluous leading zeros in length"));
                }
            }
            if length < 0x80 {
                return Err(structural("non-minimal length"));
            }
        }
        Ok(Header { class: first >> 6, tag, compound: first & 0x20 != 0, length, content })
    }
}

/// Go's `asn1.SyntaxError`.
pub(crate) fn syntax(text: &str) -> Error {
    Error::new(format!("asn1: syntax error: {text}"))
}

/// Go's `asn1.StructuralError`.
pub(crate) fn structural(text: &str) -> Error {
    Error::new(format!("asn1: structure error: {text}"))
}

fn integer(content: &[u8]) -> Result<Integer, Error> {
    let text = if content.is_empty() { "empty integer" } else { "integer not minimally-encoded" };
    Integer::from_content(content).ok_or_else(|| structural(text))
}

fn mismatch(expected: usize, header: &Header, name: &str) -> Error {
    let Header { class, tag, compound, length, content } = header;
    structural(&format!(
        "tags don't match ({expected} vs {{class:{class} tag:{tag} length:{length} isCompound:{compound}}}) \
         {{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> \
         stringType:0 timeType:0 set:false omitEmpty:false}} {name} @{content}"
    ))
}
