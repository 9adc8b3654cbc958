//! The types of a rule, as far as they can be told without running it (cel-go, `checker`): fields that do not exist,
//! functions nobody declares, operators for other types.

use super::kinds::Kind;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators};

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

/// The result of an operator; `None` if it is none, an error if it is not for these types.
fn operator<'s>(name: &str, kinds: &[Kind<'s>]) -> Option<Result<Kind<'s>, ()>> {
    let given = |kind: &Kind<'_>, wanted: &[Kind<'_>]| kind.is_any() || wanted.iter().any(|w| w == kind);
    let all = |wanted: Kind<'s>| match kinds.iter().all(|kind| given(kind, std::slice::from_ref(&wanted))) {
        true => Ok(wanted),
        false => Err(()),
    };
    Some(match (name, kinds) {
        (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, _) => all(Kind::Bool),
        (operators::CONDITIONAL, [condition, yes, no]) => {
            match given(condition, &[Kind::Bool]) && yes.agrees(no) {
                true => Ok(if yes.is_any() { no.clone() } else { yes.clone() }),
                false => Err(()),
            }
        }
        (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => {
            if a.agrees(b) {
                Ok(Kind::Bool)
            } else {
                Err(())
            }
        }
        (
            operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
            [a, b],
        ) => {
            if comparable(a, b) {
                Ok(Kind::Bool)
            } else {
                Err(())
            }
        }
        (operators::ADD, [a, b]) => sum(a, b),
        (operators::SUBSTRACT, [a, b]) => difference(a, b),
        (operators::MULTIPLY | operators::DIVIDE, [a, b]) => {
            same(a, b, &[Kind::Int, Kind::Uint, Kind::Double])
        }
        (operators::MODULO, [a, b]) => same(a, b, &[Kind::Int, Kind::Uint]),
        (operators::NEGATE, [a]) if given(a, &[Kind::Int, Kind::Double]) => Ok(a.clone()),
        (operators::NEGATE, _) => Err(()),
        (operators::INDEX, [list, index]) => indexed(list, index),
        (operators::IN, [item, container]) => match container {
            Kind::Any => Ok(Kind::Bool),
            Kind::List(own) if own.agrees(item) => Ok(Kind::Bool),
            Kind::Map(_) if given(item, &[Kind::String]) => Ok(Kind::Bool),
            _ => Err(()),
        },
        _ => return None,
    })
}

fn is_number(kind: &Kind<'_>) -> bool {
    matches!(kind, Kind::Int | Kind::Uint | Kind::Double)
}

fn comparable(a: &Kind<'_>, b: &Kind<'_>) -> bool {
    let ordered = |kind: &Kind<'_>| {
        is_number(kind)
            || matches!(
                kind,
                Kind::Any | Kind::Bool | Kind::String | Kind::Bytes | Kind::Duration | Kind::Timestamp
            )
    };
    ordered(a) && ordered(b) && (a.is_any() || b.is_any() || a == b || is_number(a) && is_number(b))
}

fn same<'s>(a: &Kind<'s>, b: &Kind<'s>, among: &[Kind<'_>]) -> Result<Kind<'s>, ()> {
    let known = |kind: &Kind<'_>| kind.is_any() || among.iter().any(|k| k == kind);
    match (a, b) {
        (a, b) if !known(a) || !known(b) => Err(()),
        (Kind::Any, other) | (other, Kind::Any) => Ok(other.clone()),
        (a, b) if a == b => Ok(a.clone()),
        _ => Err(()),
    }
}

fn sum<'s>(a: &Kind<'s>, b: &Kind<'s>) -> Result<Kind<'s>, ()> {
    match (a, b) {
        (Kind::List(x), Kind::List(y)) if x.agrees(y) => Ok(if x.is_any() { b.clone() } else { a.clone() }),
        (Kind::List(_), Kind::Any) | (Kind::Any, Kind::List(_)) => Ok(Kind::List(Box::new(Kind::Any))),
        (Kind::Timestamp, Kind::Duration) | (Kind::Duration, Kind::Timestamp) => Ok(Kind::Timestamp),
        _ => same(a, b, &[Kind::Int, Kind::Uint, Kind::Double, Kind::String, Kind::Bytes, Kind::Duration]),
    }
}

fn difference<'s>(a: &Kind<'s>, b: &Kind<'s>) -> Result<Kind<'s>, ()> {
    match (a, b) {
        (Kind::Timestamp, Kind::Timestamp) => Ok(Kind::Duration),
        (Kind::Timestamp, Kind::Duration) => Ok(Kind::Timestamp),
        _ => same(a, b, &[Kind::Int, Kind::Uint, Kind::Double, Kind::Duration]),
    }
}

fn indexed<'s>(list: &Kind<'s>, index: &Kind<'s>) -> Result<Kind<'s>, ()> {
    match (list, index) {
        (Kind::Any, _) => Ok(Kind::Any),
        (Kind::List(item), Kind::Any | Kind::Int) => Ok((**item).clone()),
        (Kind::Map(value), Kind::Any | Kind::String) => Ok((**value).clone()),
        _ => Err(()),
    }
}

/// The result of a function whose receiver, if any, is the first argument.
fn function<'s>(name: &str, kinds: &[Kind<'s>]) -> Result<Kind<'s>, ()> {
    let of = |at: usize, wanted: &[Kind<'_>]| {
        kinds.get(at).is_none_or(|k| k.is_any() || wanted.iter().any(|w| w == k))
    };
    let texts = |at: usize| of(at, &[Kind::String]);
    match name {
        "size" => match kinds {
            [Kind::Any | Kind::String | Kind::Bytes | Kind::List(_) | Kind::Map(_)] => Ok(Kind::Int),
            _ => Err(()),
        },
        "contains" | "startsWith" | "endsWith" | "matches" => match kinds {
            [_, _] if texts(0) && texts(1) => Ok(Kind::Bool),
            _ => Err(()),
        },
        "string" | "lowerAscii" | "upperAscii" | "trim" | "join" | "charAt" | "substring" | "replace"
        | "format" => Ok(Kind::String),
        "int" | "lastIndexOf" | "indexOf" | "getFullYear" | "getMonth" | "getDayOfYear" | "getDayOfMonth"
        | "getDate" | "getDayOfWeek" | "getHours" | "getMinutes" | "getSeconds" | "getMilliseconds" => {
            Ok(Kind::Int)
        }
        "uint" => Ok(Kind::Uint),
        "double" => Ok(Kind::Double),
        "bool" | "isSorted" | "isURL" | "isIP" | "isCIDR" | "isQuantity" | "hasValue" | "isSemver" => {
            Ok(Kind::Bool)
        }
        "bytes" => Ok(Kind::Bytes),
        "duration" => Ok(Kind::Duration),
        "timestamp" => Ok(Kind::Timestamp),
        "type" => Ok(Kind::Type),
        "split" | "findAll" => Ok(Kind::List(Box::new(Kind::String))),
        "find" => Ok(Kind::String),
        "value" | "orValue" => match kinds.first() {
            Some(Kind::Optional(inner)) => Ok((**inner).clone()),
            _ => Ok(Kind::Any),
        },
        "sum" | "min" | "max" => match kinds.first() {
            Some(Kind::List(item)) => Ok((**item).clone()),
            _ => Ok(Kind::Any),
        },
        _ => Ok(Kind::Any),
    }
}
