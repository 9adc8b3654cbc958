//! The server behind the handle: takes requests apart, finds the kind, and turns results into responses.

use crate::access::{Identity, Tokens};
use crate::body::{SandboxBody, WatchStream};
use crate::conform;
use crate::controllers::{Later, Pending};
use crate::discovery::{self, Wanted};
use crate::disk::Disk;
use crate::error::Error;
use crate::failure::Failure;
use crate::kinds::{self, Kind};
use crate::listed::Listed;
use crate::request::{Accepted, Form, Media, Request, percent_decoded};
use crate::sandbox::{Options, Response};
use crate::schema::definition;
use crate::store::Store;
use crate::table::{self, Asked, Include};
use crate::watch::Watcher;
use crate::{crds, openapi, protobuf, time};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

/// State of one server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) options: Options,
    pub(crate) watchers: Vec<Watcher>,
    /// Built-in kinds and those of CustomResourceDefinitions; made when first needed after a change.
    kinds: Option<Arc<[Arc<Kind>]>>,
    /// The time of the request being answered.
    pub(crate) now: String,
    pub(crate) now_micro: String,
    /// Texts of `Warning` headers of the request being answered.
    pub(crate) warnings: Vec<String>,
    /// Keys that controllers have yet to look at.
    pub(crate) pending: Pending,
    /// Objects whose controllers look at them later.
    pub(crate) later: Later,
    /// Who sent the request being answered.
    pub(crate) who: Identity,
    pub(crate) tokens: Tokens,
    disk: Option<Disk>,
}

/// What a request is about.
#[derive(Debug, Clone)]
pub(crate) struct Call<'r> {
    pub(crate) request: &'r Request,
    pub(crate) kind: Arc<Kind>,
    pub(crate) namespace: String,
    pub(crate) name: Option<String>,
    pub(crate) subresource: String,
    pub(crate) accepted: Accepted,
}

/// What a request leads to.
#[derive(Debug)]
pub(crate) enum Reply {
    Object {
        code: u16,
        object: Arc<Value>,
    },
    List(Listed),
    /// A document that is not subject to Table and the like.
    Document(Value),
    Text {
        code: u16,
        media: &'static str,
        text: String,
    },
    /// A text that clients keep, and the tag they ask for it with.
    Tagged {
        media: &'static str,
        text: String,
        tag: String,
    },
    Bytes {
        code: u16,
        media: &'static str,
        bytes: Vec<u8>,
    },
    NotModified,
    Watch(WatchStream),
}

impl Reply {
    pub(crate) fn ok(object: Arc<Value>) -> Reply {
        Reply::Object { code: 200, object }
    }
}

impl Server {
    pub(crate) fn new(options: Options, disk: Option<Disk>, store: Option<Store>) -> Server {
        let is_new = store.is_none();
        let mut server = Server {
            store: store.unwrap_or_default(),
            options,
            watchers: Vec::new(),
            kinds: None,
            now: String::new(),
            now_micro: String::new(),
            warnings: Vec::new(),
            pending: Pending::default(),
            later: Later::default(),
            who: Identity::administrator(),
            tokens: Tokens::default(),
            disk: None,
        };
        if is_new {
            server.tick();
            server.bootstrap();
            server.store.settle(0);
        }
        server.disk = disk;
        if !is_new {
            server.tick();
            server.resume();
        }
        server
    }

    fn tick(&mut self) {
        let now = (self.options.clock)();
        self.now = time::seconds(now);
        self.now_micro = time::micros(now);
    }

