//! `.Files`: the files of a chart that are neither templates nor metadata.

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use value::{Error, Kind, List, Map, Member, Object, Str, Type, Value};

use crate::glob::Glob;

/// A chart's files by path (Helm: engine/files.go).
#[derive(Clone)]
pub(crate) struct Files(BTreeMap<Rc<str>, Str>);

impl Files {
    /// Returns files with these names and contents.
    pub(crate) fn new(files: impl IntoIterator<Item = (Rc<str>, Str)>) -> Files {
        Files(files.into_iter().collect())
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
fn byte_list(data: &Str) -> Value {
    Value::List(List::of_bytes(data.clone()))
}

/// From how many bytes of files on their printed form is made only when it is read.
const LARGE_FILES_BYTES: usize = 4096;

/// Appends the bytes as Go prints them: decimal, a space between two.
fn append_bytes(out: &mut Vec<u8>, data: &[u8]) {
    for (index, byte) in data.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        let digits = [b'0' + byte / 100, b'0' + byte / 10 % 10, b'0' + byte % 10];
        let leading = usize::from(*byte < 100) + usize::from(*byte < 10);
        out.extend_from_slice(digits.get(leading..).unwrap_or_default());
    }
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
        let mut out = Vec::new();
        self.print_to(&mut out);
        value::go_lossy(&out).into_owned()
    }

    fn print_to(&self, out: &mut Vec<u8>) {
        let size: usize = self.0.iter().map(|(name, data)| name.len() + 4 * data.len() + 4).sum();
        out.reserve(size);
        out.extend_from_slice(b"map[");
        for (index, (name, data)) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b":[");
            append_bytes(out, data);
            out.push(b']');
        }
        out.push(b']');
    }

    fn prints_much_and_always_the_same(&self) -> bool {
        self.0.values().map(|data| data.len()).sum::<usize>() > LARGE_FILES_BYTES
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

#[cfg(test)]
mod tests {
    use value::{Str, Value, gofmt};

    use super::Files;

    #[test]
    fn verbs_go_through_names_and_bytes() {
        let files = Value::object(Files::new([("x.txt".into(), Str::from("hi\n"))]));
        let text = |format: &str| gofmt::sprintf(format.as_bytes(), std::slice::from_ref(&files));
        assert_eq!(text("%s"), b"map[x.txt:hi\n]");
        assert_eq!(text("%q"), br#"map["x.txt":"hi\n"]"#);
        assert_eq!(text("%x"), b"map[782e747874:68690a]");
        assert_eq!(text("%4v"), b"map[x.txt:[ 104  105   10]]");
        assert_eq!(text("%#v"), br#"engine.files{"x.txt":[]uint8{0x68, 0x69, 0xa}}"#);
    }
}
