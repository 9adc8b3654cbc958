//! YAML documents into typed fields, as sigs.k8s.io/yaml and Go's `encoding/json` do it: case-insensitive names,
//! numbers into text fields as text, and the first mismatch reported with its path.

use std::collections::BTreeMap;

use value::yaml::{Duplicates, Numbers, Options};
use value::{Map, Number, Value};

use crate::{Dependency, Error, ErrorKind, Lock, Maintainer, Metadata, go_text, lock_time};

/// Returns `apiVersion` alone: what Helm reads first to choose a loader (`chartBase`).
pub(crate) fn api_version(text: &[u8]) -> Result<String, Error> {
    let mut version = String::new();
    decode(text, "loader.chartBase", |decoder, name, value| {
        if is_field(name, "apiVersion") {
            decoder.text(value, &mut version);
        }
    })?;
    Ok(version)
}

/// Reads a document over what the metadata already holds, as Go decodes into an existing struct.
pub(crate) fn metadata(text: &[u8], metadata: &mut Metadata) -> Result<(), Error> {
    decode(text, "v2.Metadata", |decoder, name, value| decoder.metadata_field(name, value, metadata))?;
    Ok(())
}

/// Reads `Chart.yaml` by itself, rules unchecked (`chartutil.LoadChartfile`).
///
/// # Errors
/// When it is not YAML, or a field has another type.
pub fn read_metadata(text: &[u8]) -> Result<Metadata, Error> {
    let mut found = Metadata::default();
    metadata(text, &mut found)?;
    Ok(found)
}

/// Checks that `Chart.yaml` has no key twice and no field that Helm does not know (`chartutil.StrictLoadChartfile`).
///
/// # Errors
/// As [`read_metadata`], and the first such key.
pub fn check_metadata_strictly(text: &[u8]) -> Result<(), Error> {
    let mut found = Metadata::default();
    let options = Options { numbers: Numbers::IntOrFloat, duplicates: Duplicates::Refuse };
    let (_, decoder) = decode_with(text, &options, "v2.Metadata", &mut |decoder, name, value| {
        decoder.metadata_field(name, value, &mut found);
    })?;
    match decoder.unknown {
        Some(name) => Err(ErrorKind::Type(format!("json: unknown field {}", go_text::quote(&name))).into()),
        None => Ok(()),
    }
}

/// Reads `Chart.lock`. A null document leaves no lock.
pub(crate) fn lock(text: &[u8]) -> Result<Option<Lock>, Error> {
    let mut lock = Lock::default();
    let is_null = decode(text, "v2.Lock", |decoder, name, value| decoder.lock_field(name, value, &mut lock))?;
    Ok((!is_null).then_some(lock))
}

/// Decodes the top-level object field by field, in the order of the names (`json.Marshal` sorted them);
/// returns whether the document is null.
fn decode(
    text: &[u8],
    go_type: &str,
    mut field: impl FnMut(&mut Decoder, &str, &Value),
) -> Result<bool, Error> {
    let options = Options { numbers: Numbers::IntOrFloat, ..Options::default() };
    decode_with(text, &options, go_type, &mut field).map(|(is_null, _)| is_null)
}

fn decode_with(
    text: &[u8],
    options: &Options,
    go_type: &str,
    field: &mut dyn FnMut(&mut Decoder, &str, &Value),
) -> Result<(bool, Decoder), Error> {
    let document = value::yaml::read(text, options).map_err(ErrorKind::Yaml)?;
    let mut decoder = Decoder::default();
    match &document {
        Value::Nil => return Ok((true, decoder)),
        Value::Map(map) => decoder.each_field(map, field),
        other => decoder.mismatch(other, go_type),
    }
    match decoder.error.take() {
        Some(text) => Err(ErrorKind::Type(text).into()),
        None => Ok((false, decoder)),
    }
}

/// `encoding/json` matches names without regard to case.
fn is_field(name: &str, field: &str) -> bool {
    name.eq_ignore_ascii_case(field)
}

/// Reads values into fields: goes on after a mismatch, as Go does, and keeps the first.
#[derive(Default)]
pub struct Decoder {
    path: Vec<String>,
    error: Option<String>,
    /// The first field that is not known.
    unknown: Option<String>,
    /// The struct that pure JSON is read into; numbers and booleans are no texts there.
    json_struct: Option<&'static str>,
    /// Whether numbers and booleans are no texts for the moment.
    is_exact: bool,
}

impl Decoder {
    /// Returns a decoder for what was JSON from the beginning, into a struct of that name.
    pub fn of_json(name: &'static str) -> Decoder {
        Decoder { json_struct: Some(name), ..Decoder::default() }
    }

    /// Visits the fields of an object in the order of their names.
    pub fn each_field(&mut self, map: &Map, field: &mut dyn FnMut(&mut Decoder, &str, &Value)) {
        for (key, value) in map.borrow().iter() {
            let name = key.to_string_lossy();
            self.path.push(name.clone());
            field(self, &name, value);
            self.path.pop();
        }
    }