    /// Lets happen what happens by itself, and tells those who watch.
    pub(crate) fn pass_time(&mut self) {
        self.tick();
        self.catch_up();
        self.deliver();
        self.save();
    }

    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        match &mut self.disk {
            Some(disk) => disk.flush(&mut self.store),
            None => Ok(()),
        }
    }

    pub(crate) fn flush_and_leave(&mut self) -> Result<(), Error> {
        match &mut self.disk {
            Some(disk) => disk.flush_and_leave(&mut self.store),
            None => Ok(()),
        }
    }

    pub(crate) fn save(&mut self) {
        if let Some(disk) = &mut self.disk {
            disk.save(&mut self.store);
        } else {
            self.store.dirty.clear();
        }
    }

    /// A random UUID (version 4).
    pub(crate) fn new_uid(&self) -> String {
        let (a, b) = ((self.options.random)(), (self.options.random)());
        let (a, b) = (a & !0xf000 | 0x4000, b & !(3 << 62) | 1 << 63);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xffff,
            b >> 48,
            b & 0xffff_ffff_ffff
        )
    }

    /// Five characters of the alphabet that generated names use.
    pub(crate) fn random_suffix(&self) -> String {
        const SAFE: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut random = (self.options.random)();
        let mut letters = String::with_capacity(5);
        for _ in 0..5 {
            letters.push(char::from(SAFE[usize::try_from(random % 27).unwrap_or(0)]));
            random /= 27;
        }
        letters
    }

    pub(crate) fn kinds(&mut self) -> Arc<[Arc<Kind>]> {
        if self.kinds.is_none() {
            let built_in = kinds::built_in().iter().cloned();
            self.kinds = Some(built_in.chain(crds::kinds(&self.store)).collect());
        }
        self.kinds.clone().unwrap_or_default()
    }

    /// Makes the next request see changed CustomResourceDefinitions.
    pub(crate) fn forget_kinds(&mut self) {
        self.kinds = None;
    }

    /// Answers `request`.
    pub(crate) fn respond(&mut self, request: &Request) -> Response {
        let reply = self.answer(request);
        let warnings = std::mem::take(&mut self.warnings);
        let mut response = match reply {
            Ok((reply, accepted)) => render(reply, accepted),
            Err(failure) => render_failure(&failure, request),
        };
        for warning in warnings {
            let value = format!("299 - {}", crate::failure::go_quote(&warning));
            if let Ok(value) = http::HeaderValue::from_str(&value) {
                response.headers_mut().append(http::header::WARNING, value);
            }
        }
        response
    }

    /// Does what `request` asks for, and saves and announces what changed.
    pub(crate) fn answer(&mut self, request: &Request) -> Result<(Reply, Accepted), Failure> {
        self.tick();
        self.warnings.clear();
        self.catch_up();
        let reply = self.identify(request).and_then(|who| {
            self.who = who;
            self.route(request)
        });
        self.deliver();
        self.save();
        reply
    }

    fn route(&mut self, request: &Request) -> Result<(Reply, Accepted), Failure> {
        let plain = Accepted::PLAIN;
        let path = request.path.trim_end_matches('/');
        if path.contains("//") {
            return Err(Failure::no_resource());
        }
        let segments: Vec<String> =
            path.split('/').skip(1).map(|segment| percent_decoded(segment, false)).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let is_resource = matches!(segments.as_slice(), ["api", _, _, ..] | ["apis", _, _, _, ..]);
        if !is_resource && !self.who.is_administrator() {
            self.authorize_path(&request.method, if path.is_empty() { "/" } else { path })?;
        }
        let document = match segments.as_slice() {
            [] => Some(discovery::paths(&self.kinds())),
            ["version"] => Some(discovery::version(&self.options.kube_version)),
            ["healthz" | "livez" | "readyz", ..] => {
                let reply = Reply::Text { code: 200, media: "text/plain; charset=utf-8", text: "ok".into() };
                return Ok((reply, plain));
            }
            ["openapi", ..] if request.method != Method::GET => return Err(Failure::method_not_allowed()),
            ["openapi", "v2"] => return self.openapi_v2(request).map(|r| (r, plain)),
            ["openapi", "v3"] => {
                let text = openapi::index(&self.kinds());
                let tag = etag(&text);
                return Ok((tagged(request, "text/plain; charset=utf-8", text, tag), plain));
            }
            ["openapi", "v3", rest @ ..] => {
                let document = openapi::v3(&self.kinds(), &rest.join("/"));
                let Some(document) = document else {
                    return Ok((Reply::Text { code: 404, media: "", text: String::new() }, plain));
                };
                let tag = format!("\"{}\"", document.hash);
                return Ok((tagged(request, "application/json", document.text, tag), plain));
            }
            ["api" | "apis"] => return self.roots(request, segments[0] == "api").map(|r| (r, plain)),
            ["api", "v1"] => Some(discovery::resource_list(&self.kinds(), "", "v1")),
            ["api", version, rest @ ..] => return self.resource(request, "", version, rest),
            ["apis", group] => {
                let kinds = self.kinds();
                if !kinds.iter().any(|k| k.group == *group && !group.is_empty()) {
                    return Err(Failure::page_not_found());
                }
                Some(discovery::group(&kinds, group))
            }
            ["apis", group, version] => {
                let kinds = self.kinds();
                self.known_version(group, version)?;
                Some(discovery::resource_list(&kinds, group, version))
            }
            ["apis", group, version, rest @ ..] => return self.resource(request, group, version, rest),
            _ => None,
        };
        let document = document.ok_or_else(Failure::page_not_found)?;
        if request.method != Method::GET {
            return Err(Failure::method_not_allowed());
        }
        let accepted =
            request.accepted(false).or_else(|failure| match discovery::wanted(&request.accept) {
                Wanted::Unknown => Err(failure),
                _ => Ok(plain),
            })?;
        Ok((Reply::Document(document), accepted))
    }

    fn openapi_v2(&mut self, request: &Request) -> Result<Reply, Failure> {
        let wanted = request.accept.split([',', ';']).next().unwrap_or_default().trim();
        match wanted {
            "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
            | "application/com.github.proto-openapi.spec.v2.v1.0+protobuf" => Ok(Reply::Bytes {
                code: 200,
                media: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
                bytes: openapi::v2_protobuf(),
            }),
            "" | "application/json" | "*/*" | "application/*" => {
                let text = openapi::v2(&self.kinds());
                let tag = etag(&text);
                Ok(tagged(request, "application/json", text, tag))
            }
            _ => Err(Failure::new(406, Some("NotAcceptable"), "406: Not Acceptable")),
        }
    }

    fn roots(&mut self, request: &Request, core: bool) -> Result<Reply, Failure> {
        if request.method != Method::GET {
            return Err(Failure::method_not_allowed());
        }
        let kinds = self.kinds();
        match discovery::wanted(&request.accept) {
            Wanted::Aggregated => {
                let document = discovery::aggregated(&kinds, core);
                let text = document.to_string();
                let tag = etag(&text);
                Ok(tagged(request, discovery::AGGREGATED_TYPE, text, tag))
            }
            Wanted::Legacy if core => Ok(Reply::Document(discovery::core_versions())),
            Wanted::Legacy => Ok(Reply::Document(discovery::group_list(&kinds))),
            Wanted::Unknown => {
                let text = "only the following media types are accepted: application/json, application/yaml, \
                            application/vnd.kubernetes.protobuf";
                Err(Failure::new(406, Some("NotAcceptable"), text))
            }
        }
    }

    // An unknown group is outside the API, an unknown version of a known group is a Status.
    fn known_version(&mut self, group: &str, version: &str) -> Result<(), Failure> {
        let kinds = self.kinds();
        let mut of_group = kinds.iter().filter(|k| k.group == group).peekable();
        if of_group.peek().is_none() {
            return Err(Failure::page_not_found());
        }
        let custom = of_group.peek().is_some_and(|k| k.custom.is_some());
        match of_group.any(|k| k.version == version) {
            true => Ok(()),
            false if custom => Err(Failure::page_not_found()),
            false => Err(Failure::no_resource()),
        }
    }

    fn resource(
        &mut self,
        request: &Request,
        group: &str,
        version: &str,
        rest: &[&str],
    ) -> Result<(Reply, Accepted), Failure> {
        self.known_version(group, version)?;
        // The old form of watches: `/api/v1/watch/...`.
        if let ["watch", tail @ ..] = rest {
            let mut request = request.clone();
            request.query.push(("watch".into(), "true".into()));
            return self.resource(&request, group, version, tail);
        }
        let (namespace, rest) = match rest {
            ["namespaces", name, resource, tail @ ..] if !matches!(*resource, "status" | "finalize") => {
                (*name, [&[*resource], tail].concat())
            }
            _ => ("", rest.to_vec()),
        };
        let (plural, name, subresource) = match rest.as_slice() {
            [plural] => (*plural, None, String::new()),
            [plural, name] => (*plural, Some(*name), String::new()),
            [plural, name, sub] => (*plural, Some(*name), (*sub).to_owned()),
            _ => return Err(Failure::no_resource()),
        };
        let kinds = self.kinds();
        let kind = kinds.iter().find(|k| k.group == group && k.version == version && k.plural == plural);
        let kind = kind.ok_or_else(Failure::no_resource)?.clone();
        let missing = !subresource.is_empty() && kind.subresource(&subresource).is_none();
        if missing && kind.custom.is_some() && matches!(subresource.as_str(), "status" | "scale") {
            return Err(Failure::not_found(&kind, name.unwrap_or_default()));
        }
        if missing || !kind.namespaced && !namespace.is_empty() {
            return Err(Failure::no_resource());
        }
        let accepted = request.accepted(protobuf::is_servable(&kind))?;
        let read = from_protobuf(request, &kind)?;
        let call = Call {
            request: read.as_ref().unwrap_or(request),
            kind,
            namespace: namespace.to_owned(),
            name: name.map(str::to_owned),
            subresource,
            accepted,
        };
        self.authorize(&call)?;
        let reply = self.dispatch(&call)?;
        self.in_form(&call, reply)
    }

    // Statuses stay as they are, whatever was asked for.
    fn in_form(&self, call: &Call<'_>, reply: Reply) -> Result<(Reply, Accepted), Failure> {
        let plain = Accepted { form: Form::Object, ..call.accepted };
        let reply = match reply {
            Reply::Object { code, object } => self.object_in_form(call, code, object)?,
            Reply::List(list) => self.list_in_form(call, list)?,
            reply => reply,
        };
        Ok((reply, plain))
    }

    fn object_in_form(&self, call: &Call<'_>, code: u16, object: Arc<Value>) -> Result<Reply, Failure> {
        if call.accepted.media == Media::Protobuf
            && let Some(bytes) = protobuf::object(&object, Some(&call.kind))
        {
            return Ok(Reply::Bytes { code, media: protobuf::MEDIA_TYPE, bytes });
        }
        if object.get("kind").and_then(Value::as_str) == Some("Status") {
            return Ok(Reply::Object { code, object });
        }
        let object = match call.accepted.form {
            Form::Object => object,
            Form::Partial => Arc::new(table::partial(&object)),
            Form::Table(version) => Arc::new(table::table(&object, self.asked(call, version)?)),
        };
        Ok(Reply::Object { code, object })
    }

    // Lists may be long, so that their objects are written from where they are.
    fn list_in_form(&self, call: &Call<'_>, list: Listed) -> Result<Reply, Failure> {
        if call.accepted.media == Media::Protobuf
            && let Some(bytes) = protobuf::listed(&list, &call.kind)
        {
            return Ok(Reply::Bytes { code: 200, media: protobuf::MEDIA_TYPE, bytes });
        }
        let object = match call.accepted.form {
            Form::Object if call.accepted.media == Media::Json => return Ok(Reply::List(list)),
            Form::Partial if call.accepted.media == Media::Json => {
                let bytes = list.to_partial_json();
                return Ok(Reply::Bytes { code: 200, media: "application/json", bytes });
            }
            Form::Object => list.to_value(),
            Form::Partial => table::partial(&list.to_value()),
            Form::Table(version) => list.to_table(self.asked(call, version)?),
        };
        Ok(Reply::Object { code: 200, object: Arc::new(object) })
    }

    fn asked<'s>(&'s self, call: &'s Call<'_>, version: &'static str) -> Result<Asked<'s>, Failure> {
        let include = Include::parse(call.request.parameter("includeObject").unwrap_or_default())?;
        Ok(Asked { kind: &call.kind, include, version, now: &self.now, with_columns: true })
    }

    fn dispatch(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        if let Some(custom) = &call.kind.custom
            && let Some(warning) = &custom.deprecated
        {
            self.warnings.push(warning.clone());
        }
        if call.kind.storage == "/endpoints" {
            let text = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
            self.warnings.push(text.into());
        }
        let kind = call.kind.clone();
        let verbs = match call.subresource.as_str() {
            "" => kind.verbs.as_str(),
            sub => kind.subresource(sub).map_or("", |s| s.verbs.as_str()),
        };
        let allowed = |verb: char| {
            if verbs.contains(verb) { Ok(()) } else { Err(Failure::method_not_allowed()) }
        };
        // Objects of namespaced kinds are only reached through their namespace.
        if kind.namespaced
            && call.namespace.is_empty()
            && (call.name.is_some() || call.request.method != Method::GET)
        {
            return Err(Failure::method_not_allowed());
        }
        match (&call.request.method, &call.name) {
            (&Method::GET, None) if call.request.flag("watch") => {
                allowed('w').and_then(|()| self.watch(call))
            }
            (&Method::GET, None) => allowed('l').and_then(|()| self.list(call)).map(Reply::List),
            (&Method::POST, None) => allowed('c').and_then(|()| self.create(call)),
            (&Method::DELETE, None) => allowed('D').and_then(|()| self.delete_collection(call)),
            (&Method::GET, Some(_)) if call.subresource.is_empty() => {
                allowed('g').and_then(|()| self.get(call))
            }
            (&Method::PUT, Some(_)) if matches!(call.subresource.as_str(), "" | "status") => {
                allowed('u').and_then(|()| self.update(call))
            }
            (&Method::PATCH, Some(_)) if matches!(call.subresource.as_str(), "" | "status") => {
                allowed('p').and_then(|()| self.patch(call))
            }
            (&Method::DELETE, Some(_)) if call.subresource.is_empty() => {
                allowed('d').and_then(|()| self.delete(call))
            }
            (method, Some(_)) if !call.subresource.is_empty() => {
                let verb = match *method {
                    Method::GET => 'g',
                    Method::POST => 'c',
                    Method::PUT => 'u',
                    Method::PATCH => 'p',
                    Method::DELETE => 'd',
                    _ => '-',
                };
                allowed(verb).and_then(|()| self.subresource(call))
            }
            _ => Err(Failure::method_not_allowed()),
        }
    }

    /// The object of a kind with nothing set, as the managers of a new object are found by comparing with it.
    pub(crate) fn blank(kind: &Kind) -> Value {
        match kind.type_index {
            Some(index) if kind.custom.is_none() => conform::empty(definition(index)),
            _ => json!({}),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure; what is on disk stays as it was.
        let _ = self.flush();
    }
}

