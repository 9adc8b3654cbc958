//! Label and field selectors.

use crate::dig::Dig;
use crate::failure::{Failure, go_quote};
use crate::kinds::Kind;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a list or watch keeps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    labels: Vec<Requirement>,
    fields: Vec<FieldTerm>,
}

#[derive(Debug, Clone)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
    Greater(i64),
    Less(i64),
}

#[derive(Debug, Clone)]
struct FieldTerm {
    path: String,
    value: String,
    equal: bool,
}

impl Selector {
    /// Parses both selectors of a request.
    ///
    /// # Errors
    /// 400 as apimachinery words it.
    pub(crate) fn parse(labels: &str, fields: &str, kind: &Kind) -> Result<Selector, Failure> {
        Ok(Selector { labels: parse_labels(labels)?, fields: parse_fields(fields, kind)? })
    }

    /// The selector that matches exactly the labels of an object's `matchLabels` and `matchExpressions`.
    pub(crate) fn of_label_selector(selector: Option<&Value>) -> Option<Selector> {
        let selector = selector?.as_object()?;
        let mut labels = Vec::new();
        for (key, value) in selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().unwrap_or_default().to_owned();
            labels.push(Requirement { key: key.clone(), test: Test::In(vec![value]) });
        }
        for expression in selector.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
            let values = || -> Vec<String> {
                let values = expression.get("values").and_then(Value::as_array);
                values.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
            };
            let key = expression.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
            let test = match expression.get("operator").and_then(Value::as_str)? {
                "In" => Test::In(values()),
                "NotIn" => Test::NotIn(values()),
                "Exists" => Test::Exists,
                "DoesNotExist" => Test::Absent,
                _ => return None,
            };
            labels.push(Requirement { key, test });
        }
        Some(Selector { labels, fields: Vec::new() })
    }

    /// The selector of a plain map of labels (Services, ReplicationControllers).
    pub(crate) fn of_map(map: Option<&Value>) -> Option<Selector> {
        let map = map?.as_object().filter(|m| !m.is_empty())?;
        let labels = map.iter().map(|(key, value)| Requirement {
            key: key.clone(),
            test: Test::In(vec![value.as_str().unwrap_or_default().to_owned()]),
        });
        Some(Selector { labels: labels.collect(), fields: Vec::new() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let labels = object.at("/metadata/labels");
        self.matches_labels(labels) && self.fields.iter().all(|term| term.matches(object))
    }

    pub(crate) fn matches_labels(&self, labels: Option<&Value>) -> bool {
        let label = |key: &str| labels.and_then(|l| l.get(key)).and_then(Value::as_str);
        self.labels.iter().all(|requirement| {
            let value = label(&requirement.key);
            match &requirement.test {
                Test::In(values) => value.is_some_and(|v| values.iter().any(|x| x == v)),
                Test::NotIn(values) => value.is_none_or(|v| values.iter().all(|x| x != v)),
                Test::Exists => value.is_some(),
                Test::Absent => value.is_none(),
                Test::Greater(bound) => number(value).is_some_and(|v| v > *bound),
                Test::Less(bound) => number(value).is_some_and(|v| v < *bound),
            }
        })
    }
}

/// A label selector alone, for who filters without a server (`labels.Parse`).
#[derive(Debug, Clone)]
pub struct LabelSelector(Selector);

impl LabelSelector {
    /// Parses a selector such as `a=b,c in (d, e),!f`.
    ///
    /// # Errors
    /// In apimachinery's words.
    pub fn parse(text: &str) -> Result<LabelSelector, String> {
        let labels = parse_labels(text).map_err(|failure| failure.message().to_owned())?;
        Ok(LabelSelector(Selector { labels, fields: Vec::new() }))
    }

    /// Returns whether labels satisfy the selector.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let labels: Value =
            labels.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
        self.0.matches_labels(Some(&labels))
    }
}

fn number(value: Option<&str>) -> Option<i64> {
    value?.parse().ok()
}

impl FieldTerm {
    fn matches(&self, object: &Value) -> bool {
        let found = field_value(object, &self.path);
        (found == self.value) == self.equal
    }
}

