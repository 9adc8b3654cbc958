//! Rules from text to programs, and what is wrong with them in a definition.

use super::check::Checker;
use super::functions;
use super::kinds::{Kind, Level};
use crate::failure::{Cause, go_quote};
use cel::Program;
use serde_json::Value;

/// A compiled rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) program: Program,
    pub(super) message_program: Option<Program>,
    pub(super) uses_old_self: bool,
    pub(super) optional_old_self: bool,
    pub(super) source: String,
    pub(super) message: String,
    pub(super) reason: String,
    pub(super) field_path: String,
}

fn text<'s>(rule: &'s Value, key: &str) -> &'s str {
    rule.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The rules of one place of a schema.
pub(super) fn rules_of(schema: &Value) -> impl Iterator<Item = &Value> {
    schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten()
}

struct Compiled {
    program: Program,
    is_bool: bool,
    is_text: bool,
    uses_old_self: bool,
}

// `ERROR: <input>:1:5: TEXT`, the line and a mark under the column, as cel-go prints issues.
fn issue(source: &str, line: usize, column: usize, message: &str) -> String {
    let shown = source.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let dots = ".".repeat(column.saturating_sub(1));
    format!("ERROR: <input>:{line}:{column}: {message}\n | {shown}\n | {dots}^")
}

fn number(position: isize) -> usize {
    usize::try_from(position).unwrap_or(1).max(1)
}

