//! Rules run over an object (apiextensions, `schema/cel/validation.go`).

use super::compile::{self, Rule};
use super::functions;
use super::kinds::Level;
use super::values;
use crate::failure::Cause;
use cel::objects::OptionalValue;
use cel::{Context, ExecutionError};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The compiled rules of a schema and of the schemas in it.
#[derive(Debug)]
pub(crate) struct Rules {
    schema: Arc<Value>,
    /// The way from the whole schema to this part.
    pointer: String,
    own: Vec<Rule>,
    properties: BTreeMap<String, Rules>,
    items: Option<Box<Rules>>,
    values: Option<Box<Rules>>,
}

impl Rules {
    /// Compiles the rules of a whole schema; `None` if there are none.
    pub(crate) fn of(schema: &Arc<Value>) -> Option<Rules> {
        Rules::part(schema, String::new(), Level::Resource)
    }

    fn part(whole: &Arc<Value>, pointer: String, level: Level) -> Option<Rules> {
        let schema = whole.pointer(&pointer)?;
        let mut rules = Rules {
            schema: whole.clone(),
            pointer: pointer.clone(),
            own: compile::compiled(schema, level),
            properties: BTreeMap::new(),
            items: None,
            values: None,
        };
        for name in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|p| p.keys()) {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            if let Some(child) = Rules::part(whole, format!("{pointer}/properties/{escaped}"), Level::Within)
            {
                rules.properties.insert(name.clone(), child);
            }
        }
        rules.items = Rules::part(whole, format!("{pointer}/items"), Level::Within).map(Box::new);
        rules.values =
            Rules::part(whole, format!("{pointer}/additionalProperties"), Level::Within).map(Box::new);
        let empty = rules.own.is_empty()
            && rules.properties.is_empty()
            && rules.items.is_none()
            && rules.values.is_none();
        (!empty).then_some(rules)
    }

    /// What the rules find wrong with `new`, which was `old`.
    pub(crate) fn causes(&self, new: &Value, old: Option<&Value>) -> Vec<Cause> {
        let mut causes = Vec::new();
        self.walk(new, old, "", &mut causes);
        causes
    }

    fn schema(&self) -> &Value {
        self.schema.pointer(&self.pointer).unwrap_or(&Value::Null)
    }

    fn walk(&self, new: &Value, old: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
        if new.is_null() {
            return;
        }
        let old = old.filter(|old| !old.is_null());
        self.run(new, old, path, causes);
        match new {
            Value::Array(items) => self.walk_items(items, old, path, causes),
            Value::Object(fields) => {
                let matched = is_granular(self.schema());
                let before = |name: &str| old.filter(|_| matched).and_then(|old| old.get(name));
                for (name, value) in fields {
                    if let Some(rules) = self.properties.get(name) {
                        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                        rules.walk(value, before(name), &path, causes);
                    } else if let Some(rules) = &self.values {
                        rules.walk(value, before(name), &format!("{path}[{name}]"), causes);
                    }
                }
            }
            _ => {}
        }
    }

    fn walk_items(&self, items: &[Value], old: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
        let Some(rules) = &self.items else { return };
        let schema = self.schema();
        let known: HashMap<String, &Value> = match (is_keyed(schema), old.and_then(Value::as_array)) {
            (true, Some(old)) => old.iter().map(|item| (item_key(schema, item), item)).collect(),
            _ => HashMap::new(),
        };
        for (index, item) in items.iter().enumerate() {
            let before = known.get(&item_key(schema, item)).copied();
            rules.walk(item, before, &format!("{path}[{index}]"), causes);
        }
    }

    fn run(&self, new: &Value, old: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
        if self.own.is_empty() {
            return;
        }
        let mut plain = functions::context();
        plain.add_variable_from_value("self", values::of(new, Some(self.schema())));
        let mut optional = functions::context();
        optional.add_variable_from_value("self", values::of(new, Some(self.schema())));
        let before = old.map(|old| values::of(old, Some(self.schema())));
        let maybe = before.clone().map_or_else(OptionalValue::none, OptionalValue::of);
        optional.add_variable_from_value("oldSelf", cel::Value::Opaque(Arc::new(maybe)));
        if let Some(before) = before {
            plain.add_variable_from_value("oldSelf", before);
        }
        for rule in &self.own {
            if rule.uses_old_self && old.is_none() && !rule.optional_old_self {
                continue;
            }
            let context = if rule.optional_old_self { &optional } else { &plain };
            let unchanged = !rule.uses_old_self && old == Some(new);
            causes.extend(rule.cause(context, new, path).filter(|_| !unchanged));
        }
    }
}