fn field_value(object: &Value, path: &str) -> String {
    let object_path = match path {
        "type" if object.get("involvedObject").is_none() => "type",
        "source" => "source.component",
        "reportingComponent" => "reportingComponent",
        other => other,
    };
    let mut value = object;
    for part in object_path.split('.') {
        match value.get(part) {
            Some(next) => value = next,
            None if path == "spec.unschedulable" || path == "spec.hostNetwork" => return "false".into(),
            None if path == "status.successful" => return status_number(object, "succeeded"),
            None if path == "status.replicas" => return "0".into(),
            None => return String::new(),
        }
    }
    match value {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

// The selector has an older name of the field.
fn status_number(object: &Value, field: &str) -> String {
    object.get("status").and_then(|s| s.get(field)).and_then(Value::as_i64).unwrap_or(0).to_string()
}

fn known_fields(kind: &Kind) -> Vec<String> {
    let mut fields: Vec<&str> = vec!["metadata.name"];
    if kind.namespaced {
        fields.push("metadata.namespace");
    }
    fields.extend::<&[&str]>(match (kind.storage.as_str(), kind.group.as_str()) {
        ("/pods", _) => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        ("/secrets", _) => &["type"],
        ("/nodes", _) => &["spec.unschedulable"],
        ("/namespaces", _) => &["status.phase"],
        ("/services", _) => &["spec.clusterIP", "spec.type"],
        ("/replicationcontrollers", _) => &["status.replicas"],
        ("batch/jobs", _) => &["status.successful"],
        ("certificates.k8s.io/certificatesigningrequests", _) => &["spec.signerName"],
        ("/events", "") => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        ("/events", _) => &[
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "regarding.apiVersion",
            "regarding.resourceVersion",
            "regarding.fieldPath",
            "reason",
            "reportingController",
            "type",
        ],
        _ => &[],
    });
    let selectable = kind.custom.iter().flat_map(|c| c.selectable.iter().map(String::as_str));
    fields.into_iter().chain(selectable).map(str::to_owned).collect()
}

fn parse_fields(text: &str, kind: &Kind) -> Result<Vec<FieldTerm>, Failure> {
    let mut terms = Vec::new();
    for term in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
        let parsed = if let Some((path, value)) = term.split_once("!=") {
            (path, value, false)
        } else if let Some((path, value)) = term.split_once("==") {
            (path, value, true)
        } else if let Some((path, value)) = term.split_once('=') {
            (path, value, true)
        } else {
            let text =
                format!("invalid field selector: {}; can't understand {}", go_quote(text), go_quote(term));
            return Err(Failure::bad_request(text));
        };
        let (path, value, equal) = parsed;
        if !known_fields(kind).iter().any(|f| f == path) {
            return Err(unknown_field(path, kind));
        }
        terms.push(FieldTerm { path: path.to_owned(), value: unescaped(value), equal });
    }
    Ok(terms)
}

fn unescaped(value: &str) -> String {
    value.replace("\\,", ",").replace("\\=", "=").replace("\\\\", "\\")
}

fn unknown_field(path: &str, kind: &Kind) -> Failure {
    let text = match kind.storage.as_str() {
        _ if kind.custom.is_some() => format!("field label not supported: {path}"),
        "/pods"
        | "/nodes"
        | "/services"
        | "/namespaces"
        | "/secrets"
        | "/events"
        | "/replicationcontrollers"
        | "batch/jobs" => {
            format!("field label not supported: {path}")
        }
        _ => {
            format!("{path:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
        }
    };
    Failure::bad_request(text)
}

/// Parses a label selector (`labels.Parse`).
fn parse_labels(text: &str) -> Result<Vec<Requirement>, Failure> {
    let mut parser = Parser { text, at: 0 };
    let mut requirements = Vec::new();
    parser.blank();
    if parser.done() {
        return Ok(requirements);
    }
    loop {
        if let Some(found) = parser.symbol().filter(|symbol| *symbol != "!") {
            let expected = match requirements.is_empty() {
                true => "!, identifier, or 'end of string'",
                false => "identifier after ','",
            };
            return Err(Failure::bad_request(format!("found '{found}', expected: {expected}")));
        }
        let requirement = parser.requirement().map_err(|e| format!("unable to parse requirement: {e}"));
        requirements.push(requirement.map_err(Failure::bad_request)?);
        parser.blank();
        if parser.done() {
            return Ok(requirements);
        }
        if !parser.eat(',') {
            let found = parser.word_or_symbol();
            let text = format!("found '{found}', expected: ',' or 'end of string'");
            return Err(Failure::bad_request(text));
        }
        parser.blank();
        if parser.done() {
            return Err(Failure::bad_request("found '', expected: identifier after ','"));
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn done(&self) -> bool {
        self.at >= self.text.len()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, symbol: char) -> bool {
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len_utf8();
        }
        found
    }

    fn word(&mut self) -> String {
        self.blank();
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '=' | '!' | '(' | ')' | ',' | '<' | '>'))
            .unwrap_or(rest.len());
        let word = rest[..end].to_owned();
        self.at += end;
        word
    }

    fn word_or_symbol(&mut self) -> String {
        let word = self.word();
        if !word.is_empty() {
            return word;
        }
        self.symbol().map(str::to_owned).unwrap_or_default()
    }

    /// Returns the symbol that comes next, if one does.
    fn symbol(&self) -> Option<&'static str> {
        let symbols = ["==", "!=", "=", "!", "(", ")", ",", "<", ">"];
        symbols.into_iter().find(|symbol| self.rest().starts_with(symbol))
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        self.blank();
        let absent = self.eat('!');
        let key = self.word();
        if key.is_empty() {
            let found = self.word_or_symbol();
            return Err(format!("found '{found}', expected: identifier"));
        }
        crate::names::check_label_key(&key)?;
        self.blank();
        let test = if absent { Test::Absent } else { self.test()? };
        if let Test::In(values) | Test::NotIn(values) = &test {
            crate::names::check_label_values(&key, &values.iter().collect())?;
        }
        Ok(Requirement { key, test })
    }

    fn test(&mut self) -> Result<Test, String> {
        if self.done() || self.rest().starts_with(',') {
            return Ok(Test::Exists);
        }
        if self.eat('=') {
            self.eat('=');
            return Ok(Test::In(vec![self.value()?]));
        }
        if self.eat('!') {
            if !self.eat('=') {
                return Err("found '!', expected: in, notin, =, ==, !=, gt, lt".into());
            }
            return Ok(Test::NotIn(vec![self.value()?]));
        }
        if self.eat('>') {
            return self.bound().map(Test::Greater);
        }
        if self.eat('<') {
            return self.bound().map(Test::Less);
        }
        match self.word().as_str() {
            "in" => self.set().map(Test::In),
            "notin" => self.set().map(Test::NotIn),
            other => {
                let found = if other.is_empty() { self.word_or_symbol() } else { other.to_owned() };
                Err(format!("found '{found}', expected: in, notin, =, ==, !=, gt, lt"))
            }
        }
    }

    fn value(&mut self) -> Result<String, String> {
        let value = self.word();
        let rest = self.rest();
        if value.is_empty() && !rest.is_empty() && !rest.starts_with([',', ')']) {
            return Err(format!("found '{}', expected: identifier", self.word_or_symbol()));
        }
        Ok(value)
    }

    fn bound(&mut self) -> Result<i64, String> {
        let word = self.word();
        word.parse().map_err(|_| {
            format!(
                "values[0]: Invalid value: {word:?}: for 'Gt', 'Lt' operators, the value must be an integer"
            )
        })
    }

    fn set(&mut self) -> Result<Vec<String>, String> {
        self.blank();
        if !self.eat('(') {
            let found = self.word_or_symbol();
            return Err(format!("found '{found}' expected: '('"));
        }
        let mut values = Vec::new();
        loop {
            values.push(self.value()?);
            self.blank();
            if self.eat(')') {
                return Ok(values);
            }
            if !self.eat(',') {
                let found = self.word_or_symbol();
                return Err(format!("found '{found}', expected: ',' or ')'"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use serde_json::json;

    fn matches(selector: &str, labels: Value) -> bool {
        let kind = kinds::stored("/pods");
        let selector = Selector::parse(selector, "", kind).unwrap();
        selector.matches(&json!({"metadata": {"labels": labels}}))
    }

    #[test]
    fn negative_requirements_match_objects_without_the_label() {
        assert!(matches("env notin (a, b)", json!({})));
        assert!(matches("env!=a,x", json!({"x": ""})));
        assert!(!matches("env notin (a,b)", json!({"env": "a"})));
        assert!(matches("env in (a,b),!c", json!({"env": "b"})));
        assert!(!matches("env", json!({})));
        assert!(matches("n>5", json!({"n": "6"})));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let check = |selector: &str, expected: &str| {
            assert_eq!(LabelSelector::parse(selector).unwrap_err(), expected, "{selector}");
        };
        check("=a", "found '=', expected: !, identifier, or 'end of string'");
        check("!=a", "found '!=', expected: !, identifier, or 'end of string'");
        check("!", "unable to parse requirement: found '', expected: identifier");
        check("a,==b", "found '==', expected: identifier after ','");
        check("a,", "found '', expected: identifier after ','");
        check("a=b=c", "found '=', expected: ',' or 'end of string'");
        check("a in b", "unable to parse requirement: found 'b' expected: '('");
        check(
            "a>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an \
             integer",
        );
        assert!(LabelSelector::parse("a in (c,b~)").unwrap_err().starts_with(
            "unable to parse requirement: values[0][a]: Invalid value: \"b~\": a valid label must be"
        ));
        assert!(
            LabelSelector::parse("~").unwrap_err().starts_with(
                "unable to parse requirement: <nil>: Invalid value: \"~\": name part must consist"
            )
        );
    }

    #[test]
    fn unknown_fields_are_refused() {
        let kind = kinds::stored("/configmaps");
        assert!(Selector::parse("", "spec.x=1", kind).is_err());
        let named = Selector::parse("", "metadata.name!=a", kind).unwrap();
        assert!(named.matches(&json!({"metadata": {"name": "b"}})));
    }
}
