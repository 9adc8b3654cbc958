//! One request as Go's client carries it out: sent, pointed elsewhere, sent again.

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use reqwest::{Method, Response};
use value::url::{self, Url};

use super::client::Client;
use super::failure;
use crate::{Error, ErrorKind};

/// How often a server may point elsewhere (Go: `http.Client`).
const MAX_REDIRECTS: usize = 10;

/// Who is told credentials when a server points elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The host that was asked first and what lies below it (Go: `shouldCopyHeaderOnRedirect`).
    Domain,
    /// The same scheme, host and port as the hop before (oras-go: auth/client.go, send).
    Origin,
}

/// What is asked of a server.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// `GET`, `HEAD`, …
    pub(crate) method: Method,
    /// Headers but for `Authorization` and `User-Agent`.
    pub(crate) headers: HeaderMap,
    /// What is sent along.
    pub(crate) body: Bytes,
    /// What authorizes it.
    pub(crate) authorization: Option<String>,
    /// Who is told so.
    pub(crate) reach: Reach,
}

/// An answer and where it came from in the end.
pub(crate) struct Reply {
    /// The URL after all redirects.
    pub(crate) url: Url,
    /// Status, headers, and what follows them.
    pub(crate) response: Response,
}

/// A request on its way.
pub(super) struct Request<'a> {
    pub(super) client: &'a reqwest::Client,
    pub(super) owner: &'a Client,
    pub(super) question: Question,
}

impl Request<'_> {
    /// Sends the request and follows the server's pointers.
    pub(super) async fn follow(&mut self, first: Url) -> Result<Reply, Error> {
        let mut target = first.clone();
        for hops in 0.. {
            let response = self.send(&target).await?;
            let Some(location) = location(&response) else { return Ok(Reply { url: target, response }) };
            let parsed = url::parse(location.as_bytes()).map_err(|problem| {
                let quoted = value::gofmt::quoted(location.as_bytes());
                self.failed(&target, format!("failed to parse Location header {quoted}: {problem}"))
            })?;
            let next = url::resolve(&target, &parsed);
            if hops + 1 >= MAX_REDIRECTS {
                let reason = format!("stopped after {MAX_REDIRECTS} redirects");
                let method = operation(&self.question.method);
                return Err(ErrorKind::Request { method, url: location, reason }.into());
            }
            self.redirect(response.status().as_u16(), &first, &target, &next);
            target = next;
        }
        Err(self.failed(&first, "too many redirects"))
    }

    /// Makes the request what it is for the next hop. Once credentials have been left behind, they do not come back.
    fn redirect(&mut self, status: u16, first: &Url, from: &Url, to: &Url) {
        let is_trusted = match self.question.reach {
            Reach::Domain => is_same_or_below(&hostname(to), &hostname(first)),
            Reach::Origin => is_same_origin(from, to),
        };
        if !is_trusted {
            self.question.authorization = None;
        }
        let keeps_method = matches!(status, 307 | 308);
        if !keeps_method && !matches!(self.question.method, Method::GET | Method::HEAD) {
            self.question.method = Method::GET;
            self.question.body = Bytes::new();
            self.question.headers.remove(CONTENT_TYPE);
        }
    }

    async fn send(&self, target: &Url) -> Result<Response, Error> {
        let scheme = String::from_utf8_lossy(&target.scheme);
        if !matches!(&*scheme, "http" | "https") {
            let quoted = value::gofmt::quoted(scheme.as_bytes());
            return Err(self.failed(target, format!("unsupported protocol scheme {quoted}")));
        }
        if target.host.is_empty() {
            return Err(self.failed(target, "http: no Host in request URL"));
        }
        let mut headers = self.question.headers.clone();
        headers.insert(USER_AGENT, HeaderValue::from_static("Helm/4.3.1"));
        if let Some(mut value) = self.credentials(target).and_then(|text| HeaderValue::from_str(&text).ok()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut bare = target.clone();
        (bare.user, bare.fragment) = (None, Vec::new());
        let text = String::from_utf8_lossy(&bare.to_text()).into_owned();
        let Question { method, body, .. } = &self.question;
        let mut request = self.client.request(method.clone(), &text).headers(headers);
        if !matches!(*method, Method::GET | Method::HEAD) {
            request = request.body(body.clone());
        }
        request.send().await.map_err(|error| {
            let through = self.owner.proxy_of(&text);
            self.failed(target, failure::describe(&error, target, through.as_deref(), self.owner.dialled()))
        })
    }

    /// Returns what authorizes the request; a URL may have user and password of its own.
    fn credentials(&self, target: &Url) -> Option<String> {
        if self.question.authorization.is_some() {
            return self.question.authorization.clone();
        }
        let user = target.user.as_ref()?;
        Some(super::basic(&user.name, user.password.as_deref().unwrap_or_default()))
    }

    fn failed(&self, target: &Url, reason: impl Into<String>) -> Error {
        failed(&self.question.method, target, reason)
    }
}

