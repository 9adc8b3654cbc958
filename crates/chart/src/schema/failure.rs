//! What did not fit, as a tree, and the words Helm prints for it (santhosh-tekuri/jsonschema v6, kind/kind.go and
//! output.go, English printer).

use std::fmt::{self, Write};

use super::text;

/// One failed check with the causes below it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// JSON pointer to the value.
    pub(crate) location: String,
    pub(crate) kind: Kind,
    pub(crate) causes: Vec<Failure>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// The root of the validation by a schema elsewhere: its address.
    Schema(String),
    Group,
    Reference,
    RefCycle {
        url: String,
        first: String,
        second: String,
    },
    FalseSchema,
    Type {
        got: &'static str,
        want: String,
    },
    /// The allowed values as printed; `None` when one of them is not primitive.
    Enum(Option<Vec<String>>),
    /// As `Enum`, for one value.
    Const(Option<String>),
    Format {
        got: String,
        name: String,
        fault: String,
    },
    /// `minLength`, `maxItems` and the like.
    Count {
        keyword: &'static str,
        got: i64,
        want: i64,
    },
    /// `minimum`, `multipleOf` and the like.
    Bound {
        keyword: &'static str,
        got: f64,
        want: f64,
    },
    AdditionalProperties(Vec<String>),
    Required(Vec<String>),
    Dependency {
        property: String,
        missing: Vec<String>,
    },
    PropertyName(String),
    AdditionalItems(i64),
    Contains,
    MinContains {
        got: Vec<usize>,
        want: i64,
    },
    MaxContains {
        got: Vec<usize>,
        want: i64,
    },
    UniqueItems(usize, usize),
    Pattern {
        got: String,
        want: String,
    },
    Not,
    AllOf,
    AnyOf,
    /// The two subschemas that matched, or none.
    OneOf(Option<(usize, usize)>),
    /// Found by a check of the engine that Helm's configuration never enables.
    Other(String),
}

impl Failure {
    pub(crate) fn new(location: String, kind: Kind) -> Self {
        Self { location, kind, causes: Vec::new() }
    }

    /// Joins what one schema found about one value: a single failure stands for itself.
    pub(crate) fn join(location: impl FnOnce() -> String, mut failures: Vec<Self>) -> Option<Self> {
        if failures.len() < 2 {
            return failures.pop();
        }
        Some(Self { location: location(), kind: Kind::Group, causes: failures })
    }

    /// Takes the causes of a group that is all there is: a whole validation and a reference stand for it.
    pub(crate) fn lift(mut failures: Vec<Self>) -> Vec<Self> {
        match failures.as_mut_slice() {
            [Self { kind: Kind::Group, causes, .. }] if !causes.is_empty() => std::mem::take(causes),
            _ => failures,
        }
    }

