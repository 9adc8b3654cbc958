//! Patterns of `.Files.Glob`, as the Go package `gobwas/glob` reads them with `/` as separator.

use regex::bytes::{Regex, RegexBuilder};

/// A compiled pattern: `*` and `?` stay within a folder, `**` does not, `[a-z]`, `[!ab]` and `{x,y}` as usual.
pub(crate) struct Glob(Regex);

impl Glob {
    /// Compiles a pattern; `None` when it is malformed.
    pub(crate) fn new(pattern: &str) -> Option<Glob> {
        let mut source = String::from("^(?:");
        let mut chars = pattern.chars().peekable();
        let mut depth = 0;
        while let Some(c) = chars.next() {
            match c {
                '*' if chars.peek() == Some(&'*') => {
                    chars.next();
                    source.push_str(".*");
                }
                '*' => source.push_str("[^/]*"),
                '?' => source.push_str("[^/]"),
                '{' => {
                    depth += 1;
                    source.push_str("(?:");
                }
                ',' if depth > 0 => source.push('|'),
                '}' if depth > 0 => {
                    depth -= 1;
                    source.push(')');
                }
                '[' => push_class(&mut chars, &mut source)?,
                '\\' => push_literal(chars.next()?, &mut source),
                other => push_literal(other, &mut source),
            }
        }
        source.extend(std::iter::repeat_n(')', depth + 1));
        source.push('$');
        RegexBuilder::new(&source).dot_matches_new_line(true).size_limit(1 << 20).build().ok().map(Glob)
    }

    /// Returns whether the whole name matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.is_match(name.as_bytes())
    }
}

fn push_literal(c: char, source: &mut String) {
    source.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

/// Reads what follows `[`: one range (`a-z`) or a list of characters, with `!` in front for all others.
fn push_class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, source: &mut String) -> Option<()> {
    source.push('[');
    if chars.peek() == Some(&'!') {
        chars.next();
        source.push('^');
    }
    let first = chars.next()?;
    if chars.peek() == Some(&'-') {
        chars.next();
        let last = chars.next()?;
        if last < first || chars.next()? != ']' {
            return None;
        }
        push_literal(first, source);
        source.push('-');
        push_literal(last, source);
    } else {
        push_list(first, chars, source)?;
    }
    source.push(']');
    Some(())
}

fn push_list(
    first: char,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    source: &mut String,
) -> Option<()> {
    let mut next = first;
    let mut is_empty = true;
    loop {
        match next {
            ']' if is_empty => return None,
            ']' => return Some(()),
            '\\' => push_in_class(chars.next()?, source),
            other => push_in_class(other, source),
        }
        is_empty = false;
        next = chars.next()?;
    }
}

fn push_in_class(c: char, source: &mut String) {
    if c.is_ascii_punctuation() {
        source.push('\\');
    }
    source.push(c);
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn matches(pattern: &str, name: &str) -> bool {
        Glob::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn stars_stay_within_a_folder_unless_doubled() {
        assert!(matches("conf/*", "conf/a"));
        assert!(!matches("conf/*", "conf/a/b"));
        assert!(matches("conf/**", "conf/a/b"));
        assert!(matches("**.yaml", "a/b.yaml"));
        assert!(matches("{a,b}/?.[!x]", "b/c.y"));
        assert!(Glob::new("[").is_none());
        assert!(Glob::new("[a-z0-9]").is_none());
    }
}
