//! DER (the strict form of ASN.1) written and read, as far as keys and certificates need it.

use super::natural::Natural;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const NULL: &[u8] = &[5, 0];

/// Writes one element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    if content.len() < 0x80 {
        bytes.push(content.len() as u8);
    } else {
        let length = Natural::from_u64(content.len() as u64).to_be_bytes();
        bytes.push(0x80 | length.len() as u8);
        bytes.extend(length);
    }
    bytes.extend(content);
    bytes
}

/// Writes a sequence of elements.
pub(crate) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

pub(crate) fn integer(number: &Natural) -> Vec<u8> {
    let mut bytes = number.to_be_bytes();
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    element(INTEGER, &bytes)
}

/// Writes whole bytes as a bit string.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes].concat())
}

pub(crate) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    element(OCTET_STRING, bytes)
}

/// Writes an object identifier whose content is given encoded.
pub(crate) fn object_identifier(encoded: &[u8]) -> Vec<u8> {
    element(OBJECT_IDENTIFIER, encoded)
}

/// Reads elements one after another (golang.org/x/crypto/cryptobyte); what does not fit is `None`.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

/// An element: its tag, its content and all its bytes.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn next_is(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// Reads an element of any tag.
    pub(crate) fn any(&mut self) -> Option<Element<'a>> {
        let [tag, first, ..] = *self.0 else { return None };
        // Tags of several bytes do not occur in X.509.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = if first & 0x80 == 0 {
            (2, usize::from(first))
        } else {
            long_length(usize::from(first & 0x7f), &self.0[2..])?
        };
        let whole = self.0.get(..header.checked_add(length)?)?;
        self.0 = &self.0[whole.len()..];
        Some(Element { tag, content: &whole[header..], whole })
    }

    /// Reads an element that must have this tag.
    pub(crate) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.next_is(tag) { self.any() } else { None }
    }

    /// Reads the content of an element that must have this tag.
    pub(crate) fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        Some(self.element(tag)?.content)
    }

    /// Reads an element and goes on inside it.
    pub(crate) fn inside(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.content(tag).map(Reader)
    }

    /// Reads an element if the next one has this tag. `Some(None)` is: not there.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.next_is(tag) { self.content(tag).map(Some) } else { Some(None) }
    }

    /// Reads an integer, in its shortest form, which may be negative.
    pub(crate) fn integer(&mut self) -> Option<Integer> {
        Integer::from_content(self.content(INTEGER)?)
    }

    /// Reads an object identifier, encoded.
    pub(crate) fn object_identifier(&mut self) -> Option<&'a [u8]> {
        let content = self.content(OBJECT_IDENTIFIER)?;
        identifier_text(content).map(|_| content)
    }

    /// Reads a bit string of whole bytes or less: the bytes and the number of unused bits.
    pub(crate) fn bit_string(&mut self) -> Option<(&'a [u8], u8)> {
        let (&unused, bytes) = self.content(BIT_STRING)?.split_first()?;
        let padding = bytes.last().map_or(0, |last| last & ((1_u16 << unused.min(8)) - 1) as u8);
        (unused <= 7 && (unused == 0 || !bytes.is_empty()) && padding == 0).then_some((bytes, unused))
    }

    pub(crate) fn boolean(&mut self) -> Option<bool> {
        match self.content(BOOLEAN)? {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }
}

/// A number that was read; negative ones are only told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    Negative(i64),
    Natural(Natural),
}

impl Integer {
    pub(crate) fn from_content(content: &[u8]) -> Option<Self> {
        match content {
            [] => None,
            [0, second, ..] if second & 0x80 == 0 => None,
            [0xff, second, ..] if second & 0x80 != 0 => None,
            [first, ..] if first & 0x80 != 0 => Some(Self::Negative(
                content.iter().fold(-1_i64, |number, &byte| number.wrapping_shl(8) | i64::from(byte)),
            )),
            _ => Some(Self::Natural(Natural::from_be_bytes(content))),
        }
    }

    /// The number if it is above zero.
    pub(crate) fn positive(self) -> Option<Natural> {
        match self {
            Self::Natural(number) if !number.is_zero() => Some(number),
            _ => None,
        }
    }
}

/// Lengths above 127: how many bytes the header has, and the length. They must be in their shortest form.
fn long_length(count: usize, bytes: &[u8]) -> Option<(usize, usize)> {
    if count == 0 || count > 4 {
        return None;
    }
    let length = bytes.get(..count)?.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
    let shortest = length >= 0x80 && length >> ((count - 1) * 8) != 0;
    shortest.then_some((2 + count, length))
}

/// Returns the dotted form of an encoded object identifier.
pub(crate) fn identifier_text(encoded: &[u8]) -> Option<String> {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    let mut complete = false;
    for &byte in encoded {
        // Go: numbers above 2^31 and padding in front are no identifiers.
        if number == 0 && byte == 0x80 || number > u64::from(u32::MAX >> 1) >> 7 {
            return None;
        }
        number = number << 7 | u64::from(byte & 0x7f);
        complete = byte & 0x80 == 0;
        if complete {
            numbers.push(number);
            number = 0;
        }
    }
    let (&first, rest) = numbers.split_first().filter(|_| complete)?;
    let (root, second) = if first < 80 { (first / 40, first % 40) } else { (2, first - 80) };
    let mut text = format!("{root}.{second}");
    rest.iter().for_each(|number| text.push_str(&format!(".{number}")));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_elements_come_back() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let written = element(OCTET_STRING, &content);
            assert_eq!(Reader(&written).content(OCTET_STRING), Some(&content[..]));
        }
    }

    #[test]
    fn integers_are_shortest_and_signed() {
        assert_eq!(integer(&Natural::from_u64(0)), [2, 1, 0]);
        assert_eq!(integer(&Natural::from_u64(128)), [2, 2, 0, 128]);
        assert_eq!(Reader(&[2, 1, 0xff]).integer(), Some(Integer::Negative(-1)));
        assert_eq!(Reader(&[2, 2, 0, 1]).integer(), None);
        assert_eq!(Reader(&[2, 0]).integer(), None);
    }

    #[test]
    fn lengths_must_be_shortest() {
        assert!(Reader(&[4, 0x81, 1, 7]).any().is_none());
        assert!(Reader(&[4, 0x80, 0, 0]).any().is_none());
        assert!(Reader(&[4, 0x85, 0, 0, 0, 0, 1]).any().is_none());
        assert!(Reader(&[4, 9, 1]).any().is_none());
    }

    #[test]
    fn identifiers_are_dotted() {
        assert_eq!(identifier_text(&[0x55, 29, 15]).as_deref(), Some("2.5.29.15"));
        assert_eq!(identifier_text(&[0x2a, 0x86, 0x48]).as_deref(), Some("1.2.840"));
        assert_eq!(identifier_text(&[0x2a, 0x86]), None);
        assert_eq!(identifier_text(&[]), None);
    }
}
