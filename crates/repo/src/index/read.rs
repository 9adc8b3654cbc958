//! Reading an index: a walk over its events that keeps what is needed. Whatever the walk does not understand is read
//! again completely, for Helm's exact complaint or for what is unusual but right.

use std::borrow::Cow;
use std::marker::PhantomData;

use chart::{Metadata, lock_time};
use value::semver::Version;
use value::yaml::lines::LineWalk;
use value::yaml::walk::{Odd, Scalar, Step, Steps, Text, Walk, string_field};

use super::compact::{Index, Row, Skipped};
use super::full::FullIndex;
use crate::{Error, ErrorKind};

/// Reads an index (`loadIndex`); entries that break a rule are left out and listed.
///
/// # Errors
/// When it is empty, no YAML or JSON, has other fields or types than an index, or names no API version.
pub fn read(bytes: &[u8]) -> Result<Index, Error> {
    if bytes.is_empty() {
        return Err(ErrorKind::EmptyIndex.into());
    }
    // Go reads JSON with other rules than YAML.
    let looks_like_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if !looks_like_json && let Ok(index) = walk(bytes) {
        return index;
    }
    FullIndex::read(bytes)?.compact()
}

/// Reads line by line what a program wrote, else token by token.
fn walk(bytes: &[u8]) -> Result<Result<Index, Error>, Odd> {
    let text = Text::new(bytes);
    let by_lines = LineWalk::new(&text).and_then(read_steps);
    by_lines.or_else(|Odd| read_steps(Walk::new(&text)))
}

fn read_steps<'a>(walk: impl Steps<'a>) -> Result<Result<Index, Error>, Odd> {
    let mut reader = Reader { walk, index: Index::default(), marker: PhantomData };
    let mut has_version = false;
    if reader.walk.step()? != Step::Map {
        return Err(Odd);
    }
    while let Some(key) = reader.key()? {
        match &*key {
            b"apiVersion" => has_version = reader.text()?.is_some_and(|text| !text.is_empty()),
            b"generated" => reader.time()?,
            b"entries" => reader.entries()?,
            b"publicKeys" => reader.pass_texts()?,
            b"annotations" => reader.pass_text_map()?,
            b"serverInfo" => match reader.walk.pass()? {
                Step::Map => reader.walk.skip_rest()?,
                _ => return Err(Odd),
            },
            _ => return Err(Odd),
        }
    }
    if reader.walk.step()? != Step::End {
        return Err(Odd);
    }
    let index = reader.index;
    Ok(if has_version { Ok(index) } else { Err(ErrorKind::NoApiVersion.into()) })
}

struct Reader<'a, W> {
    walk: W,
    index: Index,
    marker: PhantomData<&'a ()>,
}

/// What rules ask of an entry beside its row.
#[derive(Default)]
struct Draft<'a> {
    row: Row,
    name: Cow<'a, [u8]>,
    version: Cow<'a, [u8]>,
    chart_type: Cow<'a, [u8]>,
}

