//! Go's regular expressions (RE2 syntax, `regexp/syntax`): their error texts, and the same expression in the syntax
//! of the `regex` crate.

use regex::Regex;

/// Largest count of a repetition, nested ones multiplied.
const MAX_REPEAT: u64 = 1000;

/// Compiles a Go expression.
///
/// # Errors
/// Go's text, `error parsing regexp: …`.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    Regex::new(&translated).map_err(|_| fault("expression too large", pattern))
}

/// Returns the expression in the syntax of the `regex` crate; its groups do not capture.
///
/// # Errors
/// Go's text, `error parsing regexp: …`.
pub(crate) fn translate(pattern: &str) -> Result<String, String> {
    let mut parser = Parser {
        whole: pattern,
        rest: pattern,
        out: String::with_capacity(pattern.len() + 8),
        open: Vec::new(),
        last: None,
        heaviest: 1,
    };
    let mut previous_repeat = None;
    while let Some(next) = parser.rest.chars().next() {
        previous_repeat = parser.step(next, previous_repeat)?;
    }
    if parser.open.is_empty() { Ok(parser.out) } else { Err(fault("missing closing )", pattern)) }
}

fn fault(code: &str, expression: &str) -> String {
    format!("error parsing regexp: {code}: `{expression}`")
}

struct Parser<'a> {
    whole: &'a str,
    rest: &'a str,
    out: String,
    /// For each open group the heaviest repetition beside it so far.
    open: Vec<u64>,
    /// How often the last atom repeats what is deepest in it; `None` where nothing can be repeated.
    last: Option<u64>,
    heaviest: u64,
}

