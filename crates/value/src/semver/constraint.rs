//! Constraints: groups of comparisons, of which one group must hold as a whole.

use std::fmt;

use super::version::{Error, Parts, Version, compare_prereleases};

/// The length of the longest constraint (Masterminds/semver v3.5.0).
pub(super) const MAX_LENGTH: usize = 512;

/// What a version must satisfy: one of several groups, and in a group everything.
#[derive(Clone, Debug)]
pub struct Constraints {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    comparisons: Vec<Comparison>,
    /// Whether one of the comparisons names a prerelease, so that prereleases count.
    allows_prereleases: bool,
}

/// Why a version does not satisfy a constraint, in Masterminds' words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(Box<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// The numbers of a constraint that are missing or wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wildcard {
    None,
    All,
    FromMinor,
    FromPatch,
}

#[derive(Clone, Debug)]
struct Comparison {
    operator: Operator,
    /// The operator as written.
    sign: Box<str>,
    version: Version,
    /// The version as written.
    original: Box<str>,
    wildcard: Wildcard,
}

impl Constraints {
    /// Reads a constraint (`NewConstraint`).
    ///
    /// # Errors
    /// [`Error::ImproperConstraint`] with the group that is malformed.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(Error::ConstraintTooLong);
        }
        let text = rewrite_ranges(text);
        Ok(Self { groups: text.split("||").map(Group::parse).collect::<Result<_, _>>()? })
    }

    /// Tells whether a version satisfies the constraint.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            let holds = |comparison: &Comparison| comparison.check(version, group.allows_prereleases).is_ok();
            group.comparisons.iter().all(holds)
        })
    }

    /// Says why a version does not satisfy the constraint, one reason for each comparison that failed.
    ///
    /// # Errors
    /// The reasons; nothing is wrong if one group holds.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<Violation>> {
        let mut violations = Vec::new();
        let mut told_of_prerelease = false;
        for group in &self.groups {
            if !group.allows_prereleases && !version.prerelease().is_empty() {
                if !told_of_prerelease {
                    violations.push(is_prerelease(version));
                }
                told_of_prerelease = true;
                continue;
            }
            let failed =
                group.comparisons.iter().filter_map(|one| one.check(version, group.allows_prereleases).err());
            let before = violations.len();
            violations.extend(failed);
            if violations.len() == before {
                return Ok(());
            }
        }
        Err(violations)
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.groups.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " || " })?;
            for (index, comparison) in group.comparisons.iter().enumerate() {
                let space = if index == 0 { "" } else { " " };
                write!(f, "{space}{}{}", comparison.sign, comparison.original)?;
            }
        }
        Ok(())
    }
}

