//! Requests to a registry: who asks is told when the registry wants to know, and what was busy is asked again (oras-go:
//! registry/remote/auth/client.go, retry).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use reqwest::{Method, StatusCode};
use serde_json::Value as Json;
use value::gofmt;
use value::url::{self, Url, query_escape};

use super::challenge::{self, Challenge};
use super::logins::{Login, Logins};
use super::reference;
use crate::http::{self, Question, Reach, Reply, TlsFiles};
use crate::{Error, Event, Events};

/// How often a registry that is busy is asked again.
const MAX_RETRIES: u32 = 5;

/// The first pause; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The most that is read of what explains a refusal (oras-go: maxErrorBytes).
const MAX_REFUSAL_BYTES: usize = 8 << 10;

/// The most that is read of a server that gives out tokens (oras-go: maxResponseBytes).
const MAX_TOKEN_BYTES: usize = 128 << 10;

/// What registries are told that asks them.
const CLIENT_ID: &str = "oras-go";

/// What registries have let us do in this run, so that each is told once who asks.
#[derive(Debug, Default)]
pub(crate) struct Passes {
    known: Mutex<HashMap<String, Pass>>,
    asked: AtomicU64,
}

/// What goes with requests to one host.
#[derive(Debug)]
enum Pass {
    /// The same with each.
    Basic(String),
    /// By what the request needs to be allowed.
    Bearer(HashMap<String, String>),
}

impl Passes {
    fn get(&self, host: &str, scopes: &[String]) -> Option<String> {
        match self.known.lock().unwrap_or_else(PoisonError::into_inner).get(host)? {
            Pass::Basic(value) => Some(value.clone()),
            Pass::Bearer(tokens) => tokens.get(&scopes.join(" ")).cloned(),
        }
    }

    fn set_basic(&self, host: &str, value: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(host.to_owned(), Pass::Basic(value.to_owned()));
    }

    /// Keeps a token under what was asked for before the registry named more, so that the next request carries it.
    fn set_bearer(&self, host: &str, scopes: &[String], value: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = known.entry(host.to_owned()).or_insert_with(|| Pass::Bearer(HashMap::new()));
        if let Pass::Basic(_) = pass {
            *pass = Pass::Bearer(HashMap::new());
        }
        if let Pass::Bearer(tokens) = pass {
            tokens.insert(scopes.join(" "), value.to_owned());
        }
    }

    /// Forgets what a host was told.
    pub(crate) fn forget(&self, host: &str) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(host);
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asker<'a> {
    /// Whom a command line names.
    Named {
        /// The user.
        username: &'a str,
        /// The password, or a token.
        password: &'a str,
    },
    /// Whose login is kept for the host.
    Kept(&'a Logins),
}

/// Everything that requests to registries have in common.
#[derive(Clone, Copy)]
pub(crate) struct Session<'a> {
    /// Carries them.
    pub(crate) http: &'a http::Client,
    /// What was let in before.
    pub(crate) passes: &'a Passes,
    /// Who asks.
    pub(crate) asker: Asker<'a>,
    /// Certificates.
    pub(crate) tls: &'a TlsFiles,
    /// Whether there is no TLS.
    pub(crate) is_plain: bool,
    /// Whether names and passwords are turned into tokens by OAuth 2, before the older way is tried.
    pub(crate) prefers_oauth: bool,
    /// What is worth telling.
    pub(crate) events: Events<'a>,
}

/// A request.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What it needs to be allowed.
    pub(crate) scopes: Vec<String>,
    /// The most that is read of the answer, and one byte more.
    pub(crate) most: usize,
}

impl Ask {
    pub(crate) fn new(method: Method, url: String, scopes: Vec<String>, most: usize) -> Ask {
        Ask { method, url, headers: HeaderMap::new(), body: Bytes::new(), scopes, most }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Ask {
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }
}

/// An answer, read as far as was asked for.
pub(crate) struct Answer {
    pub(crate) method: Method,
    /// The URL after all redirects.
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Session<'_> {
    /// Returns the URL of something in a registry.
    pub(crate) fn url(&self, registry: &str, path: &str) -> String {
        let scheme = if self.is_plain { "http" } else { "https" };
        format!("{scheme}://{}/v2/{path}", reference::host(registry))
    }

