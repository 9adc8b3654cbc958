//! What others than templates ask of URLs.

use super::parse::{parse, parse_url};

/// Returns whether a text is a URL with a scheme, as it stands in a request (Go: `url.ParseRequestURI`).
pub fn is_request_url(text: &str) -> bool {
    parse_url(text.as_bytes()).is_ok_and(|url| !url.scheme.is_empty())
}

/// Returns host and path of a URL; nothing when it is none (Go: `url.Parse`).
pub fn url_host_and_path(text: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    parse(text.as_bytes()).ok().map(|url| (url.host, url.path))
}