impl Group {
    fn parse(text: &str) -> Result<Self, Error> {
        let improper = || Error::ImproperConstraint(text.into());
        let mut comparisons = Vec::new();
        let mut rest = skip_blanks(text);
        loop {
            let sign = &rest[..rest.bytes().take_while(|byte| b"=!<>~^".contains(byte)).count()];
            let operator = Operator::from_sign(sign).ok_or_else(improper)?;
            rest = skip_blanks(&rest[sign.len()..]);
            let parts = Parts::split(rest, is_constraint_number).ok_or_else(improper)?;
            comparisons.push((operator, sign, &rest[..parts.length], parts.numbers, parts.prerelease));
            let after = &rest[parts.length..];
            rest = skip_blanks(after);
            if rest.is_empty() {
                break;
            }
            match rest.strip_prefix(',') {
                Some(next) => rest = skip_blanks(next),
                None if rest.len() == after.len() => return Err(improper()),
                None => {}
            }
        }
        let comparisons = comparisons
            .into_iter()
            .map(|(operator, sign, original, numbers, prerelease)| {
                Comparison::new(operator, sign, original, numbers, prerelease)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let allows_prereleases = comparisons.iter().any(|one| !one.version.prerelease().is_empty());
        Ok(Self { comparisons, allows_prereleases })
    }
}

impl Operator {
    fn from_sign(sign: &str) -> Option<Self> {
        Some(match sign {
            "" | "=" => Self::Equal,
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            "<" => Self::Less,
            ">=" | "=>" => Self::GreaterOrEqual,
            "<=" | "=<" => Self::LessOrEqual,
            "~" | "~>" => Self::Tilde,
            "^" => Self::Caret,
            _ => return None,
        })
    }
}

impl Comparison {
    fn new(
        operator: Operator,
        sign: &str,
        original: &str,
        [major, minor, patch]: [&str; 3],
        prerelease: &str,
    ) -> Result<Self, Error> {
        let is_wildcard = |number: &str| matches!(number, "" | "x" | "X" | "*");
        let suffix = if prerelease.is_empty() { String::new() } else { format!("-{prerelease}") };
        let (wildcard, text) = if is_wildcard(major) {
            (Wildcard::All, format!("0.0.0{suffix}"))
        } else if is_wildcard(minor) {
            (Wildcard::FromMinor, format!("{major}.0.0{suffix}"))
        } else if is_wildcard(patch) {
            (Wildcard::FromPatch, format!("{major}.{minor}.0{suffix}"))
        } else {
            (Wildcard::None, original.to_owned())
        };
        let version = Version::parse(&text).map_err(|_| Error::ConstraintParser)?;
        Ok(Self { operator, sign: sign.into(), version, original: original.into(), wildcard })
    }

    fn check(&self, version: &Version, allows_prereleases: bool) -> Result<(), Violation> {
        if !version.prerelease().is_empty() && !allows_prereleases {
            return Err(is_prerelease(version));
        }
        let (holds, relation) = match self.operator {
            Operator::Equal if self.wildcard != Wildcard::None => return self.check_tilde(version),
            Operator::Equal => (*version == self.version, "is not equal to"),
            Operator::NotEqual => (!self.includes(version), "is equal to"),
            Operator::Greater => (self.is_below(version), "is less than or equal to"),
            Operator::Less => (*version < self.version, "is greater than or equal to"),
            Operator::GreaterOrEqual => (*version >= self.version, "is less than"),
            Operator::LessOrEqual => (self.is_not_below(version), "is greater than"),
            Operator::Tilde => return self.check_tilde(version),
            Operator::Caret => return self.check_caret(version),
        };
        if holds { Ok(()) } else { Err(self.violation(version, relation)) }
    }

    fn violation(&self, version: &Version, relation: &str) -> Violation {
        self.violation_with(version, relation, "")
    }

    fn violation_with(&self, version: &Version, relation: &str, explanation: &str) -> Violation {
        Violation(format!("{} {relation} {}{explanation}", quote(version), quote(&self.original)).into())
    }

    /// Whether a version is one of those written (`!=` rejects them).
    fn includes(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.wildcard == Wildcard::None {
            return version == wanted;
        }
        if wanted.major() != version.major() {
            return false;
        }
        match self.wildcard {
            Wildcard::FromMinor => true,
            _ if wanted.minor() != version.minor() => false,
            Wildcard::FromPatch => {
                let released = version.prerelease().is_empty() && wanted.prerelease().is_empty();
                released || compare_prereleases(version.prerelease(), wanted.prerelease()).is_eq()
            }
            _ => version == wanted,
        }
    }

    fn is_below(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.wildcard == Wildcard::None || version.major() != wanted.major() {
            return if self.wildcard == Wildcard::None {
                version > wanted
            } else {
                version.major() > wanted.major()
            };
        }
        match self.wildcard {
            // 11.1.0 is not above 11.
            Wildcard::FromMinor => false,
            Wildcard::FromPatch => version.minor() > wanted.minor(),
            _ => version > wanted,
        }
    }

    fn is_not_below(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if self.wildcard == Wildcard::None {
            return version <= wanted;
        }
        let same_major = version.major() == wanted.major();
        let above = same_major && version.minor() > wanted.minor() && self.wildcard != Wildcard::FromMinor;
        version.major() <= wanted.major() && !above
    }

    fn check_tilde(&self, version: &Version) -> Result<(), Violation> {
        let wanted = &self.version;
        if version < wanted {
            return Err(self.violation(version, "is less than"));
        }
        let zero = (wanted.major(), wanted.minor(), wanted.patch()) == (0, 0, 0);
        let partial = matches!(self.wildcard, Wildcard::FromMinor | Wildcard::FromPatch);
        // Masterminds: `~0.0.0` accepts everything, like `*`.
        if zero && !partial {
            return Ok(());
        }
        if version.major() != wanted.major() {
            return Err(self.violation(version, "does not have same major version as"));
        }
        if version.minor() != wanted.minor() && self.wildcard != Wildcard::FromMinor {
            return Err(self.violation(version, "does not have same major and minor version as"));
        }
        Ok(())
    }

    fn check_caret(&self, version: &Version) -> Result<(), Violation> {
        let wanted = &self.version;
        if version < wanted {
            return Err(self.violation(version, "is less than"));
        }
        if wanted.major() > 0 || self.wildcard == Wildcard::FromMinor {
            return if version.major() == wanted.major() {
                Ok(())
            } else {
                Err(self.violation(version, "does not have same major version as"))
            };
        }
        if version.major() > 0 {
            return Err(self.violation(version, "does not have same major version as"));
        }
        if wanted.minor() > 0 || self.wildcard == Wildcard::FromPatch {
            return if version.minor() == wanted.minor() {
                Ok(())
            } else {
                let explanation = ". Expected minor versions to match when constraint major version is 0";
                Err(self.violation_with(version, "does not have same minor version as", explanation))
            };
        }
        if version.minor() > 0 {
            return Err(self.violation(version, "does not have same minor version as"));
        }
        if version.patch() == wanted.patch() {
            return Ok(());
        }
        let explanation = ". Expect version and constraint to equal when major and minor versions are 0";
        Err(self.violation_with(version, "does not equal", explanation))
    }
}

fn is_prerelease(version: &Version) -> Violation {
    let text = "is a prerelease version and the constraint is only looking for release versions";
    Violation(format!("{} {text}", quote(version)).into())
}

fn quote(text: &impl ToString) -> String {
    crate::gofmt::quoted(text.to_string().as_bytes())
}

/// Masterminds' character class has the bar in it, by mistake.
fn is_constraint_number(byte: &u8) -> bool {
    byte.is_ascii_digit() || b"xX*|".contains(byte)
}

/// The blanks of Go's `\s`.
fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' '])
}

