//! A cluster, a store and a chart made of strings.

use std::cell::RefCell;
use std::future::Future as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use actions::{ChartRenderer, Connections, Event, RenderError, RenderInput, Rendered, Reporter, ValuesMode};
use bytes::Bytes;
use cluster::{Body, BoxFuture, Cancel, Client, Options, Transport, TransportError, WaitStrategy};
use http::{Request, Response};
use manifest::{Crd, Document, Head, KindOrder, ManifestSet, Time};
use release::{ChartPart, Clock, Driver, Holder, Labels, Presence, Probe, Storage};
use sandbox::Sandbox;
use serde_json::{Value, json};

/// Decides whether a request is refused instead of answered.
pub(crate) type Saboteur = Box<dyn Fn(&Request<Bytes>) -> bool + Send + Sync>;

/// A server in the same process behind the transport trait; it notes what it was asked.
pub(crate) struct InProcess {
    sandbox: Sandbox,
    pub(crate) log: std::sync::Mutex<Vec<String>>,
    pub(crate) saboteur: std::sync::Mutex<Option<Saboteur>>,
    /// How many requests are answered before the line goes dead.
    pub(crate) answers: AtomicUsize,
}

impl InProcess {
    /// Patches an object as somebody else.
    pub(crate) fn patch(&self, path: &str, patch: &Value) {
        let request = Request::patch(path).header("content-type", "application/merge-patch+json");
        let response = self.sandbox.handle(request.body(patch.to_string().into()).unwrap());
        assert!(response.status().is_success(), "{path}: {}", response.status());
    }

    fn takes_one(&self) -> bool {
        let less_one = |left: usize| left.checked_sub(1);
        self.answers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less_one).is_ok()
    }
}

impl Transport for InProcess {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        self.log.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        if !self.takes_one() {
            return Box::pin(std::future::pending());
        }
        let refuses = self.saboteur.lock().unwrap().as_ref().is_some_and(|saboteur| saboteur(&request));
        if refuses {
            let status =
                json!({"kind": "Status", "message": "sabotage", "reason": "InternalError", "code": 500});
            let response =
                Response::builder().status(500).body(Body::Whole(status.to_string().into())).unwrap();
            return Box::pin(std::future::ready(Ok(response)));
        }
        self.sandbox.send(request)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.sandbox.sleep(duration)
    }
}

pub(crate) struct Stage {
    pub(crate) transport: Arc<InProcess>,
    pub(crate) client: Client,
    pub(crate) storage: Storage,
    pub(crate) cancel: Cancel,
    pub(crate) events: RefCell<Vec<String>>,
}

pub(crate) fn clock() -> Clock {
    let seconds = std::sync::atomic::AtomicI64::new(1_700_000_000);
    Arc::new(move || Time::utc(seconds.fetch_add(1, std::sync::atomic::Ordering::Relaxed), 0))
}

impl Stage {
    pub(crate) fn new() -> Stage {
        let sandbox = Sandbox::in_memory(sandbox::Options::default());
        let transport = Arc::new(InProcess {
            sandbox,
            log: Default::default(),
            saboteur: Default::default(),
            answers: AtomicUsize::new(usize::MAX),
        });
        let options = Options { field_manager: "helm".to_owned(), user_agent: "Helm/4.3.1".to_owned() };
        let client = Client::new(Arc::clone(&transport) as Arc<dyn Transport>, options);
        let storage = Storage::new(Driver::Secrets(client.clone()), "default", clock());
        Stage { transport, client, storage, cancel: Cancel::default(), events: RefCell::default() }
    }

    /// Runs something with connections, on this thread.
    pub(crate) fn run<T>(&self, operation: impl AsyncFnOnce(Connections<'_>) -> T) -> T {
        let reporter = |event: Event<'_>| {
            if !matches!(event, Event::Step { .. } | Event::Idle | Event::Detail(_)) {
                let text = format!("{event:?}");
                let name: String = text.chars().take_while(|letter| letter.is_alphanumeric()).collect();
                self.events.borrow_mut().push(name);
            }
        };
        cluster::block_on(operation(self.connections(&reporter)))
    }

