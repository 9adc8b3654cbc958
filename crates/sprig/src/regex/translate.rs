//! Go's syntax read (regexp/syntax, parse.go) and written for the `regex` crate, which differs in classes,
//! names of groups and what it forgives.

use super::class::{bracket_class, escape, literal, perl_class, unicode_class};
use super::error::{Error, Fault};

/// Go's `maxHeight`, which here counts groups only.
const DEEPEST: usize = 1000;

/// An expression for the `regex` crate, and the names of its groups (the first is the whole match).
pub(super) struct Translation {
    pub(super) pattern: String,
    pub(super) names: Vec<String>,
}

#[derive(Clone, Copy)]
struct Flags {
    fold_case: bool,
    many_lines: bool,
    dot_matches_newline: bool,
    not_greedy: bool,
}

/// An open group.
struct Group {
    flags: Flags,
    /// How often the most repeated part before was repeated.
    repeats: u32,
}

/// What a repetition would apply to.
#[derive(Clone, Copy)]
struct Operand {
    /// Where it ends in the translation.
    end: usize,
    repeats: u32,
}

struct Translator<'a> {
    whole: &'a str,
    rest: &'a str,
    pattern: String,
    names: Vec<String>,
    flags: Flags,
    groups: Vec<Group>,
    operand: Option<Operand>,
    /// Repetitions in the group so far.
    repeats: u32,
    /// The repetition just read, to the end of the expression.
    last_repeat: Option<&'a str>,
}

/// Translates an expression.
///
/// # Errors
/// As Go's `regexp.Compile`.
pub(super) fn translate(expression: &str) -> Result<Translation, Error> {
    let flags = Flags { fold_case: false, many_lines: false, dot_matches_newline: false, not_greedy: false };
    let mut translator = Translator {
        whole: expression,
        rest: expression,
        pattern: String::with_capacity(expression.len()),
        names: vec![String::new()],
        flags,
        groups: Vec::new(),
        operand: None,
        repeats: 1,
        last_repeat: None,
    };
    while !translator.rest.is_empty() {
        let before = translator.rest;
        let is_repeat = translator.step()?;
        translator.last_repeat = is_repeat.then_some(before);
    }
    if !translator.groups.is_empty() {
        return Err(Error::new(Fault::MissingParen, expression));
    }
    Ok(Translation { pattern: translator.pattern, names: translator.names })
}

impl<'a> Translator<'a> {
    /// Reads one thing and tells whether it was a repetition.
    fn step(&mut self) -> Result<bool, Error> {
        let mut letters = self.rest.chars();
        let letter = letters.next().unwrap_or_default();
        match letter {
            '(' if self.rest.starts_with("(?") => self.perl_group()?,
            '(' => {
                self.rest = letters.as_str();
                self.names.push(String::new());
                self.open("(")?;
            }
            ')' => {
                self.rest = letters.as_str();
                self.close()?;
            }
            '|' => {
                self.rest = letters.as_str();
                self.pattern.push('|');
                self.operand = None;
            }
            '^' | '$' | '.' => {
                self.rest = letters.as_str();
                self.push(letter.encode_utf8(&mut [0; 4]));
            }
            '[' => {
                let (class, rest) = bracket_class(self.rest)?;
                self.rest = rest;
                self.push(&class);
            }
            '*' | '+' | '?' => {
                self.repeat(letter.encode_utf8(&mut [0; 4]), letters.as_str(), 1, false)?;
                return Ok(true);
            }
            '{' => return self.counted_repeat(),
            '\\' => self.backslash()?,
            _ => {
                self.rest = letters.as_str();
                self.push(&literal(letter.into()));
            }
        }
        Ok(false)
    }

    /// Writes an operand.
    fn push(&mut self, text: &str) {
        self.pattern.push_str(text);
        self.operand = Some(Operand { end: self.pattern.len(), repeats: 1 });
    }

    fn open(&mut self, text: &str) -> Result<(), Error> {
        if self.groups.len() >= DEEPEST {
            return Err(Error::new(Fault::NestingDepth, self.whole));
        }
        self.pattern.push_str(text);
        self.groups.push(Group { flags: self.flags, repeats: self.repeats });
        self.repeats = 1;
        self.operand = None;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        let group = self.groups.pop().ok_or_else(|| Error::new(Fault::UnexpectedParen, self.whole))?;
        self.push(")");
        self.operand = Some(Operand { end: self.pattern.len(), repeats: self.repeats });
        self.repeats = self.repeats.max(group.repeats);
        self.flags = group.flags;
        Ok(())
    }

    /// Writes a repetition of what was read last. Go: nested counts must not exceed 1000 together.
    fn repeat(&mut self, text: &str, after: &'a str, count: u32, is_counted: bool) -> Result<(), Error> {
        let before = self.rest;
        let lazy = after.starts_with('?');
        let after = if lazy { &after[1..] } else { after };
        let excerpt = |from: &'a str| &from[..from.len() - after.len()];
        if let Some(last) = self.last_repeat {
            return Err(Error::new(Fault::InvalidRepeatOperator, excerpt(last)));
        }
        let Some(operand) = self.operand else {
            return Err(Error::new(Fault::MissingRepeatArgument, excerpt(before)));
        };
        let repeats = operand.repeats.saturating_mul(count);
        if is_counted && repeats > 1000 {
            return Err(Error::new(Fault::InvalidRepeatSize, excerpt(before)));
        }
        // Flags may stand between: the repetition belongs before them.
        let text = if lazy { format!("{text}?") } else { text.to_owned() };
        self.pattern.insert_str(operand.end, &text);
        self.operand = Some(Operand { end: operand.end + text.len(), repeats });
        self.repeats = self.repeats.max(repeats);
        self.rest = after;
        Ok(())
    }

