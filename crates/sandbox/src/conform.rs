//! Brings a JSON object into the form a Go struct of its type has: unknown fields dropped, scalars checked and
//! normalised, empty values omitted or spelled out as the JSON tags say.

use crate::quantity;
use crate::schema::{Field, Ty, TypeDef};
use serde_json::{Map, Number, Value, json};

/// Brings `value` into the form of `def`. `unknown` collects the paths of dropped fields.
///
/// # Errors
/// The text of Go's JSON decoder for the first value of a wrong type.
pub(crate) fn conform(
    value: Value,
    def: &'static TypeDef,
    unknown: &mut Vec<String>,
) -> Result<Value, String> {
    let mut decoder = Decoder { unknown, path: String::new(), fields: String::new() };
    let object = match value {
        Value::Null => Map::new(),
        Value::Object(map) => map,
        other => return Err(mismatch(&other, &format!("Go value of type {}", def.go_name()))),
    };
    decoder.object(object, def).map(Value::Object)
}

/// An object of `def` with nothing set: what structs without `omitempty` leave behind.
pub(crate) fn empty(def: &'static TypeDef) -> Value {
    conform(json!({}), def, &mut Vec::new()).unwrap_or_default()
}

struct Decoder<'u> {
    unknown: &'u mut Vec<String>,
    /// `spec.ports[0].port`, for unknown fields.
    path: String,
    /// `spec.ports.port`, as Go's type errors have it.
    fields: String,
}

impl Decoder<'_> {
    fn object(
        &mut self,
        mut map: Map<String, Value>,
        def: &'static TypeDef,
    ) -> Result<Map<String, Value>, String> {
        for name in map.keys() {
            if def.field(name).is_none() {
                self.unknown.push(join(&self.path, name));
            }
        }
        let mut out = Map::new();
        for field in &def.fields {
            let sent = map.remove(field.name).filter(|v| !v.is_null());
            if let Some(value) = self.field(sent, field, def)? {
                out.insert(field.name.to_owned(), value);
            }
        }
        Ok(out)
    }

    fn field(
        &mut self,
        sent: Option<Value>,
        field: &'static Field,
        def: &'static TypeDef,
    ) -> Result<Option<Value>, String> {
        let Some(value) = sent else { return self.absent(field) };
        let (path, fields) = (self.path.len(), self.fields.len());
        push(&mut self.path, field.name);
        push(&mut self.fields, field.name);
        let value = self.value(value, &field.ty, def);
        self.path.truncate(path);
        self.fields.truncate(fields);
        let value = value?;
        let zero = !field.pointer && is_zero(&value, &field.ty);
        match zero && field.omit_empty {
            true => self.absent(field),
            false => Ok(Some(value)),
        }
    }

    // What Go's encoder writes for a field that is not set.
    fn absent(&mut self, field: &'static Field) -> Result<Option<Value>, String> {
        if field.omit_zero {
            return Ok(None);
        }
        if field.pointer {
            return Ok((!field.omit_empty).then_some(Value::Null));
        }
        if let Ty::Ref(_) = field.ty
            && let Some(def) = field.ty.definition().filter(|d| !d.any)
        {
            // A struct is never empty for `omitempty`.
            return self.object(Map::new(), def).map(|map| Some(Value::Object(map)));
        }
        if matches!(field.ty, Ty::Time | Ty::MicroTime) {
            return Ok(Some(Value::Null));
        }
        if field.ty == Ty::Quantity {
            return Ok(Some("0".into()));
        }
        if field.omit_empty {
            return Ok(None);
        }
        Ok(match field.ty {
            Ty::Str => Some(Value::String(String::new())),
            Ty::I32 | Ty::I64 | Ty::Float => Some(0.into()),
            Ty::Bool => Some(false.into()),
            Ty::List(_) | Ty::Map(_) | Ty::Any | Ty::Bytes => Some(Value::Null),
            Ty::IntOrString => Some(0.into()),
            _ => None,
        })
    }

    fn value(&mut self, value: Value, ty: &'static Ty, def: &'static TypeDef) -> Result<Value, String> {
        match ty {
            Ty::Str => self.expect(value, Value::is_string, def, "string"),
            Ty::Bool => self.expect(value, Value::is_boolean, def, "bool"),
            Ty::I32 => self.integer(value, def, "int32"),
            Ty::I64 => self.integer(value, def, "int64"),
            Ty::Float => self.expect(value, Value::is_number, def, "float64"),
            Ty::Quantity => quantity_value(value),
            Ty::Time | Ty::MicroTime => time_value(value, *ty == Ty::MicroTime),
            Ty::IntOrString => match value {
                Value::String(_) => Ok(value),
                value => self.integer(value, def, "int32"),
            },
            Ty::Bytes => self.bytes(value, def),
            Ty::Any => Ok(value),
            Ty::Ref(_) => self.structure(value, ty, def),
            Ty::List(item) => self.list(value, item, def),
            Ty::Map(item) => self.map(value, item, def),
        }
    }

    fn structure(&mut self, value: Value, ty: &'static Ty, def: &'static TypeDef) -> Result<Value, String> {
        let Some(inner) = ty.definition() else { return Ok(value) };
        match value {
            value if inner.any => Ok(value),
            Value::Object(map) => self.object(map, inner).map(Value::Object),
            Value::Null => self.object(Map::new(), inner).map(Value::Object),
            other => Err(self.wrong(&other, def, &inner.go_name())),
        }
    }

    fn list(&mut self, value: Value, item: &'static Ty, def: &'static TypeDef) -> Result<Value, String> {
        let Value::Array(items) = value else { return Err(self.wrong(&value, def, &go_type(item, "[]"))) };
        let length = self.path.len();
        let mut out = Vec::with_capacity(items.len());
        for (index, value) in items.into_iter().enumerate() {
            self.path.push_str(&format!("[{index}]"));
            let value = match value {
                Value::Null => zero(item).map_or_else(|| self.value(Value::Null, item, def), Ok),
                value => self.value(value, item, def),
            };
            self.path.truncate(length);
            out.push(value?);
        }
        Ok(Value::Array(out))
    }

    fn map(&mut self, value: Value, item: &'static Ty, def: &'static TypeDef) -> Result<Value, String> {
        let Value::Object(map) = value else {
            return Err(self.wrong(&value, def, &go_type(item, "map[string]")));
        };
        let length = self.path.len();
        let mut out = Map::new();
        for (key, value) in map {
            push(&mut self.path, &key);
            let value = match value {
                Value::Null => zero(item).map_or_else(|| self.value(Value::Null, item, def), Ok),
                value => self.value(value, item, def),
            };
            self.path.truncate(length);
            out.insert(key, value?);
        }
        Ok(Value::Object(out))
    }

    fn expect(
        &self,
        value: Value,
        is: impl Fn(&Value) -> bool,
        def: &'static TypeDef,
        go: &str,
    ) -> Result<Value, String> {
        if is(&value) { Ok(value) } else { Err(self.wrong(&value, def, go)) }
    }

    fn integer(&self, value: Value, def: &'static TypeDef, go: &str) -> Result<Value, String> {
        let Value::Number(number) = &value else { return Err(self.wrong(&value, def, go)) };
        let whole = number.as_i64().or_else(|| whole_float(number));
        match whole {
            Some(n) if go == "int64" || i32::try_from(n).is_ok() => Ok(n.into()),
            _ => {
                let what = format!("number {number}");
                Err(format!(
                    "json: cannot unmarshal {what} into Go struct field {} of type {go}",
                    self.place(def)
                ))
            }
        }
    }

    fn bytes(&self, value: Value, def: &'static TypeDef) -> Result<Value, String> {
        let Value::String(text) = &value else { return Err(self.wrong(&value, def, "[]uint8")) };
        match crate::base64::decode(text) {
            Ok(_) => Ok(value),
            Err(at) => Err(format!("illegal base64 data at input byte {at}")),
        }
    }

    fn wrong(&self, value: &Value, def: &'static TypeDef, go: &str) -> String {
        mismatch(value, &format!("Go struct field {} of type {go}", self.place(def)))
    }

    fn place(&self, def: &'static TypeDef) -> String {
        format!("{}.{}", def.name, self.fields)
    }
}