impl<'a> Parser<'a> {
    /// Reads one item and returns where a repetition began, if the item was one.
    fn step(&mut self, next: char, previous_repeat: Option<&'a str>) -> Result<Option<&'a str>, String> {
        match next {
            '(' => self.group()?,
            ')' => self.close()?,
            '|' => {
                self.take(1);
                self.out.push('|');
                self.last = None;
            }
            '^' | '$' | '.' => {
                self.take(1);
                self.out.push(next);
                self.atom(1);
            }
            '[' => self.class()?,
            '*' | '+' | '?' => {
                let before = self.rest;
                self.take(1);
                self.repeat(before, None, previous_repeat)?;
                return Ok(Some(before));
            }
            '{' => return self.counted(previous_repeat),
            '\\' => self.escape()?,
            _ => {
                self.take(next.len_utf8());
                self.literal(next);
            }
        }
        Ok(None)
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn atom(&mut self, weight: u64) {
        self.last = Some(weight);
        self.heaviest = self.heaviest.max(weight);
    }

    fn literal(&mut self, found: char) {
        let mut buffer = [0; 4];
        self.out.push_str(&regex::escape(found.encode_utf8(&mut buffer)));
        self.atom(1);
    }

    /// Says what stands between `before` and the reading position.
    fn since(&self, before: &'a str) -> &'a str {
        before.get(..before.len() - self.rest.len()).unwrap_or(before)
    }

    fn repeat(
        &mut self,
        before: &'a str,
        count: Option<(u64, Option<u64>)>,
        previous_repeat: Option<&'a str>,
    ) -> Result<(), String> {
        let written = self.since(before);
        if self.rest.starts_with('?') {
            self.take(1);
        }
        if let Some(previous) = previous_repeat {
            return Err(fault("invalid nested repetition operator", self.since(previous)));
        }
        let Some(inner) = self.last else {
            return Err(fault("missing argument to repetition operator", self.since(before)));
        };
        let times = match count {
            None => 1,
            Some((_, Some(0))) => 1,
            Some((least, most)) => most.unwrap_or(least).max(1),
        };
        let weight = inner.saturating_mul(times);
        if times > 1 && weight > MAX_REPEAT {
            return Err(fault("invalid repeat count", self.since(before)));
        }
        self.out.push_str(written);
        if self.since(before).len() > written.len() {
            self.out.push('?');
        }
        self.atom(weight);
        Ok(())
    }

    /// Reads `{2}`, `{2,}` or `{2,3}`; another brace is itself.
    fn counted(&mut self, previous_repeat: Option<&'a str>) -> Result<Option<&'a str>, String> {
        let before = self.rest;
        let Some((least, most, length)) = counts(before) else {
            self.take(1);
            self.literal('{');
            return Ok(None);
        };
        self.take(length);
        if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || least > most) {
            return Err(fault("invalid repeat count", self.since(before)));
        }
        self.repeat(before, Some((least, most)), previous_repeat)?;
        Ok(Some(before))
    }

    fn group(&mut self) -> Result<(), String> {
        if self.rest.starts_with("(?") {
            return self.flags();
        }
        self.take(1);
        self.open_group("(?:");
        Ok(())
    }

    fn open_group(&mut self, text: &str) {
        self.out.push_str(text);
        self.open.push(self.heaviest);
        self.heaviest = 1;
        self.last = None;
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(beside) = self.open.pop() else {
            return Err(fault("unexpected )", self.whole));
        };
        self.take(1);
        self.out.push(')');
        let inside = self.heaviest;
        self.heaviest = beside;
        self.atom(inside);
        Ok(())
    }

    /// Reads a named group, `(?i)` or `(?i:`.
    fn flags(&mut self) -> Result<(), String> {
        let start = self.rest;
        for prefix in ["(?P<", "(?<"] {
            if start.starts_with(prefix) && start.len() > prefix.len() {
                return self.named(prefix.len());
            }
        }
        self.take(2);
        let (mut on, mut off) = (String::new(), String::new());
        let (mut negated, mut seen) = (false, false);
        while let Some(next) = self.rest.chars().next() {
            self.take(next.len_utf8());
            match next {
                'i' | 'm' | 's' | 'U' => {
                    seen = true;
                    on.retain(|flag| flag != next);
                    off.retain(|flag| flag != next);
                    if negated { off.push(next) } else { on.push(next) }
                }
                '-' if !negated => (negated, seen) = (true, false),
                ':' | ')' if !negated || seen => {
                    let minus = if off.is_empty() { "" } else { "-" };
                    if next == ':' {
                        self.open_group(&format!("(?{on}{minus}{off}:"));
                    } else if seen {
                        self.out.push_str(&format!("(?{on}{minus}{off})"));
                    }
                    return Ok(());
                }
                _ => break,
            }
        }
        Err(fault("invalid or unsupported Perl syntax", self.since(start)))
    }

    fn named(&mut self, name_at: usize) -> Result<(), String> {
        let start = self.rest;
        let Some(end) = start.find('>') else {
            return Err(fault("invalid named capture", start));
        };
        let name = start.get(name_at..end).unwrap_or_default();
        self.take(end + 1);
        if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            return Err(fault("invalid named capture", self.since(start)));
        }
        self.open_group("(?:");
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let zero_width = match self.rest.as_bytes().get(1) {
            Some(b'A') => Some("\\A"),
            Some(b'z') => Some("\\z"),
            Some(b'b') => Some("(?-u:\\b)"),
            Some(b'B') => Some("(?-u:\\B)"),
            Some(b'C') => return Err(fault("invalid escape sequence", "\\C")),
            Some(b'Q') => {
                self.take(2);
                let (quoted, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
                quoted.chars().for_each(|found| self.literal(found));
                self.rest = rest;
                return Ok(());
            }
            _ => None,
        };
        if let Some(zero_width) = zero_width {
            self.take(2);
            self.out.push_str(zero_width);
        } else if let Some(class) = self.named_class()? {
            self.out.push_str(&class);
        } else {
            let code = self.character()?;
            return match char::from_u32(code) {
                Some(found) => {
                    self.literal(found);
                    Ok(())
                }
                // A surrogate is in no text.
                None => {
                    self.out.push_str("[^\\x00-\\x{10FFFF}]");
                    self.atom(1);
                    Ok(())
                }
            };
        }
        self.atom(1);
        Ok(())
    }

    /// Reads `\d`, `\pL`, `\p{Greek}` and their like, if one stands here.
    fn named_class(&mut self) -> Result<Option<String>, String> {
        let start = self.rest;
        let mut letters = start.chars();
        if letters.next() != Some('\\') {
            return Ok(None);
        }
        let class = match letters.next() {
            Some('d') => "[0-9]",
            Some('D') => "[^0-9]",
            Some('s') => "[\\t\\n\\x0C\\r ]",
            Some('S') => "[^\\t\\n\\x0C\\r ]",
            Some('w') => "[0-9A-Za-z_]",
            Some('W') => "[^0-9A-Za-z_]",
            Some(sign @ ('p' | 'P')) => return self.unicode_class(start, sign == 'P').map(Some),
            _ => return Ok(None),
        };
        self.take(2);
        Ok(Some(class.to_owned()))
    }

    fn unicode_class(&mut self, start: &'a str, negated: bool) -> Result<String, String> {
        self.take(2);
        let Some(first) = self.rest.chars().next() else {
            return Err(fault("invalid escape sequence", start));
        };
        let name = if first == '{' {
            let Some(end) = self.rest.find('}') else {
                return Err(fault("invalid character class range", start));
            };
            self.take(end + 1).get(1..end).unwrap_or_default()
        } else {
            self.take(first.len_utf8())
        };
        let (name, negated) = match name.strip_prefix('^') {
            Some(name) => (name, !negated),
            None => (name, negated),
        };
        let known =
            unicode_name(name).ok_or_else(|| fault("invalid character class range", self.since(start)))?;
        Ok(format!("\\{}{{{known}}}", if negated { 'P' } else { 'p' }))
    }

    /// Reads an escaped character.
    fn character(&mut self) -> Result<u32, String> {
        let start = self.rest;
        self.take(1);
        let Some(next) = self.rest.chars().next() else {
            return Err(fault("trailing backslash at end of expression", ""));
        };
        self.take(next.len_utf8());
        let followed_by_octal = self.rest.starts_with(|c| ('0'..='7').contains(&c));
        match next {
            '0' => return Ok(self.octal(0)),
            '1'..='7' if followed_by_octal => return Ok(self.octal(u32::from(next) - u32::from('0'))),
            'x' => {
                if let Some(code) = self.hexadecimal() {
                    return Ok(code);
                }
            }
            'a' => return Ok(7),
            'f' => return Ok(12),
            'n' => return Ok(10),
            'r' => return Ok(13),
            't' => return Ok(9),
            'v' => return Ok(11),
            _ if next.is_ascii() && !next.is_ascii_alphanumeric() => return Ok(u32::from(next)),
            _ => {}
        }
        Err(fault("invalid escape sequence", self.since(start)))
    }

    fn octal(&mut self, first: u32) -> u32 {
        let mut code = first;
        for _ in 0..2 {
            let Some(digit) = self.rest.chars().next().and_then(|c| c.to_digit(8)) else { break };
            self.take(1);
            code = code * 8 + digit;
        }
        code
    }

    /// Reads what follows `\x`; on a fault stops behind the character that is wrong, as Go's text shows.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.rest.chars().next()?;
        self.take(first.len_utf8());
        if first != '{' {
            let second = self.rest.chars().next()?;
            self.take(second.len_utf8());
            return Some(first.to_digit(16)? * 16 + second.to_digit(16)?);
        }
        let (mut code, mut count) = (0, 0);
        loop {
            let next = self.rest.chars().next()?;
            self.take(next.len_utf8());
            if next == '}' {
                return (count > 0).then_some(code);
            }
            code = code * 16 + next.to_digit(16)?;
            count += 1;
            if code > 0x10_FFFF {
                return None;
            }
        }
    }

    fn class(&mut self) -> Result<(), String> {
        let start = self.rest;
        self.take(1);
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.take(1);
            self.out.push('^');
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            if let Some(class) = self.posix_class()? {
                self.out.push_str(class);
            } else if let Some(class) = self.named_class()? {
                self.out.push_str(&class);
            } else {
                self.range(start)?;
            }
        }
        self.take(1);
        self.out.push(']');
        self.atom(1);
        Ok(())
    }

    fn posix_class(&mut self) -> Result<Option<&'a str>, String> {
        let Some(end) = self.rest.strip_prefix("[:").and_then(|rest| rest.find(":]")) else {
            return Ok(None);
        };
        let class = self.take(end + 4);
        let name = class.get(2..end + 2).unwrap_or_default();
        let known = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
            "space", "upper", "word", "xdigit",
        ];
        if known.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Ok(Some(class));
        }
        Err(fault("invalid character class range", class))
    }

    fn range(&mut self, class: &'a str) -> Result<(), String> {
        let start = self.rest;
        let low = self.class_character(class)?;
        let mut high = low;
        if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
            self.take(1);
            high = self.class_character(class)?;
            if high < low {
                return Err(fault("invalid character class range", self.since(start)));
            }
        }
        self.out.push_str(&format!("\\x{{{low:X}}}-\\x{{{high:X}}}"));
        Ok(())
    }

    fn class_character(&mut self, class: &'a str) -> Result<u32, String> {
        let Some(next) = self.rest.chars().next() else {
            return Err(fault("missing closing ]", class));
        };
        if next == '\\' {
            return self.character();
        }
        self.take(next.len_utf8());
        Ok(u32::from(next))
    }
}

