//! The client: requests, answers, retries, and the plain verbs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::Value;

use crate::connect::DiscoveryCache;
use crate::data_object::{self, DataObject, ObjectMetadata, Page};
use crate::discovery::Discovery;
use crate::error::{Error, ErrorKind};
use crate::names;
use crate::resource::{Mapping, Resource};
use crate::status::ApiStatus;
use crate::transport::{Body, Stage, Transport, TransportError};
use crate::watch::Streamed;

/// How often a request is sent again because the server asked for patience (client-go's `WithRetry`).
const PATIENCE: u32 = 10;

/// How long client-go waits before it asks a server again that closed the connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Who speaks.
#[derive(Debug, Clone)]
pub struct Options {
    /// The field manager of objects (`helm`); it decides who owns what, so there is no default.
    pub field_manager: String,
    /// `User-Agent`; the part before `/` is the field manager of stored releases (`Helm/4.3.1`).
    pub user_agent: String,
}

/// What `/version` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVersion {
    /// `v1.36.2`.
    pub git_version: String,
    /// `1`.
    pub major: String,
    /// `36`.
    pub minor: String,
}

/// A connection to one cluster, cheap to clone; what discovery found is shared between clones.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    options: Arc<Options>,
    discovery: Arc<Mutex<Knowledge>>,
    version: Arc<Mutex<Option<ServerVersion>>>,
    cache: Option<Arc<DiscoveryCache>>,
    is_pretending: bool,
}

/// What is known of what a cluster serves.
#[derive(Debug, Default)]
enum Knowledge {
    /// Nothing.
    #[default]
    None,
    /// What another command has found.
    Kept(Arc<Discovery>),
    /// What the cluster has said to this one.
    Said(Arc<Discovery>),
}

/// One request, before it has a body.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) accept: &'a str,
    pub(crate) content_type: Option<&'a str>,
    /// What client-go names in generic errors: plural, group and name.
    pub(crate) what: String,
    /// The tag of an answer that is known already.
    pub(crate) unless: &'a str,
}

impl Client {
    /// Makes a client over a transport; nothing is sent.
    pub fn new(transport: Arc<dyn Transport>, options: Options) -> Client {
        Client {
            transport,
            options: Arc::new(options),
            discovery: Arc::default(),
            version: Arc::default(),
            cache: None,
            is_pretending: false,
        }
    }

    /// Keeps what the cluster serves in a file, and believes what is in it.
    #[must_use]
    pub fn with_cache(self, cache: DiscoveryCache) -> Client {
        Client { cache: Some(Arc::new(cache)), ..self }
    }

    /// Returns a client that counts as connected and finds a place for no object, so that nothing is read or changed;
    /// version and discovery are still asked for (Helm's `PrintingKubeClient`, which goes with records in memory).
    #[must_use]
    pub fn pretending(self) -> Client {
        Client { is_pretending: true, ..self }
    }

    /// Returns whether this client only pretends to work on objects.
    pub fn is_pretending(&self) -> bool {
        self.is_pretending
    }

