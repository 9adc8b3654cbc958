//! `.helmignore`: Helm's own rules, which are not gitignore's (`pkg/ignore`). Pure.

use crate::{Error, Warning};

/// The rules of a chart, in their order.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    text: String,
    glob: Glob,
    scope: Scope,
    is_negated: bool,
    is_directory: bool,
}

/// How a pattern is compared; most need no matcher.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Glob {
    /// A name as it stands.
    Literal,
    /// `*` and then a name's end as it stands.
    Suffix,
    /// Anything else.
    Full(Vec<char>),
}

/// What a pattern is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The path below the chart.
    Path,
    /// Its last element: patterns without a slash.
    Base,
}

impl Rules {
    /// Returns the rules of a `.helmignore`.
    ///
    /// # Errors
    /// A rule with `**`, or that is no pattern.
    pub fn parse(text: &[u8]) -> Result<Rules, Error> {
        let mut rules = Rules::default();
        let text = value::go_lossy(crate::archive::without_mark(text));
        for line in text.split('\n') {
            // Go's line scanner gives up on longer lines.
            if line.len() >= 64 * 1024 {
                return Err(Error::refused("bufio.Scanner: token too long"));
            }
            rules.add(line)?;
        }
        Ok(rules)
    }

    /// Adds the rule that every chart has: dot files below `templates/`.
    pub fn add_defaults(&mut self) {
        // The pattern is well-formed, so adding it cannot fail.
        let _ = self.add("templates/.?*");
    }

    fn add(&mut self, line: &str) -> Result<(), Error> {
        let rule = line.trim_matches(crate::go_text::is_space);
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(());
        }
        if rule.contains("**") {
            return Err(Error::refused("double-star (**) syntax is not supported"));
        }
        // Helm tries the whole line, with `!` and slashes, on "abc": only what that reaches is found malformed.
        let whole: Vec<char> = rule.chars().collect();
        if matches(&whole, "abc").is_err() {
            return Err(Error::refused("syntax error in pattern"));
        }
        let (is_negated, rule) = rule.strip_prefix('!').map_or((false, rule), |rest| (true, rest));
        let (is_directory, rule) = rule.strip_suffix('/').map_or((false, rule), |rest| (true, rest));
        let (scope, rule) = match rule.strip_prefix('/') {
            Some(rest) => (Scope::Path, rest),
            None if rule.contains('/') => (Scope::Path, rule),
            None => (Scope::Base, rule),
        };
        self.patterns.push(Pattern {
            glob: glob(rule),
            text: rule.to_owned(),
            scope,
            is_negated,
            is_directory,
        });
        Ok(())
    }

    /// Returns whether a path below the chart is left out. The first rule that says so counts; a negated rule leaves
    /// out all it does *not* match.
    ///
    /// Some mistakes in a pattern are found only here; such a pattern does not match, and a warning says so.
    pub fn is_ignored(&self, path: &str, is_directory: bool, warnings: &mut Vec<Warning>) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        for pattern in &self.patterns {
            let mut hits = || {
                pattern.matches(path).unwrap_or_else(|BadPattern| {
                    warnings.push(Warning::BadIgnoreRule { rule: pattern.text.clone() });
                    false
                })
            };
            if pattern.is_negated {
                if (pattern.is_directory && !is_directory) || !hits() {
                    return true;
                }
            } else if (is_directory || !pattern.is_directory) && hits() {
                return true;
            }
        }
        false
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> Result<bool, BadPattern> {
        let name = match self.scope {
            Scope::Path => path,
            Scope::Base => path.rsplit('/').next().unwrap_or(path),
        };
        Ok(match &self.glob {
            Glob::Literal => name == self.text,
            Glob::Suffix => {
                let end = self.text.get(1..).unwrap_or_default();
                name.strip_suffix(end).is_some_and(|start| !start.contains('/'))
            }
            Glob::Full(glob) => return matches(glob, name),
        })
    }
}

fn glob(rule: &str) -> Glob {
    let is_plain = |text: &str| !text.contains(['*', '?', '[', '\\']);
    if is_plain(rule) {
        Glob::Literal
    } else if rule.strip_prefix('*').is_some_and(is_plain) {
        Glob::Suffix
    } else {
        Glob::Full(rule.chars().collect())
    }
}

/// Returns whether a whole path matches a pattern as Go's `filepath.Match` says; a malformed pattern matches nothing.
pub fn path_match(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    matches(&pattern, path).unwrap_or(false)
}

/// Returns whether Go's `filepath.Match` takes a text for a pattern (`filepath.ErrBadPattern` otherwise).
pub fn is_pattern(pattern: &str) -> bool {
    matches(&pattern.chars().collect::<Vec<_>>(), "").is_ok()
}

/// A pattern that Go's `filepath.Match` calls malformed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadPattern;

