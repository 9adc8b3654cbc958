//! What is read while the rest of its archive is still being decompressed: values files here, templates by whoever knows
//! their language. Pure.

use std::collections::HashMap;

use value::{Map, Str};

use crate::archive::Watcher;
use crate::{Error, File, values};

/// What can be done with templates while the archive of their chart is still being decompressed. The archive may turn out
/// to be broken, and the chart a template belongs to not to be wanted.
pub trait Meanwhile {
    /// Sees a template.
    fn found(&mut self, template: &Str);

    /// Does a piece of work, and returns whether there was any.
    fn work(&mut self) -> bool;
}

/// Nothing.
impl Meanwhile for () {
    fn found(&mut self, _: &Str) {}

    fn work(&mut self) -> bool {
        false
    }
}

/// Reads values files, and shows templates to another.
pub(crate) struct ReadAhead<'m> {
    values: ReadValues,
    meanwhile: &'m mut dyn Meanwhile,
}

impl<'m> ReadAhead<'m> {
    pub(crate) fn new(meanwhile: &'m mut dyn Meanwhile) -> Self {
        ReadAhead { values: ReadValues::default(), meanwhile }
    }

    pub(crate) fn into_values(self) -> ReadValues {
        self.values
    }
}

impl Watcher for ReadAhead<'_> {
    fn found(&mut self, file: &File) {
        self.values.read(file);
        if path_in_chart(&file.name).starts_with("templates/") {
            self.meanwhile.found(&file.data);
        }
    }

    fn work(&mut self) -> bool {
        self.meanwhile.work()
    }
}

/// What the values files of a chart and the directories in its `charts/` hold, by their paths.
#[derive(Default)]
pub(crate) struct ReadValues(HashMap<String, Result<Map, Error>>);

impl ReadValues {
    /// Reads a file if it is one. Of several with the same path the first counts.
    pub(crate) fn read(&mut self, file: &File) {
        if path_in_chart(&file.name) == "values.yaml" && !self.0.contains_key(&*file.name) {
            self.0.insert(file.name.to_string(), values::read(&file.data));
        }
    }

    /// Takes what was read from a file.
    pub(crate) fn take(&mut self, path: &str) -> Option<Result<Map, Error>> {
        self.0.remove(path)
    }
}

/// Takes any number of `charts/NAME/` off a path.
pub(crate) fn path_in_chart(path: &str) -> &str {
    let mut path = path;
    while let Some((_, inner)) = path.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        path = inner;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_files_counts_and_others_are_not_read() {
        let mut ahead = ReadValues::default();
        for (path, text) in [
            ("values.yaml", "a: first"),
            ("values.yaml", "a: second"),
            ("charts/b/values.yaml", "[]"),
            ("charts/b/ci/values.yaml", "a: 1"),
            ("charts/values.yaml", "a: 1"),
        ] {
            ahead.read(&File::new(path, text));
        }
        let first = ahead.take("values.yaml").unwrap().unwrap();
        assert!(matches!(first.get("a"), Some(value::Value::String(text)) if text == "first"));
        assert!(ahead.take("values.yaml").is_none());
        assert!(ahead.take("charts/b/values.yaml").unwrap().is_err());
        assert!(ahead.0.is_empty());
    }
}