impl<'a, W: Steps<'a>> Reader<'a, W> {
    /// Returns the next key, or nothing at the end of the mapping.
    fn key(&mut self) -> Result<Option<Cow<'a, [u8]>>, Odd> {
        match self.walk.step()? {
            Step::Key(key) => Ok(Some(key)),
            Step::Close => Ok(None),
            _ => Err(Odd),
        }
    }

    /// A text of a chart's metadata, which nothing else is turned into (see `Decoder::embedded_metadata_field`).
    fn metadata_text(&mut self) -> Result<Option<Cow<'a, [u8]>>, Odd> {
        match self.walk.step()? {
            Step::Scalar(Scalar::Str(text)) => Ok(Some(text)),
            Step::Scalar(Scalar::Nil) => Ok(None),
            _ => Err(Odd),
        }
    }

    /// A text that numbers and booleans are turned into.
    fn text(&mut self) -> Result<Option<Cow<'a, [u8]>>, Odd> {
        match self.walk.step()? {
            // Such numbers take a way of their own to a text.
            Step::Scalar(Scalar::Float(_) | Scalar::Uint(_)) => Err(Odd),
            Step::Scalar(scalar) => Ok(string_field(scalar)),
            _ => Err(Odd),
        }
    }

    fn pass_text(&mut self) -> Result<(), Odd> {
        match self.walk.pass()? {
            Step::Scalar(_) => Ok(()),
            _ => Err(Odd),
        }
    }

    fn time(&mut self) -> Result<(), Odd> {
        match self.walk.step()? {
            Step::Scalar(Scalar::Nil) => Ok(()),
            Step::Scalar(Scalar::Str(text)) => {
                let is_time =
                    std::str::from_utf8(&text).is_ok_and(|text| lock_time::complaint(text).is_none());
                if is_time { Ok(()) } else { Err(Odd) }
            }
            _ => Err(Odd),
        }
    }

    fn pass_flag(&mut self) -> Result<(), Odd> {
        match self.walk.step()? {
            Step::Scalar(Scalar::Bool(_) | Scalar::Nil) => Ok(()),
            _ => Err(Odd),
        }
    }

    /// Begins a list; null is one without items.
    fn begin_list(&mut self) -> Result<bool, Odd> {
        match self.walk.step()? {
            Step::List => Ok(true),
            Step::Scalar(Scalar::Nil) => Ok(false),
            _ => Err(Odd),
        }
    }

    fn pass_texts(&mut self) -> Result<(), Odd> {
        if self.begin_list()? {
            loop {
                match self.walk.pass()? {
                    Step::Close => break,
                    Step::Scalar(_) => {}
                    _ => return Err(Odd),
                }
            }
        }
        Ok(())
    }

    fn pass_metadata_texts(&mut self) -> Result<(), Odd> {
        if self.begin_list()? {
            loop {
                match self.walk.step()? {
                    Step::Close => break,
                    Step::Scalar(Scalar::Str(_) | Scalar::Nil) => {}
                    _ => return Err(Odd),
                }
            }
        }
        Ok(())
    }

    fn pass_metadata_map(&mut self) -> Result<(), Odd> {
        if self.begin_map()? {
            while self.key()?.is_some() {
                self.metadata_text()?;
            }
        }
        Ok(())
    }

    /// Begins a mapping; null is one without keys.
    fn begin_map(&mut self) -> Result<bool, Odd> {
        match self.walk.step()? {
            Step::Map => Ok(true),
            Step::Scalar(Scalar::Nil) => Ok(false),
            _ => Err(Odd),
        }
    }

    fn pass_text_map(&mut self) -> Result<(), Odd> {
        if self.begin_map()? {
            while self.key()?.is_some() {
                self.pass_text()?;
            }
        }
        Ok(())
    }

    fn entries(&mut self) -> Result<(), Odd> {
        if self.begin_map()? {
            while let Some(name) = self.key()? {
                self.chart(&name)?;
            }
        }
        Ok(())
    }

    fn chart(&mut self, name: &[u8]) -> Result<(), Odd> {
        let span = self.index.keep(name);
        let chart = || String::from_utf8_lossy(name).into_owned();
        let mut rows = Vec::new();
        let mut skipped = Vec::new();
        if self.begin_list()? {
            loop {
                match self.walk.step()? {
                    Step::Close => break,
                    Step::Scalar(Scalar::Nil) => skipped.push(Skipped { chart: chart(), problem: None }),
                    Step::Map => match self.entry()?.check() {
                        Ok(row) => rows.push(row),
                        Err(problem) => skipped.push(Skipped { chart: chart(), problem: Some(problem) }),
                    },
                    _ => return Err(Odd),
                }
            }
        }
        self.index.add_chart(span, rows);
        // Helm goes through them from the end.
        self.index.skipped.extend(skipped.into_iter().rev());
        Ok(())
    }

    fn entry(&mut self) -> Result<Draft<'a>, Odd> {
        let mut draft = Draft::default();
        while let Some(key) = self.key()? {
            match &*key {
                b"name" => draft.name = self.metadata_text()?.unwrap_or_default(),
                b"version" => draft.version = self.metadata_text()?.unwrap_or_default(),
                b"type" => draft.chart_type = self.metadata_text()?.unwrap_or_default(),
                b"appVersion" => draft.row.app_version = self.kept()?,
                b"description" => draft.row.description = self.kept()?,
                b"digest" => {
                    let text = self.text()?.unwrap_or_default();
                    draft.row.digest = self.index.keep(&text);
                }
                b"urls" => self.urls(&mut draft.row)?,
                b"keywords" => self.keywords(&mut draft.row)?,
                b"created" => self.time()?,
                b"deprecated" | b"removed" => self.pass_flag()?,
                b"sources" => self.pass_metadata_texts()?,
                b"annotations" => self.pass_metadata_map()?,
                b"maintainers" => self.pass_structures(Self::maintainer_field)?,
                b"dependencies" => self.pass_structures(Self::dependency_field)?,
                b"apiVersion" | b"home" | b"icon" | b"condition" | b"tags" | b"kubeVersion" => {
                    self.metadata_text()?;
                }
                b"checksum" | b"engine" | b"tillerVersion" | b"url" => self.pass_text()?,
                _ => return Err(Odd),
            }
        }
        draft.row.name = self.index.keep_clean(&draft.name);
        draft.row.version = self.index.keep(&draft.version);
        Ok(draft)
    }

    fn kept(&mut self) -> Result<super::compact::Span, Odd> {
        let text = self.metadata_text()?.unwrap_or_default();
        Ok(self.index.keep_clean(&text))
    }

    fn urls(&mut self, row: &mut Row) -> Result<(), Odd> {
        if self.begin_list()? {
            loop {
                match self.walk.step()? {
                    Step::Close => break,
                    Step::Scalar(Scalar::Str(url)) => self.index.keep_url(row, &url),
                    _ => return Err(Odd),
                }
            }
        }
        Ok(())
    }

    fn keywords(&mut self, row: &mut Row) -> Result<(), Odd> {
        if self.begin_list()? {
            loop {
                match self.walk.step()? {
                    Step::Close => break,
                    Step::Scalar(Scalar::Str(word)) if !word.is_empty() => {
                        row.keywords = self.index.keep_more(row.keywords, &word);
                    }
                    _ => return Err(Odd),
                }
            }
        }
        Ok(())
    }

    /// Checks a list of objects field by field; an empty item breaks a rule, which is better told by the full reader.
    fn pass_structures(&mut self, field: fn(&mut Self, &[u8]) -> Result<(), Odd>) -> Result<(), Odd> {
        if self.begin_list()? {
            loop {
                match self.walk.step()? {
                    Step::Close => break,
                    Step::Map => {
                        while let Some(key) = self.key()? {
                            field(self, &key)?;
                        }
                    }
                    _ => return Err(Odd),
                }
            }
        }
        Ok(())
    }

    fn maintainer_field(&mut self, key: &[u8]) -> Result<(), Odd> {
        match key {
            b"name" | b"email" | b"url" => self.metadata_text().map(drop),
            _ => Err(Odd),
        }
    }

    fn dependency_field(&mut self, key: &[u8]) -> Result<(), Odd> {
        match key {
            b"name" | b"version" | b"repository" | b"condition" => self.metadata_text().map(drop),
            b"alias" => {
                let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
                let is_legal = self.metadata_text()?.is_none_or(|alias| alias.iter().all(legal));
                if is_legal { Ok(()) } else { Err(Odd) }
            }
            b"tags" => self.pass_metadata_texts(),
            b"enabled" => self.pass_flag(),
            b"import-values" => {
                if self.begin_list()? {
                    self.walk.skip_rest()?;
                }
                Ok(())
            }
            _ => Err(Odd),
        }
    }
}

