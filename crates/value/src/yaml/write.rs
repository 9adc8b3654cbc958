//! Values as YAML text.

use super::emit::{Emitter, Flavour};
use super::{Duplicates, key_order, read};
use crate::json::{self, Path, bytes_of};
use crate::{Error, ErrorKind, List, Map, Number, Object, Type, Value, base64};

/// Keys longer than this might be too long to be keys in the JSON that Go makes on the way.
const MAX_SAFE_KEY: usize = 160;

/// Writes a value as `yaml.Marshal` of sigs.k8s.io/yaml does (`toYaml`), with the final line break.
///
/// Go writes JSON, reads it as YAML and writes that. Here the value is written at once, unless a string would not survive
/// the way unchanged.
///
/// # Errors
/// When the value has no JSON form (`error marshaling into JSON: json: unsupported value: NaN`) or when yaml.v2 could not
/// read that form again (`yaml: control characters are not allowed`).
pub fn write(value: &Value) -> Result<Vec<u8>, Error> {
    let mut walk = Walk { emitter: Emitter::new(Flavour::V2), path: Path::default() };
    match walk.value(value) {
        Ok(()) => Ok(walk.emitter.finish()),
        Err(Stop::Detour) => {
            let json = json::write(value).map_err(|error| marshaling(&error))?;
            write_detour(&json)
        }
        Err(Stop::Error(error)) => Err(marshaling(&error)),
    }
}

fn marshaling(error: &Error) -> Error {
    Error::message(format!("error marshaling into JSON: {error}"))
}

