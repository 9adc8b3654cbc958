//! Paths with slashes: Go's `path` package. Helm's `os…` twins are the same on every system with slashes.

use gotmpl::{Function, pure};
use value::{Str, Type, Value};

use super::arguments::bytes;

const TEXT: &[Type] = &[Type::String];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("base", TEXT, |arguments| Ok(Str::from(base(bytes(arguments, 0))).into())),
    pure("dir", TEXT, |arguments| Ok(dir(bytes(arguments, 0)).into())),
    pure("clean", TEXT, |arguments| Ok(clean(bytes(arguments, 0)).into())),
    pure("ext", TEXT, |arguments| Ok(Str::from(extension(bytes(arguments, 0))).into())),
    pure("isAbs", TEXT, |arguments| Ok(Value::Bool(bytes(arguments, 0).starts_with(b"/")))),
    pure("osBase", TEXT, |arguments| Ok(Str::from(base(bytes(arguments, 0))).into())),
    pure("osDir", TEXT, |arguments| Ok(dir(bytes(arguments, 0)).into())),
    pure("osClean", TEXT, |arguments| Ok(clean(bytes(arguments, 0)).into())),
    pure("osExt", TEXT, |arguments| Ok(Str::from(extension(bytes(arguments, 0))).into())),
    pure("osIsAbs", TEXT, |arguments| Ok(Value::Bool(bytes(arguments, 0).starts_with(b"/")))),
];

fn after_last_slash(path: &[u8]) -> usize {
    memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1)
}

fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |last| last + 1);
    match path.get(..end) {
        Some(path) if !path.is_empty() => path.get(after_last_slash(path)..).unwrap_or_default(),
        _ => b"/",
    }
}

fn dir(path: &[u8]) -> Str {
    clean(path.get(..after_last_slash(path)).unwrap_or_default())
}

fn extension(path: &[u8]) -> &[u8] {
    let name = path.get(after_last_slash(path)..).unwrap_or_default();
    memchr::memrchr(b'.', name).and_then(|dot| name.get(dot..)).unwrap_or_default()
}

/// Returns Go's `path.Clean`: `.` and empty elements go, `..` takes the element before it along.
fn clean(path: &[u8]) -> Str {
    let is_rooted = path.starts_with(b"/");
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in path.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => {
                kept.pop();
            }
            b".." if is_rooted => {}
            element => kept.push(element),
        }
    }
    let joined = kept.join(&b'/');
    match (is_rooted, joined.is_empty()) {
        (true, _) => Str::from([b"/".as_slice(), &joined].concat()),
        (false, true) => Str::from("."),
        (false, false) => Str::from(joined),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_by_words_alone() {
        for (path, expected) in [
            ("", "."),
            ("a//b/./c/..", "a/b"),
            ("/../a", "/a"),
            ("../../a", "../../a"),
            ("a/../..", ".."),
            ("/", "/"),
            ("a/..", "."),
        ] {
            assert_eq!(clean(path.as_bytes()), expected, "{path}");
        }
        assert_eq!(base(b"/a/b///"), b"b");
        assert_eq!(base(b"///"), b"/");
        assert_eq!(dir(b"/a/b/"), "/a/b");
        assert_eq!(extension(b"a.b/c"), b"");
        assert_eq!(extension(b"a/c.tar.gz"), b".gz");
    }
}
