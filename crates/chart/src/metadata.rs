//! `Chart.yaml` and `Chart.lock` as data, the rules they must keep, and the map that templates see as `.Chart`.

use std::collections::BTreeMap;
use std::collections::HashSet;

use value::gofmt::quote::is_printable;
use value::{List, Map, Type, Value};

use crate::{Error, ErrorKind, go_text, version};

/// The API version of charts without dependencies in `Chart.yaml`.
pub const API_VERSION_V1: &str = "v1";
/// The API version of present charts.
pub const API_VERSION_V2: &str = "v2";
/// The API version of Helm 4's experimental charts.
pub const API_VERSION_V3: &str = "v3";

/// A person or organisation that looks after a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Where to find them.
    pub url: String,
}

/// The contents of `Chart.yaml` (Helm's `chart.Metadata`).
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// `name`
    pub name: String,
    /// `home`
    pub home: String,
    /// `sources`
    pub sources: Vec<String>,
    /// `version`
    pub version: String,
    /// `description`
    pub description: String,
    /// `keywords`
    pub keywords: Vec<String>,
    /// `maintainers`; `None` stands for a null entry, which validation refuses.
    pub maintainers: Vec<Option<Maintainer>>,
    /// `icon`
    pub icon: String,
    /// `apiVersion`
    pub api_version: String,
    /// `condition`
    pub condition: String,
    /// `tags`
    pub tags: String,
    /// `appVersion`
    pub app_version: String,
    /// `deprecated`
    pub deprecated: bool,
    /// `annotations`; `None` if there are none (Go's nil map).
    pub annotations: Option<BTreeMap<String, String>>,
    /// `kubeVersion`
    pub kube_version: String,
    /// `dependencies`; `None` if there is no such list (Go's nil slice), which skips their processing.
    pub dependencies: Option<Vec<Option<Dependency>>>,
    /// `type`: empty, `application` or `library`.
    pub chart_type: String,
}

/// A chart that another chart depends on.
#[derive(Debug, Clone, Default)]
pub struct Dependency {
    /// The name in the dependency's `Chart.yaml`; once processed, the alias if there is one.
    pub name: String,
    /// A version or range.
    pub version: String,
    /// The URL or `@name` of the repository.
    pub repository: String,
    /// Comma-separated paths of values; the first boolean found decides.
    pub condition: String,
    /// Tags that switch it together with others.
    pub tags: Vec<String>,
    /// Whether it is to be rendered.
    pub enabled: bool,
    /// What to import from the child: strings, or maps of `child` and `parent`.
    pub import_values: Vec<Value>,
    /// Another name for this use of the chart.
    pub alias: String,
}

/// The contents of `Chart.lock`.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    /// When it was made, as the text of the file (RFC 3339).
    pub generated: String,
    /// The hash of the dependencies it was made from.
    pub digest: String,
    /// The dependencies with one version each.
    pub dependencies: Vec<Option<Dependency>>,
}

impl Metadata {
    /// Returns the dependencies, null entries left out.
    pub fn dependencies(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().flatten().flatten()
    }

