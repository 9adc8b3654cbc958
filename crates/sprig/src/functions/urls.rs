//! URLs taken apart into a dictionary and put together from one; and the name service, which is never asked.

use gotmpl::{CallError, Function, pure};
use value::url::{Url, parse};
use value::{Kind, Map, Str, Type, Value};

use super::arguments::{Outcome, bytes, map, nil_dereference};

pub(super) const FUNCTIONS: &[Function] = &[
    pure("urlParse", &[Type::String], url_parse),
    pure("urlJoin", &[Type::AnyMap], url_join),
    // Helm asks the name service only with --enable-dns (engine.go, initFunMap).
    pure("getHostByName", &[Type::String], |_| Ok(Value::from(""))),
];

fn url_parse(arguments: &mut [Value]) -> Outcome {
    let url = parse(bytes(arguments, 0))
        .map_err(|problem| CallError::message(format!("unable to parse url: {problem}")))?;
    let user = url.user.as_ref().map(|user| user.to_text()).unwrap_or_default();
    let parts = [
        ("scheme", url.scheme.as_slice()),
        ("host", &url.host),
        ("hostname", url.hostname()),
        ("path", &url.path),
        ("query", &url.query),
        ("opaque", &url.opaque),
        ("fragment", &url.fragment),
        ("userinfo", &user),
    ];
    Ok(Value::Map(parts.into_iter().map(|(name, part)| (name, Str::from(part).into())).collect()))
}

fn url_join(arguments: &mut [Value]) -> Outcome {
    let parts = map(arguments, 0);
    let mut url = Url {
        scheme: part(&parts, "scheme")?,
        host: part(&parts, "host")?,
        path: part(&parts, "path")?,
        raw_path: Vec::new(),
        query: part(&parts, "query")?,
        opaque: part(&parts, "opaque")?,
        fragment: part(&parts, "fragment")?,
        user: None,
    };
    let user = part(&parts, "userinfo")?;
    if !user.is_empty() {
        let text = [b"proto://".as_slice(), &user, b"@host"].concat();
        let parsed = parse(&text)
            .map_err(|problem| CallError::message(format!("unable to parse userinfo in dict: {problem}")))?;
        url.user = parsed.user;
    }
    Ok(Str::from(url.to_text()).into())
}

fn part(parts: &Map, key: &str) -> Result<Vec<u8>, CallError> {
    match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.to_vec()),
        Some(Value::Nil) => Err(nil_dereference()),
        Some(other) => Err(wrong_kind(key, other.kind())),
    }
}

fn wrong_kind(key: &str, kind: Kind) -> CallError {
    CallError::message(format!("unable to parse {key} key, must be of type string, but {kind} found"))
}