/// The request with a JSON body, if its body is protobuf.
fn from_protobuf(request: &Request, kind: &Kind) -> Result<Option<Request>, Failure> {
    if request.body_type() != protobuf::MEDIA_TYPE || request.body.is_empty() || kind.custom.is_some() {
        return Ok(None);
    }
    let value = protobuf::to_json(&request.body, kind.type_index).map_err(|why| {
        let snippet = crate::decode::snippet(&request.body, true);
        let kind = &kind.kind;
        Failure::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): {why} ({snippet})"
        ))
    })?;
    let mut read = request.clone();
    read.body = value.to_string().into();
    read.content_type = "application/json".into();
    Ok(Some(read))
}

fn tagged(request: &Request, media: &'static str, text: String, tag: String) -> Reply {
    if !request.if_none_match.is_empty() && request.if_none_match == tag {
        return Reply::NotModified;
    }
    Reply::Tagged { media, text, tag }
}

fn etag(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("\"{:016X}\"", hasher.finish())
}

fn response(code: u16, media: &str, body: SandboxBody) -> Response {
    let mut response = http::Response::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = http::HeaderValue::from_str(media) {
        response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    }
    response
}

fn media(accepted: Accepted) -> &'static str {
    if accepted.media == Media::Yaml { "application/yaml" } else { "application/json" }
}

