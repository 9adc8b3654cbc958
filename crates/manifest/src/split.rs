//! Cutting a stream of YAML documents into documents, as Helm does before it parses anything.

/// Cuts a text at every line that begins with `---` (`SplitManifests`: `(?m)^---[ \t]*`); empty documents are
/// dropped and leading white space is removed.
///
/// # Compatibility
/// A separator inside a block scalar cuts too, and the rest of a separator's line belongs to the next document.
pub fn split(text: &str) -> Vec<&str> {
    let text = text.trim_start();
    let mut documents = Vec::new();
    let mut rest = text;
    if let Some(after) = text.strip_prefix("---") {
        rest = after.trim_start_matches([' ', '\t']);
    }
    let separator = memchr::memmem::Finder::new("\n---");
    // What follows a separator on its line begins a document, so a line break that is searched may lie at its start.
    while let Some(end) = separator.find(rest.as_bytes()) {
        let (document, after) = rest.split_at(end + 1);
        push(&mut documents, document);
        rest = after.strip_prefix("---").unwrap_or(after).trim_start_matches([' ', '\t']);
    }
    push(&mut documents, rest);
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
        assert_eq!(split("---\n---\na: 1\n-----\n--- \n---\t\n--\n"), ["a: 1\n", "--\n", "--\n"]);
        assert!(split(" \n").is_empty());
        assert!(split("---").is_empty());
    }
}