    /// Asks a registry, and once more with what it wants to be told.
    ///
    /// # Errors
    /// When no answer comes, or the registry cannot be told what it wants.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<Answer, Error> {
        let target = parse(&ask.url)?;
        let host = String::from_utf8_lossy(&target.host).into_owned();
        let before = self.passes.get(&host, &ask.scopes);
        let answer = self.deliver(ask, &target, before).await?;
        // Whom another server asks is not told it.
        if answer.status != StatusCode::UNAUTHORIZED || !http::is_same_origin(&target, &answer.url) {
            return Ok(answer);
        }
        let header = answer.header(&WWW_AUTHENTICATE).unwrap_or_default();
        let value = match Challenge::parse(header) {
            Challenge::Unknown => return Ok(answer),
            Challenge::Basic => {
                let value = self.basic(&host).map_err(|error| error.context(answer.place()))?;
                self.passes.set_basic(&host, &value);
                value
            }
            Challenge::Bearer { realm, service, scopes } => {
                let scopes = challenge::clean(ask.scopes.iter().cloned().chain(scopes).collect());
                let token = self.bearer(&host, &target, &Wanted { realm, service, scopes }).await;
                let value = format!("Bearer {}", token.map_err(|error| error.context(answer.place()))?);
                self.passes.set_bearer(&host, &ask.scopes, &value);
                value
            }
        };
        self.deliver(ask, &target, Some(value)).await
    }

    fn login(&self, host: &str) -> Result<Login, Error> {
        match self.asker {
            Asker::Named { username, password } => Ok(Login::new(username, password)),
            Asker::Kept(logins) => logins.get(host),
        }
    }

    fn basic(&self, host: &str) -> Result<String, Error> {
        let login = self.login(host).map_err(|error| error.context("failed to resolve credential"))?;
        if login == Login::default() {
            return Err(Error::refused("basic credential not found"));
        }
        if login.username.is_empty() || login.password.is_empty() {
            return Err(Error::refused("missing username or password for basic auth"));
        }
        Ok(http::basic(login.username.as_bytes(), login.password.as_bytes()))
    }

    async fn bearer(&self, host: &str, registry: &Url, wanted: &Wanted) -> Result<String, Error> {
        challenge::check_realm(&wanted.realm, registry)?;
        let login = self.login(host)?;
        if !login.access_token.is_empty() {
            return Ok(login.access_token);
        }
        let is_old_way = login.refresh_token.is_empty() && !self.prefers_oauth;
        let answer = if is_old_way || login == Login::default() {
            self.ask_for_token(wanted, &login).await?
        } else {
            self.ask_by_oauth(wanted, &login).await?
        };
        if answer.status != StatusCode::OK {
            return Err(answer.refusal());
        }
        let document = answer.decode()?;
        let token = ["access_token", "token"].iter().find_map(|name| {
            document.get(name).and_then(Json::as_str).filter(|token| !token.is_empty()).map(str::to_owned)
        });
        token.ok_or_else(|| Error::refused("empty token returned").context(answer.place()))
    }

    /// Docker's way: name and password go along, the answer is a token (`fetchDistributionToken`).
    async fn ask_for_token(&self, wanted: &Wanted, login: &Login) -> Result<Answer, Error> {
        let mut pairs = Vec::new();
        if !wanted.service.is_empty() {
            pairs.push(("service", wanted.service.as_str()));
        }
        pairs.extend(wanted.scopes.iter().map(|scope| ("scope", scope.as_str())));
        let target = with_query(parse(&wanted.realm)?, &pairs);
        let has_name = !login.username.is_empty() || !login.password.is_empty();
        let value = has_name.then(|| http::basic(login.username.as_bytes(), login.password.as_bytes()));
        let ask = Ask::new(Method::GET, String::new(), Vec::new(), MAX_TOKEN_BYTES);
        self.deliver(&ask, &target, value).await
    }

    /// OAuth 2: a refresh token, or name and password, in a form (`fetchOAuth2Token`).
    async fn ask_by_oauth(&self, wanted: &Wanted, login: &Login) -> Result<Answer, Error> {
        let scope = wanted.scopes.join(" ");
        let mut pairs = vec![("client_id", CLIENT_ID), ("service", &wanted.service)];
        if !login.refresh_token.is_empty() {
            pairs.extend([("grant_type", "refresh_token"), ("refresh_token", login.refresh_token.as_str())]);
        } else if !login.username.is_empty() && !login.password.is_empty() {
            let (name, password) = (login.username.as_str(), login.password.as_str());
            pairs.extend([("grant_type", "password"), ("username", name), ("password", password)]);
        } else {
            return Err(Error::refused("missing username or password for bearer auth"));
        }
        if !scope.is_empty() {
            pairs.push(("scope", &scope));
        }
        let mut ask = Ask::new(Method::POST, String::new(), Vec::new(), MAX_TOKEN_BYTES)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        ask.body = encoded(Vec::new(), &pairs).into();
        self.deliver(&ask, &parse(&wanted.realm)?, None).await
    }

