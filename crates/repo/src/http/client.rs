//! The client: one request with all redirects, within one time limit.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use value::url::{self, Url};

use super::failure::{self, Dialled};
use super::proxy::Proxies;
use super::tls;
use crate::{Error, ErrorKind, Event, Events};

/// How often a server may point elsewhere (Go: `http.Client`).
const MAX_REDIRECTS: usize = 10;

/// Certificates for a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// File with a client certificate.
    pub cert_file: String,
    /// File with the certificate's key.
    pub key_file: String,
    /// File with the certificate authority of the server.
    pub ca_file: String,
    /// Whether the server's certificate is taken unchecked.
    pub is_insecure: bool,
}

impl TlsFiles {
    /// Returns whether anything but the system's certificates is wanted (Helm: getter/httpgetter.go, httpClient).
    fn is_custom(&self) -> bool {
        (!self.cert_file.is_empty() && !self.key_file.is_empty())
            || !self.ca_file.is_empty()
            || self.is_insecure
    }

    /// Checks that the files can be used, where anything but the system's certificates is wanted (Helm: cmd/root.go,
    /// newRegistryClient; tlsutil.NewTLSConfig).
    ///
    /// # Errors
    /// What is wrong with the pair and with the authority's file, each on a line.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_custom() { tls::check(self) } else { Ok(()) }
    }
}

/// How to reach what is fetched.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// User for basic authentication; nothing is sent unless there is a password too.
    pub username: String,
    /// The password.
    pub password: String,
    /// The URL that the credentials are meant for: they go to its host only.
    pub owner: String,
    /// Whether they go to every host.
    pub passes_credentials: bool,
    /// Certificates.
    pub tls: TlsFiles,
}

impl Access {
    /// Returns whether credentials may go to a URL: scheme, host and port must be those of their owner.
    fn authorizes(&self, owner: &Url, target: &Url) -> bool {
        let is_complete = !self.username.is_empty() && !self.password.is_empty();
        let is_owner = owner.scheme == target.scheme && owner.host == target.host;
        is_complete && (self.passes_credentials || is_owner)
    }
}

/// The most that is taken of an answer, against servers that never end.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    /// An index; the largest known have some 50 MB.
    Index,
    /// An archive; Helm loads none that unpacks to more than 100 MiB.
    Archive,
    /// A file that a user named.
    Document,
}

impl Limit {
    fn bytes(self) -> usize {
        match self {
            Limit::Index => 512 << 20,
            Limit::Archive => 256 << 20,
            Limit::Document => 64 << 20,
        }
    }

    /// Archives and documents are asked for as such.
    fn accept(self) -> Option<&'static str> {
        matches!(self, Limit::Archive).then_some("application/gzip,application/octet-stream")
    }
}

/// A client with one time limit for each request.
pub struct Client {
    timeout: Duration,
    proxies: Arc<Proxies>,
    dialled: Arc<Dialled>,
    plain: OnceLock<reqwest::Client>,
    custom: Mutex<Vec<(TlsFiles, reqwest::Client)>>,
}

impl Client {
    /// Returns a client; nothing is opened yet. `environment` has the variables that name proxies.
    pub fn new(timeout: Duration, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        Client {
            timeout,
            proxies: Arc::new(Proxies::read(environment)),
            dialled: Arc::default(),
            plain: OnceLock::new(),
            custom: Mutex::default(),
        }
    }

    /// Fetches what is behind a URL and tells when it is asked for and when an answer begins.
    ///
    /// # Errors
    /// Go's words for what kept it from arriving, or the server's answer if it is not 200.
    pub async fn get(
        &self,
        href: &str,
        access: &Access,
        limit: Limit,
        events: Events<'_>,
    ) -> Result<Vec<u8>, Error> {
        events(Event::Fetching { url: href });
        let parse = |text: &str, words: &str| {
            url::parse(text.as_bytes()).map_err(|problem| Error::refused(format!("{words}: {problem}")))
        };
        let owner = parse(&access.owner, "unable to parse getter URL")?;
        let target = parse(href, "unable to parse URL getting from")?;
        let authorization = access.authorizes(&owner, &target).then(|| {
            format!("Basic {}", STANDARD.encode(format!("{}:{}", access.username, access.password)))
        });
        let client = self.client(&access.tls)?;
        let mut request = Request { client: &client, owner: self, accept: limit.accept(), authorization };
        let mut body = Vec::new();
        let mut has_begun = false;
        let work = async {
            let response = request.follow(target).await?;
            has_begun = true;
            let (status, length) = (status_text(&response), response.content_length());
            events(Event::Answered { url: href, status: &status, length });
            if response.status() != StatusCode::OK {
                return Err(ErrorKind::Status { url: href.to_owned(), status }.into());
            }
            read_body(response, limit, &mut body).await
        };
        match tokio::time::timeout(self.timeout, work).await {
            Ok(result) => result.map(|()| body),
            Err(_) if has_begun => Err(Error::refused(
                "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
            )),
            Err(_) => Err(failed(
                &parse(href, "")?,
                "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
            )),
        }
    }

