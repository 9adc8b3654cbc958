//! Values files that are read while the rest of their archive is still being decompressed. Pure.

use std::collections::HashMap;

use value::Map;

use crate::{Error, File, values};

/// What the values files of a chart and the directories in its `charts/` hold, by their paths.
#[derive(Default)]
pub(crate) struct ReadAhead(HashMap<String, Result<Map, Error>>);

impl ReadAhead {
    /// Reads a file if it is one. Of several with the same path the first counts.
    pub(crate) fn read(&mut self, file: &File) {
        if is_values_file(&file.name) && !self.0.contains_key(&*file.name) {
            self.0.insert(file.name.to_string(), values::read(&file.data));
        }
    }

    /// Takes what was read from a file.
    pub(crate) fn take(&mut self, path: &str) -> Option<Result<Map, Error>> {
        self.0.remove(path)
    }
}

/// Returns whether a path is `values.yaml`, below any number of `charts/NAME/`.
fn is_values_file(path: &str) -> bool {
    let mut path = path;
    while let Some((_, inner)) = path.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        path = inner;
    }
    path == "values.yaml"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_files_counts_and_others_are_not_read() {
        let mut ahead = ReadAhead::default();
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