fn mismatch(value: &Value, into: &str) -> String {
    let what = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("json: cannot unmarshal {what} into {into}")
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

fn whole_float(number: &Number) -> Option<i64> {
    let float = number.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
    (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
}

fn is_zero(value: &Value, ty: &Ty) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0) && !matches!(ty, Ty::Any),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        // A struct is never empty; a map is.
        Value::Object(m) => m.is_empty() && matches!(ty, Ty::Map(_)),
    }
}

// What a null in a list or map decodes to.
fn zero(ty: &Ty) -> Option<Value> {
    match ty {
        Ty::Str => Some(String::new().into()),
        Ty::I32 | Ty::I64 | Ty::Float => Some(0.into()),
        Ty::Bool => Some(false.into()),
        Ty::Quantity => Some("0".into()),
        Ty::Bytes | Ty::Any | Ty::List(_) | Ty::Map(_) | Ty::Time | Ty::MicroTime => Some(Value::Null),
        Ty::IntOrString => Some(0.into()),
        Ty::Ref(_) => None,
    }
}

fn go_type(item: &Ty, prefix: &str) -> String {
    let name = match item {
        Ty::Str => "string".into(),
        Ty::I32 => "int32".into(),
        Ty::I64 => "int64".into(),
        Ty::Bool => "bool".into(),
        Ty::Float => "float64".into(),
        Ty::Quantity => "resource.Quantity".into(),
        Ty::Time => "v1.Time".into(),
        Ty::MicroTime => "v1.MicroTime".into(),
        Ty::IntOrString => "intstr.IntOrString".into(),
        Ty::Bytes => "[]uint8".into(),
        Ty::Any => "interface {}".into(),
        Ty::Ref(_) => item.definition().map_or_else(String::new, TypeDef::go_name),
        Ty::List(inner) => go_type(inner, "[]"),
        Ty::Map(inner) => go_type(inner, "map[string]"),
    };
    format!("{prefix}{name}")
}

fn quantity_value(value: Value) -> Result<Value, String> {
    let text = match &value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        other => other.to_string(),
    };
    quantity::stored(&text).map(Value::String).map_err(str::to_owned)
}

fn time_value(value: Value, micro: bool) -> Result<Value, String> {
    let Value::String(text) = &value else {
        return Err(mismatch(&value, "Go value of type string"));
    };
    let layout = if micro { "2006-01-02T15:04:05.000000Z07:00" } else { "2006-01-02T15:04:05Z07:00" };
    let digits = text.get(..4).is_some_and(|y| y.bytes().all(|b| b.is_ascii_digit()));
    if !digits {
        return Err(format!("parsing time {text:?} as {layout:?}: cannot parse {text:?} as \"2006\""));
    }
    Ok(value)
}
