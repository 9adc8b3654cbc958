//! `.Files`: the files of a chart that are neither templates nor metadata.

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use value::{Error, Kind, List, Map, Member, Number, Object, Str, Type, Value};

use crate::glob::Glob;

/// A chart's files by path (Helm: engine/files.go).
#[derive(Clone)]
pub(crate) struct Files(BTreeMap<Rc<str>, Str>);

impl Files {
    /// Returns files with these names and contents.
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Files {
        Files(files.into_iter().map(|(name, data)| (Rc::from(name), Str::from(data))).collect())
    }

    fn glob(&self, pattern: &str) -> Files {
        let Some(glob) = Glob::new(pattern) else { return self.clone() };
        let matching = self.0.iter().filter(|(name, _)| glob.matches(name));
        Files(matching.map(|(name, data)| (name.clone(), data.clone())).collect())
    }

    fn get(&self, name: &str) -> Str {
        self.0.get(name).cloned().unwrap_or_default()
    }

    fn lines(&self, name: &str) -> Value {
        let data = self.get(name);
        if data.is_empty() {
            return Value::List(List::typed(Type::StringList, Vec::new()));
        }
        let text = data.strip_suffix(b"\n").unwrap_or(&data);
        Value::List(List::strings(text.split(|byte| *byte == b'\n')))
    }

    /// Writes the files as a YAML map from base name to what `content` makes of them; later paths win.
    fn as_yaml(&self, content: impl Fn(&Str) -> Str) -> Value {
        let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let map: Map = self.0.iter().map(|(path, data)| (base(path), Value::String(content(data)))).collect();
        crate::functions::yaml_or_empty(&Value::Map(map))
    }
}

/// Returns a `[]byte` as Go has it: a list of `uint8`.
fn byte_list(data: &[u8]) -> Value {
    Value::List(List::typed(
        Type::Bytes,
        data.iter().map(|byte| Value::Number(Number::Uint8(*byte))).collect(),
    ))
}

impl Object for Files {
    fn object_type(&self) -> Type {
        Type::Named("engine.files", Kind::Map)
    }

    fn member(&self, name: &str) -> Option<Member> {
        match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => Some(Member::Method(&[Type::String], false)),
            "AsConfig" | "AsSecrets" => Some(Member::Method(&[], false)),
            _ => self.0.get(name).map(|data| Member::Field(byte_list(data))),
        }
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, Error> {
        let argument =
            arguments.first().and_then(Value::as_str).map(Str::to_string_lossy).unwrap_or_default();
        Ok(match name {
            "Get" => Value::String(self.get(&argument)),
            "GetBytes" => byte_list(&self.get(&argument)),
            "Glob" => Value::object(self.glob(&argument)),
            "Lines" => self.lines(&argument),
            "AsConfig" => self.as_yaml(Str::clone),
            _ => self.as_yaml(|data| Str::from(BASE64.encode(data))),
        })
    }

    fn print(&self) -> String {
        let entry = |(name, data): (&Rc<str>, &Str)| {
            let bytes: Vec<String> = data.iter().map(u8::to_string).collect();
            format!("{name}:[{}]", bytes.join(" "))
        };
        let entries: Vec<String> = self.0.iter().map(entry).collect();
        format!("map[{}]", entries.join(" "))
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }

    fn as_plain(&self) -> Value {
        let entries = self.0.iter().map(|(name, data)| (Str::from(&**name), byte_list(data)));
        Value::Map(Map::typed(Type::Named("engine.files", Kind::Map), entries.collect()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