    fn write(&self, out: &mut String, indent: usize) {
        let shown = !(matches!(self.kind, Kind::Reference) && self.causes.len() == 1);
        if shown {
            if indent > 0 {
                out.push('\n');
                out.extend(std::iter::repeat_n("  ", indent - 1));
                out.push_str("- ");
            }
            if !matches!(self.kind, Kind::Schema(_)) {
                out.push_str("at ");
                out.push_str(&text::quote(&self.location));
                out.push_str(": ");
            }
            write!(out, "{}", self.kind).expect("a string takes all text");
        }
        for cause in &self.causes {
            cause.write(out, indent + usize::from(shown));
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out, 0);
        f.write_str(&out)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(url) => write!(f, "jsonschema validation failed with {}", text::quote(url)),
            Self::Group | Self::Reference => f.write_str("validation failed"),
            Self::RefCycle { url, first, second } => {
                write!(
                    f,
                    "both {first} and {second} resolve to {} causing reference cycle",
                    text::go_quote(url)
                )
            }
            Self::FalseSchema => f.write_str("false schema"),
            Self::Type { got, want } => write!(f, "got {got}, want {want}"),
            Self::Enum(Some(want)) if want.len() == 1 => write!(f, "value must be {}", want.concat()),
            Self::Enum(Some(want)) => write!(f, "value must be one of {}", want.join(", ")),
            Self::Enum(None) => f.write_str("'enum' failed"),
            Self::Const(Some(want)) => write!(f, "value must be {want}"),
            Self::Const(None) => f.write_str("'const' failed"),
            Self::Format { got, name, fault } => {
                write!(f, "{} is not valid {name}: {fault}", text::quote(got))
            }
            Self::Count { keyword, got, want } => {
                write!(f, "{keyword}: got {}, want {}", text::integer(*got), text::integer(*want))
            }
            Self::Bound { keyword, got, want } => {
                write!(f, "{keyword}: got {}, want {}", text::float(*got), text::float(*want))
            }
            Self::AdditionalProperties(names) => {
                write!(f, "additional properties {} not allowed", quoted(names))
            }
            Self::Required(names) if names.len() == 1 => write!(f, "missing property {}", quoted(names)),
            Self::Required(names) => write!(f, "missing properties {}", quoted(names)),
            Self::Dependency { property, missing } => {
                write!(f, "properties {} required, if {} exists", quoted(missing), text::quote(property))
            }
            Self::PropertyName(name) => write!(f, "invalid propertyName {}", text::quote(name)),
            Self::AdditionalItems(count) => {
                write!(f, "last {} additionalItem(s) not allowed", text::integer(*count))
            }
            Self::Contains => f.write_str("no items match contains schema"),
            Self::MinContains { got, want } => min_contains(f, got, *want),
            Self::MaxContains { got, want } => {
                let want = text::integer(*want);
                write!(f, "max {want} items required to match contains schema, but {}", matched(got))
            }
            Self::UniqueItems(first, second) => {
                write!(f, "items at {} and {} are equal", position(*first), position(*second))
            }
            Self::Pattern { got, want } => {
                write!(f, "{} does not match pattern {}", text::quote(got), text::quote(want))
            }
            Self::Not => f.write_str("'not' failed"),
            Self::AllOf => f.write_str("'allOf' failed"),
            Self::AnyOf => f.write_str("'anyOf' failed"),
            Self::OneOf(None) => f.write_str("'oneOf' failed, none matched"),
            Self::OneOf(Some((first, second))) => {
                write!(f, "'oneOf' failed, subschemas {}, {} matched", position(*first), position(*second))
            }
            Self::Other(words) => f.write_str(words),
        }
    }
}

fn min_contains(f: &mut fmt::Formatter<'_>, got: &[usize], want: i64) -> fmt::Result {
    let want = text::integer(want);
    let outcome = if got.is_empty() { "none matched".to_owned() } else { matched(got) };
    write!(f, "min {want} items required to match contains schema, but {outcome}")
}

/// The positions are printed without separators, the number of them with.
fn matched(got: &[usize]) -> String {
    let positions: Vec<String> = got.iter().map(usize::to_string).collect();
    format!("matched {} items at {}", position(got.len()), positions.join(" "))
}

fn position(at: usize) -> String {
    text::integer(i64::try_from(at).unwrap_or(i64::MAX))
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| text::quote(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_with_one_cause_is_not_shown() {
        let cause = Failure::new("/a".to_owned(), Kind::FalseSchema);
        let reference =
            Failure { location: "/a".to_owned(), kind: Kind::Reference, causes: vec![cause.clone()] };
        let root = |causes| Failure { location: String::new(), kind: Kind::Schema("x#".to_owned()), causes };
        let head = "jsonschema validation failed with 'x#'";
        assert_eq!(root(vec![reference.clone()]).to_string(), format!("{head}\n- at '/a': false schema"));
        let both = Failure { causes: vec![cause.clone(), cause], ..reference };
        assert_eq!(
            root(vec![both]).to_string(),
            format!(
                "{head}\n- at '/a': validation failed\n  - at '/a': false schema\n  - at '/a': false schema"
            )
        );
    }
}
