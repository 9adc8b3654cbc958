//! Splitting a text into documents as Kubernetes' readers do, by lines and without knowing YAML.

use std::borrow::Cow;

use crate::{Error, ErrorKind};

/// Splits a text into documents as `YAMLReader` of k8s.io/apimachinery does (values files, lists of objects).
///
/// A line that begins with `---` ends a document; behind it only blanks and a comment may stand. A separator with nothing
/// before it belongs to the document that follows. Line breaks become `\n`, and the last line gets one.
///
/// # Errors
/// The iterator yields `invalid Yaml document separator: …` and ends.
pub fn documents(bytes: &[u8]) -> Documents<'_> {
    Documents { rest: bytes }
}

/// The documents of a text, see [`documents`].
#[derive(Debug, Clone)]
pub struct Documents<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Documents<'a> {
    type Item = Result<Cow<'a, [u8]>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest;
        let mut end = 0;
        while end < text.len() {
            let rest = text.get(end..).unwrap_or_default();
            let len = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let line = rest.get(..len).unwrap_or_default();
            if let Some(behind) = line.strip_prefix(b"---") {
                if let Some(text) = bad_separator(behind) {
                    self.rest = &[];
                    return Some(Err(ErrorKind::Message(text).into()));
                }
                if end > 0 {
                    self.rest = rest.get(len..).unwrap_or_default();
                    return text.get(..end).map(|document| Ok(normal_lines(document)));
                }
            }
            end += len;
        }
        self.rest = &[];
        (!text.is_empty()).then(|| Ok(normal_lines(text)))
    }
}

fn bad_separator(behind: &[u8]) -> Option<String> {
    let behind = String::from_utf8_lossy(behind);
    let behind = behind.trim();
    (!behind.is_empty() && !behind.starts_with('#'))
        .then(|| format!("invalid Yaml document separator: {behind}"))
}

/// Returns the lines with a `\n` behind each.
fn normal_lines(text: &[u8]) -> Cow<'_, [u8]> {
    if text.ends_with(b"\n") && !text.contains(&b'\r') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 1);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::documents;

    fn split(text: &str) -> Vec<String> {
        documents(text.as_bytes())
            .map(|document| match document {
                Ok(document) => String::from_utf8_lossy(&document).into_owned(),
                Err(error) => format!("! {error}"),
            })
            .collect()
    }

    #[test]
    fn a_separator_with_nothing_before_it_stays_with_the_document() {
        assert_eq!(split("---\na: 1\n--- # x\nb: 2"), ["---\na: 1\n", "b: 2\n"]);
        assert_eq!(split("---\n---\na: 1\n"), ["---\n", "a: 1\n"]);
        assert_eq!(split(""), [""; 0]);
    }

    #[test]
    fn text_behind_a_separator_is_an_error() {
        assert_eq!(split("a: 1\n---b\nc: 1\n"), ["! invalid Yaml document separator: b"]);
    }

    #[test]
    fn line_breaks_become_line_feeds() {
        assert_eq!(split("a: 1\r\n---\r\nb: 2\r\n"), ["a: 1\n", "b: 2\n"]);
    }
}