    /// Sends a request until somebody has time for it.
    async fn deliver(&self, ask: &Ask, target: &Url, authorization: Option<String>) -> Result<Answer, Error> {
        let mut pause = FIRST_PAUSE;
        for retry in 0.. {
            let answer = self.deliver_once(ask, target, authorization.clone()).await?;
            if retry == MAX_RETRIES || !answer.is_busy() {
                return Ok(answer);
            }
            tokio::time::sleep(answer.wanted_pause().unwrap_or(pause).min(LONGEST_PAUSE)).await;
            pause *= 2;
        }
        Err(Error::refused("the registry has no time for us"))
    }

    async fn deliver_once(
        &self,
        ask: &Ask,
        target: &Url,
        authorization: Option<String>,
    ) -> Result<Answer, Error> {
        let number = self.passes.asked.fetch_add(1, Ordering::Relaxed);
        let method = &ask.method;
        let url = String::from_utf8_lossy(&target.to_text()).into_owned();
        let mut shown = ask.headers.clone();
        if authorization.is_some() {
            shown.insert(AUTHORIZATION, HeaderValue::from_static("*****"));
        }
        (self.events)(Event::RegistryAsked {
            number,
            method: method.as_str(),
            url: &url,
            headers: &names(&shown),
        });
        let question = Question {
            method: method.clone(),
            headers: ask.headers.clone(),
            body: ask.body.clone(),
            authorization,
            reach: Reach::Origin,
        };
        let asked = self.http.ask(target.clone(), question, self.tls).await;
        let Reply { url, mut response } = asked.inspect_err(|error| {
            (self.events)(Event::RegistrySilent { number, method: method.as_str(), error });
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let status_text = http::status_text(&response);
        let most = if status.is_success() { ask.most } else { ask.most.min(MAX_REFUSAL_BYTES) };
        let body =
            if *method == Method::HEAD { Vec::new() } else { self.http.read(&mut response, most).await? };
        (self.events)(Event::RegistryAnswered {
            number,
            method: method.as_str(),
            status: &status_text,
            headers: &names(&headers),
            body: &body,
        });
        Ok(Answer { method: method.clone(), url, status, headers, body })
    }
}

/// Which token is wanted, and from where.
struct Wanted {
    realm: String,
    service: String,
    scopes: Vec<String>,
}

impl Answer {
    /// Returns a header's text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
    }

    /// Returns how many bytes the registry says that follow.
    pub(crate) fn length(&self) -> Option<i64> {
        self.header(&CONTENT_LENGTH)?.parse().ok()
    }

    /// Returns request and URL as oras-go's errors begin.
    pub(crate) fn place(&self) -> String {
        format!("{} {}", self.method, gofmt::quoted(&self.url.to_text()))
    }

    /// Returns the error of an answer that is none of those expected (oras-go: errutil.ParseErrorResponse).
    pub(crate) fn refusal(&self) -> Error {
        let reasons = self.reasons();
        let reason = match reasons.as_slice() {
            [] => self.status.canonical_reason().unwrap_or_default().to_owned(),
            reasons => reasons.join("; "),
        };
        Error::refused(format!("{}: response status code {}: {reason}", self.place(), self.status.as_u16()))
    }

    /// Returns the error of something that is not there.
    pub(crate) fn not_found(what: impl std::fmt::Display) -> Error {
        Error::refused(format!("{what}: not found"))
    }

    /// Reads what follows the answer as JSON; what follows that counts for nothing.
    ///
    /// # Errors
    /// In the words of Go's stream decoder.
    pub(crate) fn decode(&self) -> Result<Json, Error> {
        first_value(&self.body).map_err(|reason| {
            Error::refused(reason).context("failed to decode response").context(self.place())
        })
    }

    /// Reads what the registry gives as reasons: code, message, detail. If one is not of this form, none counts.
    fn reasons(&self) -> Vec<String> {
        let document = first_value(&self.body).unwrap_or_default();
        let entries = document.get("errors").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        entries.iter().map(reason).collect::<Option<_>>().unwrap_or_default()
    }

    fn is_busy(&self) -> bool {
        matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
            || self.status.is_server_error()
    }

    /// Returns the pause that a registry with too many requests asks for.
    fn wanted_pause(&self) -> Option<Duration> {
        let header = self.header(&RETRY_AFTER).filter(|_| self.status == StatusCode::TOO_MANY_REQUESTS)?;
        header.parse().ok().filter(|seconds| *seconds > 0).map(Duration::from_secs)
    }
}

/// Words a reason (oras-go: errcode.Error); nothing where it is none.
fn reason(entry: &Json) -> Option<String> {
    let text = |name: &str| match entry.as_object()?.get(name) {
        None | Some(Json::Null) => Some(String::new()),
        Some(other) => other.as_str().map(str::to_owned),
    };
    let (code, message) = (text("code")?.replace('_', " ").to_lowercase(), text("message")?);
    Some(match entry.get("detail").filter(|detail| !detail.is_null()) {
        _ if message.is_empty() => code,
        None => format!("{code}: {message}"),
        Some(detail) => {
            let detail = gofmt::printed(&value::json::from_serde(detail));
            format!("{code}: {message}: {detail}")
        }
    })
}

/// Reads the first JSON value of a stream.
fn first_value(text: &[u8]) -> Result<Json, String> {
    match serde_json::Deserializer::from_slice(text).into_iter().next() {
        Some(Ok(value)) => Ok(value),
        None => Err("EOF".to_owned()),
        Some(Err(other)) => {
            let reason =
                value::json::read(text).err().map_or_else(|| other.to_string(), |error| error.to_string());
            Err(if reason == "unexpected end of JSON input" { "unexpected EOF".to_owned() } else { reason })
        }
    }
}

pub(crate) fn parse(text: &str) -> Result<Url, Error> {
    url::parse(text.as_bytes()).map_err(Error::refused)
}

/// Adds pairs to a URL's query, sorted by their names (Go: `Values.Encode`).
pub(crate) fn with_query(mut url: Url, pairs: &[(&str, &str)]) -> Url {
    let present = String::from_utf8_lossy(&url.query).into_owned();
    let present = present.split('&').filter(|pair| !pair.is_empty());
    let present = present.map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") });
    url.query = encoded(present.collect(), pairs).into_bytes();
    url
}

fn encoded(mut pairs: Vec<String>, added: &[(&str, &str)]) -> String {
    pairs.extend(added.iter().map(|(name, text)| format!("{}={}", query_escape(name), query_escape(text))));
    pairs.sort_by(|a, b| name_of(a).cmp(name_of(b)));
    pairs.join("&")
}

fn name_of(pair: &str) -> &str {
    pair.split('=').next().unwrap_or(pair)
}

/// Returns headers as pairs, their names written as Go writes them, sorted.
fn names(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        let name = name.as_str().split('-').map(capitalised).collect::<Vec<_>>().join("-");
        (name, String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let mut pairs: Vec<_> = headers.iter().map(pair).collect();
    pairs.sort();
    pairs
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{Passes, parse, with_query};

    #[test]
    fn queries_are_sorted_by_name() {
        let url = with_query(parse("https://h/t?x=1&a").unwrap(), &[("scope", "r:a b:pull"), ("b", "ü")]);
        assert_eq!(
            String::from_utf8(url.to_text()).unwrap(),
            "https://h/t?a=&b=%C3%BC&scope=r%3Aa+b%3Apull&x=1"
        );
    }

    #[test]
    fn a_host_is_told_once() {
        let passes = Passes::default();
        let scopes = ["a".to_owned()];
        assert_eq!(passes.get("h", &scopes), None);
        passes.set_bearer("h", &scopes, "Bearer t");
        assert_eq!(passes.get("h", &scopes).as_deref(), Some("Bearer t"));
        assert_eq!(passes.get("h", &[]), None);
        assert_eq!(passes.get("other", &scopes), None);
        passes.set_basic("h", "Basic b");
        assert_eq!(passes.get("h", &[]).as_deref(), Some("Basic b"));
        passes.forget("h");
        assert_eq!(passes.get("h", &[]), None);
    }
}