    /// Visits the items of a list.
    pub fn each_item(&mut self, items: &[Value], mut item: impl FnMut(&mut Decoder, usize, &Value)) {
        for (index, value) in items.iter().enumerate() {
            self.path.push(index.to_string());
            item(self, index, value);
            self.path.pop();
        }
    }

    /// Returns what was wrong, a field of another type before an unknown one. Only a strict reading minds the latter.
    ///
    /// # Errors
    /// Go's text, `json: …`.
    pub fn finish(self, is_strict: bool) -> Result<(), String> {
        match (self.error, self.unknown) {
            (Some(error), _) => Err(error),
            (None, Some(name)) if is_strict => Err(format!("json: unknown field {}", go_text::quote(&name))),
            _ => Ok(()),
        }
    }

    /// Records `UnmarshalTypeError`'s text (Go 1.27: `v2_inject.go`, `v2_decode.go`).
    pub fn mismatch(&mut self, found: &Value, go_type: &str) {
        if self.error.is_some() {
            return;
        }
        let found = value::json::type_of(found);
        // The path is a JSON pointer whose slashes became dots; a last element of digits is taken for an index.
        let pointer: Vec<String> = self
            .path
            .iter()
            .map(|name| name.replace('~', "~0").replace('/', "~1").replace('/', "."))
            .collect();
        let field = pointer.join(".");
        let last = field.rsplit('.').next().unwrap_or_default();
        let target = if field.is_empty() {
            "Go value".to_owned()
        } else if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
            format!(".{field}")
        } else {
            format!("Go struct field {}.{field}", self.json_struct.unwrap_or_default())
        };
        self.error = Some(format!("json: cannot unmarshal {found} into {target} of type {go_type}"));
    }

    /// A string field; numbers and booleans were turned to text on the way from YAML to JSON.
    pub fn text(&mut self, value: &Value, into: &mut String) {
        match value {
            Value::Nil => {}
            Value::String(text) => *into = text.to_string_lossy(),
            Value::List(_) | Value::Map(_) | Value::Object(_) => self.mismatch(value, "string"),
            scalar if self.json_struct.is_some() || self.is_exact => self.mismatch(scalar, "string"),
            scalar => *into = scalar_text(scalar),
        }
    }

    /// A boolean field.
    pub fn flag(&mut self, value: &Value, into: &mut bool) {
        match value {
            Value::Nil => {}
            Value::Bool(flag) => *into = *flag,
            other => self.mismatch(other, "bool"),
        }
    }

    /// A field that is a list of strings.
    pub fn texts(&mut self, value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Nil => into.clear(),
            Value::List(list) => {
                into.resize(list.len(), String::new());
                self.each_item(list, |decoder, index, item| {
                    if let Some(slot) = into.get_mut(index) {
                        decoder.text(item, slot);
                    }
                });
            }
            other => self.mismatch(other, "[]string"),
        }
    }

    /// A field that maps strings to strings.
    pub fn text_map(&mut self, value: &Value, into: &mut Option<BTreeMap<String, String>>) {
        match value {
            Value::Nil => *into = None,
            Value::Map(map) => {
                let entries = into.get_or_insert_default();
                self.each_field(map, &mut |decoder, name, value| {
                    let mut text = String::new();
                    decoder.text(value, &mut text);
                    entries.insert(name.to_owned(), text);
                });
            }
            other => self.mismatch(other, "map[string]string"),
        }
    }

    /// Notes a field that no struct has; the first counts.
    pub fn unknown_field(&mut self, name: &str) {
        self.unknown.get_or_insert_with(|| name.to_owned());
    }

    /// A field of `Chart.yaml` within an entry of an index, where numbers and booleans are no texts: sigs.k8s.io/yaml does not
    /// look into embedded pointers for what a field takes (`repo.ChartVersion`).
    pub fn embedded_metadata_field(&mut self, name: &str, value: &Value, metadata: &mut Metadata) {
        self.is_exact = true;
        self.metadata_field(name, value, metadata);
        self.is_exact = false;
    }

    /// A field of `Chart.yaml`.
    pub fn metadata_field(&mut self, name: &str, value: &Value, metadata: &mut Metadata) {
        match name.to_ascii_lowercase().as_str() {
            "name" => self.text(value, &mut metadata.name),
            "home" => self.text(value, &mut metadata.home),
            "sources" => self.texts(value, &mut metadata.sources),
            "version" => self.text(value, &mut metadata.version),
            "description" => self.text(value, &mut metadata.description),
            "keywords" => self.texts(value, &mut metadata.keywords),
            "maintainers" => self.maintainers(value, &mut metadata.maintainers),
            "icon" => self.text(value, &mut metadata.icon),
            "apiversion" => self.text(value, &mut metadata.api_version),
            "condition" => self.text(value, &mut metadata.condition),
            "tags" => self.text(value, &mut metadata.tags),
            "appversion" => self.text(value, &mut metadata.app_version),
            "deprecated" => self.flag(value, &mut metadata.deprecated),
            "annotations" => self.text_map(value, &mut metadata.annotations),
            "kubeversion" => self.text(value, &mut metadata.kube_version),
            "dependencies" => match value {
                Value::Nil => metadata.dependencies = None,
                Value::List(_) => self.dependencies(value, metadata.dependencies.get_or_insert_default()),
                other => self.mismatch(other, "[]*v2.Dependency"),
            },
            "type" => self.text(value, &mut metadata.chart_type),
            _ => self.unknown_field(name),
        }
    }

    fn lock_field(&mut self, name: &str, value: &Value, lock: &mut Lock) {
        match name.to_ascii_lowercase().as_str() {
            "generated" => self.time(value, &mut lock.generated),
            "digest" => self.text(value, &mut lock.digest),
            "dependencies" => self.dependencies(value, &mut lock.dependencies),
            _ => {}
        }
    }

    /// A time field; unlike for the others, Go stops at a text that is no time.
    pub fn time(&mut self, value: &Value, into: &mut String) {
        match value {
            Value::Nil => {}
            Value::String(text) => {
                *into = text.to_string_lossy();
                if let Some(complaint) = lock_time::complaint(into) {
                    self.error.get_or_insert(complaint);
                }
            }
            other => self.mismatch(other, "time.Time"),
        }
    }

    fn maintainers(&mut self, value: &Value, into: &mut Vec<Option<Maintainer>>) {
        match value {
            Value::Nil => into.clear(),
            Value::List(list) => {
                into.resize(list.len(), None);
                self.each_item(list, |decoder, index, item| {
                    if let Some(slot) = into.get_mut(index) {
                        decoder.structure(item, slot, "v2.Maintainer", Decoder::maintainer_field);
                    }
                });
            }
            other => self.mismatch(other, "[]*v2.Maintainer"),
        }
    }

    fn dependencies(&mut self, value: &Value, into: &mut Vec<Option<Dependency>>) {
        match value {
            Value::Nil => into.clear(),
            Value::List(list) => {
                into.resize(list.len(), None);
                self.each_item(list, |decoder, index, item| {
                    if let Some(slot) = into.get_mut(index) {
                        decoder.structure(item, slot, "v2.Dependency", Decoder::dependency_field);
                    }
                });
            }
            other => self.mismatch(other, "[]*v2.Dependency"),
        }
    }

    /// A pointer to a struct: null clears it, an object is read over what is there.
    fn structure<T: Default>(
        &mut self,
        value: &Value,
        slot: &mut Option<T>,
        go_type: &str,
        field: fn(&mut Decoder, &str, &Value, &mut T),
    ) {
        match value {
            Value::Nil => *slot = None,
            Value::Map(map) => {
                let target = slot.get_or_insert_default();
                self.each_field(map, &mut |decoder, name, value| field(decoder, name, value, target));
            }
            other => self.mismatch(other, go_type),
        }
    }

    fn maintainer_field(&mut self, name: &str, value: &Value, maintainer: &mut Maintainer) {
        match name.to_ascii_lowercase().as_str() {
            "name" => self.text(value, &mut maintainer.name),
            "email" => self.text(value, &mut maintainer.email),
            "url" => self.text(value, &mut maintainer.url),
            _ => self.unknown_field(name),
        }
    }

    fn dependency_field(&mut self, name: &str, value: &Value, dependency: &mut Dependency) {
        match name.to_ascii_lowercase().as_str() {
            "name" => self.text(value, &mut dependency.name),
            "version" => self.text(value, &mut dependency.version),
            "repository" => self.text(value, &mut dependency.repository),
            "condition" => self.text(value, &mut dependency.condition),
            "tags" => self.texts(value, &mut dependency.tags),
            "enabled" => self.flag(value, &mut dependency.enabled),
            "import-values" => match value {
                Value::Nil => dependency.import_values.clear(),
                Value::List(list) => dependency.import_values = list.iter().map(as_json).collect(),
                other => self.mismatch(other, "[]interface {}"),
            },
            "alias" => self.text(value, &mut dependency.alias),
            _ => self.unknown_field(name),
        }
    }
}

/// Returns the value as decoding through JSON into an `interface{}` leaves it: numbers become `float64`.
fn as_json(value: &Value) -> Value {
    match value {
        Value::Int(number) | Value::Int64(number) => Value::Float64(*number as f64),
        Value::List(list) => Value::list(list.iter().map(as_json).collect()),
        Value::Map(map) => {
            Value::Map(map.borrow().iter().map(|(key, value)| (key.clone(), as_json(value))).collect::<Map>())
        }
        other => other.clone(),
    }
}

/// Returns a scalar as sigs.k8s.io/yaml writes it into a string field (`convertToJSONableObject`).
fn scalar_text(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Int(number) | Value::Int64(number) => number.to_string(),
        Value::Number(Number::Uint64(number)) => number.to_string(),
        Value::Float64(number) => go_text::float32(*number),
        other => go_text::plain(other),
    }
}
