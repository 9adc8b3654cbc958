//! The rule on maintainers, with what counts as an e-mail address and a URL (Helm: lint/rules/chartfile.go; govalidator,
//! `IsEmail` and `IsURL`).

use std::sync::LazyLock;

use chart::Maintainer;
use regex::Regex;

/// Returns what is wrong with an entry; nothing stands for a null one.
pub(super) fn check(maintainer: Option<&Maintainer>) -> Option<String> {
    let Some(Maintainer { name, email, url }) = maintainer else {
        return Some("a maintainer entry is empty".to_owned());
    };
    if name.is_empty() {
        return Some("each maintainer requires a name".to_owned());
    }
    if !email.is_empty() && !is_email(email) {
        return Some(format!("invalid email '{email}' for maintainer '{name}'"));
    }
    (!url.is_empty() && !is_url(url)).then(|| format!("invalid url '{url}' for maintainer '{name}'"))
}

fn is_international(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

fn is_email(text: &str) -> bool {
    // An encoded word could smuggle in another address.
    if text.contains("=?") && text.contains("?=") {
        return false;
    }
    let at = if text.starts_with('"') { text.rfind("\"@").map(|quote| quote + 1) } else { text.find('@') };
    let Some((local, domain)) = at.map(|at| (&text[..at], &text[at + 1..])) else { return false };
    is_local_part(local) && is_domain(domain)
}

fn is_local_part(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('"') {
        return inner.strip_suffix('"').is_some_and(is_quoted);
    }
    let is_atom =
        |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_international(c);
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
}

/// Between quotes, quotes and backslashes only stand behind a parenthesis, which is what the pattern says.
fn is_quoted(text: &str) -> bool {
    let mut before = ' ';
    text.chars().all(|c| {
        let is_free = before == '(' && !matches!(c, '\0' | '\n');
        before = c;
        is_free || (c.is_ascii() && !matches!(c, '\0' | '"' | '\\')) || is_international(c)
    })
}

fn is_domain(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let Some((labels, top)) = text.rsplit_once('.') else { return false };
    let is_letter = |c: char| c.is_ascii_alphabetic() || is_international(c);
    let is_edge = |c: char| is_letter(c) || c.is_ascii_digit();
    let is_inner = |c: char| is_edge(c) || matches!(c, '-' | '_' | '~');
    labels.starts_with(is_edge)
        && labels.ends_with(is_edge)
        && labels.chars().all(|c| is_inner(c) || c == '.')
        && top.starts_with(is_letter)
        && top.ends_with(is_letter)
        && top.chars().all(is_inner)
}

fn is_url(text: &str) -> bool {
    let length = text.chars().count();
    if length >= 2083 || text.len() <= 3 || text.starts_with('.') {
        return false;
    }
    let lower = text.to_lowercase();
    if ["http//", "https//", "ftp//", "tcp//", "udp//", "ws//", "wss//"].iter().any(|s| lower.starts_with(s))
    {
        return false;
    }
    let has_port_only = text.contains(':') && !text.contains("://");
    let complete = if has_port_only { format!("http://{text}") } else { text.to_owned() };
    let Some((host, path)) = sprig::url_host_and_path(&complete) else { return false };
    if host.starts_with(b".") || (host.is_empty() && !path.is_empty() && !path.contains(&b'.')) {
        return false;
    }
    is_plain_web_address(text) || PATTERN.is_match(text)
}

/// Returns whether a text is what most URLs are; saves building the pattern.
fn is_plain_web_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let is_label = |label: &str| label.len() > 1 && label.bytes().all(|b| b.is_ascii_alphanumeric());
    host.split(['.', '-']).all(is_label) && path.bytes().all(|b| b.is_ascii_graphic())
}

/// govalidator's pattern for URLs, put together from its parts; `\s` and `\d` are ASCII in Go.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    const WORD: &str = r"[a-zA-Z\x{00a1}-\x{ffff}0-9]";
    const LETTER: &str = r"[a-zA-Z\x{00a1}-\x{ffff}]";
    let schema = "((ftp|tcp|udp|wss?|https?)://)";
    let user = r"([^\t\n\f\r ]+(:[^\t\n\f\r ]*)?@)";
    let path = r"((/|\?|#)[^\t\n\f\r ]*)";
    let port = "(:([0-9]{1,5}))";
    let v4 = r"([1-9][0-9]?|1[0-9][0-9]|2[01][0-9]|22[0-3]|24[0-9]|25[0-5])(\.([0-9]{1,2}|1[0-9][0-9]|2[0-4][0-9]|25[0-5])){2}(?:\.([0-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]))";
    let v6 = r"([0-9a-fA-F:.]+(%[0-9a-zA-Z]+)?)";
    let subdomain = format!(r"((www\.)|({WORD}+([-_\.]?{WORD})*{WORD}\.{WORD}+))");
    let name = format!(r"({WORD}({WORD}|[-_])*{WORD}([-\.]{WORD}+)*)");
    let host = format!(r"((({name}|({subdomain}?))?(({WORD}+-?-?)*{WORD}+)(?:\.({LETTER}{{1,}}))?))");
    let pattern = format!(r"^{schema}?{user}?({v4}|(\[{v6}\])|{host})\.?{port}?{path}?$");
    Regex::new(&pattern).expect("the pattern is made of constants and compiles")
});

#[cfg(test)]
mod tests {
    use super::{is_email, is_url};

    #[test]
    fn an_email_address_has_a_domain_with_a_dot() {
        for good in ["a@b.c", "a.b+c@x-y.example.com", "\"a b\"@c.de", "a@b.c."] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["a", "a@b", "a@", "@b.c", "a..b@c.de", "a@b.c1", "a b@c.de", "a@-b.c", ".", "\""] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_url_may_lack_its_scheme() {
        for good in [
            "https://example.com",
            "example.com/a",
            "http://localhost:80/x?y#z",
            "http://127.0.0.1",
            "http://[::1]:80",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in ["abc", "http//x.y", "http://", "https://a b.c", ".a.b", "http://x.y:999999"] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
