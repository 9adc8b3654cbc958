//! The types of a rule, as far as they can be told without running it (cel-go, `checker`): fields that do not exist,
//! functions nobody declares, operators for other types.

use super::kinds::Kind;
use super::operators::{function, operator};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue};

/// A problem, and the node it is about.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) node: u64,
    pub(super) text: String,
}

/// What is known while checking.
pub(super) struct Checker<'s> {
    /// Variables, innermost last.
    scope: Vec<(String, Kind<'s>)>,
    pub(super) problems: Vec<Problem>,
    /// Whether the rule looks at the state before.
    pub(super) uses_old_self: bool,
}

/// Functions that rules may call, beside operators.
const FUNCTIONS: &[&str] = &[
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "string",
    "int",
    "uint",
    "double",
    "bool",
    "bytes",
    "dyn",
    "type",
    "duration",
    "timestamp",
    "getFullYear",
    "getMonth",
    "getDayOfYear",
    "getDayOfMonth",
    "getDate",
    "getDayOfWeek",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
    "charAt",
    "indexOf",
    "join",
    "lastIndexOf",
    "lowerAscii",
    "upperAscii",
    "replace",
    "split",
    "substring",
    "trim",
    "reverse",
    "format",
    "quote",
    "isSorted",
    "sum",
    "min",
    "max",
    "find",
    "findAll",
    "isURL",
    "url",
    "getScheme",
    "getHost",
    "getHostname",
    "getPort",
    "getEscapedPath",
    "getQuery",
    "quantity",
    "isQuantity",
    "sign",
    "add",
    "sub",
    "isGreaterThan",
    "isLessThan",
    "compareTo",
    "asInteger",
    "asApproximateFloat",
    "isInteger",
    "ip",
    "isIP",
    "isCIDR",
    "cidr",
    "family",
    "isUnspecified",
    "isLoopback",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "isGlobalUnicast",
    "containsIP",
    "containsCIDR",
    "prefixLength",
    "masked",
    "hasValue",
    "value",
    "orValue",
    "or",
    "optMap",
    "optFlatMap",
    "of",
    "none",
    "ofNonZeroValue",
    "equivalent",
    "intersects",
    "semver",
    "isSemver",
    "major",
    "minor",
    "patch",
    "named",
    "validate",
    "distinct",
    "flatten",
    "slice",
    "sort",
    "first",
    "last",
    "isCanonical",
    "@not_strictly_false",
    "_[?_]",
    "_?._",
    "-_",
];
/// Names that qualify functions.
const LIBRARIES: [&str; 8] = ["optional", "sets", "math", "strings", "base64", "format", "ip", "lists"];