/// Turns `1.2 - 1.4` into `>= 1.2, <= 1.4 `, wherever it is.
fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    let mut rest = text;
    while let Some((start, length, low, high)) = find_range(rest) {
        // Masterminds replaces the first place that looks the same, not the one that was found.
        rewritten = rewritten.replacen(&rest[start..start + length], &format!(">= {low}, <= {high} "), 1);
        rest = &rest[start + length..];
    }
    rewritten
}

/// Returns where the first range starts, how long it is with the blanks around it, and its two versions.
fn find_range(text: &str) -> Option<(usize, usize, &str, &str)> {
    if !text.contains('-') {
        return None;
    }
    let mut start = 0;
    while start < text.len() {
        let from = &text[start..];
        let low_start = skip_blanks(from);
        let Some(low) = Parts::split(low_start, is_constraint_number) else {
            // Blanks that no version follows start no range.
            start += (from.len() - low_start.len()) + low_start.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if let Some((high, after)) = range_end(&low_start[low.length..]) {
            return Some((start, from.len() - after.len(), &low_start[..low.length], high));
        }
        // No range starts inside the same number either.
        start +=
            from.len() - low_start.len() + usize::from(low_start.starts_with('v')) + low.numbers[0].len();
    }
    None
}

fn range_end(text: &str) -> Option<(&str, &str)> {
    let required = |text| Some(skip_blanks(text)).filter(|rest: &&str| rest.len() < str::len(text));
    let high_start = required(required(text)?.strip_prefix('-')?)?;
    let high = Parts::split(high_start, is_constraint_number)?;
    let (version, after) = high_start.split_at(high.length);
    Some((version, skip_blanks(after)))
}

#[cfg(test)]
mod tests;
