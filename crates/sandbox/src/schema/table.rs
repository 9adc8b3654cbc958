//! The built-in types: fields in Go's order, list types, merge keys, defaults of keys. Parsed from `types.txt` one
//! type at a time, when it is first used.

use std::sync::OnceLock;

/// A Go struct of the Kubernetes API (or a type that holds anything).
#[derive(Debug)]
pub(crate) struct TypeDef {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
    pub(crate) atomic: bool,
    pub(crate) any: bool,
    pub(crate) fields: Vec<Field>,
    /// Indexes into `fields`, by name.
    sorted: Vec<u16>,
}

/// One field as its JSON tag and OpenAPI description have it.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) ty: Ty,
    pub(crate) pointer: bool,
    pub(crate) omit_empty: bool,
    pub(crate) omit_zero: bool,
    pub(crate) list_keys: Vec<&'static str>,
    pub(crate) set: bool,
    pub(crate) atomic: bool,
    /// Whether this field is granular though its type is atomic.
    pub(crate) granular: bool,
    /// Strategic merge: `Some("")` for lists of scalars, `Some(key)` for lists of objects.
    pub(crate) merge_key: Option<&'static str>,
    pub(crate) retain_keys: bool,
    pub(crate) default: Option<&'static str>,
}

/// The type of a field, list item or map value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    Str,
    I32,
    I64,
    Bool,
    Float,
    Quantity,
    Time,
    MicroTime,
    IntOrString,
    Bytes,
    Any,
    Ref(usize),
    List(Box<Ty>),
    Map(Box<Ty>),
}

impl TypeDef {
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        let found = self.sorted.binary_search_by(|&i| self.fields[usize::from(i)].name.cmp(name)).ok()?;
        Some(&self.fields[usize::from(self.sorted[found])])
    }

    /// The type as Go prints it: package version and name, `v1.PodSpec`.
    pub(crate) fn go_name(&self) -> String {
        let version = self.package.rsplit('.').next().unwrap_or_default();
        format!("{version}.{}", self.name)
    }
}

impl Ty {
    pub(crate) fn definition(&self) -> Option<&'static TypeDef> {
        match self {
            Ty::Ref(index) => Some(definition(*index)),
            _ => None,
        }
    }
}

struct Slot {
    line: &'static str,
    parsed: OnceLock<TypeDef>,
}

/// Returns the type on line `index` of the table.
pub(crate) fn definition(index: usize) -> &'static TypeDef {
    static SLOTS: OnceLock<Vec<Slot>> = OnceLock::new();
    let slots = SLOTS.get_or_init(|| {
        let text = include_str!("../../tables/types.txt");
        text.lines().map(|line| Slot { line, parsed: OnceLock::new() }).collect()
    });
    let slot = &slots[index];
    slot.parsed.get_or_init(|| parse(slot.line))
}

/// The line of the type of that package (`core.v1`) and name.
pub(crate) fn named(package: &str, name: &str) -> Option<usize> {
    let text = include_str!("../../tables/types.txt");
    let is_it = |line: &str| {
        let mut columns = line.split('\t');
        columns.next() == Some(package) && columns.next() == Some(name)
    };
    text.lines().position(is_it)
}

fn parse(line: &'static str) -> TypeDef {
    let mut columns = line.split('\t');
    let (package, name) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
    let flags = columns.next().unwrap_or_default();
    let fields: Vec<Field> = columns.map(parse_field).collect();
    let mut sorted: Vec<u16> = (0u16..).take(fields.len()).collect();
    sorted.sort_by_key(|&i| fields[usize::from(i)].name);
    TypeDef { package, name, atomic: flags == "atomic", any: flags == "!any", fields, sorted }
}

fn parse_field(text: &'static str) -> Field {
    // A default is JSON and may hold spaces, so it is cut off first; it is always the last attribute.
    let (text, default) = match text.split_once(" d=") {
        Some((head, json)) => (head, Some(json)),
        None => (text, None),
    };
    let mut words = text.split(' ');
    let name = words.next().unwrap_or_default();
    let ty = parse_type(words.next().unwrap_or_default());
    let mut field = Field {
        name,
        ty,
        pointer: false,
        omit_empty: false,
        omit_zero: false,
        list_keys: Vec::new(),
        set: false,
        atomic: false,
        granular: false,
        merge_key: None,
        retain_keys: false,
        default,
    };
    for word in words {
        match word {
            "p" => field.pointer = true,
            "o" => field.omit_empty = true,
            "z" => field.omit_zero = true,
            "set" => field.set = true,
            "atomic" => field.atomic = true,
            "granular" => field.granular = true,
            "rk" => field.retain_keys = true,
            _ => {
                if let Some(keys) = word.strip_prefix("k=") {
                    field.list_keys = keys.split(',').collect();
                } else if let Some(key) = word.strip_prefix("m=") {
                    field.merge_key = Some(key);
                }
            }
        }
    }
    field
}

fn parse_type(code: &str) -> Ty {
    let (head, tail) = code.split_at(code.len().min(1));
    match head {
        "i" => Ty::I32,
        "l" => Ty::I64,
        "b" => Ty::Bool,
        "n" => Ty::Float,
        "q" => Ty::Quantity,
        "t" => Ty::Time,
        "m" => Ty::MicroTime,
        "x" => Ty::IntOrString,
        "y" => Ty::Bytes,
        "a" => Ty::Any,
        "#" => Ty::Ref(tail.parse().expect("the table refers to its own lines")),
        "L" => Ty::List(Box::new(parse_type(tail))),
        "M" => Ty::Map(Box::new(parse_type(tail))),
        _ => Ty::Str,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;

    #[test]
    fn every_type_parses_and_every_reference_is_in_the_table() {
        let count = include_str!("../../tables/types.txt").lines().count();
        for index in 0..count {
            for field in &definition(index).fields {
                let mut ty = &field.ty;
                while let Ty::List(inner) | Ty::Map(inner) = ty {
                    ty = inner;
                }
                assert!(!matches!(ty, Ty::Ref(i) if *i >= count));
            }
        }
    }

    #[test]
    fn container_ports_are_keyed_by_port_and_protocol() {
        let pod = kinds::stored("/pods").type_index.map(definition).unwrap();
        let spec = pod.field("spec").and_then(|f| f.ty.definition()).unwrap();
        let Ty::List(item) = &spec.field("containers").unwrap().ty else { panic!() };
        let container = item.definition().unwrap();
        let ports = container.field("ports").unwrap();
        assert_eq!(ports.list_keys, ["containerPort", "protocol"]);
        assert_eq!(ports.merge_key, Some("containerPort"));
        let Ty::List(item) = &ports.ty else { panic!() };
        assert_eq!(item.definition().unwrap().field("protocol").unwrap().default, Some("\"TCP\""));
    }
}