fn is_granular(schema: &Value) -> bool {
    schema.get("x-kubernetes-map-type").and_then(Value::as_str) != Some("atomic")
}

fn is_keyed(schema: &Value) -> bool {
    schema.get("x-kubernetes-list-type").and_then(Value::as_str) == Some("map")
}

fn item_key(schema: &Value, item: &Value) -> String {
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().filter_map(Value::as_str);
    keys.map(|key| item.get(key).map_or_else(String::new, Value::to_string)).collect::<Vec<_>>().join("\0")
}

impl Rule {
    fn cause(&self, context: &Context<'_, '_>, value: &Value, path: &str) -> Option<Cause> {
        let field = if path.is_empty() { "<nil>".to_owned() } else { path.to_owned() };
        let shown = if self.message.is_empty() { &self.source } else { &self.message };
        match self.program.execute(context) {
            Ok(cel::Value::Bool(true)) => return None,
            Ok(_) => {}
            // A function that Kubernetes has and this server has not: the rule cannot be judged, so it is not held
            // against the object.
            Err(ExecutionError::UndeclaredReference(_)) => return None,
            Err(error) => {
                let why = format!("{} evaluating rule: {shown}", error_text(&error));
                return Some(Cause::invalid(field, &type_name(value).into(), &why));
            }
        }
        let field = match (path.is_empty(), self.field_path.is_empty()) {
            (_, true) => field,
            (true, false) => self.field_path.clone(),
            (false, false) => format!("{path}.{}", self.field_path),
        };
        Some(self.failed(field, value, &self.detail(context)))
    }

    fn detail(&self, context: &Context<'_, '_>) -> String {
        let made = self.message_program.as_ref().and_then(|program| program.execute(context).ok());
        match made {
            Some(cel::Value::String(text)) if !text.trim().is_empty() && !text.contains(['\n', '\r']) => {
                text.trim().to_owned()
            }
            _ if !self.message.is_empty() => self.message.clone(),
            _ => format!("failed rule: {}", self.source),
        }
    }

    // A structure is not shown, it would be the whole object.
    fn failed(&self, field: String, value: &Value, detail: &str) -> Cause {
        let structure = matches!(value, Value::Object(_) | Value::Array(_));
        match self.reason.as_str() {
            "FieldValueForbidden" => Cause::forbidden(field, detail),
            "FieldValueRequired" => Cause::required(field, detail),
            "FieldValueDuplicate" if structure => {
                Cause { reason: "FieldValueDuplicate", field, message: "Duplicate value".into() }
            }
            "FieldValueDuplicate" => Cause::duplicate(field, value),
            _ if structure => {
                Cause { reason: "FieldValueInvalid", field, message: format!("Invalid value: {detail}") }
            }
            _ => Cause::invalid(field, value, detail),
        }
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "",
        Value::Bool(_) => "boolean",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
    }
}

// cel-go's words for what goes wrong while a rule runs.
fn error_text(error: &ExecutionError) -> String {
    match error {
        ExecutionError::NoSuchKey(key) => format!("no such key: {key}"),
        ExecutionError::DivisionByZero(_) => "division by zero".into(),
        ExecutionError::RemainderByZero(_) => "modulus by zero".into(),
        ExecutionError::Overflow(..) => "integer overflow".into(),
        ExecutionError::IndexOutOfBounds(index) => match index {
            cel::Value::Int(index) => format!("index out of bounds: {index}"),
            other => format!("index out of bounds: {other:?}"),
        },
        ExecutionError::NoSuchOverload(_) => "no such overload".into(),
        ExecutionError::FunctionError { message, .. } => message.clone(),
        other => other.to_string(),
    }
}
