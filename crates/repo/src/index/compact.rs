//! An index as searching and resolving need it: all texts in one buffer, a few numbers for each version of a chart.

use value::semver::{Constraints, Version};

use crate::event::Event;
use crate::{Error, Events};

/// Where a text lies in the buffer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    start: u32,
    length: u32,
}

/// One version of a chart.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    pub(super) name: Span,
    pub(super) version: Span,
    pub(super) app_version: Span,
    pub(super) description: Span,
    pub(super) keywords: Span,
    pub(super) digest: Span,
    pub(super) first_url: u32,
    pub(super) url_count: u32,
}

#[derive(Debug)]
struct ChartRow {
    name: Span,
    first: usize,
    count: usize,
}

/// The charts of a repository, the versions of each from the highest to the lowest.
#[derive(Debug, Default)]
pub struct Index {
    text: String,
    charts: Vec<ChartRow>,
    rows: Vec<Row>,
    urls: Vec<Span>,
    /// Entries that were left out, in the order Helm logs them.
    pub skipped: Vec<Skipped>,
}

/// An entry that is left out of an index because it breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The name under which it stood.
    pub chart: String,
    /// Its version, and the rule that it breaks; nothing for an empty entry.
    pub problem: Option<(String, String)>,
}

/// A chart of an index.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    index: &'a Index,
    row: &'a ChartRow,
}

/// A version of a chart in an index.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    index: &'a Index,
    row: &'a Row,
}

impl Index {
    /// Returns the charts in the order of the file.
    pub fn charts(&self) -> impl Iterator<Item = Chart<'_>> {
        self.charts.iter().map(|row| Chart { index: self, row })
    }

    /// Returns the chart of that name.
    pub fn chart(&self, name: &str) -> Option<Chart<'_>> {
        self.charts().find(|chart| chart.name() == name)
    }

    /// Returns whether one of the charts is fetched from that URL.
    pub fn has_url(&self, url: &str) -> bool {
        let file = url.rsplit('/').next().unwrap_or(url);
        let is_it = |candidate: &str| {
            candidate == url || (candidate.contains(file) && value::url::is_same(url, candidate))
        };
        self.charts().flat_map(|chart| chart.entries()).any(|entry| entry.urls().any(is_it))
    }

    /// Returns the version of a chart that is asked for: exactly, else the highest in the range; without one the highest
    /// stable version (Helm: `IndexFile.Get`).
    ///
    /// # Errors
    /// When there is no such chart or version, or the range is none.
    pub fn get(&self, name: &str, version: &str, events: Events<'_>) -> Result<Entry<'_>, Error> {
        let chart = self.chart(name).ok_or_else(|| Error::refused("no chart name found"))?;
        if chart.row.count == 0 {
            return Err(Error::refused("no chart version found"));
        }
        let range = Constraints::parse(if version.is_empty() { "*" } else { version })
            .map_err(|error| Error::refused(error.to_string()))?;
        if !version.is_empty()
            && let Some(entry) = chart.entries().find(|entry| entry.version() == version)
        {
            return Ok(entry);
        }
        let fits = |entry: &Entry<'_>| Version::parse(entry.version()).is_ok_and(|found| range.check(&found));
        let entry = chart.entries().find(fits);
        let entry =
            entry.ok_or_else(|| Error::refused(format!("no chart version found for {name}-{version}")))?;
        let selected = entry.version();
        match version {
            "" => {}
            range if is_range(range) => events(Event::Selected { chart: name, range, selected }),
            requested => events(Event::Closest { chart: name, requested, selected }),
        }
        Ok(entry)
    }

    pub(super) fn text(&self, span: Span) -> &str {
        let start = span.start as usize;
        self.text.get(start..start + span.length as usize).unwrap_or_default()
    }

    /// Appends a text to the buffer, characters that do not print replaced.
    pub(super) fn keep_clean(&mut self, text: &[u8]) -> Span {
        if text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return self.keep(text);
        }
        let mut owned = String::from_utf8_lossy(text).into_owned();
        chart::sanitize(&mut owned);
        self.keep(owned.as_bytes())
    }

    /// Appends a text to the buffer as it is.
    pub(super) fn keep(&mut self, text: &[u8]) -> Span {
        let start = self.text.len();
        match std::str::from_utf8(text) {
            Ok(text) => self.text.push_str(text),
            Err(_) => self.text.push_str(&String::from_utf8_lossy(text)),
        }
        self.span_from(start)
    }

    /// Puts a blank and another keyword behind a text that was kept last.
    pub(super) fn keep_more(&mut self, span: Span, text: &[u8]) -> Span {
        let start = if span.length == 0 { self.text.len() } else { span.start as usize };
        if span.length > 0 {
            self.text.push(' ');
        }
        self.keep_clean(text);
        self.span_from(start)
    }

    fn span_from(&self, start: usize) -> Span {
        // What is read is limited far below 4 GiB.
        let number = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        Span { start: number(start), length: number(self.text.len() - start) }
    }

    pub(super) fn keep_url(&mut self, row: &mut Row, url: &[u8]) {
        if row.url_count == 0 {
            row.first_url = u32::try_from(self.urls.len()).unwrap_or(u32::MAX);
        }
        let span = self.keep(url);
        self.urls.push(span);
        row.url_count += 1;
    }

    /// Adds a chart with its versions, which are put in order; returns nothing to do with entries left out.
    pub(super) fn add_chart(&mut self, name: Span, mut rows: Vec<(Row, Version)>) {
        let is_sorted = rows.is_sorted_by(|(_, a), (_, b)| a >= b);
        if !is_sorted {
            rows.sort_by(|(_, a), (_, b)| b.cmp(a));
        }
        self.charts.push(ChartRow { name, first: self.rows.len(), count: rows.len() });
        self.rows.extend(rows.into_iter().map(|(row, _)| row));
    }
}

