//! Cutting a stream of YAML documents into documents, as Helm does before it parses anything.

/// Cuts a text at every line that begins with `---` (`SplitManifests`: `(?m)^---[ \t]*`); empty documents are
/// dropped and leading white space is removed.
///
/// # Compatibility
/// A separator inside a block scalar cuts too, and the rest of a separator's line belongs to the next document.
pub fn split(text: &str) -> Vec<&str> {
    let text = text.trim_start();
    let mut documents = Vec::new();
    let mut start = 0;
    let mut line = 0;
    loop {
        if text[line..].starts_with("---") {
            push(&mut documents, &text[start..line]);
            let after = &text[line + 3..];
            start = text.len() - after.trim_start_matches([' ', '\t']).len();
        }
        match text[line..].find('\n') {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    push(&mut documents, text.get(start..).unwrap_or(""));
    documents
}

fn push<'a>(documents: &mut Vec<&'a str>, document: &'a str) {
    let trimmed = document.trim_start();
    if !trimmed.is_empty() {
        documents.push(trimmed);
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn documents_are_cut_at_lines_that_begin_with_dashes() {
        assert_eq!(split("---\na: 1\n--- \nb: 2\n---c\n---\n \n"), ["a: 1\n", "b: 2\n", "c\n"]);
        assert_eq!(split("a: |\n  ---\nb: 1"), ["a: |\n  ---\nb: 1"]);
        assert!(split(" \n").is_empty());
        assert!(split("---").is_empty());
    }
}