fn watch_media(accepted: Accepted) -> &'static str {
    match accepted.media {
        Media::Protobuf => "application/vnd.kubernetes.protobuf;stream=watch",
        _ => media(accepted),
    }
}

fn document(value: &Value, accepted: Accepted) -> SandboxBody {
    if accepted.media == Media::Yaml {
        return SandboxBody::full(crate::yaml::encode(value));
    }
    let mut text = serde_json::to_vec(value).unwrap_or_default();
    text.push(b'\n');
    SandboxBody::full(text)
}

fn render(reply: Reply, accepted: Accepted) -> Response {
    match reply {
        Reply::Object { code, object } => response(code, media(accepted), document(&object, accepted)),
        Reply::List(list) => response(200, media(accepted), SandboxBody::full(list.to_json())),
        Reply::Document(value) => response(200, media(accepted), document(&value, accepted)),
        Reply::Text { code, media, text } => {
            let mut response = response(code, media, SandboxBody::full(text));
            if code == 204 || media.is_empty() {
                response.headers_mut().remove(http::header::CONTENT_TYPE);
            }
            response
        }
        Reply::Bytes { code, media, bytes } => response(code, media, SandboxBody::full(bytes)),
        Reply::Tagged { media, text, tag } => {
            let mut response = response(200, media, SandboxBody::full(text));
            if let Ok(tag) = http::HeaderValue::from_str(&tag) {
                response.headers_mut().insert(http::header::ETAG, tag);
            }
            let vary = http::HeaderValue::from_static("Accept");
            response.headers_mut().insert(http::header::VARY, vary);
            response
        }
        Reply::NotModified => {
            let mut response = http::Response::new(SandboxBody::Full(None));
            *response.status_mut() = http::StatusCode::NOT_MODIFIED;
            response
        }
        Reply::Watch(stream) => response(200, watch_media(accepted), SandboxBody::Stream(stream)),
    }
}

fn render_failure(failure: &Failure, request: &Request) -> Response {
    if failure.is_plain() {
        let body = SandboxBody::full(failure.message().to_owned());
        return response(failure.code(), "text/plain; charset=utf-8", body);
    }
    let plain = Accepted::PLAIN;
    let accepted = request.accepted(true).unwrap_or(plain);
    if accepted.media == Media::Protobuf
        && let Some(bytes) = protobuf::object(&failure.status(), None)
    {
        return response(failure.code(), protobuf::MEDIA_TYPE, SandboxBody::full(bytes));
    }
    response(failure.code(), media(accepted), document(&failure.status(), accepted))
}