/// Returns whether the whole name matches the pattern, as Go's `filepath.Match` on Unix: `*` and `?` stop at slashes.
pub(crate) fn matches(pattern: &[char], name: &str) -> Result<bool, BadPattern> {
    let name: Vec<char> = name.chars().collect();
    let mut pattern = pattern;
    let mut name = name.as_slice();
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains(&'/'));
        }
        if let Some(after) = match_chunk(chunk, name)?
            && (after.is_empty() || !pattern.is_empty())
        {
            name = after;
            continue;
        }
        if star {
            for skip in 0..name.len() {
                if name.get(skip) == Some(&'/') {
                    break;
                }
                let tail = name.get(skip + 1..).unwrap_or_default();
                if let Some(after) = match_chunk(chunk, tail)? {
                    if pattern.is_empty() && !after.is_empty() {
                        continue;
                    }
                    name = after;
                    continue 'pattern;
                }
            }
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Splits off leading stars and what stands before the next star.
fn scan_chunk(pattern: &[char]) -> (bool, &[char], &[char]) {
    let stars = pattern.iter().take_while(|c| **c == '*').count();
    let pattern = pattern.get(stars..).unwrap_or_default();
    let mut in_class = false;
    let mut at = 0;
    while let Some(c) = pattern.get(at) {
        match c {
            '\\' if at + 1 < pattern.len() => at += 1,
            '[' => in_class = true,
            ']' => in_class = false,
            '*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = pattern.split_at(at.min(pattern.len()));
    (stars > 0, chunk, rest)
}

/// Matches a chunk at the beginning of the text and returns what is left; goes on checking the chunk's form after a
/// mismatch.
fn match_chunk<'a>(mut chunk: &[char], mut text: &'a [char]) -> Result<Option<&'a [char]>, BadPattern> {
    let mut failed = false;
    while let Some(&first) = chunk.first() {
        failed = failed || text.is_empty();
        match first {
            '[' => {
                let current = if failed { None } else { text.first().copied() };
                text = if failed { text } else { text.get(1..).unwrap_or_default() };
                let (hit, rest) = match_class(chunk.get(1..).unwrap_or_default(), current)?;
                failed = failed || !hit;
                chunk = rest;
            }
            '?' => {
                if !failed {
                    failed = text.first() == Some(&'/');
                    text = text.get(1..).unwrap_or_default();
                }
                chunk = chunk.get(1..).unwrap_or_default();
            }
            literal => {
                let (literal, rest) = match (literal, chunk) {
                    ('\\', [_, escaped, rest @ ..]) => (*escaped, rest),
                    ('\\', _) => return Err(BadPattern),
                    (literal, chunk) => (literal, chunk.get(1..).unwrap_or_default()),
                };
                if !failed {
                    failed = text.first() != Some(&literal);
                    text = text.get(1..).unwrap_or_default();
                }
                chunk = rest;
            }
        }
    }
    Ok((!failed).then_some(text))
}

/// Matches one character against a class whose `[` is behind us.
fn match_class(mut class: &[char], c: Option<char>) -> Result<(bool, &[char]), BadPattern> {
    let is_negated = class.first() == Some(&'^');
    if is_negated {
        class = class.get(1..).unwrap_or_default();
    }
    let mut hit = false;
    let mut ranges = 0;
    loop {
        if class.first() == Some(&']') && ranges > 0 {
            class = class.get(1..).unwrap_or_default();
            break;
        }
        let (low, rest) = class_character(class)?;
        let (high, rest) = match rest {
            ['-', rest @ ..] => class_character(rest)?,
            rest => (low, rest),
        };
        class = rest;
        hit = hit || c.is_some_and(|c| low <= c && c <= high);
        ranges += 1;
    }
    Ok((c.is_some() && hit != is_negated, class))
}

fn class_character(class: &[char]) -> Result<(char, &[char]), BadPattern> {
    let (c, rest) = match class {
        [] | ['-' | ']', ..] => return Err(BadPattern),
        ['\\', escaped, rest @ ..] => (*escaped, rest),
        ['\\'] => return Err(BadPattern),
        [c, rest @ ..] => (*c, rest),
    };
    // A class needs its `]`, so something must follow.
    if rest.is_empty() { Err(BadPattern) } else { Ok((c, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(rules: &str, path: &str, is_directory: bool) -> bool {
        Rules::parse(rules.as_bytes()).unwrap().is_ignored(path, is_directory, &mut Vec::new())
    }

    #[test]
    fn a_mistake_found_late_is_told_for_each_path() {
        let rules = Rules::parse(b"!*.y[").unwrap();
        let mut warnings = Vec::new();
        assert!(
            rules.is_ignored("a", false, &mut warnings) && rules.is_ignored("b.yaml", false, &mut warnings)
        );
        let line = "level=ERROR msg=\"failed to compile\" rule=*.y[ error=\"syntax error in pattern\"";
        assert_eq!(warnings.iter().map(Warning::to_string).collect::<Vec<_>>(), [line, line]);
    }

    #[test]
    fn a_pattern_without_slash_looks_at_the_base_name() {
        assert!(ignored("*.txt", "a/b.txt", false));
        assert!(!ignored("a/*.txt", "x/a/b.txt", false));
        assert!(ignored("/a.txt", "a.txt", false));
        assert!(!ignored("/a.txt", "x/a.txt", false));
    }

    #[test]
    fn a_negated_rule_leaves_out_everything_else() {
        assert!(ignored("!keep", "other", false));
        assert!(!ignored("!keep", "keep", false));
    }

    #[test]
    fn a_trailing_slash_asks_for_a_directory() {
        assert!(ignored("dir/", "dir", true));
        assert!(!ignored("dir/", "dir", false));
    }

    #[test]
    fn globs_match_as_in_go() {
        let hit = |pattern: &str, name: &str| matches(&pattern.chars().collect::<Vec<_>>(), name);
        for (pattern, name, expected) in [
            ("abc", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*/b", "a/c/b", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", Ok(false)),
            ("a[^b-d]c", "aec", Ok(true)),
            ("[\\-x]", "-", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("a[", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("a\\*b", "a*b", Ok(true)),
            ("[a-b-c]", "a", Err(BadPattern)),
        ] {
            assert_eq!(hit(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn double_stars_and_broken_patterns_are_refused() {
        let text = |rules: &str| Rules::parse(rules.as_bytes()).unwrap_err().to_string();
        assert_eq!(text("a/**/b"), "double-star (**) syntax is not supported");
        assert_eq!(text("a["), "syntax error in pattern");
    }
}
