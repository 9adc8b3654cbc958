//! TOML written as BurntSushi's encoder writes it: keys sorted, tables after plain keys, two blanks for each level.

use super::key;
use crate::{Error, Kind, List, Map, Number, Str, Type, Value};

/// Values inside one another beyond this depth contain themselves; Go's program ends there.
const MAX_DEPTH: usize = 10_000;

/// Writes a map as a TOML document.
///
/// # Errors
/// For nil, for values that no document can hold (`toml: top-level values must be Go maps or structs` for a list of
/// maps), for lists with nil in them, for types without a TOML form.
pub fn write(value: &Value) -> Result<Vec<u8>, Error> {
    let mut writer = Writer { out: Vec::new(), key: Vec::new() };
    if value.is_nil() {
        return Err(Error::message("reflect: call of reflect.Value.Type on zero Value"));
    }
    writer.entry(value)?;
    Ok(writer.out)
}

/// What TOML makes of a value, as far as the order of keys depends on it.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Nil; it is left out.
    Nothing,
    Plain,
    Table,
    /// A list of nothing but tables.
    Tables,
}

struct Writer {
    out: Vec<u8>,
    /// The key of the value being written.
    key: Vec<Str>,
}

impl Writer {
    fn line_break(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    fn indent(&mut self) {
        for _ in 1..self.key.len() {
            self.out.extend_from_slice(b"  ");
        }
    }

    /// Writes the value under the present key in the form of a document.
    fn entry(&mut self, value: &Value) -> Result<(), Error> {
        if self.key.len() > MAX_DEPTH {
            return Err(Error::message("stack overflow: the value contains itself"));
        }
        match value {
            Value::Nil => Ok(()),
            Value::Map(map) if map.is_nil() => Ok(()),
            Value::Map(map) => self.table(&Table::Map(map.clone())),
            Value::List(list) if form_of_list(list)? == Form::Tables => self.tables(list),
            Value::Object(object) => match table_of(value) {
                Some(table) => self.table(&table),
                None if object.object_type().kind() == Kind::Slice => self.entry(&object.as_plain()),
                None => self.key_and_value(value),
            },
            Value::Number(Number::Complex128(_)) => {
                let name = Str::from(key::joined(&self.key));
                Err(Error::message(format!("unsupported type for key '{name}': {}", value.kind())))
            }
            plain => self.key_and_value(plain),
        }
    }

    fn table(&mut self, table: &Table) -> Result<(), Error> {
        if self.key.len() == 1 {
            self.line_break();
        }
        if !self.key.is_empty() {
            self.header(b"[", b"]");
        }
        self.entries(table)
    }

    fn tables(&mut self, list: &List) -> Result<(), Error> {
        if self.key.is_empty() {
            return Err(Error::message("toml: top-level values must be Go maps or structs"));
        }
        for item in list.iter() {
            let Some(table) = table_of(item) else { continue };
            self.line_break();
            self.header(b"[[", b"]]");
            self.entries(&table)?;
        }
        Ok(())
    }

    fn header(&mut self, open: &[u8], close: &[u8]) {
        self.indent();
        self.out.extend_from_slice(open);
        self.out.extend(key::joined(&self.key));
        self.out.extend_from_slice(close);
        self.line_break();
    }

    fn entries(&mut self, table: &Table) -> Result<(), Error> {
        for Entry { name, value, .. } in in_order(table)? {
            if is_nil(&value) {
                continue;
            }
            self.key.push(name);
            self.entry(&value)?;
            self.key.pop();
        }
        Ok(())
    }

    fn key_and_value(&mut self, value: &Value) -> Result<(), Error> {
        let Some(name) = self.key.last().cloned() else { return self.element(value, 0) };
        self.indent();
        key::append(&mut self.out, &name);
        self.out.extend_from_slice(b" = ");
        self.element(value, 0)?;
        self.line_break();
        Ok(())
    }

    /// Writes a value on one line.
    fn element(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(Error::message("stack overflow: the value contains itself"));
        }
        match value {
            Value::String(text) => key::append_quoted(&mut self.out, text),
            Value::Bool(flag) => self.out.extend_from_slice(flag.to_string().as_bytes()),
            Value::Int(number) | Value::Int64(number) => {
                self.out.extend_from_slice(number.to_string().as_bytes())
            }
            Value::Float64(number) => self.out.extend(float(*number, &format!("{number:e}"))),
            Value::Number(number) => self.number(number)?,
            Value::List(list) => self.array(list, depth)?,
            Value::Map(map) => self.inline_table(&Table::Map(map.clone()), depth)?,
            Value::Object(object) => match object.as_plain() {
                // A time stands without quotes in the form that JSON has in quotes.
                Value::String(text) if is_time(object.object_type()) => self.out.extend_from_slice(&text),
                Value::Int64(_) | Value::Object(_) => {
                    key::append_quoted(&mut self.out, object.print().as_bytes())
                }
                Value::Map(_) if let Some(table) = table_of(value) => self.inline_table(&table, depth + 1)?,
                plain => self.element(&plain, depth + 1)?,
            },
            // BurntSushi reaches into the nil here.
            Value::Nil => {
                return Err(Error::message("reflect: call of reflect.Value.Interface on zero Value"));
            }
        }
        Ok(())
    }

