//! A request taken apart: path, query, and what the caller accepts. No objects.

use crate::failure::Failure;
use crate::protobuf;
use bytes::Bytes;

/// What the server reads from an HTTP request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: http::Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) accept: String,
    pub(crate) content_type: String,
    pub(crate) user_agent: String,
    pub(crate) if_none_match: String,
    pub(crate) authorization: String,
    /// What the headers `Impersonate-…` say: `user`, `group`, `uid` and `extra-…`.
    pub(crate) impersonation: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// The form a response takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Object,
    /// With the version of the Table, `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`.
    Table(&'static str),
    Partial,
}

/// Media type and form agreed on with the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) media: Media,
    pub(crate) form: Form,
}

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Yaml,
    Protobuf,
}

impl Accepted {
    /// What callers get who ask for nothing.
    pub(crate) const PLAIN: Accepted = Accepted { media: Media::Json, form: Form::Object };
}

impl Request {
    pub(crate) fn new(request: http::Request<Bytes>) -> Request {
        let (parts, body) = request.into_parts();
        let header = |name: http::HeaderName| {
            let values = parts.headers.get_all(name);
            let values: Vec<&str> = values.iter().filter_map(|v| v.to_str().ok()).collect();
            values.join(",")
        };
        let impersonation = parts.headers.iter().filter_map(|(name, value)| {
            let field = name.as_str().strip_prefix("impersonate-")?;
            Some((field.to_owned(), value.to_str().ok()?.to_owned()))
        });
        Request {
            impersonation: impersonation.collect(),
            authorization: header(http::header::AUTHORIZATION),
            path: parts.uri.path().to_owned(),
            query: parse_query(parts.uri.query().unwrap_or_default()),
            accept: header(http::header::ACCEPT),
            content_type: header(http::header::CONTENT_TYPE),
            user_agent: header(http::header::USER_AGENT),
            if_none_match: header(http::header::IF_NONE_MATCH),
            method: parts.method,
            body,
        }
    }

    /// A request of the server's own, with nothing in it.
    pub(crate) fn own() -> Request {
        Request::new(http::Request::new(Bytes::new()))
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A boolean parameter as apimachinery's conversion reads it: anything but `false` and `0` is true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|v| !matches!(v.to_ascii_lowercase().as_str(), "false" | "0"))
    }

    /// The manager of fields written by this request.
    pub(crate) fn manager(&self) -> String {
        let given = self.parameter("fieldManager").filter(|m| !m.is_empty());
        let manager = given.unwrap_or_else(|| self.user_agent.split('/').next().unwrap_or_default());
        if manager.is_empty() { "unknown".into() } else { manager.into() }
    }

    pub(crate) fn is_dry_run(&self) -> bool {
        self.parameter("dryRun").is_some_and(|v| v == "All")
    }

    /// The media type of the body without parameters.
    pub(crate) fn body_type(&self) -> &str {
        self.content_type.split(';').next().unwrap_or_default().trim()
    }

    /// Agrees on the form of the response, which can be protobuf if `with_protobuf`.
    ///
    /// # Errors
    /// 406 if nothing that the caller accepts can be served.
    pub(crate) fn accepted(&self, with_protobuf: bool) -> Result<Accepted, Failure> {
        if self.accept.trim().is_empty() {
            return Ok(Accepted::PLAIN);
        }
        let mut clauses: Vec<Clause> = self.accept.split(',').filter_map(clause).collect();
        clauses.sort_by(|a, b| b.quality.total_cmp(&a.quality));
        let known_type = clauses.iter().any(|c| c.is_known());
        if let Some(accepted) = clauses.iter().find_map(|clause| clause.accepted(with_protobuf)) {
            return Ok(accepted);
        }
        if known_type { Err(not_acceptable_form()) } else { Err(not_acceptable()) }
    }
}

struct Clause<'a> {
    media: &'a str,
    quality: f32,
    kind: Option<&'a str>,
    version: Option<&'a str>,
    group: Option<&'a str>,
}

impl Clause<'_> {
    fn is_known(&self) -> bool {
        matches!(
            self.media,
            "application/json"
                | "application/yaml"
                | "application/vnd.kubernetes.protobuf"
                | "*/*"
                | "application/*"
        )
    }

    fn accepted(&self, with_protobuf: bool) -> Option<Accepted> {
        let media = match self.media {
            "application/json" | "*/*" | "application/*" => Media::Json,
            "application/yaml" => Media::Yaml,
            // Tables and partial objects are written as JSON only.
            protobuf::MEDIA_TYPE if with_protobuf && self.kind.is_none() => Media::Protobuf,
            _ => return None,
        };
        let form = match (self.kind, self.version, self.group) {
            (None, _, _) => Form::Object,
            (Some("Table"), Some("v1"), Some("meta.k8s.io")) => Form::Table("meta.k8s.io/v1"),
            (Some("Table"), Some("v1beta1"), Some("meta.k8s.io")) => Form::Table("meta.k8s.io/v1beta1"),
            (
                Some("PartialObjectMetadata" | "PartialObjectMetadataList"),
                Some("v1" | "v1beta1"),
                Some(_),
            ) => Form::Partial,
            _ => return None,
        };
        Some(Accepted { media, form })
    }
}

fn clause(text: &str) -> Option<Clause<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let mut clause = Clause { media: parts.next()?, quality: 1.0, kind: None, version: None, group: None };
    for (name, value) in parts.filter_map(|p| p.split_once('=')) {
        match name {
            "q" => clause.quality = value.parse().unwrap_or(0.0),
            "as" => clause.kind = Some(value),
            "v" => clause.version = Some(value),
            "g" => clause.group = Some(value),
            _ => {}
        }
    }
    Some(clause)
}

fn not_acceptable() -> Failure {
    let text = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, \
                application/vnd.kubernetes.protobuf";
    Failure::new(406, Some("NotAcceptable"), text).with_details(serde_json::json!({}))
}

fn not_acceptable_form() -> Failure {
    let text = "only the following media types are accepted: application/json, application/yaml, \
                application/vnd.kubernetes.protobuf";
    Failure::new(406, Some("NotAcceptable"), text)
}

fn parse_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|p| !p.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decoded(key, true), percent_decoded(value, true))
        })
        .collect()
}

/// Decodes `%XX`, and `+` as a space in queries. Bad escapes stay as they are.
pub(crate) fn percent_decoded(text: &str, plus_is_space: bool) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|h| u8::from_str_radix(h, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
                continue;
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(accept: &str) -> Request {
        let builder = http::Request::get("/x?a=1%2F2+3&labelSelector=a%3Db").header("accept", accept);
        Request::new(builder.body(Bytes::new()).unwrap())
    }

    #[test]
    fn the_best_servable_clause_of_accept_wins() {
        let accepted = request("application/xml, application/json;q=0.5").accepted(true).unwrap();
        assert_eq!(accepted, Accepted::PLAIN);
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        assert_eq!(request(table).accepted(true).unwrap().form, Form::Table("meta.k8s.io/v1"));
        assert_eq!(request("text/html").accepted(true).unwrap_err().code(), 406);
    }

    #[test]
    fn query_values_are_unescaped() {
        let request = request("");
        assert_eq!(request.parameter("a"), Some("1/2 3"));
        assert_eq!(request.parameter("labelSelector"), Some("a=b"));
    }
}
