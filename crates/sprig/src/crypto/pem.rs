//! PEM blocks, read as Go's encoding/pem does and written with lines of 64 letters.

use super::base64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const END_OF_LINE: &[u8] = b"-----";

/// A decoded block; headers are read over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) bytes: Vec<u8>,
}

/// Writes a block without headers.
pub(crate) fn encode(label: &str, bytes: &[u8]) -> String {
    let encoded = base64::encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    for start in (0..encoded.len()).step_by(64) {
        text.push_str(&encoded[start..encoded.len().min(start + 64)]);
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// Returns the first well-formed block of a text.
pub(crate) fn decode(text: &[u8]) -> Option<Block> {
    let mut rest = text;
    loop {
        let end = find(rest, END)?;
        // Go: the last BEGIN before the END counts, so that unfinished blocks are passed over.
        if let Some(begin) = rfind(&rest[..end], BEGIN)
            && (begin == 0 || rest[begin - 1] == b'\n')
            && let Some(block) = decode_at(&rest[begin + BEGIN.len()..], &rest[end + END.len()..])
        {
            return Some(block);
        }
        rest = &rest[end + END.len()..];
    }
}

/// Decodes a block from what follows its BEGIN and what follows its END.
fn decode_at(after_begin: &[u8], after_end: &[u8]) -> Option<Block> {
    let body = &after_begin[..after_begin.len().checked_sub(after_end.len() + END.len())?];
    // The line end of the first line may be the one that starts END, when the block is empty.
    let (first, mut rest) = line(&after_begin[..body.len() + 1]);
    let label = first.strip_suffix(END_OF_LINE)?;
    let (mut headers, mut next) = (false, rest);
    while let (header, after) = line(next)
        && header.contains(&b':')
    {
        (headers, rest, next) = (true, after, after);
    }
    if headers && rest.is_empty() {
        return None;
    }
    let (end, _) = line(after_end);
    if end.strip_suffix(END_OF_LINE)? != label {
        return None;
    }
    let encoded: Vec<u8> = rest.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t')).collect();
    let bytes = base64::decode(&encoded).ok()?;
    Some(Block { label: String::from_utf8_lossy(label).into_owned(), bytes })
}

/// Splits off the first line, without the blanks at its end.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match text.iter().position(|&byte| byte == b'\n') {
        Some(end) => (text[..end].strip_suffix(b"\r").unwrap_or(&text[..end]), &text[end + 1..]),
        None => (text, &text[text.len()..]),
    };
    let length = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    (&line[..length], rest)
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).position(|window| window == pattern)
}

fn rfind(text: &[u8], pattern: &[u8]) -> Option<usize> {
    text.windows(pattern.len()).rposition(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        decode(text.as_bytes()).map(|block| block.bytes)
    }

    #[test]
    fn a_block_comes_back() {
        let content: Vec<u8> = (0..200).collect();
        let block = decode(encode("RSA PRIVATE KEY", &content).as_bytes()).unwrap();
        assert_eq!(block, Block { label: "RSA PRIVATE KEY".into(), bytes: content });
        assert_eq!(encode("X", b""), "-----BEGIN X-----\n-----END X-----\n");
        assert_eq!(bytes(&encode("X", b"")), Some(vec![]));
    }

    #[test]
    fn text_around_blanks_and_headers_are_read_over() {
        let text = "hello\n-----BEGIN A-----\r\nProc-Type: 4\n\n YWJ j\t\r\n-----END A-----  \nrest";
        assert_eq!(bytes(text), Some(b"abc".to_vec()));
        let unfinished = "-----BEGIN A-----\nYWJj\n-----BEGIN B-----\nZGVm\n-----END B-----";
        assert_eq!(bytes(unfinished), Some(b"def".to_vec()));
    }

    #[test]
    fn broken_blocks_are_none() {
        for text in [
            "",
            "not pem",
            "-----BEGIN A-----\nYWJj\n-----END B-----",
            "-----BEGIN A-----\nYW!j\n-----END A-----",
            " -----BEGIN A-----\nYWJj\n-----END A-----",
            "-----BEGIN A-----\nYWJj\n-----END A-----x",
            "-----BEGIN A-----\nYWJj",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
