//! Versions: strict and lenient reading, order, next versions.

use std::cmp::Ordering;
use std::fmt;

/// The length of the longest version (Masterminds/semver v3.5.0, MaxVersionLen).
const MAX_LENGTH: usize = 256;

/// Why a text is no version or constraint, with Masterminds' texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The version is longer than anyone reads.
    #[error("version string is too long (max {MAX_LENGTH} bytes)")]
    TooLong,
    /// The constraint is longer than anyone reads.
    #[error("constraint string is too long (max {} bytes)", crate::semver::constraint::MAX_LENGTH)]
    ConstraintTooLong,
    /// The text has not the form of a version.
    #[error("invalid semantic version")]
    Invalid,
    /// The text is empty (strict reading only).
    #[error("version string empty")]
    Empty,
    /// A number has other characters than digits (strict reading only).
    #[error("invalid characters in version")]
    InvalidCharacters,
    /// A number has zeros in front.
    #[error("version segment starts with 0")]
    SegmentStartsZero,
    /// Build metadata are malformed.
    #[error("invalid metadata string")]
    InvalidMetadata,
    /// The prerelease is malformed.
    #[error("invalid prerelease string")]
    InvalidPrerelease,
    /// A number does not fit 64 bits; lenient reading says in front what it was doing.
    #[error("{}strconv.ParseUint: parsing \"{number}\": value out of range", if *lenient { "error parsing version segment: " } else { "" })]
    OutOfRange {
        /// The number as written.
        number: Box<str>,
        /// Whether [`Version::parse`] found it.
        lenient: bool,
    },
    /// The text has not the form of a constraint.
    #[error("improper constraint: {}", crate::gofmt::quoted(.0.as_bytes()))]
    ImproperConstraint(Box<str>),
    /// A version inside a constraint is none.
    #[error("constraint parser error")]
    ConstraintParser,
}

/// A semantic version. Build metadata do not count when versions are compared.
#[derive(Clone, Debug)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    prerelease: Box<str>,
    metadata: Box<str>,
    original: Box<str>,
}

impl Version {
    /// Reads a version leniently (`NewVersion`): `v` in front, one to three numbers, zeros in front of them.
    ///
    /// # Errors
    /// [`Error::Invalid`] for other forms; prereleases must still be well-formed, numbers must fit 64 bits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(Error::TooLong);
        }
        let parts =
            Parts::split(text, |byte| byte.is_ascii_digit()).filter(|parts| parts.length == text.len());
        let parts = parts.ok_or(Error::Invalid)?;
        let number = |digits: &str| parse_number(if digits.is_empty() { "0" } else { digits }, true);
        let version = Self {
            major: number(parts.numbers[0])?,
            minor: number(parts.numbers[1])?,
            patch: number(parts.numbers[2])?,
            prerelease: parts.prerelease.into(),
            metadata: parts.metadata.into(),
            original: text.into(),
        };
        if !parts.prerelease.is_empty() {
            validate_prerelease(parts.prerelease)?;
        }
        Ok(version)
    }

    /// Reads a version of exactly three numbers (`StrictNewVersion`).
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse_strict(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(Error::TooLong);
        }
        let mut parts = text.splitn(3, '.');
        let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::Invalid);
        };
        let (rest, metadata) =
            rest.split_once('+').map_or((rest, None), |(rest, metadata)| (rest, Some(metadata)));
        metadata.map_or(Ok(()), validate_metadata)?;
        let (patch, prerelease) =
            rest.split_once('-').map_or((rest, None), |(patch, pre)| (patch, Some(pre)));
        prerelease.map_or(Ok(()), validate_prerelease)?;
        for number in [major, minor, patch] {
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Error::InvalidCharacters);
            }
            if number.len() > 1 && number.starts_with('0') {
                return Err(Error::SegmentStartsZero);
            }
        }
        Ok(Self {
            major: parse_number(major, false)?,
            minor: parse_number(minor, false)?,
            patch: parse_number(patch, false)?,
            prerelease: prerelease.unwrap_or_default().into(),
            metadata: metadata.unwrap_or_default().into(),
            original: text.into(),
        })
    }

    /// Makes a version of its parts, which are not checked.
    pub fn new(major: u64, minor: u64, patch: u64, prerelease: &str, metadata: &str) -> Self {
        let version = Self {
            major,
            minor,
            patch,
            prerelease: prerelease.into(),
            metadata: metadata.into(),
            original: "".into(),
        };
        version.renamed("")
    }

    /// The first number.
    pub fn major(&self) -> u64 {
        self.major
    }

    /// The second number.
    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// The third number.
    pub fn patch(&self) -> u64 {
        self.patch
    }

    /// What follows `-`; empty if nothing does.
    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// What follows `+`; empty if nothing does.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text the version was read from.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// Returns the release of a prerelease, or the next patch. Nothing if the number would overflow, where Go
    /// panics.
    pub fn next_patch(&self) -> Option<Self> {
        let patch = if self.prerelease.is_empty() { self.patch.checked_add(1)? } else { self.patch };
        Some(self.release(self.major, self.minor, patch))
    }

    /// Returns the next minor version, if the number does not overflow.
    pub fn next_minor(&self) -> Option<Self> {
        Some(self.release(self.major, self.minor.checked_add(1)?, 0))
    }

    /// Returns the next major version, if the number does not overflow.
    pub fn next_major(&self) -> Option<Self> {
        Some(self.release(self.major.checked_add(1)?, 0, 0))
    }

    /// Returns the version with another prerelease.
    ///
    /// # Errors
    /// When the prerelease is malformed.
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Self, Error> {
        if !prerelease.is_empty() {
            validate_prerelease(prerelease)?;
        }
        Ok(Self { prerelease: prerelease.into(), ..self.clone() }.renamed(self.prefix()))
    }

    /// Returns the version with other metadata.
    ///
    /// # Errors
    /// When the metadata are malformed.
    pub fn with_metadata(&self, metadata: &str) -> Result<Self, Error> {
        if !metadata.is_empty() {
            validate_metadata(metadata)?;
        }
        Ok(Self { metadata: metadata.into(), ..self.clone() }.renamed(self.prefix()))
    }

    fn release(&self, major: u64, minor: u64, patch: u64) -> Self {
        let original = "".into();
        Self { major, minor, patch, prerelease: "".into(), metadata: "".into(), original }
            .renamed(self.prefix())
    }

    fn renamed(mut self, prefix: &str) -> Self {
        self.original = format!("{prefix}{self}").into();
        self
    }

    fn prefix(&self) -> &'static str {
        if self.original.starts_with('v') { "v" } else { "" }
    }
}

