//! Requests to registries as Helm logs them under `--debug` (pkg/registry/transport.go).

use repo::Event;

use crate::logging;

/// The most that is shown of what follows an answer.
const MAX_BODY_BYTES: usize = 16 << 10;

/// Headers whose text is not shown.
const SECRET: &[&str] = &["Authorization", "Set-Cookie"];

/// Logs a request, an answer, or that there was none.
pub(crate) fn log(event: &Event<'_>) {
    match event {
        Event::RegistryAsked { number, method, url, headers } => {
            let attributes = [("id", &*number.to_string()), ("url", url), ("header", &header(headers))];
            logging::debug(method, &attributes);
        }
        Event::RegistryAnswered { number, method, status, headers, body } => {
            let (id, header, body) = (number.to_string(), header(headers), shown(headers, body));
            let attributes = [("id", id.as_str()), ("status", status), ("header", &header), ("body", &body)];
            logging::debug(answer_to(method), &attributes);
        }
        Event::RegistrySilent { number, method, error } => {
            let (id, error) = (number.to_string(), error.full_text());
            logging::debug(answer_to(method), &[("id", &id), ("error", &error)]);
        }
        _ => {}
    }
}

/// Helm cuts the word to the length of the method, so that both stand in one column.
fn answer_to(method: &str) -> &'static str {
    const WORD: &str = "Response";
    WORD.get(..method.len()).unwrap_or(WORD)
}

fn header(headers: &[(String, String)]) -> String {
    if headers.is_empty() {
        return "   Empty header".to_owned();
    }
    let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
    let line = |(name, text): &(String, String)| {
        let text = if SECRET.contains(&name.as_str()) { "*****" } else { text };
        format!("   {}: {}", quoted(name), quoted(text))
    };
    headers.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Returns what followed an answer, if it is text without secrets.
fn shown(headers: &[(String, String)], body: &[u8]) -> String {
    let named = headers.iter().find(|(name, _)| name == "Content-Type").map(|(_, kind)| kind.as_str());
    let Some(kind) = named.filter(|kind| !kind.is_empty()) else {
        return "   Response body without a content type is not printed".to_owned();
    };
    let bare = kind.split(';').next().unwrap_or(kind).trim().to_lowercase();
    if !matches!(&*bare, "application/json" | "text/plain" | "text/html") && !bare.ends_with("+json") {
        let kind = value::gofmt::quoted(kind.as_bytes());
        return format!("   Response body of content type {kind} is not printed");
    }
    if body.is_empty() {
        return "   Response body is empty".to_owned();
    }
    let text = String::from_utf8_lossy(body.get(..MAX_BODY_BYTES).unwrap_or(body));
    if ["\"token\"", "\"access_token\""].iter().any(|secret| text.contains(secret)) {
        return "   Response body redacted due to potential credentials".to_owned();
    }
    if body.len() > MAX_BODY_BYTES { format!("{text}\n...(truncated)") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::{answer_to, header, shown};

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn secrets_are_not_shown() {
        let headers = pairs(&[("Accept", "a"), ("Authorization", "Basic x")]);
        assert_eq!(header(&headers), "   \"Accept\": \"a\"\n   \"Authorization\": \"*****\"");
        let json = pairs(&[("Content-Type", "application/json; charset=utf-8")]);
        assert!(shown(&json, br#"{"token":"x"}"#).contains("redacted"));
        assert_eq!(shown(&json, b"{}"), "{}");
        assert!(shown(&pairs(&[("Content-Type", "application/gzip")]), b"x").contains("is not printed"));
    }

    #[test]
    fn answers_are_named_to_fit() {
        assert_eq!((answer_to("GET"), answer_to("HEAD")), ("Res", "Resp"));
    }
}