impl Draft<'_> {
    /// Checks the rules of `Chart.yaml`; those that the walk has not seen kept are the full reader's.
    fn check(self) -> Result<(Row, Version), (String, String)> {
        let version = String::from_utf8_lossy(&self.version);
        let is_plain = !self.name.is_empty()
            && self.name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if is_plain
            && matches!(&*self.chart_type, b"" | b"application" | b"library")
            && let Ok(parsed) = Version::parse(&version)
        {
            return Ok((self.row, parsed));
        }
        let mut metadata = Metadata {
            api_version: chart::API_VERSION_V1.to_owned(),
            name: String::from_utf8_lossy(&self.name).into_owned(),
            version: version.clone().into_owned(),
            chart_type: String::from_utf8_lossy(&self.chart_type).into_owned(),
            ..Metadata::default()
        };
        checked(&mut metadata).map(|parsed| (self.row, parsed))
    }
}

/// Checks an entry's metadata; a dependency that stands twice is let through, since some servers drop aliases
/// (`ignoreSkippableChartValidationError`).
///
/// # Errors
/// The version and the rule that is broken.
pub(super) fn checked(metadata: &mut Metadata) -> Result<Version, (String, String)> {
    let problem = match metadata.validate() {
        Ok(()) => None,
        Err(error) => Some(error.full_text())
            .filter(|text| !text.starts_with("validation: more than one dependency with name or alias")),
    };
    let version = Version::parse(&metadata.version);
    match (problem, version) {
        (None, Ok(version)) => Ok(version),
        (problem, _) => Err((metadata.version.clone(), problem.unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    const INDEX: &str = "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    urls: [a-1.0.0.tgz]\n    \
        keywords: [x, z]\n  - name: a\n    version: 2.0.0\n    appVersion: \"1\"\n    description: |\n      two\n      lines\n    \
        urls:\n    - a-2.0.0.tgz\n    created: 2020-01-01T00:00:00Z\n  b: []\n";

    #[test]
    fn versions_fall_and_texts_are_clean() {
        let index = read(INDEX.as_bytes()).unwrap();
        let chart = index.chart("a").unwrap();
        let versions: Vec<_> = chart.entries().map(|entry| entry.version()).collect();
        assert_eq!(versions, ["2.0.0", "1.0.0"]);
        let first = chart.entries().next().unwrap();
        assert_eq!((first.app_version(), first.description()), ("1", "two lines "));
        let second = index.get("a", "^1", &|_| {}).unwrap();
        assert_eq!((second.keywords(), second.urls().collect::<Vec<_>>()), ("x z", vec!["a-1.0.0.tgz"]));
    }

    #[test]
    fn entries_that_break_rules_are_listed_from_the_end() {
        let text = "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: x\n  - null\n  - name: a\n    version: 1.0.0\n  \
            - name: a/b\n    version: 1.0.0\n";
        let index = read(text.as_bytes()).unwrap();
        let problems: Vec<_> = index
            .skipped
            .iter()
            .map(|skipped| skipped.problem.as_ref().map(|(_, text)| text.as_str()))
            .collect();
        assert_eq!(
            problems,
            [
                Some("validation: chart.metadata.name \"a/b\" is invalid"),
                None,
                Some("validation: chart.metadata.version \"x\" is invalid")
            ]
        );
        assert_eq!(index.chart("a").unwrap().entries().count(), 1);
    }

    #[test]
    fn numbers_and_booleans_are_no_texts_of_a_chart() {
        for (field, found) in [
            ("appVersion: 1.16", "number into Go struct field .entries.a.0.appVersion"),
            ("description: no", "bool into Go struct field .entries.a.0.description"),
            ("keywords: [1]", "number into .entries.a.0.keywords.0"),
            ("annotations: {a: 1}", "number into Go struct field .entries.a.0.annotations.a"),
            ("dependencies: [{name: 1}]", "number into Go struct field .entries.a.0.dependencies.0.name"),
        ] {
            let text =
                format!("apiVersion: v1\nentries:\n  a:\n  - version: 1.0.0\n    name: a\n    {field}\n");
            let expected = format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} of type string"
            );
            assert_eq!(read(text.as_bytes()).unwrap_err().full_text(), expected);
        }
        let text = "apiVersion: 1\nentries:\n  a:\n  - {version: 1.0.0, name: a, digest: 5, urls: [x]}\n";
        assert_eq!(read(text.as_bytes()).unwrap().chart("a").unwrap().entries().count(), 1);
    }

    #[test]
    fn mistakes_have_helms_words() {
        for (text, expected) in [
            ("", "empty index.yaml file"),
            ("entries: {}\n", "no API version specified"),
            (
                "apiVersion: v1\nfoo: 1\n",
                "error unmarshaling JSON: while decoding JSON: json: unknown field \"foo\"",
            ),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err().full_text(), expected, "{text}");
        }
    }

    #[test]
    fn json_may_have_fields_of_others() {
        let text = br#"{"apiVersion": "v1", "foo": 1, "entries": {"a": [{"name": "a", "version": "1.0.0", "x": 2}]}}"#;
        assert_eq!(read(text).unwrap().chart("a").unwrap().entries().count(), 1);
    }
}