    /// Makes sure that the cluster answers (`kube.Client.IsReachable`).
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] when there is no proper answer.
    pub async fn check_reachable(&self) -> Result<(), Error> {
        if self.is_pretending {
            return Ok(());
        }
        self.server_version().await.map(drop)
    }

    /// Returns the field manager objects are written with.
    pub fn field_manager(&self) -> &str {
        &self.options.field_manager
    }

    /// Asks for the server's version.
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] when there is no proper answer.
    pub async fn server_version(&self) -> Result<ServerVersion, Error> {
        let answer = self.get_json("/version").await.map_err(|cause| {
            let cause = match cause.kind() {
                ErrorKind::Answer(text) => ErrorKind::Version(text.clone()).into(),
                _ => cause.in_generic_words(&Method::GET),
            };
            Error::from(ErrorKind::Unreachable(cause))
        })?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let version =
            ServerVersion { git_version: text("gitVersion"), major: text("major"), minor: text("minor") };
        *self.version.lock().unwrap_or_else(PoisonError::into_inner) = Some(version.clone());
        Ok(version)
    }

    /// As [`Client::server_version`], but asked once: what a connection has said already is taken from memory.
    ///
    /// # Errors
    /// As [`Client::server_version`].
    pub async fn known_server_version(&self) -> Result<ServerVersion, Error> {
        let known = self.version.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(version) => Ok(version),
            None => self.server_version().await,
        }
    }

    /// Returns what the cluster serves; asked once, or not at all if an earlier command has done so within six hours.
    ///
    /// # Errors
    /// When the server does not answer or answers in another protocol.
    pub async fn discover(&self) -> Result<Arc<Discovery>, Error> {
        match &*self.knowledge() {
            Knowledge::Kept(known) | Knowledge::Said(known) => return Ok(Arc::clone(known)),
            Knowledge::None => {}
        }
        match self.cache.as_ref().and_then(|cache| cache.load()) {
            Some((kept, true)) => {
                let known = Arc::new(kept.discovery);
                *self.knowledge() = Knowledge::Kept(Arc::clone(&known));
                Ok(known)
            }
            _ => self.discover_anew().await,
        }
    }

    /// Returns what the cluster serves now; asked once. Templates see it, so that nothing older will do
    /// (`Configuration.getCapabilities`).
    ///
    /// # Errors
    /// As [`Client::discover`].
    pub async fn discover_anew(&self) -> Result<Arc<Discovery>, Error> {
        if let Knowledge::Said(known) = &*self.knowledge() {
            return Ok(Arc::clone(known));
        }
        let kept = self.cache.as_ref().and_then(|cache| cache.load()).map(|(kept, _)| kept);
        let found = Discovery::ask(self, kept).await;
        let found = found.map_err(|error| error.in_generic_words(&Method::GET))?;
        if let Some(cache) = &self.cache {
            cache.save(&found);
        }
        let found = Arc::new(found.discovery);
        *self.knowledge() = Knowledge::Said(Arc::clone(&found));
        Ok(found)
    }

    /// Returns whether what is known may be older than this command.
    pub(crate) fn knows_from_before(&self) -> bool {
        matches!(&*self.knowledge(), Knowledge::Kept(_))
    }

    /// Forgets what the cluster serves, because definitions were installed.
    pub fn forget_discovery(&self) {
        if let Some(cache) = &self.cache {
            cache.forget();
        }
        *self.knowledge() = Knowledge::None;
    }

    fn knowledge(&self) -> MutexGuard<'_, Knowledge> {
        self.discovery.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits on the transport's clock.
    pub async fn sleep(&self, duration: Duration) {
        self.transport.sleep(duration).await;
    }

    /// Reads the object a resource names.
    ///
    /// # Errors
    /// [`ErrorKind::Api`] with `NotFound` when it does not exist.
    pub async fn get(&self, resource: &Resource) -> Result<Value, Error> {
        if resource.name.is_empty() {
            return Err(ErrorKind::NoName.into());
        }
        self.json(resource.call(Method::GET, &[]), Bytes::new()).await
    }

    /// Reads the object a resource names; `None` when it does not exist.
    ///
    /// # Errors
    /// For every other refusal.
    pub async fn find(&self, resource: &Resource) -> Result<Option<Value>, Error> {
        match self.get(resource).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads an object as the rows kubectl shows (`meta.k8s.io/v1` `Table`), objects included.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_table(&self, resource: &Resource) -> Result<Value, Error> {
        let mut call = resource.call(Method::GET, &[("includeObject", "Object")]);
        call.accept = TABLE;
        self.json(call, Bytes::new()).await
    }

    /// Lists objects of a kind with selectors (`labelSelector`, `fieldSelector`); empty namespace: all.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn list(
        &self,
        mapping: &Mapping,
        namespace: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Error> {
        let mut list = self.json(mapping.call(Method::GET, namespace, None, query), Bytes::new()).await?;
        name_items(&mut list);
        Ok(list)
    }

    /// As [`Client::list`], as a `Table`.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn list_table(
        &self,
        mapping: &Mapping,
        namespace: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Error> {
        let mut query = query.to_vec();
        query.push(("includeObject", "Object"));
        let mut call = mapping.call(Method::GET, namespace, None, &query);
        call.accept = TABLE;
        self.json(call, Bytes::new()).await
    }

    /// Reads, creates, replaces or deletes an object of the core group without discovery, as the storage of
    /// releases does. `name` absent: the collection. A body is sent as JSON.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn core(
        &self,
        method: Method,
        (namespace, plural, name): (&str, &str, Option<&str>),
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        let mut path = names::core_collection(namespace, plural);
        let mut what = plural.to_owned();
        if let Some(name) = name {
            path = format!("{path}/{}", names::escape(name));
            what = format!("{plural} {name}");
        }
        let content_type = body.map(|_| JSON);
        let url = names::with_query(&path, query);
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        self.json(Call { method, url, accept: JSON, content_type, what, unless: "" }, body).await
    }

    /// Lists Secrets or ConfigMaps (`plural`); empty namespace: all.
    ///
    /// # Errors
    /// When the server refuses, or answers with something else.
    pub async fn data_objects(
        &self,
        (namespace, plural): (&str, &str),
        query: &[(&str, &str)],
    ) -> Result<Page<DataObject>, Error> {
        data_object::read_list(&self.core_list((namespace, plural), query, PROTOBUF).await?)
    }

    /// Lists objects of the core group without what they hold.
    ///
    /// # Errors
    /// When the server refuses, or answers with something else.
    pub async fn core_metadata(
        &self,
        (namespace, plural): (&str, &str),
        query: &[(&str, &str)],
    ) -> Result<Vec<ObjectMetadata>, Error> {
        data_object::read_metadata(&self.core_list((namespace, plural), query, PARTIAL_LIST).await?)
    }

    async fn core_list(
        &self,
        (namespace, plural): (&str, &str),
        query: &[(&str, &str)],
        accept: &str,
    ) -> Result<Bytes, Error> {
        let url = names::with_query(&names::core_collection(namespace, plural), query);
        let call = Call { what: plural.to_owned(), ..get(&url, accept, "") };
        let (status, headers, answer) = self.answer(call, Bytes::new()).await?;
        let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or(JSON);
        let media = media.split(';').next().unwrap_or_default().trim();
        if !MEDIA_TYPES.contains(&media) {
            return Err(ErrorKind::NoSerializer(media.to_owned()).into());
        }
        match answer.is_empty() {
            true => Err(ErrorKind::Empty { code: status.as_u16(), media: media.to_owned() }.into()),
            false => Ok(answer),
        }
    }

    /// Reads a path as JSON.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn get_json(&self, path: &str) -> Result<Value, Error> {
        self.get_json_as(path, "application/json, */*").await
    }

    pub(crate) async fn get_json_as(&self, path: &str, accept: &str) -> Result<Value, Error> {
        self.json(get(path, accept, ""), Bytes::new()).await
    }

    /// Reads a path as JSON, and the tag of the answer; `None` if the answer still has the given tag.
    pub(crate) async fn get_unless_same(
        &self,
        path: &str,
        accept: &str,
        tag: &str,
    ) -> Result<Option<(Value, String)>, Error> {
        let (status, headers, answer) = self.answer(get(path, accept, tag), Bytes::new()).await?;
        if status == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let answer = decode(&answer)?;
        let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        Ok(Some((answer, tag.to_owned())))
    }

    pub(crate) async fn json(&self, call: Call<'_>, body: Bytes) -> Result<Value, Error> {
        decode(&self.bytes(call, body).await?)
    }

    /// Sends a request and returns the body of a good answer.
    pub(crate) async fn bytes(&self, call: Call<'_>, body: Bytes) -> Result<Bytes, Error> {
        self.answer(call, body).await.map(|(_, _, answer)| answer)
    }

    async fn answer(&self, call: Call<'_>, body: Bytes) -> Result<(StatusCode, HeaderMap, Bytes), Error> {
        let mut attempt = 0;
        loop {
            let (status, headers, answer) = match self.exchange(&call, body.clone()).await {
                // What changes nothing may be asked for again (rest/request.go, Request.request).
                Err(error) if error.is_broken_off() && call.method == Method::GET && attempt < PATIENCE => {
                    self.transport.sleep(PAUSE).await;
                    attempt += 1;
                    continue;
                }
                outcome => outcome?,
            };
            if status.is_success() || status == StatusCode::NOT_MODIFIED {
                return Ok((status, headers, answer));
            }
            match retry_after(status, &headers) {
                Some(delay) if attempt < PATIENCE => self.transport.sleep(delay).await,
                _ => {
                    let status = ApiStatus::from_response(status, &answer, &call.method, &call.what);
                    return Err(ErrorKind::Api(status).into());
                }
            }
            attempt += 1;
        }
    }

    /// Sends a request and returns the body of a good answer while it is still arriving.
    pub(crate) async fn open(&self, call: &Call<'_>) -> Result<Body, Error> {
        let mut request = self.request(call, Bytes::new())?;
        request.extensions_mut().insert(Streamed);
        let response = self.transport.send(request).await.map_err(|source| self.failed(call, source))?;
        let (parts, body) = response.into_parts();
        if parts.status.is_success() {
            return Ok(body);
        }
        let answer = body.collect().await.map_err(|source| self.failed(call, source))?;
        let status = ApiStatus::from_response(parts.status, &answer, &call.method, &call.what);
        Err(ErrorKind::Api(status).into())
    }

    async fn exchange(&self, call: &Call<'_>, body: Bytes) -> Result<(StatusCode, HeaderMap, Bytes), Error> {
        let failed = |source| self.failed(call, source);
        let response = self.transport.send(self.request(call, body)?).await.map_err(failed)?;
        let (parts, body) = response.into_parts();
        let answer = body.collect().await.map_err(failed)?;
        Ok((parts.status, parts.headers, answer))
    }

    fn failed(&self, call: &Call<'_>, source: TransportError) -> Error {
        match source.stage() {
            Stage::Configuration => ErrorKind::Configuration(source).into(),
            Stage::Reading => ErrorKind::Reading(source).into(),
            Stage::Reaching | Stage::Answering => {
                let url = format!("{}{}", self.transport.server(), call.url);
                ErrorKind::Transport { method: go_method(&call.method), url, source }.into()
            }
        }
    }

    fn request(&self, call: &Call<'_>, body: Bytes) -> Result<Request<Bytes>, Error> {
        let mut request = Request::builder()
            .method(&call.method)
            .uri(&call.url)
            .header(header::ACCEPT, call.accept)
            .header(header::USER_AGENT, &self.options.user_agent);
        if let Some(content_type) = call.content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if !call.unless.is_empty() {
            request = request.header(header::IF_NONE_MATCH, call.unless);
        }
        request.body(body).map_err(|error| self.failed(call, TransportError::new(error)))
    }
}

