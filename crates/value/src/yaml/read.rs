//! The ways to read a YAML text: into values, into JSON, or only to check it.

use super::build::{Builder, DescribeKey, Failure};
use super::exact::{self, ExactTree};
use super::input::Input;
use super::parse::Parser;
use super::scan::Scanner;
use super::tree::{Json, Nothing, Tree, Values};
use super::{Duplicates, Options};
use crate::{Error, ErrorKind, List, Map, Value, json};

/// Reads the first document of a YAML text, as `yaml.Unmarshal` of sigs.k8s.io/yaml does into an `interface{}`.
///
/// # Errors
/// When the text is not YAML or cannot be expressed in JSON; the text is Go's, beginning with
/// `error converting YAML to JSON: `.
pub fn read(bytes: &[u8], options: &Options) -> Result<Value, Error> {
    let unique = options.duplicates == Duplicates::Refuse;
    Ok(read_tree(bytes, |unique| Values { numbers: options.numbers, unique }, unique)?.unwrap_or_default())
}

/// Reads the first document into a map, as `yaml.Unmarshal` does into a `map[string]interface{}`; no document and
/// null give an empty map.
///
/// # Errors
/// As [`read`], and `error unmarshaling JSON: …` when the document is something else.
pub fn read_map(bytes: &[u8], options: &Options) -> Result<Map, Error> {
    match read(bytes, options)? {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::new()),
        other => Err(wrong_type(&other, "map[string]interface {}")),
    }
}

/// Reads the first document into a list, as `yaml.Unmarshal` does into a `[]interface{}`; no document and null give
/// an empty list.
///
/// # Errors
/// As [`read`], and `error unmarshaling JSON: …` when the document is something else.
pub fn read_list(bytes: &[u8], options: &Options) -> Result<List, Error> {
    match read(bytes, options)? {
        Value::List(list) => Ok(list),
        Value::Nil => Ok(List::new(Vec::new())),
        other => Err(wrong_type(&other, "[]interface {}")),
    }
}

fn wrong_type(found: &Value, wanted: &str) -> Error {
    ErrorKind::YamlType(json::type_error(json::type_of(found), wanted).to_string()).into()
}

/// Reads the first document as JSON, integers kept (`yaml.YAMLToJSON`, `yaml.YAMLToJSONStrict`).
///
/// # Errors
/// As [`read`]; [`Error::inner_text`] is what these functions say.
pub fn to_json(bytes: &[u8], duplicates: Duplicates) -> Result<serde_json::Value, Error> {
    let unique = duplicates == Duplicates::Refuse;
    Ok(read_tree(bytes, |unique| Json { unique }, unique)?.unwrap_or_default())
}

/// Checks the first document completely: [`read`] without its value.
///
/// # Errors
/// As [`read`].
pub fn check(bytes: &[u8]) -> Result<(), Error> {
    read_tree(bytes, |_| Nothing, false).map(|_| ())
}

/// Reads the first document into a tree of any kind; with `unique` double keys are an error.
fn read_tree<T: Tree>(
    bytes: &[u8],
    tree: impl Fn(bool) -> T,
    unique: bool,
) -> Result<Option<T::Node>, Error> {
    let input = Input::new(bytes);
    let mut parser = Parser::new(Scanner::new(&input));
    match Builder::new(tree(unique), None).read(&mut parser) {
        Ok(node) => Ok(node),
        Err(Failure::Problem(problem)) => Err(problem.into_error()),
        Err(Failure::Odd) => read_exactly(&input, &tree(false), unique),
    }
}

/// Reads again with all that YAML can express, and complains about what JSON cannot.
fn read_exactly<T: Tree>(input: &Input<'_>, tree: &T, unique: bool) -> Result<Option<T::Node>, Error> {
    let mut parser = Parser::new(Scanner::new(input));
    let describe = unique.then_some(exact::describe_key as DescribeKey<_>);
    match Builder::new(ExactTree, describe).read(&mut parser) {
        Ok(node) => node.map(|node| exact::convert(node, tree)).transpose(),
        Err(Failure::Problem(problem)) => Err(problem.into_error()),
        Err(Failure::Odd) => Err(Error::message("an exact tree refused a node")),
    }
}