impl<'s> Checker<'s> {
    /// A checker for a rule about values of a type.
    pub(super) fn new(this: &Kind<'s>, before: Kind<'s>) -> Checker<'s> {
        Checker {
            scope: vec![("self".into(), this.clone()), ("oldSelf".into(), before)],
            problems: Vec::new(),
            uses_old_self: false,
        }
    }

    fn problem(&mut self, node: u64, text: String) -> Kind<'s> {
        self.problems.push(Problem { node, text });
        Kind::Any
    }

    /// The type of an expression.
    pub(super) fn kind_of(&mut self, expression: &IdedExpr) -> Kind<'s> {
        match &expression.expr {
            Expr::Literal(literal) => literal_kind(literal),
            Expr::Ident(name) => self.variable(expression.id, name),
            Expr::Select(select) => {
                let operand = self.kind_of(&select.operand);
                let kind = self.selected(expression.id, &operand, &select.field);
                if select.test { Kind::Bool } else { kind }
            }
            Expr::List(list) => {
                let items: Vec<Kind<'s>> = list.elements.iter().map(|item| self.kind_of(item)).collect();
                Kind::List(Box::new(joined(items)))
            }
            Expr::Map(map) => {
                let mut values = Vec::new();
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.kind_of(&entry.key);
                        values.push(self.kind_of(&entry.value));
                    }
                }
                Kind::Map(Box::new(joined(values)))
            }
            Expr::Call(call) => self.call(expression.id, call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Struct(_) | Expr::Unspecified => Kind::Any,
        }
    }

    fn variable(&mut self, node: u64, name: &str) -> Kind<'s> {
        self.uses_old_self |= name == "oldSelf";
        if let Some((_, kind)) = self.scope.iter().rev().find(|(known, _)| known == name) {
            return kind.clone();
        }
        let is_type = matches!(
            name,
            "bool" | "bytes" | "double" | "int" | "list" | "map" | "null_type" | "string" | "type" | "uint"
        );
        if is_type {
            return Kind::Type;
        }
        self.problem(node, format!("undeclared reference to '{name}' (in container '')"))
    }

    fn selected(&mut self, node: u64, operand: &Kind<'s>, field: &str) -> Kind<'s> {
        match operand.field(field) {
            Some(kind) => kind,
            None if matches!(operand, Kind::Object(..)) => {
                self.problem(node, format!("undefined field '{field}'"))
            }
            None => self.problem(node, format!("type '{operand}' does not support field selection")),
        }
    }

    fn call(&mut self, node: u64, call: &CallExpr) -> Kind<'s> {
        let library = call.target.as_deref().is_some_and(|target| match &target.expr {
            Expr::Ident(name) => LIBRARIES.contains(&name.as_str()),
            _ => false,
        });
        let mut kinds: Vec<Kind<'s>> = Vec::with_capacity(call.args.len() + 1);
        if let Some(target) = call.target.as_deref().filter(|_| !library) {
            kinds.push(self.kind_of(target));
        }
        for argument in &call.args {
            kinds.push(self.kind_of(argument));
        }
        let name = call.func_name.as_str();
        if library {
            return Kind::Any;
        }
        if let Some(result) = operator(name, &kinds) {
            return result.unwrap_or_else(|()| self.no_overload(node, call, &kinds));
        }
        if !FUNCTIONS.contains(&name) {
            return self.problem(node, format!("undeclared reference to '{name}' (in container '')"));
        }
        match function(name, &kinds) {
            Ok(kind) => kind,
            Err(()) => self.no_overload(node, call, &kinds),
        }
    }

    fn no_overload(&mut self, node: u64, call: &CallExpr, kinds: &[Kind<'s>]) -> Kind<'s> {
        let shown: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let applied = match &call.target {
            Some(_) => format!("{}.({})", shown[0], shown[1..].join(", ")),
            None => format!("({})", shown.join(", ")),
        };
        self.problem(
            node,
            format!("found no matching overload for '{}' applied to '{applied}'", call.func_name),
        )
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Kind<'s> {
        let range = self.kind_of(&comprehension.iter_range);
        let start = self.kind_of(&comprehension.accu_init);
        let (first, second) = match (&range, &comprehension.iter_var2) {
            (Kind::List(item), None) => ((**item).clone(), None),
            (Kind::List(item), Some(_)) => (Kind::Int, Some((**item).clone())),
            (Kind::Map(_), None) => (Kind::String, None),
            (Kind::Map(value), Some(_)) => (Kind::String, Some((**value).clone())),
            (Kind::Any, Some(_)) => (Kind::Any, Some(Kind::Any)),
            (Kind::Any, None) => (Kind::Any, None),
            (other, _) => {
                let text = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                self.problem(comprehension.iter_range.id, text);
                (Kind::Any, Some(Kind::Any))
            }
        };
        let depth = self.scope.len();
        self.scope.push((comprehension.accu_var.clone(), start));
        self.scope.push((comprehension.iter_var.clone(), first));
        if let (Some(name), Some(kind)) = (&comprehension.iter_var2, second) {
            self.scope.push((name.clone(), kind));
        }
        self.kind_of(&comprehension.loop_cond);
        let step = self.kind_of(&comprehension.loop_step);
        self.scope[depth].1 = step;
        let result = self.kind_of(&comprehension.result);
        self.scope.truncate(depth);
        result
    }
}

fn literal_kind<'s>(literal: &LiteralValue) -> Kind<'s> {
    match literal {
        LiteralValue::Boolean(_) => Kind::Bool,
        LiteralValue::Bytes(_) => Kind::Bytes,
        LiteralValue::Double(_) => Kind::Double,
        LiteralValue::Int(_) => Kind::Int,
        LiteralValue::Null => Kind::Null,
        LiteralValue::String(_) => Kind::String,
        LiteralValue::UInt(_) => Kind::Uint,
    }
}

fn joined<'s>(kinds: Vec<Kind<'s>>) -> Kind<'s> {
    let mut kinds = kinds.into_iter();
    let Some(first) = kinds.next() else { return Kind::Any };
    if kinds.all(|kind| kind == first) { first } else { Kind::Any }
}
