//! What CEL's operators and functions give for values of which types (cel-go, `checker` and `stdlib`).

use super::kinds::Kind;
use cel::common::ast::operators;

/// The result of an operator; `None` if it is none, an error if it is not for these types.
pub(super) fn operator<'s>(name: &str, kinds: &[Kind<'s>]) -> Option<Result<Kind<'s>, ()>> {
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
pub(super) fn function<'s>(name: &str, kinds: &[Kind<'s>]) -> Result<Kind<'s>, ()> {
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