    /// Replaces characters that do not print and checks the rules (`Metadata.Validate`).
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&mut self) -> Result<(), Error> {
        self.sanitize();
        self.check_identity()?;
        for maintainer in &mut self.maintainers {
            let Some(maintainer) = maintainer else {
                return Err(invalid("maintainers must not contain empty or null nodes"));
            };
            for text in [&mut maintainer.name, &mut maintainer.email, &mut maintainer.url] {
                sanitize(text);
            }
        }
        self.check_dependencies()
    }

    fn sanitize(&mut self) {
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            sanitize(text);
        }
        self.sources.iter_mut().chain(&mut self.keywords).for_each(sanitize);
    }

    fn check_identity(&self) -> Result<(), Error> {
        let name = &self.name;
        if self.api_version.is_empty() {
            return Err(invalid("chart.metadata.apiVersion is required"));
        }
        if name.is_empty() {
            return Err(invalid("chart.metadata.name is required"));
        }
        if name == "." || name == ".." {
            return Err(invalid(format!("chart.metadata.name {} is not allowed", go_text::quote(name))));
        }
        // Helm: `name != filepath.Base(name)`; a base has no slash unless it is the root.
        if name.contains('/') && name != "/" {
            return Err(invalid(format!("chart.metadata.name {} is invalid", go_text::quote(name))));
        }
        if self.version.is_empty() {
            return Err(invalid("chart.metadata.version is required"));
        }
        if !version::is_valid(&self.version) {
            let version = go_text::quote(&self.version);
            return Err(invalid(format!("chart.metadata.version {version} is invalid")));
        }
        if !matches!(self.chart_type.as_str(), "" | "application" | "library") {
            return Err(invalid("chart.metadata.type must be application or library"));
        }
        Ok(())
    }

    fn check_dependencies(&mut self) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            let Some(dependency) = dependency else {
                return Err(invalid("dependencies must not contain empty or null nodes"));
            };
            dependency.validate()?;
            let key = if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if !seen.insert(key.clone()) {
                let key = go_text::quote(key);
                return Err(invalid(format!("more than one dependency with name or alias {key}")));
            }
        }
        Ok(())
    }

    /// Returns the map that templates see as `.Chart`, with Go's field names (`MetadataAsMap`).
    ///
    /// Absent lists are empty, an absent `Annotations` is a nil `map[string]string`. `IsRoot` is for the caller
    /// to add.
    pub fn to_map(&self) -> Map {
        let dependencies = self
            .dependencies
            .iter()
            .flatten()
            .map(|entry| entry.as_ref().map_or(Value::Nil, Dependency::to_value));
        let maintainers =
            self.maintainers.iter().map(|entry| entry.as_ref().map_or(Value::Nil, Maintainer::to_value));
        Map::from_iter([
            ("APIVersion", Value::from(self.api_version.as_str())),
            ("Annotations", annotations(self.annotations.as_ref())),
            ("AppVersion", Value::from(self.app_version.as_str())),
            ("Condition", Value::from(self.condition.as_str())),
            ("Dependencies", Value::list(dependencies.collect())),
            ("Deprecated", Value::Bool(self.deprecated)),
            ("Description", Value::from(self.description.as_str())),
            ("Home", Value::from(self.home.as_str())),
            ("Icon", Value::from(self.icon.as_str())),
            ("Keywords", texts(&self.keywords)),
            ("KubeVersion", Value::from(self.kube_version.as_str())),
            ("Maintainers", Value::list(maintainers.collect())),
            ("Name", Value::from(self.name.as_str())),
            ("Sources", texts(&self.sources)),
            ("Tags", Value::from(self.tags.as_str())),
            ("Type", Value::from(self.chart_type.as_str())),
            ("Version", Value::from(self.version.as_str())),
        ])
    }
}

impl Maintainer {
    fn to_value(&self) -> Value {
        Value::Map(Map::from_iter([
            ("Email", Value::from(self.email.as_str())),
            ("Name", Value::from(self.name.as_str())),
            ("URL", Value::from(self.url.as_str())),
        ]))
    }
}

impl Dependency {
    fn validate(&mut self) -> Result<(), Error> {
        for text in [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition] {
            sanitize(text);
        }
        self.tags.iter_mut().for_each(sanitize);
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !self.alias.chars().all(legal) {
            let name = go_text::quote(&self.name);
            return Err(invalid(format!("dependency {name} has disallowed characters in the alias")));
        }
        Ok(())
    }

    fn to_value(&self) -> Value {
        Value::Map(Map::from_iter([
            ("Alias", Value::from(self.alias.as_str())),
            ("Condition", Value::from(self.condition.as_str())),
            ("Enabled", Value::Bool(self.enabled)),
            ("ImportValues", Value::list(self.import_values.clone())),
            ("Name", Value::from(self.name.as_str())),
            ("Repository", Value::from(self.repository.as_str())),
            ("Tags", texts(&self.tags)),
            ("Version", Value::from(self.version.as_str())),
        ]))
    }
}

fn texts(items: &[String]) -> Value {
    Value::List(List::new(items.iter().map(|item| Value::from(item.as_str())).collect()))
}

fn annotations(entries: Option<&BTreeMap<String, String>>) -> Value {
    Value::Map(match entries {
        None => Map::nil(Type::StringMap),
        Some(entries) => Map::typed(
            Type::StringMap,
            entries.iter().map(|(key, text)| (key.as_str(), Value::from(text.as_str()))).collect(),
        ),
    })
}

fn invalid(text: impl Into<String>) -> Error {
    ErrorKind::Validation(text.into()).into()
}

/// Makes every white space a blank and drops what does not print (`sanitizeString`).
pub fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|c| match c {
            c if go_text::is_space(c) => Some(' '),
            c if is_printable(c) => Some(c),
            _ => None,
        })
        .collect();
}
