//! A chart in memory: what its files say, and the charts below it.

use std::rc::Rc;
use std::time::SystemTime;

use value::{Map, Str};

use crate::{Lock, Metadata};

/// One file of a chart, named by its path below the chart's directory. Clones share the contents.
#[derive(Debug, Clone)]
pub struct File {
    /// The path with forward slashes.
    pub name: Rc<str>,
    /// The contents, without a byte order mark.
    pub data: Str,
    /// When the file was last changed, if known.
    pub modified: Option<SystemTime>,
}

impl File {
    /// Returns a file without a time.
    pub fn new(name: impl Into<Rc<str>>, data: impl Into<Str>) -> Self {
        File { name: name.into(), data: data.into(), modified: None }
    }
}

/// A loaded chart. Clones share files and values; the metadata is copied.
///
/// It does not know its parent: paths that need it (`full_path`) are made on the way down.
#[derive(Clone)]
pub struct Chart {
    /// The contents of `Chart.yaml` (and of a `requirements.yaml`).
    pub metadata: Metadata,
    /// The contents of `Chart.lock` or `requirements.lock`.
    pub lock: Option<Lock>,
    /// Files below `templates/`, in the order of the source.
    pub templates: Rc<[File]>,
    /// The default values; nil if there is no `values.yaml`.
    pub values: Map,
    /// The contents of `values.schema.json`.
    pub schema: Option<Str>,
    /// All files that are nothing else: what `.Files` shows, and `crds/`.
    pub files: Rc<[File]>,
    /// Every file of the chart and of the charts below it, as it was found.
    pub raw: Rc<[File]>,
    /// When `Chart.yaml` was last changed, if known.
    pub modified: Option<SystemTime>,
    /// The charts below this one.
    pub dependencies: Vec<Chart>,
}

/// A file of a chart's `crds/` directory.
#[derive(Debug, Clone)]
pub struct Crd {
    /// The file.
    pub file: File,
    /// The file's name below the root chart's name (`Crd.Filename` in Helm).
    pub path: String,
}

impl Chart {
    /// Returns the chart's name; an alias counts once dependencies are processed.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Returns whether only templates whose name starts with `_` count (`IsLibraryChart`).
    pub fn is_library(&self) -> bool {
        self.metadata.chart_type.eq_ignore_ascii_case("library")
    }

    /// Returns the path of a chart from its parent's path: `parent/charts/name`, or the name for the root
    /// (`ChartFullPath`).
    pub fn full_path(&self, parent: Option<&str>) -> String {
        match parent {
            Some(parent) => format!("{parent}/charts/{}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Returns the files of `crds/`, this chart's first, then those of each subchart (`CRDObjects`).
    pub fn crds(&self) -> Vec<Crd> {
        let mut found = Vec::new();
        self.collect_crds(None, &mut found);
        found
    }

    fn collect_crds(&self, parent: Option<&str>, found: &mut Vec<Crd>) {
        let path = self.full_path(parent);
        for file in self.files.iter() {
            if file.name.starts_with("crds/") && has_manifest_extension(&file.name) {
                found.push(Crd { file: file.clone(), path: clean(&format!("{path}/{}", file.name)) });
            }
        }
        for dependency in &self.dependencies {
            dependency.collect_crds(Some(&path), found);
        }
    }
}

fn has_manifest_extension(name: &str) -> bool {
    matches!(extension(name).to_ascii_lowercase().as_str(), ".yaml" | ".yml" | ".json")
}

/// Returns Go's `filepath.Ext`: from the last dot of the last element on.
pub(crate) fn extension(path: &str) -> &str {
    let base = path.rsplit('/').next().unwrap_or(path);
    base.rfind('.').and_then(|dot| base.get(dot..)).unwrap_or("")
}

/// Returns Go's `path.Clean`: the shortest name of the same path by rewriting alone.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_rewrites_as_go_does() {
        for (path, expected) in
            [("a/../b", "b"), ("../a", "../a"), ("/../a", "/a"), ("a//b/.", "a/b"), ("", "."), ("a/..", ".")]
        {
            assert_eq!(clean(path), expected);
        }
    }

    #[test]
    fn the_extension_is_that_of_the_last_element() {
        assert_eq!(extension("a.b/c"), "");
        assert_eq!(extension("a/.tgz"), ".tgz");
    }
}
