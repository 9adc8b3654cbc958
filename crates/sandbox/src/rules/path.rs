//! Field paths of rules and selectable fields: `.spec.name`, `.spec['a-b']` (apiextensions, `cel.ValidFieldPath`).

use serde_json::Value;

/// The path as fields are named in messages, and the schema it leads to.
///
/// # Errors
/// Says what is wrong with the path.
pub(crate) fn resolve<'s>(schema: &'s Value, path: &str) -> Result<(String, &'s Value), String> {
    let (mut shown, mut schema, mut rest) = (String::new(), schema, path);
    while !rest.is_empty() {
        let (name, tail) = step(rest)?;
        schema = match (schema.get("properties"), schema.get("additionalProperties")) {
            (Some(properties), _) => {
                if !shown.is_empty() {
                    shown.push('.');
                }
                shown.push_str(&name);
                properties.get(&name).ok_or("does not refer to a valid field")?
            }
            (None, Some(value @ Value::Object(_))) if rest.starts_with('[') => {
                shown.push_str(&format!("[{name}]"));
                value
            }
            _ => return Err("does not refer to a valid field".into()),
        };
        rest = tail;
    }
    Ok((shown, schema))
}

// One name, and what follows it.
fn step(path: &str) -> Result<(String, &str), String> {
    if let Some(rest) = path.strip_prefix('.') {
        let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
        return match &rest[..end] {
            "" if rest.is_empty() => Err("unexpected end of JSON path".into()),
            "" => Err("expected a field name".into()),
            name => Ok((name.to_owned(), &rest[end..])),
        };
    }
    let Some(rest) = path.strip_prefix('[') else {
        let end = path.find(['.', '[', ']']).unwrap_or(path.len());
        return Err(format!("expected [ or . but got: {}", &path[..end.max(1)]));
    };
    let quoted = rest.strip_prefix('\'').and_then(|rest| rest.split_once('\''));
    let Some((name, tail)) = quoted else {
        let end = rest.find(']').unwrap_or(rest.len());
        return Err(format!("expected single quoted string but got {}", &rest[..end]));
    };
    let tail = tail.strip_prefix(']').ok_or("unexpected end of JSON path")?;
    Ok((name.to_owned(), tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_to_fields_and_map_entries() {
        let schema = json!({"properties": {"a-b": {"additionalProperties": {"type": "string"}}}});
        let (shown, found) = resolve(&schema, "['a-b']['x']").unwrap();
        assert_eq!((shown.as_str(), &found["type"]), ("a-b[x]", &json!("string")));
        assert!(resolve(&schema, ".nope").is_err());
        assert!(resolve(&schema, "nope").unwrap_err().starts_with("expected [ or ."));
    }
}