pub(crate) const JSON: &str = "application/json";
/// The forms that are asked for and read.
const MEDIA_TYPES: [&str; 2] = [JSON, "application/vnd.kubernetes.protobuf"];
/// What typed clients ask for.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf,application/json";
const PARTIAL_LIST: &str =
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

/// Reads an answer; what is wrong with it is said in Go's words.
pub(crate) fn decode(answer: &[u8]) -> Result<Value, Error> {
    decode_as(answer)
}

/// As [`decode`], into a type.
pub(crate) fn decode_as<'a, T: serde::Deserialize<'a>>(answer: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(answer).map_err(|cause| {
        let go = value::json::read(answer).err();
        ErrorKind::Answer(go.map_or_else(|| cause.to_string(), |error| error.inner_text())).into()
    })
}

fn get<'a>(path: &str, accept: &'a str, unless: &'a str) -> Call<'a> {
    let (method, url, what) = (Method::GET, path.to_owned(), String::new());
    Call { method, url, accept, content_type: None, what, unless }
}

/// Says of the items what they are, which servers leave to the list (`unstructuredJSONScheme.decodeToList`).
fn name_items(list: &mut Value) {
    let kind =
        list["kind"].as_str().and_then(|kind| kind.strip_suffix("List")).unwrap_or_default().to_owned();
    let api_version = list["apiVersion"].clone();
    let items = list.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten();
    for item in items.filter_map(Value::as_object_mut).filter(|item| !item.contains_key("kind")) {
        item.insert("kind".to_owned(), Value::from(kind.as_str()));
        item.insert("apiVersion".to_owned(), api_version.clone());
    }
}

/// The server asks for patience with 429 or 5xx and `Retry-After` in seconds.
fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
        return None;
    }
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Go writes methods in errors with one capital (`Get`, `Patch`).
fn go_method(method: &Method) -> String {
    let lower = method.as_str().to_lowercase();
    let mut letters = lower.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
