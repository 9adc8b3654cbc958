//! Validates by any schema with the `boon` crate, by the author of Helm's validator. What `boon` does otherwise is
//! mended here: the schema is rewritten before (`rewrite.rs`), the failures after (`convert.rs`, `faults.rs`).

mod convert;
mod faults;
mod rewrite;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use boon::{Compiler, Format, Schemas};
use serde_json::Value;

use super::draft::Draft;
use super::failure::{Failure, Kind};
use super::json::Json;
use super::{Loader, Warning, format, read, text, url};

/// Where Helm says the schema stands.
pub(crate) const ROOT: &str = "file:///values.schema.json";

/// Why values do not pass.
pub(crate) enum Fault {
    /// The schema cannot be used, with Helm's text.
    Schema(String),
    Values(Box<Failure>),
}

/// Validates values.
///
/// # Errors
/// See `Fault`.
pub(crate) fn validate(
    schema: &Json,
    values: &Json,
    loader: &dyn Loader,
    warnings: &mut Vec<Warning>,
) -> Result<(), Fault> {
    let mut documents = Documents::default();
    let draft = draft_of(schema, loader, &mut documents, warnings).map_err(Fault::Schema)?;
    rewrite::check(schema, draft).map_err(Fault::Schema)?;
    let (schemas, index) = loop {
        let missing = Rc::new(RefCell::new(None));
        let mut compiler = compiler(&documents, &missing);
        let added = compiler.add_resource(ROOT, rewrite::rewrite(schema, draft, &mut documents.restored));
        let mut schemas = Schemas::new();
        let compiled =
            added.map_err(Box::new).and_then(|()| compiler.compile(ROOT, &mut schemas).map_err(Box::new));
        match (missing.take(), compiled) {
            (Some(address), _) => documents.load(&address, draft, loader, warnings),
            (None, Ok(index)) => break (schemas, index),
            (None, Err(error)) => return Err(Fault::Schema(faults::describe(&error, &documents))),
        }
    };
    documents.texts.insert(ROOT.to_owned(), Ok(schema.clone()));
    let value = values.to_value();
    let Err(error) = schemas.validate(&value, index) else { return Ok(()) };
    match convert::convert(&error, &value, &documents) {
        Some(failure) => Err(Fault::Values(Box::new(failure))),
        None => Ok(()),
    }
}

/// The documents a schema refers to, by address without fragment.
#[derive(Default)]
pub(crate) struct Documents {
    texts: HashMap<String, Result<Json, String>>,
    rewritten: HashMap<String, Result<Value, String>>,
    /// Rewritten texts and what they were.
    restored: HashMap<String, String>,
}

impl Documents {
    /// Returns what stands at an address with fragment, as it was written.
    fn at(&self, address: &str) -> Option<&Json> {
        let (address, fragment) = url::split(address);
        self.texts.get(address)?.as_ref().ok()?.pointer(&url::decode(fragment))
    }

    fn restore<'t>(&'t self, text: &'t str) -> &'t str {
        self.restored.get(text).map_or(text, String::as_str)
    }

    fn load(&mut self, address: &str, draft: Draft, loader: &dyn Loader, warnings: &mut Vec<Warning>) {
        let loaded = load(address, loader, warnings);
        let rewritten = loaded.as_ref().map_err(Clone::clone).map(|document| {
            let draft =
                document.get("$schema").and_then(Json::as_str).and_then(Draft::from_url).unwrap_or(draft);
            rewrite::rewrite(document, draft, &mut self.restored)
        });
        self.rewritten.insert(address.to_owned(), rewritten);
        self.texts.insert(address.to_owned(), loaded);
    }
}

/// Loads a document as Helm's loader for its scheme does (jsonschema.go, `ValidateAgainstSingleSchema`).
fn load(address: &str, loader: &dyn Loader, warnings: &mut Vec<Warning>) -> Result<Json, String> {
    let parsed = url::parse(address)?;
    match parsed.scheme.as_str() {
        "file" | "http" | "https" => read::read(&loader.load(address)?),
        // Helm: an urn that nobody resolves allows everything, with a warning (urnLoader).
        "urn" => {
            let warning = Warning::UnresolvedUrn(address.to_owned());
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
            Ok(Json::Bool(true))
        }
        _ => Err(format!("no URLLoader registered for {}", text::go_quote(&rewrite::encode(address)))),
    }
}

/// Finds the draft a schema names; `boon` takes absolute addresses only, and checks them in another order.
fn draft_of(
    schema: &Json,
    loader: &dyn Loader,
    documents: &mut Documents,
    warnings: &mut Vec<Warning>,
) -> Result<Draft, String> {
    let mut seen: Vec<String> = Vec::new();
    let mut place = ROOT.to_owned();
    let mut named = schema.get("$schema").and_then(Json::as_str).map(str::to_owned);
    while let Some(name) = named {
        if let Some(draft) = Draft::from_url(&name) {
            return Ok(draft);
        }
        let (address, _) = url::split(&name);
        let shown = text::go_quote(address);
        if let Err(fault) = url::parse(address) {
            return Err(format!("invalid $schema in {}: {fault}", text::go_quote(&format!("{place}#"))));
        }
        if address == place {
            return Err(format!("draft {shown} is not supported"));
        }
        if seen.iter().any(|seen| seen == address) {
            return Err(format!("cycle in resolving $schema in {shown}"));
        }
        seen.push(address.to_owned());
        if let Some(draft) = Draft::from_url(address) {
            return Ok(draft);
        }
        if !documents.texts.contains_key(address) {
            documents.load(address, Draft::LATEST, loader, warnings);
        }
        named = match documents.texts.get(address) {
            Some(Ok(document)) => document.get("$schema").and_then(Json::as_str).map(str::to_owned),
            Some(Err(fault)) => return Err(format!("failing loading {shown}: {fault}")),
            None => None,
        };
        place = address.to_owned();
    }
    Ok(Draft::LATEST)
}