    fn client(&self, files: &TlsFiles) -> Result<reqwest::Client, Error> {
        if !files.is_custom() {
            if let Some(client) = self.plain.get() {
                return Ok(client.clone());
            }
            let client = self.build(&TlsFiles::default())?;
            return Ok(self.plain.get_or_init(|| client).clone());
        }
        let lock = || self.custom.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, client)) = lock().iter().find(|(own, _)| own == files) {
            return Ok(client.clone());
        }
        let client = self.build(files)?;
        lock().push((files.clone(), client.clone()));
        Ok(client)
    }

    fn build(&self, files: &TlsFiles) -> Result<reqwest::Client, Error> {
        let tls = tls::config(files).map_err(|error| error.context("can't create TLS config for client"))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(Resolver { dialled: self.dialled.clone() }))
            .redirect(Policy::none())
            .referer(false)
            .http1_only()
            .no_proxy();
        if self.proxies.is_any() {
            let proxies = self.proxies.clone();
            builder = builder.proxy(reqwest::Proxy::custom(move |url| proxies.of(url.as_str())));
        }
        builder.build().map_err(|error| Error::refused(format!("make an HTTP client: {error}")))
    }
}

struct Request<'a> {
    client: &'a reqwest::Client,
    owner: &'a Client,
    accept: Option<&'static str>,
    authorization: Option<String>,
}

impl Request<'_> {
    /// Sends the request and follows the server's pointers.
    async fn follow(&mut self, first: Url) -> Result<Response, Error> {
        let mut target = first.clone();
        for hops in 0.. {
            let response = self.send(&target).await?;
            let Some(location) = location(&response) else { return Ok(response) };
            let parsed = url::parse(location.as_bytes()).map_err(|problem| {
                let quoted = value::gofmt::quoted(location.as_bytes());
                failed(&target, format!("failed to parse Location header {quoted}: {problem}"))
            })?;
            target = url::resolve(&target, &parsed);
            if hops + 1 >= MAX_REDIRECTS {
                let reason = format!("stopped after {MAX_REDIRECTS} redirects");
                return Err(ErrorKind::Get { url: location, reason }.into());
            }
            // Once the credentials have been left behind, they do not come back.
            if !is_same_or_below(&hostname(&target), &hostname(&first)) {
                self.authorization = None;
            }
        }
        Err(failed(&first, "too many redirects"))
    }

    async fn send(&self, target: &Url) -> Result<Response, Error> {
        let scheme = String::from_utf8_lossy(&target.scheme);
        if !matches!(&*scheme, "http" | "https") {
            let quoted = value::gofmt::quoted(scheme.as_bytes());
            return Err(failed(target, format!("unsupported protocol scheme {quoted}")));
        }
        if target.host.is_empty() {
            return Err(failed(target, "http: no Host in request URL"));
        }
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static("Helm/4.3.1"));
        if let Some(accept) = self.accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if let Some(mut value) = self.credentials(target).and_then(|text| HeaderValue::from_str(&text).ok()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut bare = target.clone();
        (bare.user, bare.fragment) = (None, Vec::new());
        let text = String::from_utf8_lossy(&bare.to_text()).into_owned();
        let sent = self.client.get(&text).headers(headers).send().await;
        sent.map_err(|error| {
            let through = self.owner.proxies.of(&text);
            failed(target, failure::describe(&error, target, through.as_deref(), &self.owner.dialled))
        })
    }

    /// Returns what authorizes the request; a URL may have user and password of its own.
    fn credentials(&self, target: &Url) -> Option<String> {
        if self.authorization.is_some() {
            return self.authorization.clone();
        }
        let user = target.user.as_ref()?;
        let pair = [user.name.as_slice(), b":", user.password.as_deref().unwrap_or_default()].concat();
        Some(format!("Basic {}", STANDARD.encode(pair)))
    }
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

fn status_text(response: &Response) -> String {
    let code = response.status();
    let reason = response.extensions().get::<hyper::ext::ReasonPhrase>();
    match reason {
        Some(reason) => format!("{} {}", code.as_u16(), String::from_utf8_lossy(reason.as_bytes())),
        None => format!("{} {}", code.as_u16(), code.canonical_reason().unwrap_or_default()),
    }
}

async fn read_body(mut response: Response, limit: Limit, body: &mut Vec<u8>) -> Result<(), Error> {
    let most = limit.bytes();
    let too_large = || Error::refused(format!("the answer is larger than {} MiB", most >> 20));
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    if announced > most {
        return Err(too_large());
    }
    body.reserve_exact(announced);
    loop {
        let chunk = response.chunk().await.map_err(|error| Error::refused(failure::describe_body(&error)))?;
        let Some(chunk) = chunk else { return Ok(()) };
        if body.len() + chunk.len() > most {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
}

/// Returns Go's `url.Error`, the password hidden.
fn failed(target: &Url, reason: impl Into<String>) -> Error {
    let mut shown = target.clone();
    if let Some(password) = shown.user.as_mut().and_then(|user| user.password.as_mut()) {
        *password = b"***".to_vec();
    }
    let url = String::from_utf8_lossy(&shown.to_text()).replace("%2A%2A%2A@", "***@");
    ErrorKind::Get { url, reason: reason.into() }.into()
}

/// Looks names up and remembers what was found, for messages.
struct Resolver {
    dialled: Arc<Dialled>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let dialled = self.dialled.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            dialled.remember(host, found.first().copied());
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

impl Dialled {
    fn remember(&self, host: String, address: Option<SocketAddr>) {
        let mut known: std::sync::MutexGuard<'_, HashMap<_, _>> =
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.extend(address.map(|address| (host, address.ip())));
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_or_below;

    #[test]
    fn credentials_go_to_the_host_and_what_is_below_it() {
        assert!(is_same_or_below("charts.example.com", "example.com"));
        assert!(is_same_or_below("example.com", "example.com"));
        assert!(!is_same_or_below("badexample.com", "example.com"));
        assert!(!is_same_or_below("example.com", "charts.example.com"));
    }
}
