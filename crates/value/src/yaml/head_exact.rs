//! Which object a manifest describes, for documents that need everything yaml.v2 knows.

use std::rc::Rc;

use super::build::{Builder, Failure};
use super::exact::{self, Exact, ExactTree};
use super::head::{Head, HeadMetadata};
use super::input::Input;
use super::parse::Parser;
use super::resolve::Scalar;
use super::scan::Scanner;
use super::tree;
use crate::{Error, ErrorKind, json};

/// Reads a whole document and decodes it as Go decodes a `SimpleHead`.
pub(super) fn head(input: &Input<'_>) -> Result<Head, Error> {
    let mut parser = Parser::new(Scanner::new(input));
    let mut node = match Builder::new(ExactTree, None).read(&mut parser) {
        Ok(node) => node.unwrap_or(Exact::Scalar(Scalar::Nil)),
        Err(Failure::Problem(problem)) => return Err(problem.into_error()),
        Err(Failure::Odd) => return Err(Error::message("an exact tree refused a node")),
    };
    coerce(&mut node);
    exact::check(&node)?;
    let mut decoder = Decoder { head: Head::default(), failed: None };
    decoder.root(node);
    decoder.failed.map_or(Ok(decoder.head), Err)
}

/// Returns a name as Go compares names of fields: without regard to letter case (encoding/json's `foldName`).
fn fold(name: &[u8]) -> String {
    let folded = String::from_utf8_lossy(name).replace('\u{212A}', "k").replace('\u{17F}', "s");
    folded.to_ascii_lowercase()
}

/// Makes strings of the numbers and booleans that stand where the struct has strings (sigs.k8s.io/yaml,
/// `convertToJSONableObject`).
fn coerce(node: &mut Exact) {
    for (name, value) in fields(node) {
        match &*name {
            "apiversion" | "kind" => coerce_scalar(value),
            "metadata" => {
                for (name, value) in fields(value) {
                    match &*name {
                        "name" => coerce_scalar(value),
                        "annotations" => fields(value).for_each(|(_, value)| coerce_scalar(value)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

fn fields(node: &mut Exact) -> impl Iterator<Item = (String, &mut Exact)> {
    let pairs = match node {
        Exact::Map(pairs) => Rc::make_mut(pairs).as_mut_slice(),
        _ => &mut [],
    };
    pairs.iter_mut().filter_map(|(key, value)| Some((fold(&key.text()?), value)))
}

fn coerce_scalar(node: &mut Exact) {
    let text = match node {
        Exact::Scalar(Scalar::Uint(number)) => number.to_string(),
        Exact::Scalar(Scalar::Float(number)) if !number.is_finite() => json::go_float(*number),
        Exact::Scalar(scalar @ (Scalar::Bool(_) | Scalar::Int(_) | Scalar::Float(_))) => {
            String::from_utf8_lossy(&tree::key_text(scalar.clone()).unwrap_or_default()).into_owned()
        }
        _ => return,
    };
    *node = Exact::Scalar(Scalar::Str(text.into_bytes().into()));
}

struct Decoder {
    head: Head,
    /// Go goes on after a value of the wrong type and reports the first.
    failed: Option<Error>,
}

const METADATA: &str = "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";

impl Decoder {
    fn root(&mut self, node: Exact) {
        match node {
            Exact::Map(pairs) => {
                for (key, value) in sorted(pairs) {
                    match &*fold(key.as_bytes()) {
                        "apiversion" => {
                            self.string(value, ".apiVersion", &key, |head| Some(&mut head.api_version))
                        }
                        "kind" => self.string(value, ".kind", &key, |head| Some(&mut head.kind)),
                        "metadata" => self.metadata(value, &key),
                        _ => {}
                    }
                }
            }
            Exact::Scalar(Scalar::Nil) => {}
            other => self.fail(json::type_error(type_of(&other), "util.SimpleHead")),
        }
    }

    fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(ErrorKind::YamlType(error.to_string()).into());
    }

    fn wrong_type(&mut self, node: &Exact, path: &str, wanted: &str) {
        self.fail(json::field_type_error(type_of(node), path, wanted));
    }

    fn string(&mut self, node: Exact, path: &str, key: &str, field: fn(&mut Head) -> Option<&mut String>) {
        match node {
            Exact::Scalar(Scalar::Str(text)) => {
                if let Some(field) = field(&mut self.head) {
                    *field = String::from_utf8_lossy(&text).into_owned();
                }
            }
            Exact::Scalar(Scalar::Nil) => {}
            other => {
                let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
                self.wrong_type(&other, &format!("{parent}.{}", pointer(key)), "string");
            }
        }
    }

    fn metadata(&mut self, node: Exact, name: &str) {
        match node {
            Exact::Map(pairs) => {
                self.head.metadata.get_or_insert_default();
                for (key, value) in sorted(pairs) {
                    match &*fold(key.as_bytes()) {
                        "name" => self.string(value, &format!(".{}.name", pointer(name)), &key, |head| {
                            head.metadata.as_mut().map(|metadata| &mut metadata.name)
                        }),
                        "annotations" => {
                            self.annotations(value, &format!(".{}.{}", pointer(name), pointer(&key)))
                        }
                        _ if key == "namespace" => self.namespace(value),
                        _ => {}
                    }
                }
            }
            Exact::Scalar(Scalar::Nil) => self.head.metadata = None,
            other => self.wrong_type(&other, &format!(".{}", pointer(name)), METADATA),
        }
    }

    fn metadata_mut(&mut self) -> &mut HeadMetadata {
        self.head.metadata.get_or_insert_default()
    }

    fn namespace(&mut self, node: Exact) {
        if let Exact::Scalar(Scalar::Str(text)) = node {
            self.metadata_mut().namespace = String::from_utf8_lossy(&text).into_owned();
        }
    }

    fn annotations(&mut self, node: Exact, path: &str) {
        match node {
            Exact::Map(pairs) => {
                for (key, value) in sorted(pairs) {
                    match value {
                        Exact::Scalar(Scalar::Str(text)) => {
                            let text = String::from_utf8_lossy(&text).into_owned();
                            self.metadata_mut().annotations.insert(key, text);
                        }
                        Exact::Scalar(Scalar::Nil) => {
                            self.metadata_mut().annotations.insert(key, String::new());
                        }
                        other => self.wrong_type(&other, &format!("{path}.{}", pointer(&key)), "string"),
                    }
                }
            }
            Exact::Scalar(Scalar::Nil) => self.metadata_mut().annotations.clear(),
            other => self.wrong_type(&other, path, "map[string]string"),
        }
    }
}

/// Returns a mapping's pairs as Go's JSON has them: by key, the last of equal ones.
fn sorted(pairs: Rc<Vec<(exact::ExactKey, Exact)>>) -> impl Iterator<Item = (String, Exact)> {
    let pairs = pairs
        .iter()
        .filter_map(|(key, value)| Some((String::from_utf8_lossy(&key.text()?).into_owned(), value.clone())));
    pairs.collect::<std::collections::BTreeMap<_, _>>().into_iter()
}

/// Returns a name as a step of a JSON pointer with Go's dots for slashes.
fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn type_of(node: &Exact) -> &'static str {
    match node {
        Exact::Map(_) => "object",
        Exact::List(_) => "array",
        Exact::Scalar(Scalar::Nil) => "null",
        Exact::Scalar(Scalar::Bool(_)) => "bool",
        Exact::Scalar(Scalar::Str(_)) => "string",
        Exact::Scalar(_) => "number",
    }
}