fn place(source: &str, start: u32) -> (usize, usize) {
    let start = usize::try_from(start).unwrap_or(0);
    let before: String = source.chars().take(start).collect();
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

/// Compiles `source` for values of `this`; an error is the issues as cel-go prints them.
fn compile(source: &str, this: &Kind<'_>, optional_old_self: bool) -> Result<Compiled, String> {
    let program = functions::environment().compile(source).map_err(|errors| {
        let issues = errors.errors.iter().map(|e| issue(source, number(e.pos.0), number(e.pos.1), &e.msg));
        issues.collect::<Vec<_>>().join("\n")
    })?;
    let before = if optional_old_self { Kind::Optional(Box::new(this.clone())) } else { this.clone() };
    let mut checker = Checker::new(this, before);
    let kind = checker.kind_of(program.expression());
    if !checker.problems.is_empty() {
        let mut placed: Vec<(usize, usize, String)> = checker
            .problems
            .iter()
            .map(|problem| {
                let start = program.source_info().offset_for(problem.node).map_or(0, |(start, _)| start);
                let (line, column) = place(source, start);
                (line, column, problem.text.clone())
            })
            .collect();
        placed.sort();
        placed.dedup();
        let issues = placed.iter().map(|(line, column, text)| issue(source, *line, *column, text));
        return Err(issues.collect::<Vec<_>>().join("\n"));
    }
    let uses_old_self = checker.uses_old_self;
    let (is_bool, is_text) = (kind == Kind::Bool || kind.is_any(), kind == Kind::String || kind.is_any());
    Ok(Compiled { program, is_bool, is_text, uses_old_self })
}

/// The rules of a schema that compile; those that do not were refused with their definition.
pub(super) fn compiled(schema: &Value, level: Level) -> Vec<Rule> {
    let Some(this) = Kind::of(schema, level) else { return Vec::new() };
    let one = |rule: &Value| {
        let optional_old_self = rule.get("optionalOldSelf") == Some(&Value::Bool(true));
        let compiled_rule = compile(text(rule, "rule"), &this, optional_old_self).ok()?;
        let expression = text(rule, "messageExpression");
        let message_program = match expression.is_empty() {
            true => None,
            false => compile(expression, &this, optional_old_self).ok().map(|c| c.program),
        };
        Some(Rule {
            program: compiled_rule.program,
            message_program,
            uses_old_self: compiled_rule.uses_old_self,
            optional_old_self,
            source: text(rule, "rule").trim().to_owned(),
            message: text(rule, "message").trim().to_owned(),
            reason: text(rule, "reason").to_owned(),
            field_path: super::path::resolve(schema, text(rule, "fieldPath"))
                .map(|(p, _)| p)
                .unwrap_or_default(),
        })
    };
    rules_of(schema).filter_map(one).collect()
}

/// Problems of the rules at `path` of a definition. `uncorrelated` is the part of the schema below which old and new
/// values cannot be matched.
pub(crate) fn definition_causes(
    schema: &Value,
    root: bool,
    path: &str,
    uncorrelated: Option<&str>,
) -> Vec<Cause> {
    let mut causes = Vec::new();
    let level = if root { Level::Resource } else { Level::Within };
    let this = match rules_of(schema).next() {
        Some(_) => Kind::of(schema, level),
        None => return causes,
    };
    let Some(this) = this else { return causes };
    for (index, rule) in rules_of(schema).enumerate() {
        rule_causes(
            rule,
            &this,
            &format!("{path}.x-kubernetes-validations[{index}]"),
            uncorrelated,
            &mut causes,
        );
    }
    causes
}

fn rule_causes(
    rule: &Value,
    this: &Kind<'_>,
    path: &str,
    uncorrelated: Option<&str>,
    causes: &mut Vec<Cause>,
) {
    let at = |field: &str| format!("{path}.{field}");
    let source = text(rule, "rule");
    let optional = rule.get("optionalOldSelf").and_then(Value::as_bool);
    let compiled = match compile(source, this, optional == Some(true)) {
        Err(issues) => {
            causes.push(about(rule, at("rule"), &format!("compilation failed: {issues}")));
            return unused_old_self(optional, &at("optionalOldSelf"), causes);
        }
        Ok(compiled) if !compiled.is_bool => {
            causes.push(about(rule, at("rule"), "cel expression must evaluate to a bool"));
            return unused_old_self(optional, &at("optionalOldSelf"), causes);
        }
        Ok(compiled) => compiled,
    };
    let expression = text(rule, "messageExpression");
    if !expression.is_empty() {
        let problem = match compile(expression, this, optional == Some(true)) {
            Err(issues) => Some(format!("messageExpression compilation failed: {issues}")),
            Ok(compiled) if !compiled.is_text => {
                Some("messageExpression must evaluate to a string".to_owned())
            }
            Ok(_) => None,
        };
        causes.extend(problem.map(|why| about(rule, at("messageExpression"), &why)));
    }
    if !compiled.uses_old_self {
        return unused_old_self(optional, &at("optionalOldSelf"), causes);
    }
    if let Some(place) = uncorrelated {
        let why =
            format!("oldSelf cannot be used on the uncorrelatable portion of the schema within {place}");
        causes.push(Cause::invalid(at("rule"), &source.into(), &why));
    }
}

fn unused_old_self(optional: Option<bool>, at: &str, causes: &mut Vec<Cause>) {
    if let Some(optional) = optional {
        causes.push(Cause::invalid(at, &optional.into(), "may not be set if oldSelf is not used in rule"));
    }
}

// A rule as the server's own type prints it, with the characters that Go's JSON escapes.
fn about(rule: &Value, field: String, why: &str) -> Cause {
    let quoted = |key: &str| {
        let text = Value::from(text(rule, key)).to_string();
        text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
    };
    let reason = match text(rule, "reason") {
        "" => "null".to_owned(),
        reason => go_quote(reason),
    };
    let optional = rule.get("optionalOldSelf").cloned().unwrap_or_default();
    let message = format!(
        "Invalid value: {{\"Rule\":{},\"Message\":{},\"MessageExpression\":{},\"Reason\":{reason},\"FieldPath\":{},\
         \"OptionalOldSelf\":{optional}}}: {why}",
        quoted("rule"),
        quoted("message"),
        quoted("messageExpression"),
        quoted("fieldPath"),
    );
    Cause { reason: "FieldValueInvalid", field, message }
}