/// Returns Go's `url.Error`, the password hidden.
pub(super) fn failed(method: &Method, target: &Url, reason: impl Into<String>) -> Error {
    let mut shown = target.clone();
    if let Some(password) = shown.user.as_mut().and_then(|user| user.password.as_mut()) {
        *password = b"***".to_vec();
    }
    let url = String::from_utf8_lossy(&shown.to_text()).replace("%2A%2A%2A@", "***@");
    ErrorKind::Request { method: operation(method), url, reason: reason.into() }.into()
}

/// Returns a method as Go's errors name it (`urlErrorOp`): `Get`, `Head`.
fn operation(method: &Method) -> String {
    let (first, rest) = method.as_str().split_at(1);
    format!("{first}{}", rest.to_lowercase())
}

/// Returns where a server points.
fn location(response: &Response) -> Option<String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned()).filter(|location| !location.is_empty())
}

fn hostname(url: &Url) -> String {
    String::from_utf8_lossy(url.hostname()).to_lowercase()
}

/// Returns whether a host may see what was meant for another (Go: `isDomainOrSubdomain`).
fn is_same_or_below(host: &str, domain: &str) -> bool {
    if host == domain {
        return true;
    }
    // Neither addresses nor zones have something below them.
    let is_name = !host.contains([':', '%']);
    is_name && host.strip_suffix(domain).is_some_and(|front| front.ends_with('.'))
}

/// Returns whether two URLs have scheme, host and port in common; a port that is not named is the scheme's own (oras-go:
/// auth/client.go, sameHTTPOrigin).
pub fn is_same_origin(a: &Url, b: &Url) -> bool {
    a.scheme == b.scheme && hostname(a) == hostname(b) && port(a) == port(b)
}

/// Returns the port of a URL, the scheme's own where none is named.
pub(crate) fn port(url: &Url) -> String {
    let named = url.host.strip_prefix(url.hostname()).or_else(|| {
        // Brackets around an address are no part of its name.
        url.host.iter().rposition(|byte| *byte == b']').and_then(|end| url.host.get(end + 1..))
    });
    match named.and_then(|rest| rest.strip_prefix(b":")) {
        Some(port) if !port.is_empty() => String::from_utf8_lossy(port).into_owned(),
        _ if url.scheme == b"https" => "443".to_owned(),
        _ => "80".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use value::url::parse;

    use super::{is_same_or_below, is_same_origin};

    #[test]
    fn credentials_go_to_the_host_and_what_is_below_it() {
        assert!(is_same_or_below("charts.example.com", "example.com"));
        assert!(is_same_or_below("example.com", "example.com"));
        assert!(!is_same_or_below("badexample.com", "example.com"));
        assert!(!is_same_or_below("example.com", "charts.example.com"));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let is_same =
            |a: &str, b: &str| is_same_origin(&parse(a.as_bytes()).unwrap(), &parse(b.as_bytes()).unwrap());
        assert!(is_same("https://h/a", "https://H:443/b"));
        assert!(is_same("http://[::1]:80/", "http://[::1]/"));
        assert!(!is_same("https://h/", "http://h/"));
        assert!(!is_same("https://h/", "https://h:444/"));
        assert!(!is_same("https://h/", "https://x.h/"));
    }
}