impl fmt::Display for Version {
    /// Writes the version without `v` and with all three numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_prereleases(&self.prerelease, &other.prerelease),
            }
        })
    }
}

/// Compares prereleases part by part; numbers come before words, and a part before none.
pub(super) fn compare_prereleases(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let order = compare_parts(a.unwrap_or(""), b.unwrap_or(""));
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_parts(left: &str, right: &str) -> Ordering {
    if left.is_empty() || right.is_empty() {
        return left.len().cmp(&right.len());
    }
    // A number that does not fit 64 bits is a word to Masterminds.
    let number = |part: &str| {
        parse_number(part, false).ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match (number(left), number(right)) {
        (None, None) => left.cmp(right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(a), Some(b)) => a.cmp(&b),
    }
}

fn parse_number(digits: &str, lenient: bool) -> Result<u64, Error> {
    digits.parse().map_err(|_| Error::OutOfRange { number: digits.into(), lenient })
}

fn validate_prerelease(text: &str) -> Result<(), Error> {
    for part in text.split('.') {
        if part.is_empty() || !part.bytes().all(is_identifier) {
            return Err(Error::InvalidPrerelease);
        }
        if part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::SegmentStartsZero);
        }
    }
    Ok(())
}

fn validate_metadata(text: &str) -> Result<(), Error> {
    let valid = |part: &str| !part.is_empty() && part.bytes().all(is_identifier);
    if text.split('.').all(valid) { Ok(()) } else { Err(Error::InvalidMetadata) }
}

fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// The longest piece of a text that looks like a version, in parts.
pub(super) struct Parts<'a> {
    pub(super) length: usize,
    /// Without their dots; what is missing is empty.
    pub(super) numbers: [&'a str; 3],
    /// Without its hyphen.
    pub(super) prerelease: &'a str,
    metadata: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes the parts from the start of a text, where `is_number` tells what numbers are made of.
    pub(super) fn split(text: &'a str, is_number: fn(&u8) -> bool) -> Option<Self> {
        let bytes = text.as_bytes();
        let run = |from: usize, of: &dyn Fn(&u8) -> bool| {
            from + bytes[from..].iter().position(|byte| !of(byte)).unwrap_or(bytes.len() - from)
        };
        let start = usize::from(bytes.first() == Some(&b'v'));
        let mut end = run(start, &is_number);
        if end == start {
            return None;
        }
        let mut numbers = [&text[start..end], "", ""];
        for number in &mut numbers[1..] {
            if bytes.get(end) != Some(&b'.') {
                break;
            }
            let stop = run(end + 1, &is_number);
            if stop == end + 1 {
                break;
            }
            *number = &text[end + 1..stop];
            end = stop;
        }
        // Identifiers joined by dots; a dot that nothing follows is not part of them.
        let identifiers = |sign: u8, end: &mut usize| {
            let from = *end + 1;
            if bytes.get(*end) != Some(&sign) {
                return "";
            }
            let mut stop = run(from, &|byte| is_identifier(*byte));
            if stop == from {
                return "";
            }
            while bytes.get(stop) == Some(&b'.') {
                let next = run(stop + 1, &|byte| is_identifier(*byte));
                if next == stop + 1 {
                    break;
                }
                stop = next;
            }
            *end = stop;
            &text[from..stop]
        };
        let prerelease = identifiers(b'-', &mut end);
        let metadata = identifiers(b'+', &mut end);
        Some(Self { length: end, numbers, prerelease, metadata })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_reading_fills_in_and_keeps_the_original() {
        for (text, expected) in [
            ("1", "1.0.0"),
            ("v1.2", "1.2.0"),
            ("01.2.3", "1.2.3"),
            ("1.2.3-beta.1+b5", "1.2.3-beta.1+b5"),
            ("1-rc", "1.0.0-rc"),
            ("1.2.3+0x", "1.2.3+0x"),
        ] {
            let version = Version::parse(text).unwrap();
            assert_eq!(version.to_string(), expected);
            assert_eq!(version.original(), text);
        }
    }

    #[test]
    fn lenient_reading_rejects_other_forms() {
        for text in
            ["", "V1", " 1", "1 ", "1.2.3.4", "1.", "1.2.3-", "1.2.3-a..b", "1.2.3+", "x", "1.2.3-é", "-1"]
        {
            assert_eq!(Version::parse(text).unwrap_err(), Error::Invalid, "{text}");
        }
        let text = |text| Version::parse(text).unwrap_err().to_string();
        assert_eq!(text("1.2.3-01"), "version segment starts with 0");
        assert_eq!(
            text("1.99999999999999999999"),
            "error parsing version segment: strconv.ParseUint: parsing \"99999999999999999999\": value out of range"
        );
    }

    #[test]
    fn strict_reading_names_the_fault() {
        let text = |text| Version::parse_strict(text).unwrap_err().to_string();
        assert_eq!(text(""), "version string empty");
        assert_eq!(text("1.2"), "invalid semantic version");
        assert_eq!(text("v1.2.3"), "invalid characters in version");
        assert_eq!(text("1.02.3"), "version segment starts with 0");
        assert_eq!(text("1.2.3-a_b"), "invalid prerelease string");
        assert_eq!(text("1.2.3-00"), "version segment starts with 0");
        assert_eq!(text("1.2.3+a..b"), "invalid metadata string");
        assert_eq!(Version::parse_strict("1.2.3-a-b+c").unwrap().prerelease(), "a-b");
    }

    #[test]
    fn order_follows_the_specification() {
        let sorted = [
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-11",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta",
            "1.0.0",
            "1.0.1",
        ];
        for pair in sorted.windows(2) {
            assert!(Version::parse(pair[0]).unwrap() < Version::parse(pair[1]).unwrap(), "{pair:?}");
        }
        assert_eq!(Version::parse("1.0.0+a").unwrap(), Version::parse("1.0.0+b").unwrap());
    }

    #[test]
    fn next_versions_drop_what_follows_the_numbers() {
        let version = Version::parse("v1.2.3-rc.1+b").unwrap();
        assert_eq!(version.next_patch().unwrap().original(), "v1.2.3");
        assert_eq!(version.next_minor().unwrap().original(), "v1.3.0");
        assert_eq!(version.next_major().unwrap().to_string(), "2.0.0");
        assert!(Version::new(u64::MAX, 0, 0, "", "").next_major().is_none());
    }
}