    fn array(&mut self, list: &List, depth: usize) -> Result<(), Error> {
        self.out.push(b'[');
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.element(item, depth + 1)?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// Writes `{a = 1, b = 2}`. Nil entries are left out, but not the comma before them. BurntSushi compares the place of
    /// a struct's field among all of them with the number of exported ones: behind an unexported field, commas are wrong.
    fn inline_table(&mut self, table: &Table, depth: usize) -> Result<(), Error> {
        self.out.push(b'{');
        let entries = in_order(table)?;
        for Entry { name, value, place } in &entries {
            if is_nil(value) {
                continue;
            }
            key::append(&mut self.out, name);
            self.out.extend_from_slice(b" = ");
            self.element(value, depth + 1)?;
            if place + 1 != entries.len() {
                self.out.extend_from_slice(b", ");
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn number(&mut self, number: &Number) -> Result<(), Error> {
        let text = match number {
            Number::Int8(n) => n.to_string(),
            Number::Int16(n) => n.to_string(),
            Number::Int32(n) => n.to_string(),
            Number::Uint(n) | Number::Uint64(n) => n.to_string(),
            Number::Uint8(n) => n.to_string(),
            Number::Uint16(n) => n.to_string(),
            Number::Uint32(n) => n.to_string(),
            Number::Float32(n) => {
                String::from_utf8(float(f64::from(*n), &format!("{n:e}"))).unwrap_or_default()
            }
            Number::Complex128(_) => return Err(Error::message("unexpected type: complex128")),
        };
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// What is written as a table.
enum Table {
    Map(Map),
    /// The exported fields of a struct, each with its place among all.
    Struct(Vec<(usize, &'static str, Value)>),
}

struct Entry {
    name: Str,
    value: Value,
    /// Where the encoder counts it: in the order of writing for a map, in that of the declaration for a struct.
    place: usize,
}

/// Returns the entries in the order in which they are written: plain ones, then tables, each by name or as declared.
fn in_order(table: &Table) -> Result<Vec<Entry>, Error> {
    let all: Vec<Entry> = match table {
        Table::Map(map) => {
            map.snapshot().into_iter().map(|(name, value)| Entry { name, value, place: 0 }).collect()
        }
        Table::Struct(fields) => fields
            .iter()
            .map(|(place, name, value)| Entry { name: Str::from(*name), value: value.clone(), place: *place })
            .collect(),
    };
    let mut tables = Vec::new();
    let mut entries = Vec::new();
    for entry in all {
        match form(&entry.value)? {
            Form::Table | Form::Tables => tables.push(entry),
            Form::Plain | Form::Nothing => entries.push(entry),
        }
    }
    entries.append(&mut tables);
    if let Table::Map(_) = table {
        entries.iter_mut().enumerate().for_each(|(place, entry)| entry.place = place);
    }
    Ok(entries)
}

fn form(value: &Value) -> Result<Form, Error> {
    Ok(match value {
        _ if is_nil(value) => Form::Nothing,
        Value::Number(Number::Complex128(_)) => return Err(Error::message("unsupported type: complex128")),
        Value::List(list) => form_of_list(list)?,
        _ if table_of(value).is_some() => Form::Table,
        _ => Form::Plain,
    })
}

fn form_of_list(list: &List) -> Result<Form, Error> {
    let mut form_of_all = if list.is_empty() { Form::Plain } else { Form::Tables };
    for item in list.iter() {
        match form(item)? {
            Form::Nothing => return Err(Error::message("toml: cannot encode array with nil element")),
            Form::Table => {}
            Form::Plain | Form::Tables => form_of_all = Form::Plain,
        }
    }
    Ok(form_of_all)
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        _ => false,
    }
}

/// Returns the table a value is written as: a map, or an object with fields.
fn table_of(value: &Value) -> Option<Table> {
    match value {
        Value::Map(map) if !map.is_nil() => Some(Table::Map(map.clone())),
        Value::Object(object) => {
            let map = object.as_plain().as_map().cloned()?;
            Some(object.exported_fields().map_or(Table::Map(map), Table::Struct))
        }
        _ => None,
    }
}

fn is_time(object_type: Type) -> bool {
    matches!(object_type, Type::Named("time.Time" | "*time.Time", _))
}

/// Writes a float as Go's `%g` with a fraction at least; `shortest` are its shortest digits, with an exponent.
fn float(number: f64, shortest: &str) -> Vec<u8> {
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number.is_nan() || number.is_infinite() {
        let name = if number.is_nan() { "nan" } else { "inf" };
        return format!("{sign}{name}").into_bytes();
    }
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{number:?}").into_bytes();
    }
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{exponent_sign}{:02}", exponent.abs()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_a_fraction_or_an_exponent() {
        for (number, text) in [
            (1.0, "1.0"),
            (1e6, "1e+06"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
            (123456789.5, "1.234567895e+08"),
            (-0.0, "-0.0"),
            (1e100, "1e+100"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float(number, &format!("{number:e}")), text.as_bytes());
        }
    }
}