/// Reads the counts of a repetition and its length in bytes.
fn counts(text: &str) -> Option<(u64, Option<u64>, usize)> {
    let inner = text.strip_prefix('{')?;
    let end = inner.find('}')?;
    let (least, most) = match inner.get(..end)?.split_once(',') {
        None => {
            let count = count(inner.get(..end)?)?;
            (count, Some(count))
        }
        Some((least, "")) => (count(least)?, None),
        Some((least, most)) => (count(least)?, Some(count(most)?)),
    };
    Some((least, most, end + 2))
}

/// Reads a count without leading zeros; what is too large for a number is too large anyway.
fn count(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    (plain && !leading_zero).then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Returns the name of a general category or script as the `regex` crate knows it.
///
/// Go has these two kinds only (`unicodeTable`), the crate has properties as well.
fn unicode_name(name: &str) -> Option<String> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ')) {
        return None;
    }
    let known = |name: &str| regex_syntax::parse(&format!("\\p{{{name}}}")).is_ok();
    [format!("gc={name}"), format!("sc={name}")].into_iter().find(|name| known(name))
}

/// Says in Go's words why a text is no expression, for the format `regex`.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    translate(pattern).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of(pattern: &str) -> String {
        let error = compile(pattern).expect_err(pattern);
        error.strip_prefix("error parsing regexp: ").unwrap_or(&error).to_owned()
    }

    #[test]
    fn faults_have_gos_words() {
        for (pattern, expected) in [
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("((a{100}){100}){100}", "invalid repeat count: `{100}`"),
            ("(?=x)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(", "missing closing ): `(`"),
            (")", "unexpected ): `)`"),
            ("[a", "missing closing ]: `[a`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("*a", "missing argument to repetition operator: `*`"),
            ("\\", "trailing backslash at end of expression: ``"),
            ("\\1", "invalid escape sequence: `\\1`"),
            ("\\p{Foo}", "invalid character class range: `\\p{Foo}`"),
            ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
            ("\\x4", "invalid escape sequence: `\\x4`"),
            ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
        ] {
            assert_eq!(fault_of(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn classes_are_ascii_and_names_may_repeat() {
        for (pattern, text, matches) in [
            ("^\\d+$", "٣", false),
            ("^\\w$", "é", false),
            ("\\bfoo\\b", "éfooé", true),
            ("\\B", "a", false),
            ("[a[b]", "[", true),
            ("[]a]", "]", true),
            ("[a-z&&b]", "&", true),
            ("\\Qa.\\E", "ab", false),
            ("(?P<n>a)(?P<n>b)", "ab", true),
            ("^$", "x\n", false),
            ("a{,2}", "a{,2}", true),
            ("(?i-s:A)", "a", true),
        ] {
            assert_eq!(compile(pattern).unwrap().is_match(text), matches, "{pattern}");
        }
    }
}