    fn connections<'s>(&'s self, reporter: &'s dyn Reporter) -> Connections<'s> {
        Connections {
            cluster: &self.client,
            releases: &self.storage,
            namespace: "default",
            reporter,
            cancel: &self.cancel,
        }
    }

    /// Runs an operation whose process is gone after `requests` answers; `None` when that happened.
    pub(crate) fn run_until_killed<T>(
        &self,
        requests: usize,
        operation: impl AsyncFnOnce(Connections<'_>) -> T,
    ) -> Option<T> {
        self.transport.answers.store(requests, Ordering::Relaxed);
        let reporter = |_: Event<'_>| ();
        // Every answer is there at once, so that only the dead line makes it wait.
        let work = std::pin::pin!(operation(self.connections(&reporter)));
        let poll = work.poll(&mut Context::from_waker(Waker::noop()));
        self.transport.answers.store(usize::MAX, Ordering::Relaxed);
        match poll {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }

    /// Lets the commands that follow come from another process, from which no other is seen running.
    pub(crate) fn become_process(&mut self, process: u32) {
        let holder =
            Holder { process, host: "host".to_owned(), user: "user".to_owned(), ..Holder::default() };
        let probe: Probe = Arc::new(|_| Some(false));
        self.storage = self.storage.clone().with_presence(Presence { holder, probe });
    }

    /// As [`Stage::become_process`], from where nobody can look for other processes.
    pub(crate) fn become_unseeing_process(&mut self, process: u32) {
        let holder = Holder { process, ..Holder::default() };
        let probe: Probe = Arc::new(|_| None);
        self.storage = self.storage.clone().with_presence(Presence { holder, probe });
    }

    pub(crate) fn object(&self, path: &str) -> Option<Value> {
        match cluster::block_on(self.client.get_json(path)) {
            Ok(object) => Some(object),
            Err(error) if error.is_not_found() => None,
            Err(error) => panic!("{path}: {}", cluster::chain(&error)),
        }
    }

    pub(crate) fn post(&self, path: &str, object: &Value) {
        let request = Request::builder().method("POST").uri(path).header("content-type", "application/json");
        let response = self.transport.sandbox.handle(request.body(object.to_string().into()).unwrap());
        assert!(response.status().is_success(), "{path}: {}", response.status());
    }

    /// Lets somebody else post an object just before the next one is posted there.
    pub(crate) fn post_before(&self, path: &'static str, object: Value) {
        let sandbox = self.transport.sandbox.clone();
        self.sabotage(move |request| {
            if request.method() == "POST" && request.uri().path() == path {
                let request = Request::post(path).header("content-type", "application/json");
                let response = sandbox.handle(request.body(object.to_string().into()).unwrap());
                assert!(response.status().is_success(), "{}", response.status());
            }
            false
        });
    }

    pub(crate) fn patch(&self, path: &str, patch: &Value) {
        self.transport.patch(path, patch);
    }

    pub(crate) fn delete(&self, path: &str) {
        let response = self.transport.sandbox.handle(Request::delete(path).body(Bytes::new()).unwrap());
        assert!(response.status().is_success(), "{path}: {}", response.status());
    }

    pub(crate) fn statuses(&self, name: &str) -> Vec<(i64, String)> {
        let history = cluster::block_on(self.storage.history(name));
        let records = history.map(|history| history.into_revisions()).unwrap_or_default();
        records.into_iter().map(|record| (record.version, record.info.status.to_string())).collect()
    }

    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut *self.transport.log.lock().unwrap())
    }

    pub(crate) fn sabotage(&self, saboteur: impl Fn(&Request<Bytes>) -> bool + Send + Sync + 'static) {
        *self.transport.saboteur.lock().unwrap() = Some(Box::new(saboteur));
    }
}

/// A chart of finished documents.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) documents: Vec<String>,
    pub(crate) crds: Vec<Crd>,
}

impl Texts {
    pub(crate) fn new(documents: &[&str]) -> Texts {
        Texts { documents: documents.iter().map(|text| (*text).to_owned()).collect(), crds: Vec::new() }
    }
}

