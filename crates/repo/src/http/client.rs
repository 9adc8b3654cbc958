//! The client: one request with all redirects, within one time limit.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, Response, StatusCode};
use value::url::{self, Url};

use super::failure::{self, Dialled};
use super::proxy::Proxies;
use super::request::{Question, Reach, Reply, Request, failed};
use super::tls;
use crate::{Error, ErrorKind, Event, Events};

/// Go's words for a server that does not answer.
const NO_ANSWER: &str = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";

/// Go's words for a server that does not finish.
const BROKEN_OFF: &str =
    "context deadline exceeded (Client.Timeout or context cancellation while reading body)";

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
    pub(crate) fn is_custom(&self) -> bool {
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
    /// Whether registries are asked without TLS.
    pub is_plain: bool,
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

impl Question {
    fn get(accept: Option<&'static str>, authorization: Option<String>) -> Question {
        let mut headers = HeaderMap::new();
        headers.extend(accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept))));
        Question { method: Method::GET, headers, body: Bytes::new(), authorization, reach: Reach::Domain }
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
        let authorization = access
            .authorizes(&owner, &target)
            .then(|| super::basic(access.username.as_bytes(), access.password.as_bytes()));
        let client = self.client(&access.tls)?;
        let question = Question::get(limit.accept(), authorization);
        let mut request = Request { client: &client, owner: self, question };
        let mut body = Vec::new();
        let mut has_begun = false;
        let work = async {
            let response = request.follow(target).await?.response;
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
            Err(_) if has_begun => Err(Error::refused(BROKEN_OFF)),
            Err(_) => Err(failed(&Method::GET, &parse(href, "")?, NO_ANSWER)),
        }
    }

    /// Asks a server something and returns when its answer begins.
    ///
    /// # Errors
    /// Go's words for what kept an answer from beginning.
    pub(crate) async fn ask(&self, target: Url, question: Question, tls: &TlsFiles) -> Result<Reply, Error> {
        let client = self.client(tls)?;
        let mut request = Request { client: &client, owner: self, question };
        match tokio::time::timeout(self.timeout, request.follow(target.clone())).await {
            Ok(result) => result,
            Err(_) => Err(failed(&request.question.method, &target, NO_ANSWER)),
        }
    }

    /// Reads what follows an answer, at most so many bytes and one more; a server that falls silent is not waited for.
    ///
    /// # Errors
    /// Go's words for what cut it off.
    pub(crate) async fn read(&self, response: &mut Response, most: usize) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while body.len() <= most {
            let chunk = tokio::time::timeout(self.timeout, response.chunk());
            let chunk = chunk.await.map_err(|_| Error::refused(BROKEN_OFF))?;
            match chunk.map_err(|error| Error::refused(failure::describe_body(&error)))? {
                Some(chunk) => body.extend_from_slice(chunk.get(..most + 1 - body.len()).unwrap_or(&chunk)),
                None => break,
            }
        }
        Ok(body)
    }

    pub(super) fn proxy_of(&self, url: &str) -> Option<String> {
        self.proxies.of(url)
    }

    pub(super) fn dialled(&self) -> &Dialled {
        &self.dialled
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

pub(crate) fn status_text(response: &Response) -> String {
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