/// Writes a JSON value as `yaml.Marshal` of sigs.k8s.io/yaml does, with the final line break.
///
/// # Errors
/// As [`write`].
pub fn write_json(value: &serde_json::Value) -> Result<Vec<u8>, Error> {
    let mut emitter = Emitter::new(Flavour::V2);
    match emit_json(value, &mut emitter, true) {
        Ok(()) => Ok(emitter.finish()),
        Err(Stop::Detour) => write_detour(&serde_json::to_vec(value).unwrap_or_default()),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// Writes JSON the way Go does: reads it as YAML first.
fn write_detour(json: &[u8]) -> Result<Vec<u8>, Error> {
    let value =
        read::to_json(json, Duplicates::LastWins).map_err(|error| Error::message(error.inner_text()))?;
    let mut emitter = Emitter::new(Flavour::V2);
    match emit_json(&value, &mut emitter, false) {
        Ok(()) => Ok(emitter.finish()),
        Err(Stop::Error(error)) => Err(error),
        Err(Stop::Detour) => Err(Error::message("a string does not survive JSON")),
    }
}

/// Writes a value as yaml.v3's encoder does with an indentation of two (`toYamlPretty`), with the final line break.
///
/// # Errors
/// When the value contains itself (Go would overflow its stack).
pub fn write_pretty(value: &Value) -> Result<Vec<u8>, Error> {
    let mut walk = PrettyWalk { emitter: Emitter::new(Flavour::V3), path: Path::default() };
    walk.value(value)?;
    Ok(walk.emitter.finish())
}

/// Why a value could not be written at once.
enum Stop {
    Error(Error),
    /// A string changes, or is refused, on the way through JSON.
    Detour,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

/// Returns whether a string comes out of JSON and yaml.v2 as it went in.
fn survives(text: &[u8]) -> bool {
    let is_plain = |chunk: &[u8]| chunk.iter().fold(true, |plain, byte| plain & (0x01..0x7F).contains(byte));
    if text.chunks(64).all(is_plain) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    // go-yaml refuses DEL, most of C1, U+FFFE and U+FFFF, and takes NEL for a line break.
    !text
        .chars()
        .any(|character| matches!(character, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' | '\u{FEFF}'))
}

fn checked(text: &[u8]) -> Result<&[u8], Stop> {
    if survives(text) { Ok(text) } else { Err(Stop::Detour) }
}

fn checked_key(key: &[u8]) -> Result<&[u8], Stop> {
    if key.len() > MAX_SAFE_KEY { Err(Stop::Detour) } else { checked(key) }
}

/// Writes template values in yaml.v2's layout.
struct Walk {
    emitter: Emitter,
    path: Path,
}

impl Walk {
    fn value(&mut self, value: &Value) -> Result<(), Stop> {
        match value {
            Value::Nil => self.emitter.plain(b"null"),
            Value::Bool(flag) => self.emitter.plain(if *flag { b"true" } else { b"false" }),
            Value::Int(number) | Value::Int64(number) => self.emitter.plain(number.to_string().as_bytes()),
            Value::Float64(number) => self.float(*number, false)?,
            Value::Number(number) => self.number(number)?,
            Value::String(text) => self.emitter.string(checked(text.as_bytes())?),
            Value::List(list) => self.list(list)?,
            Value::Map(map) => self.map(map)?,
            Value::Object(object) => match object.as_plain() {
                Value::Object(_) => {
                    return Err(
                        Error::message(format!("json: unsupported type: {}", value.type_name())).into()
                    );
                }
                plain => self.value(&plain)?,
            },
        }
        Ok(())
    }

    fn float(&mut self, number: f64, is_single: bool) -> Result<(), Stop> {
        if !number.is_finite() {
            return Err(Error::message(json::unsupported_number(number)).into());
        }
        self.emitter.plain(float_text(number, is_single).as_bytes());
        Ok(())
    }

    fn number(&mut self, number: &Number) -> Result<(), Stop> {
        match number {
            Number::Float32(number) => self.float(f64::from(*number), true),
            Number::Complex128(_) => Err(Error::message("json: unsupported type: complex128").into()),
            other => {
                self.emitter.plain(integer_text(other).as_bytes());
                Ok(())
            }
        }
    }

    fn list(&mut self, list: &List) -> Result<(), Stop> {
        if list.is_nil() {
            self.emitter.plain(b"null");
            return Ok(());
        }
        if list.list_type() == Type::Bytes {
            self.emitter.string(&base64::encode(&bytes_of(list)));
            return Ok(());
        }
        if list.is_empty() {
            self.emitter.empty_list();
            return Ok(());
        }
        self.path.enter_list()?;
        self.emitter.begin_list();
        for item in list.iter() {
            self.emitter.item();
            self.value(item)?;
        }
        self.emitter.end();
        self.path.leave_list();
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), Stop> {
        if map.is_nil() {
            self.emitter.plain(b"null");
            return Ok(());
        }
        let entries = map.borrow();
        if entries.is_empty() {
            self.emitter.empty_map();
            return Ok(());
        }
        self.path.enter_map(map)?;
        self.emitter.begin_map();
        let mut pairs: Vec<(&[u8], &Value)> = Vec::with_capacity(entries.len());
        for (key, value) in &*entries {
            pairs.push((checked_key(key.as_bytes())?, value));
        }
        key_order::sort(&mut pairs, Flavour::V2);
        for (key, value) in pairs {
            self.emitter.key(key);
            self.value(value)?;
        }
        self.emitter.end();
        self.path.leave_map();
        Ok(())
    }
}

/// Returns a number as it comes out of JSON and yaml.v2: whole ones that fit 64 bits as integers.
fn float_text(number: f64, is_single: bool) -> String {
    let mut json = Vec::new();
    json::write_float(number, is_single, &mut json);
    let text = String::from_utf8(json).unwrap_or_default();
    if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
        return if text == "-0" { "0".to_string() } else { text };
    }
    json::go_float(text.parse().unwrap_or(number))
}

fn integer_text(number: &Number) -> String {
    match number {
        Number::Int8(n) => n.to_string(),
        Number::Int16(n) => n.to_string(),
        Number::Int32(n) => n.to_string(),
        Number::Uint(n) | Number::Uint64(n) => n.to_string(),
        Number::Uint8(n) => n.to_string(),
        Number::Uint16(n) => n.to_string(),
        Number::Uint32(n) => n.to_string(),
        Number::Float32(n) => json::yaml_float(*n),
        Number::Complex128(n) => format!("{n:?}"),
    }
}

/// Writes JSON in yaml.v2's layout.
fn emit_json(value: &serde_json::Value, emitter: &mut Emitter, checks: bool) -> Result<(), Stop> {
    match value {
        serde_json::Value::Null => emitter.plain(b"null"),
        serde_json::Value::Bool(flag) => emitter.plain(if *flag { b"true" } else { b"false" }),
        serde_json::Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => emitter.plain(float_text(float, false).as_bytes()),
            _ => emitter.plain(number.to_string().as_bytes()),
        },
        serde_json::Value::String(text) => {
            emitter.string(if checks { checked(text.as_bytes())? } else { text.as_bytes() });
        }
        serde_json::Value::Array(items) if items.is_empty() => emitter.empty_list(),
        serde_json::Value::Array(items) => {
            emitter.begin_list();
            for item in items {
                emitter.item();
                emit_json(item, emitter, checks)?;
            }
            emitter.end();
        }
        serde_json::Value::Object(map) if map.is_empty() => emitter.empty_map(),
        serde_json::Value::Object(map) => {
            emitter.begin_map();
            let mut pairs: Vec<(&[u8], &serde_json::Value)> = Vec::with_capacity(map.len());
            for (key, value) in map {
                pairs.push((if checks { checked_key(key.as_bytes())? } else { key.as_bytes() }, value));
            }
            key_order::sort(&mut pairs, Flavour::V2);
            for (key, value) in pairs {
                emitter.key(key);
                emit_json(value, emitter, checks)?;
            }
            emitter.end();
        }
    }
    Ok(())
}

/// Writes template values in yaml.v3's layout, straight from their Go types.
struct PrettyWalk {
    emitter: Emitter,
    path: Path,
}

impl PrettyWalk {
    fn value(&mut self, value: &Value) -> Result<(), Error> {
        match value {
            Value::Nil => self.emitter.plain(b"null"),
            Value::Bool(flag) => self.emitter.plain(if *flag { b"true" } else { b"false" }),
            Value::Int(number) | Value::Int64(number) => self.emitter.plain(number.to_string().as_bytes()),
            Value::Float64(number) => self.emitter.plain(pretty_float(*number).as_bytes()),
            Value::Number(Number::Complex128(_)) => {
                return Err(ErrorKind::ComplexNumber.into());
            }
            Value::Number(number) => self.emitter.plain(integer_text(number).as_bytes()),
            Value::String(text) => self.emitter.string(text.as_bytes()),
            Value::List(list) => self.list(list)?,
            Value::Map(map) => self.map(map)?,
            Value::Object(object) => self.object(&**object)?,
        }
        Ok(())
    }

    /// yaml.v3 knows times and durations; both are text to it, a time without quotes.
    fn object(&mut self, object: &dyn Object) -> Result<(), Error> {
        match (object.object_type().name(), object.as_plain()) {
            ("time.Time", Value::String(text)) => self.emitter.plain(text.as_bytes()),
            ("time.Duration", _) => self.emitter.string(object.print().as_bytes()),
            (name, Value::Object(_)) => return Err(Error::message(format!("cannot marshal type: {name}"))),
            (_, Value::Map(_)) if let Some(fields) = object.exported_fields() => self.fields(&fields)?,
            (_, plain) => self.value(&plain)?,
        }
        Ok(())
    }

    /// Writes a struct: its fields keep their order and are named in small letters.
    fn fields(&mut self, fields: &[(usize, &'static str, Value)]) -> Result<(), Error> {
        if fields.is_empty() {
            self.emitter.empty_map();
            return Ok(());
        }
        self.emitter.begin_map();
        for (_, name, value) in fields {
            self.emitter.key(name.to_lowercase().as_bytes());
            self.value(value)?;
        }
        self.emitter.end();
        Ok(())
    }

    fn list(&mut self, list: &List) -> Result<(), Error> {
        if list.is_empty() {
            self.emitter.empty_list();
            return Ok(());
        }
        self.path.enter_list()?;
        self.emitter.begin_list();
        for item in list.iter() {
            self.emitter.item();
            self.value(item)?;
        }
        self.emitter.end();
        self.path.leave_list();
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<(), Error> {
        let entries = map.borrow();
        if entries.is_empty() {
            self.emitter.empty_map();
            return Ok(());
        }
        self.path.enter_map(map)?;
        self.emitter.begin_map();
        let mut pairs: Vec<(&[u8], &Value)> =
            entries.iter().map(|(key, value)| (key.as_bytes(), value)).collect();
        key_order::sort(&mut pairs, Flavour::V3);
        for (key, value) in pairs {
            self.emitter.key(key);
            self.value(value)?;
        }
        self.emitter.end();
        self.path.leave_map();
        Ok(())
    }
}

fn pretty_float(number: f64) -> String {
    match number {
        _ if number.is_nan() => ".nan".to_string(),
        f64::INFINITY => ".inf".to_string(),
        f64::NEG_INFINITY => "-.inf".to_string(),
        _ => json::go_float(number),
    }
}