fn compiler(documents: &Documents, missing: &Rc<RefCell<Option<String>>>) -> Compiler {
    let mut compiler = Compiler::new();
    compiler
        .use_loader(Box::new(Loaded { documents: documents.rewritten.clone(), missing: Rc::clone(missing) }));
    for (name, check) in CHECKS {
        compiler.register_format(Format { name, func: check });
    }
    compiler
}

/// Gives the engine what was loaded and notes what it asks for besides.
struct Loaded {
    documents: HashMap<String, Result<Value, String>>,
    missing: Rc<RefCell<Option<String>>>,
}

impl boon::UrlLoader for Loaded {
    fn load(&self, address: &str) -> Result<Value, Box<dyn std::error::Error>> {
        match self.documents.get(address) {
            Some(Ok(document)) => Ok(document.clone()),
            Some(Err(fault)) => Err(fault.clone().into()),
            None => {
                self.missing.replace(Some(address.to_owned()));
                Err("not loaded yet".into())
            }
        }
    }
}

type Check = fn(&Value) -> Result<(), Box<dyn std::error::Error>>;

macro_rules! checks {
    ($($registered:literal => $name:literal),* $(,)?) => {
        [$(($registered, (|value| match value.as_str() {
            Some(text) => format::check($name, text).map_err(Into::into),
            None => Ok(()),
        }) as Check)),*]
    };
}

/// The engine's own `regex` cannot be replaced, so that one is renamed.
const CHECKS: [(&str, Check); 19] = checks! {
    "date" => "date", "date-time" => "date-time", "duration" => "duration", "email" => "email",
    "hostname" => "hostname", "ipv4" => "ipv4", "ipv6" => "ipv6", "iri" => "iri", "iri-reference" => "iri-reference",
    "json-pointer" => "json-pointer", "period" => "period", "go-regex" => "regex",
    "relative-json-pointer" => "relative-json-pointer", "semver" => "semver", "time" => "time", "uri" => "uri",
    "uri-reference" => "uri-reference", "uri-template" => "uri-template", "uuid" => "uuid",
};

/// Makes the root of the failures of one schema.
pub(crate) fn root(address: &str, causes: Vec<Failure>) -> Failure {
    Failure { location: String::new(), kind: Kind::Schema(address.to_owned()), causes }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Json, Loader, read, validate};

    struct Nowhere;

    impl Loader for Nowhere {
        fn load(&self, url: &str) -> Result<Vec<u8>, String> {
            Err(format!("no {url}"))
        }
    }

    fn failure(schema: &str, values: &str) -> String {
        let read = |text: &str| -> Json { read::read(text.as_bytes()).unwrap() };
        match validate(&read(schema), &read(values), &Nowhere, &mut Vec::new()) {
            Err(Fault::Values(failure)) => failure.to_string(),
            Err(Fault::Schema(text)) => text,
            Ok(()) => String::new(),
        }
    }

    #[test]
    fn a_group_below_the_only_branch_is_a_level() {
        let schema = r#"{"properties": {"a": {"anyOf": [{"required": ["b"], "minProperties": 2}]}}}"#;
        let told = failure(schema, r#"{"a": {}}"#);
        let (_, told) = told.split_once('\n').unwrap();
        let expected = "- at '/a': 'anyOf' failed\n  - at '/a': validation failed\n    \
            - at '/a': minProperties: got 0, want 2\n    - at '/a': missing property 'b'";
        assert_eq!(told.trim_end(), expected);
    }

    #[test]
    fn unevaluated_elements_are_told_in_their_order() {
        let list = r#"{"prefixItems": [{}], "unevaluatedItems": false}"#;
        let expected = |indent: &str| {
            let line = |at| format!("{indent}- at '/l/{at}': false schema\n");
            (1..12).map(line).collect::<String>()
        };
        let values = r#"{"l": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}"#;
        let told = |schema: &str| {
            let told = failure(&schema.replace("LIST", list), values);
            told.split_once('\n').unwrap().1.trim_end().to_owned() + "\n"
        };
        assert_eq!(told(r#"{"properties": {"l": LIST}}"#), expected(""));
        assert_eq!(
            told(r##"{"properties": {"l": {"$ref": "#/$defs/a"}}, "$defs": {"a": LIST}}"##),
            format!("- at '/l': validation failed\n{}", expected("  "))
        );
        assert_eq!(
            told(r#"{"properties": {"l": {"allOf": [LIST]}}}"#),
            format!("- at '/l': 'allOf' failed\n  - at '/l': validation failed\n{}", expected("    "))
        );
    }
}
