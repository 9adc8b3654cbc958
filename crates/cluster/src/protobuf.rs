//! Protobuf as far as reading Secrets, ConfigMaps and refusals needs it: fields of messages, by number.

/// Every body of the API begins so (apimachinery, `runtime/serializer/protobuf`).
const PREFIX: &[u8] = b"k8s\0";

/// Numbers of `runtime.Unknown`, the envelope of every body.
const TYPE_META: u64 = 1;
const RAW: u64 = 2;

/// A field of a message; numbers of other widths than a varint are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// A number.
    Number(u64),
    /// A text, bytes, or a message.
    Bytes(&'a [u8]),
}

/// Returns whether a body is in this form.
pub(crate) fn is_protobuf(body: &[u8]) -> bool {
    body.starts_with(PREFIX)
}

/// Returns the kind and the message inside an envelope; `None` for a body of another form, or one that ends early.
pub(crate) fn open(body: &[u8]) -> Option<(String, &[u8])> {
    let envelope = body.strip_prefix(PREFIX)?;
    let (mut kind, mut raw) = (String::new(), &[][..]);
    for (number, field) in fields(envelope)? {
        match (number, field) {
            (TYPE_META, Field::Bytes(meta)) => kind = text(meta, 2)?,
            (RAW, Field::Bytes(message)) => raw = message,
            _ => {}
        }
    }
    Some((kind, raw))
}

/// Returns the fields of a message, in order; `None` if it ends early or is none.
pub(crate) fn fields(mut message: &[u8]) -> Option<Vec<(u64, Field<'_>)>> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message)?;
        match tag & 7 {
            0 => found.push((tag >> 3, Field::Number(varint(&mut message)?))),
            1 => drop(take(&mut message, 8)?),
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                found.push((tag >> 3, Field::Bytes(take(&mut message, length)?)));
            }
            5 => drop(take(&mut message, 4)?),
            _ => return None,
        }
    }
    Some(found)
}

/// Returns the last text under a number, which is what counts; empty when there is none.
pub(crate) fn text(message: &[u8], wanted: u64) -> Option<String> {
    let held = fields(message)?.into_iter().rev().find_map(|(number, field)| match field {
        Field::Bytes(bytes) if number == wanted => Some(bytes),
        _ => None,
    });
    Some(as_text(held.unwrap_or_default()))
}

pub(crate) fn as_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Reads an entry of a map: key and value.
pub(crate) fn entry(message: &[u8]) -> Option<(String, &[u8])> {
    let (mut key, mut value) = (String::new(), &[][..]);
    for (number, field) in fields(message)? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => key = as_text(bytes),
            (2, Field::Bytes(bytes)) => value = bytes,
            _ => {}
        }
    }
    Some((key, value))
}

fn take<'a>(message: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = message.split_at_checked(length)?;
    *message = rest;
    Some(taken)
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = message.split_first()?;
        *message = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Field, entry, fields, open, text};

    #[test]
    fn an_envelope_tells_the_kind() {
        let body = b"k8s\0\x0a\x0c\x0a\x02v1\x12\x06Secret\x12\x03\x0a\x01x\x1a\x00\x22\x00";
        assert_eq!(open(body), Some(("Secret".to_owned(), &b"\x0a\x01x"[..])));
        assert_eq!(open(b"{}"), None);
    }

    #[test]
    fn fields_of_all_widths_are_passed() {
        let message = b"\x08\xac\x02\x11\x00\x00\x00\x00\x00\x00\x00\x00\x1d\x00\x00\x00\x00\x22\x01a";
        assert_eq!(fields(message).unwrap(), [(1, Field::Number(300)), (4, Field::Bytes(b"a"))]);
        assert_eq!(text(message, 4).as_deref(), Some("a"));
        assert_eq!(entry(b"\x0a\x01k\x12\x01v"), Some(("k".to_owned(), &b"v"[..])));
    }

    #[test]
    fn what_ends_early_is_no_message() {
        let whole = b"\x0a\x05abcde\x08\xac\x02";
        let readable: Vec<usize> = (0..=whole.len()).filter(|end| fields(&whole[..*end]).is_some()).collect();
        assert_eq!(readable, [0, 7, 10]);
        assert!(fields(b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").is_none());
        assert!(fields(b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f").is_none());
    }
}
