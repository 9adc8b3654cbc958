//! A list of files to a chart, recursively for the charts in `charts/` (Helm's `loader.LoadFiles`). Pure.

use std::collections::BTreeMap;
use std::rc::Rc;

use value::{Map, Type};

use crate::metadata::API_VERSION_V1;
use crate::read_ahead::ReadValues;
use crate::{Chart, Error, ErrorKind, File, Metadata, Warning, archive, chart, decode, values};

/// How deep charts may nest; archives inside archives must not exhaust the stack.
const MAX_DEPTH: usize = 100;

/// Builds a chart from its files and those of the charts below it.
///
/// # Errors
/// In Helm's words, the first document that cannot be read or rule that is broken. (Of several broken subcharts Helm
/// reports any, this the first by name.)
pub fn from_files(files: Vec<File>, warnings: &mut Vec<Warning>) -> Result<Chart, Error> {
    from_read_files(files, ReadValues::default(), warnings)
}

/// As [`from_files`], of which some are read already.
pub(crate) fn from_read_files(
    files: Vec<File>,
    ahead: ReadValues,
    warnings: &mut Vec<Warning>,
) -> Result<Chart, Error> {
    Loader { warnings, depth: 0, ahead, directory: String::new() }.chart(files)
}

struct Loader<'a> {
    warnings: &'a mut Vec<Warning>,
    depth: usize,
    ahead: ReadValues,
    /// Where in the root chart the present one is, with a slash at the end.
    directory: String,
}

/// What the files of one chart are, sorted into their places.
#[derive(Default)]
struct Parts {
    metadata: Option<Metadata>,
    lock: Option<crate::Lock>,
    values: Option<Map>,
    schema: Option<value::Str>,
    templates: Vec<File>,
    files: Vec<File>,
    subcharts: BTreeMap<String, Vec<File>>,
}

impl Loader<'_> {
    fn chart(&mut self, raw: Vec<File>) -> Result<Chart, Error> {
        let mut parts = Parts::default();
        let mut modified = None;
        // The order of the files must not matter: `Chart.yaml` first.
        for file in raw.iter().filter(|file| &*file.name == "Chart.yaml") {
            read_metadata(file, &mut parts)?;
            modified = file.modified;
        }
        for file in &raw {
            self.sort_in(file, &mut parts)?;
        }
        let mut metadata = parts.metadata.ok_or(ErrorKind::NoMetadata)?;
        metadata.validate()?;
        let mut chart = Chart {
            metadata,
            lock: parts.lock,
            templates: parts.templates.into(),
            values: parts.values.unwrap_or_else(|| Map::nil(Type::AnyMap)),
            schema: parts.schema,
            files: parts.files.into(),
            raw: raw.into(),
            modified,
            dependencies: Vec::new(),
        };
        for (name, files) in parts.subcharts {
            if !name.starts_with(['_', '.']) {
                let subchart = self.subchart(&name, files, &chart)?;
                chart.dependencies.push(subchart);
            }
        }
        Ok(chart)
    }

    fn sort_in(&mut self, file: &File, parts: &mut Parts) -> Result<(), Error> {
        match &*file.name {
            "Chart.yaml" => {}
            "Chart.lock" => parts.lock = decode::lock(&file.data).map_err(in_document("Chart.lock"))?,
            "values.yaml" => {
                let read = self.ahead.take(&format!("{}values.yaml", self.directory));
                let read = read.unwrap_or_else(|| values::read(&file.data));
                parts.values = Some(read.map_err(in_document("values.yaml"))?);
            }
            "values.schema.json" => parts.schema = Some(file.data.clone()),
            "requirements.yaml" => self.read_requirements(file, parts)?,
            "requirements.lock" => {
                parts.lock = decode::lock(&file.data).map_err(in_document("requirements.lock"))?;
                self.note_requirements(file, parts, Warning::RequirementsLock);
            }
            name if name.starts_with("templates/") => parts.templates.push(file.clone()),
            name => match name.strip_prefix("charts/") {
                Some(rest) if chart::extension(name) != ".prov" => {
                    let subchart = rest.split('/').next().unwrap_or(rest).to_owned();
                    let file = File { name: Rc::from(rest), ..file.clone() };
                    parts.subcharts.entry(subchart).or_default().push(file);
                }
                _ => parts.files.push(file.clone()),
            },
        }
        Ok(())
    }

    /// Dependencies of a chart of version 1; in a later chart they count too, with a warning.
    fn read_requirements(&mut self, file: &File, parts: &mut Parts) -> Result<(), Error> {
        let metadata = parts.metadata.get_or_insert_default();
        if metadata.api_version != API_VERSION_V1 {
            self.warnings.push(Warning::RequirementsFile);
        }
        decode::metadata(&file.data, metadata).map_err(in_document("requirements.yaml"))?;
        if metadata.api_version == API_VERSION_V1 {
            parts.files.push(file.clone());
        }
        Ok(())
    }

    fn note_requirements(&mut self, file: &File, parts: &mut Parts, warning: Warning) {
        if parts.metadata.get_or_insert_default().api_version == API_VERSION_V1 {
            parts.files.push(file.clone());
        } else {
            self.warnings.push(warning);
        }
    }

    fn subchart(&mut self, name: &str, files: Vec<File>, parent: &Chart) -> Result<Chart, Error> {
        let result = if chart::extension(name) == ".tgz" {
            let Some(file) = files.first().filter(|file| &*file.name == name) else {
                let found = files.first().map_or("", |file| &*file.name);
                return Err(Error::refused(format!(
                    "error unpacking subchart tar in {}: expected {name}, got {found}",
                    parent.name()
                )));
            };
            let outer = (std::mem::take(&mut self.ahead), std::mem::take(&mut self.directory));
            let result = archive::read(&file.data).and_then(|files| self.nested(files));
            (self.ahead, self.directory) = outer;
            result
        } else {
            // A file lying in charts/ is taken for a chart without files, and so fails.
            let below = files.into_iter().filter_map(|file| {
                let name = Rc::from(file.name.split_once('/')?.1);
                Some(File { name, ..file })
            });
            let length = self.directory.len();
            self.directory.extend(["charts/", name, "/"]);
            let result = self.nested(below.collect());
            self.directory.truncate(length);
            result
        };
        result.map_err(|source| {
            ErrorKind::Subchart { name: name.to_owned(), parent: parent.name().to_owned(), source }.into()
        })
    }

    fn nested(&mut self, files: Vec<File>) -> Result<Chart, Error> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::refused(format!("charts are nested more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let result = self.chart(files);
        self.depth -= 1;
        result
    }
}

fn read_metadata(file: &File, parts: &mut Parts) -> Result<(), Error> {
    let metadata = parts.metadata.get_or_insert_default();
    decode::metadata(&file.data, metadata).map_err(in_document("Chart.yaml"))?;
    if metadata.api_version.is_empty() {
        // Helm 2 took charts without an API version.
        metadata.api_version = API_VERSION_V1.to_owned();
    }
    Ok(())
}

/// Returns what wraps an error as `cannot load <file>`.
pub(crate) fn in_document(file: &'static str) -> impl FnOnce(Error) -> Error {
    move |source| ErrorKind::Document { file, source }.into()
}