impl<'a> Chart<'a> {
    /// Returns the name under which the index has it.
    pub fn name(self) -> &'a str {
        self.index.text(self.row.name)
    }

    /// Returns its versions from the highest to the lowest.
    pub fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        let index = self.index;
        let rows = index.rows.get(self.row.first..self.row.first + self.row.count).unwrap_or_default();
        rows.iter().map(move |row| Entry { index, row })
    }
}

impl<'a> Entry<'a> {
    /// Returns the chart's name as its metadata have it.
    pub fn name(self) -> &'a str {
        self.index.text(self.row.name)
    }

    /// Returns the version.
    pub fn version(self) -> &'a str {
        self.index.text(self.row.version)
    }

    /// Returns the version of what the chart installs.
    pub fn app_version(self) -> &'a str {
        self.index.text(self.row.app_version)
    }

    /// Returns the description.
    pub fn description(self) -> &'a str {
        self.index.text(self.row.description)
    }

    /// Returns the keywords with blanks between them.
    pub fn keywords(self) -> &'a str {
        self.index.text(self.row.keywords)
    }

    /// Returns the SHA-256 of the archive, as the index says; it may be empty or nonsense.
    pub fn digest(self) -> &'a str {
        self.index.text(self.row.digest)
    }

    /// Returns where the archive lies, relative to the repository.
    pub fn urls(self) -> impl Iterator<Item = &'a str> {
        let first = self.row.first_url as usize;
        let spans = self.index.urls.get(first..first + self.row.url_count as usize).unwrap_or_default();
        let index = self.index;
        spans.iter().map(move |span| index.text(*span))
    }
}

/// Returns whether a version is meant as a range (`isVersionRange`).
fn is_range(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or(version);
    version.contains(['^', '~', '<', '>', '=', '!', '*'])
        || version.contains("||")
        || version.contains(" - ")
        || core.contains(['x', 'X'])
}