impl ChartRenderer for Texts {
    fn process_dependencies(&mut self, _: ValuesMode<'_>) -> Result<(), RenderError> {
        Ok(())
    }

    fn crds(&self) -> Vec<Crd> {
        self.crds.clone()
    }

    fn render(&mut self, input: RenderInput<'_>) -> Result<Rendered, RenderError> {
        assert!(input.cluster.is_none_or(|cluster| cluster.version.major == "1"));
        let mut documents = Vec::new();
        for (number, text) in self.documents.iter().enumerate() {
            let head = Head::from_object(&manifest::document(text)?)?;
            documents.push(Document::new(format!("c/templates/{number}.yaml"), text, head));
        }
        let set = ManifestSet::from_documents(documents, KindOrder::Install);
        let metadata = json!({"name": "c", "version": "0.1.0", "apiVersion": "v2"});
        let notes = format!("revision {}", input.revision);
        Ok(Rendered {
            previous_config: None,
            set,
            notes,
            chart: ChartPart { metadata, ..ChartPart::default() },
            ..Rendered::default()
        })
    }
}

pub(crate) fn install_request(name: &str) -> actions::install::Request {
    actions::install::Request {
        name: name.to_owned(),
        dry_run: actions::DryRun::No,
        hide_secrets: false,
        disable_hooks: false,
        replace: false,
        create_namespace: false,
        skip_crds: false,
        server_side: true,
        force_conflicts: false,
        force_replace: false,
        take_ownership: false,
        validation: cluster::FieldValidation::Strict,
        wait: WaitStrategy::HookOnly,
        wait_for_jobs: false,
        timeout: Duration::from_secs(3),
        rollback_on_failure: false,
        description: String::new(),
        labels: Labels::new(),
        is_upgrade: false,
    }
}

/// Asks for the newest revisions of all releases, by name.
pub(crate) fn list_request() -> actions::list::Request<'static> {
    actions::list::Request {
        states: Vec::new(),
        filter: &|_| true,
        selector: &|_| true,
        order: actions::list::Order::Name,
        offset: 0,
        limit: 0,
    }
}

pub(crate) fn upgrade_request(name: &str) -> actions::upgrade::Request {
    actions::upgrade::Request {
        name: name.to_owned(),
        dry_run: actions::DryRun::No,
        hide_secrets: false,
        disable_hooks: false,
        server_side: actions::ServerSide::Auto,
        force_conflicts: false,
        force_replace: false,
        take_ownership: false,
        reuse: actions::upgrade::Reuse::Default,
        validation: cluster::FieldValidation::Strict,
        wait: WaitStrategy::HookOnly,
        wait_for_jobs: false,
        timeout: Duration::from_secs(3),
        rollback_on_failure: false,
        cleanup_on_fail: false,
        max_history: 10,
        description: String::new(),
        labels: Labels::new(),
        recover: false,
    }
}

pub(crate) fn rollback_request(name: &str, revision: i64) -> actions::rollback::Request {
    actions::rollback::Request {
        name: name.to_owned(),
        revision,
        dry_run: false,
        disable_hooks: false,
        server_side: actions::ServerSide::Auto,
        force_conflicts: false,
        force_replace: false,
        wait: WaitStrategy::HookOnly,
        wait_for_jobs: false,
        timeout: Duration::from_secs(3),
        cleanup_on_fail: false,
        max_history: 10,
        description: String::new(),
    }
}

pub(crate) fn config_map(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  k: \"{value}\"\n")
}

pub(crate) fn hook_job(name: &str, events: &str, policy: &str, exit_code: u8) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n  annotations:\n    helm.sh/hook: {events}\n    \
         helm.sh/hook-delete-policy: {policy}\nspec:\n  backoffLimit: 0\n  template:\n    metadata:\n      \
         annotations: {{sim/exit-code: \"{exit_code}\"}}\n    spec:\n      restartPolicy: Never\n      \
         containers: [{{name: c, image: i}}]\n"
    )
}
