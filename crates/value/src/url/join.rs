//! URLs relative to others.

use super::parse::{Url, parse};

/// Returns a reference as it is meant at a base (Go: `URL.ResolveReference`).
pub fn resolve(base: &Url, reference: &Url) -> Url {
    let mut url = reference.clone();
    if reference.scheme.is_empty() {
        url.scheme.clone_from(&base.scheme);
    }
    let set_path = |url: &mut Url, path: &[u8]| {
        if url.set_path(path).is_err() {
            url.path = path.to_vec();
        }
    };
    if !reference.scheme.is_empty() || !reference.host.is_empty() || reference.user.is_some() {
        set_path(&mut url, &resolved_path(&reference.escaped_path(), b""));
        return url;
    }
    if !reference.opaque.is_empty() {
        (url.user, url.host, url.path) = (None, Vec::new(), Vec::new());
        return url;
    }
    if reference.path.is_empty() && reference.query.is_empty() {
        url.query.clone_from(&base.query);
        if reference.fragment.is_empty() {
            url.fragment.clone_from(&base.fragment);
        }
    }
    if reference.path.is_empty() && !base.opaque.is_empty() {
        url.opaque.clone_from(&base.opaque);
        (url.user, url.host, url.path) = (None, Vec::new(), Vec::new());
        return url;
    }
    url.host.clone_from(&base.host);
    url.user.clone_from(&base.user);
    set_path(&mut url, &resolved_path(&base.escaped_path(), &reference.escaped_path()));
    url
}

/// Removes `.` and `..` from a path after joining it to the folder of a base (Go: `resolvePath`).
fn resolved_path(base: &[u8], reference: &[u8]) -> Vec<u8> {
    let folder = base.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let full = match reference.first() {
        None => base.to_vec(),
        Some(b'/') => reference.to_vec(),
        Some(_) => [base.get(..folder).unwrap_or_default(), reference].concat(),
    };
    if full.is_empty() {
        return full;
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut last: &[u8] = b"";
    for element in full.split(|byte| *byte == b'/') {
        last = element;
        match element {
            b"." => {}
            b".." => {
                kept.pop();
            }
            _ => kept.push(element),
        }
    }
    let mut path = kept.join(&b'/');
    if path.first() != Some(&b'/') {
        path.insert(0, b'/');
    }
    if matches!(last, b"." | b"..") && path.last() != Some(&b'/') {
        path.push(b'/');
    }
    path
}

/// Returns where a reference leads from a repository's URL (Helm: repo/chartrepo.go, ResolveReferenceURL).
///
/// # Errors
/// `failed to parse … as URL: …`.
pub fn resolve_reference(base: &str, reference: &str) -> Result<String, String> {
    let read = |text: &str| {
        parse(text.as_bytes()).map_err(|problem| format!("failed to parse {text} as URL: {problem}"))
    };
    let parsed = read(reference)?;
    if !parsed.scheme.is_empty() {
        return Ok(reference.to_owned());
    }
    let mut base = read(base)?;
    for path in [&mut base.raw_path, &mut base.path] {
        // A missing slash at the end would drop the last element.
        if path.last() != Some(&b'/') {
            path.push(b'/');
        }
    }
    let mut resolved = resolve(&base, &parsed);
    resolved.query = base.query;
    Ok(String::from_utf8_lossy(&resolved.to_text()).into_owned())
}

/// Returns whether two URLs are the same but for slashes (Helm: urlutil.Equal).
pub fn is_same(a: &str, b: &str) -> bool {
    let Ok(mut first) = parse(a.as_bytes()) else { return clean(a.as_bytes()) == clean(b.as_bytes()) };
    let Ok(mut second) = parse(b.as_bytes()) else { return false };
    for url in [&mut first, &mut second] {
        url.path = clean(if url.path.is_empty() { b"/" } else { &url.path });
    }
    first.to_text() == second.to_text()
}

/// Joins a path to a URL (Helm: urlutil.URLJoin).
///
/// # Errors
/// When the URL is none.
pub fn join(base: &str, path: &str) -> Result<String, String> {
    let mut url = parse(base.as_bytes())?;
    let pieces: Vec<&[u8]> =
        [&*url.path, path.as_bytes()].into_iter().filter(|piece| !piece.is_empty()).collect();
    url.path = if pieces.is_empty() { Vec::new() } else { clean(&pieces.join(&b'/')) };
    Ok(String::from_utf8_lossy(&url.to_text()).into_owned())
}

/// Returns the shortest form of a path (Go: `path.Clean`).
fn clean(path: &[u8]) -> Vec<u8> {
    let is_rooted = path.first() == Some(&b'/');
    let mut kept: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => {
                kept.pop();
            }
            b".." if is_rooted => {}
            _ => kept.push(element),
        }
    }
    let joined = kept.join(&b'/');
    match (is_rooted, joined.is_empty()) {
        (true, _) => [b"/", &*joined].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_same, join, resolve_reference};

    #[test]
    fn references_are_below_the_repository() {
        for (base, reference, expected) in [
            ("http://h/charts", "a-1.tgz", "http://h/charts/a-1.tgz"),
            ("http://h/charts/", "a-1.tgz", "http://h/charts/a-1.tgz"),
            ("http://h/charts?x=1", "sub/../a.tgz", "http://h/charts/a.tgz?x=1"),
            ("http://h/charts", "/a.tgz", "http://h/a.tgz"),
            ("http://h", "https://other/a.tgz", "https://other/a.tgz"),
            ("http://h/a%2Fb", "c.tgz", "http://h/a%2Fb/c.tgz"),
            ("http://h", "../../c.tgz", "http://h/c.tgz"),
        ] {
            assert_eq!(resolve_reference(base, reference).unwrap(), expected);
        }
        assert_eq!(
            resolve_reference("http://h", ":x").unwrap_err(),
            "failed to parse :x as URL: parse \":x\": missing protocol scheme"
        );
    }

    #[test]
    fn slashes_do_not_matter() {
        assert!(is_same("http://h", "http://h/"));
        assert!(is_same("http://h/a//b/", "http://h/a/b"));
        assert!(!is_same("http://h/a", "https://h/a"));
    }

    #[test]
    fn paths_are_joined_to_urls() {
        assert_eq!(join("http://h/charts/", "a.tgz").unwrap(), "http://h/charts/a.tgz");
        assert_eq!(join("", "a.tgz").unwrap(), "a.tgz");
        assert_eq!(join("", "").unwrap(), "");
    }
}