    /// Reads `{2,3}`; a brace that starts no repetition is itself.
    fn counted_repeat(&mut self) -> Result<bool, Error> {
        let Some((low, high, after)) = parse_counts(&self.rest[1..]) else {
            self.rest = &self.rest[1..];
            self.push(r"\{");
            return Ok(false);
        };
        let too_large = low > 1000 || high.is_some_and(|high| high > 1000 || low > high);
        if too_large {
            let excerpt = &self.rest[..self.rest.len() - after.len()];
            return Err(Error::new(Fault::InvalidRepeatSize, excerpt));
        }
        let text = match high {
            Some(high) => format!("{{{low},{high}}}"),
            None => format!("{{{low},}}"),
        };
        let count = high.unwrap_or(low);
        self.repeat(&text, after, count.max(1), count >= 2 || low >= 2)?;
        Ok(true)
    }

    fn backslash(&mut self) -> Result<(), Error> {
        let second = self.rest[1..].chars().next();
        let simple = match second {
            Some('A') => Some(r"\A"),
            Some('b') => Some(r"(?-u:\b)"),
            Some('B') => Some(r"(?-u:\B)"),
            Some('z') => Some(r"\z"),
            Some('C') => return Err(Error::new(Fault::InvalidEscape, r"\C")),
            Some('Q') => {
                self.quoted();
                return Ok(());
            }
            _ => perl_class(second),
        };
        if let Some(text) = simple {
            self.rest = &self.rest[2..];
            self.push(text);
        } else if let Some((class, rest)) = unicode_class(self.rest)? {
            self.rest = rest;
            self.push(&class);
        } else {
            let (character, rest) = escape(self.rest)?;
            self.rest = rest;
            self.push(&literal(character));
        }
        Ok(())
    }

    /// Reads `\Q...\E`, of which nothing is special.
    fn quoted(&mut self) {
        let after = &self.rest[2..];
        let (quoted, rest) = after.split_once(r"\E").unwrap_or((after, ""));
        self.rest = rest;
        quoted.chars().for_each(|letter| self.push(&literal(letter.into())));
    }

    /// Reads a named group, a group with flags, or flags alone.
    fn perl_group(&mut self) -> Result<(), Error> {
        let start = self.rest;
        if start.starts_with("(?P<") && start.len() > 4 || start.starts_with("(?<") && start.len() > 3 {
            return self.named_group();
        }
        let mut flags = self.flags;
        let (mut negated, mut saw_flag) = (false, false);
        let mut letters = start[2..].chars();
        loop {
            let invalid =
                |rest: &str| Err(Error::new(Fault::InvalidPerlOperator, &start[..start.len() - rest.len()]));
            let Some(letter) = letters.next() else { return invalid("") };
            match letter {
                'i' => flags.fold_case = !negated,
                'm' => flags.many_lines = !negated,
                's' => flags.dot_matches_newline = !negated,
                'U' => flags.not_greedy = !negated,
                '-' if !negated => {
                    (negated, saw_flag) = (true, false);
                    continue;
                }
                ':' | ')' if !negated || saw_flag => {
                    self.rest = letters.as_str();
                    return self.set_flags(flags, letter == ':');
                }
                _ => return invalid(letters.as_str()),
            }
            saw_flag = true;
        }
    }

    fn set_flags(&mut self, flags: Flags, opens: bool) -> Result<(), Error> {
        let text = flags.text();
        if opens {
            self.open(&format!("(?{text}:"))?;
        } else {
            self.pattern.push_str(&format!("(?{text})"));
        }
        self.flags = flags;
        Ok(())
    }

    /// Names are kept aside: the library does not allow all of Go's.
    fn named_group(&mut self) -> Result<(), Error> {
        let start = self.rest;
        let name_start = if start.starts_with("(?<") { 3 } else { 4 };
        let Some(end) = start.find('>') else { return Err(Error::new(Fault::InvalidNamedCapture, start)) };
        let name = start.get(name_start..end).unwrap_or_default();
        if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
            return Err(Error::new(Fault::InvalidNamedCapture, &start[..=end]));
        }
        self.rest = &start[end + 1..];
        self.names.push(name.to_owned());
        self.open("(")
    }
}

impl Flags {
    /// All four, on or off.
    fn text(self) -> String {
        let all = [
            (self.fold_case, 'i'),
            (self.many_lines, 'm'),
            (self.dot_matches_newline, 's'),
            (self.not_greedy, 'U'),
        ];
        let letters =
            |wanted: bool| all.iter().filter(move |(on, _)| *on == wanted).map(|(_, letter)| *letter);
        let (on, off): (String, String) = (letters(true).collect(), letters(false).collect());
        if off.is_empty() { on } else { format!("{on}-{off}") }
    }
}

/// Reads the counts of a repetition after its brace: the least, the most (none: any number), and what follows.
fn parse_counts(text: &str) -> Option<(u32, Option<u32>, &str)> {
    let (low, rest) = parse_count(text)?;
    if let Some(after) = rest.strip_prefix('}') {
        return Some((low, Some(low), after));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(after) = rest.strip_prefix('}') {
        return Some((low, None, after));
    }
    let (high, rest) = parse_count(rest)?;
    Some((low, Some(high), rest.strip_prefix('}')?))
}

/// Reads a number without zeros in front; a large one is the largest.
fn parse_count(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}
