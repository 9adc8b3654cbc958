//! From settings to a cluster, the records in it and a namespace: what one command works with.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use actions::{Connections, Reporter};
use bytes::Bytes;
use cluster::connect::DiscoveryCache;
use cluster::{Body, BoxFuture, Cancel, Client, Metered, Options, Traffic, Transport, TransportError};
use http::{Request, Response};
use release::{Database, Driver, Memory, Storage};
use sandbox::Sandbox;

use crate::commands::table::Invocation;
use crate::errors::{CommandError, chain};
use crate::reporters::Debug;
use crate::settings::Settings;
use crate::{advice, clock, logging, memory_records, presence, signals, terminal};

/// The field manager of objects. Releases are shared with Helm, and another name would turn every upgrade into a
/// conflict.
const FIELD_MANAGER: &str = "helm";

/// The part before the slash becomes the field manager of stored releases.
const USER_AGENT: &str = "Helm/4.3.1";

/// How long another command may keep the sandbox to itself, and how often it is looked for.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Which namespaces records are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// That of the command.
    Own,
    /// All of them.
    All,
}

/// A cluster, the records in it and a namespace.
pub(crate) struct Session {
    /// The cluster.
    pub(crate) client: Client,
    /// The namespace of the release.
    pub(crate) namespace: String,
    storage: Storage,
    is_debug: bool,
    cancelled: Arc<AtomicBool>,
    cancel: Cancel,
    sandbox: Option<Sandbox>,
    traffic: Arc<Traffic>,
}

/// Opens a session, does something with it, and makes sure that a sandbox keeps what was done, well or badly.
///
/// # Errors
/// When the sandbox cannot be opened or saved, and what the work fails with.
pub(crate) fn with_session<T>(
    invocation: &Invocation,
    scope: Scope,
    work: impl FnOnce(&Session) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let session = Session::open(invocation, scope)?;
    let outcome = work(&session);
    let saved = session.save();
    if invocation.settings.is_debug {
        session.tell_traffic();
    }
    outcome.and_then(|value| saved.map(|()| value))
}

/// Where records of releases are kept.
#[derive(Clone)]
pub(crate) enum Records {
    /// In Secrets of the cluster.
    Secrets,
    /// In ConfigMaps of the cluster.
    ConfigMaps,
    /// In a PostgreSQL database, which is connected to by commands that work on releases.
    Sql,
    /// In this process, which then only pretends to work on the cluster.
    Memory(Arc<Memory>),
}

impl Records {
    /// Chooses by `HELM_DRIVER` (action/action.go, Configuration.Init).
    ///
    /// # Errors
    /// What Helm says before it stops.
    pub(crate) fn choose(settings: &Settings) -> Result<Records, String> {
        match settings.driver.as_str() {
            "" | "secret" | "secrets" => Ok(Records::Secrets),
            "configmap" | "configmaps" => Ok(Records::ConfigMaps),
            "memory" => memory_records::load(settings).map(Records::Memory),
            "sql" => Ok(Records::Sql),
            other => Err(format!("unknown driver {}", value::gofmt::quoted(other.as_bytes()))),
        }
    }
}

impl Session {
    fn open(invocation: &Invocation, scope: Scope) -> Result<Session, CommandError> {
        let settings = &invocation.settings;
        let link = match &settings.sandbox {
            Some(name) => Link::to_sandbox(settings, name)?,
            None => Link::to_cluster(settings),
        };
        let namespace =
            if settings.namespace.is_empty() { link.namespace } else { settings.namespace.clone() };
        let options = Options { field_manager: FIELD_MANAGER.to_owned(), user_agent: USER_AGENT.to_owned() };
        let traffic = Arc::new(Traffic::default());
        let transport = Arc::new(Metered::new(link.transport, Arc::clone(&traffic)));
        let client = Client::new(Arc::new(Warned(transport)), options);
        let client = match link.cache {
            Some(cache) => client.with_cache(cache),
            None => client,
        };
        let (client, driver) = match &invocation.records {
            Records::Secrets => (client.clone(), Driver::Secrets(client)),
            Records::ConfigMaps => (client.clone(), Driver::ConfigMaps(client)),
            Records::Sql => {
                let database = Database::connect(&settings.sql_connection, &|name| env::var(name).ok());
                let database = database.map_err(|error| {
                    CommandError::Fatal(format!("unable to instantiate SQL driver: {error}"))
                })?;
                (client, Driver::Sql(Arc::new(database)))
            }
            // Helm: `list` of all namespaces begins anew, and takes a real client (cmd/list.go).
            Records::Memory(memory) if scope == Scope::All => (client, Driver::Memory(Arc::clone(memory))),
            Records::Memory(memory) => (client.pretending(), Driver::Memory(Arc::clone(memory))),
        };
        let place = if scope == Scope::All { "" } else { &namespace };
        let mut storage =
            Storage::new(driver, place, clock::system()).with_presence(presence::of_this_process());
        if let Some(folder) = &link.known {
            storage = storage.with_known(folder);
        }
        if !settings.splits_records {
            storage = storage.without_parts();
        }
        let cancelled = Arc::new(AtomicBool::new(false));
        let cancel = Cancel::from_flag(Arc::clone(&cancelled));
        let (is_debug, sandbox) = (settings.is_debug, link.sandbox);
        Ok(Session { client, storage, namespace, is_debug, cancelled, cancel, sandbox, traffic })
    }

    /// Drives an operation to its end on this thread.
    pub(crate) fn run<T>(
        &self,
        reporter: &dyn Reporter,
        operation: impl AsyncFnOnce(Connections<'_>) -> T,
    ) -> T {
        let debug = Debug::before(reporter);
        let connections = Connections {
            cluster: &self.client,
            releases: &self.storage,
            namespace: &self.namespace,
            reporter: if self.is_debug { &debug } else { reporter },
            cancel: &self.cancel,
        };
        cluster::block_on(operation(connections))
    }

    /// From now on Ctrl-C ends operations in an orderly way and not the program (cmd/install.go, runInstall).
    pub(crate) fn catch_signals(&self) {
        signals::catch(Arc::clone(&self.cancelled));
    }

    /// Says that the user gave up, if that is so.
    pub(crate) fn tell_cancelled(&self, release: &str) {
        if self.cancel.is_cancelled() {
            terminal::print(&format!("Release {release} has been cancelled.\n"));
        }
    }

    /// Words the error of an operation on a release, with what to do now.
    pub(crate) fn explain(
        &self,
        error: &actions::Error,
        invocation: &Invocation,
        (command, release): (&str, &str),
    ) -> CommandError {
        let is_cancelled = self.cancel.is_cancelled();
        let failed = advice::Failed { program: &invocation.program, command, release, is_cancelled };
        CommandError::message(advice::explain(error, failed))
    }

    /// Says what the command has cost; statements to a database do not count.
    fn tell_traffic(&self) {
        let traffic = &self.traffic;
        let figures = [traffic.requests(), traffic.sent_bytes(), traffic.received_bytes()];
        let [requests, sent, received] = figures.map(|figure| figure.to_string());
        let attributes = [("requests", &*requests), ("sentBytes", &sent), ("receivedBytes", &received)];
        logging::debug("exchanged with the cluster", &attributes);
    }

    fn save(&self) -> Result<(), CommandError> {
        let Some(sandbox) = &self.sandbox else { return Ok(()) };
        sandbox.flush_and_leave().map_err(|error| CommandError::message(chain(&error)))
    }
}

/// A way to a server.
struct Link {
    transport: Arc<dyn Transport>,
    /// The namespace it proposes.
    namespace: String,
    sandbox: Option<Sandbox>,
    /// What is known of the cluster from before.
    cache: Option<DiscoveryCache>,
    /// The folder that keeps what listings read in it.
    known: Option<PathBuf>,
}

impl Link {
    fn to_sandbox(settings: &Settings, name: &str) -> Result<Link, CommandError> {
        let store = sandbox_file(settings, name)?;
        let sandbox = open_sandbox(&store, &sandbox::Options::default())
            .map_err(|error| CommandError::message(chain(&error)))?;
        let transport = Arc::new(sandbox.clone());
        Ok(Link {
            transport,
            namespace: "default".to_owned(),
            sandbox: Some(sandbox),
            cache: None,
            known: None,
        })
    }

    fn to_cluster(settings: &Settings) -> Link {
        let options = cluster_options(settings);
        let (transport, namespace) = cluster::connect::transport(&options);
        let has_home = !settings.kube_cache.as_os_str().is_empty() && !transport.server().is_empty();
        let cache = has_home.then(|| DiscoveryCache::new(&settings.kube_cache, transport.server()));
        let known = (!transport.server().is_empty()).then(|| {
            let folder = Path::new(&settings.files.cache_home).join("releases");
            folder.join(cluster::connect::server_folder(transport.server()))
        });
        Link { transport, namespace, sandbox: None, cache, known }
    }
}

/// Returns what settings say about the cluster.
pub(crate) fn cluster_options(settings: &Settings) -> cluster::connect::Options {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let file = |name: &String| text(name).map(PathBuf::from);
    cluster::connect::Options {
        file: file(&settings.kubeconfig),
        files: settings.kubeconfig_files.clone(),
        context: text(&settings.kube_context),
        server: text(&settings.kube_api_server),
        token: text(&settings.kube_token),
        ca_file: file(&settings.kube_ca_file),
        as_user: text(&settings.kube_as_user),
        as_groups: settings.kube_as_groups.clone(),
        insecure_skip_tls_verify: settings.is_insecure,
        tls_server_name: text(&settings.kube_tls_server_name),
        in_cluster: ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"]
            .iter()
            .all(|name| env::var_os(name).is_some_and(|text| !text.is_empty())),
        rate: Some(cluster::connect::Rate { per_second: settings.qps, burst: settings.burst_limit }),
    }
}

/// Returns the file of the named sandbox.
///
/// # Errors
/// When the name could lead out of the folder of sandboxes.
pub(crate) fn sandbox_file(settings: &Settings, name: &str) -> Result<PathBuf, CommandError> {
    settings.sandbox_store(name).ok_or_else(|| {
        let text = format!(
            "invalid sandbox name {}: letters, digits, `-`, `_` and `.` are allowed, and no `.` at the start",
            value::gofmt::quoted(name.as_bytes())
        );
        CommandError::message(text)
    })
}

/// Opens a sandbox; another command that works on it is waited for, because most are through in an instant.
pub(crate) fn open_sandbox(path: &Path, options: &sandbox::Options) -> Result<Sandbox, sandbox::Error> {
    let start = Instant::now();
    loop {
        match Sandbox::open(path, options.clone()) {
            Err(error) if error.is_locked() && start.elapsed() < LOCK_PATIENCE => thread::sleep(LOCK_PAUSE),
            outcome => return outcome,
        }
    }
}

/// Another transport, whose answers' warnings are printed as client-go prints them (rest/warnings.go, WarningLogger).
struct Warned(Arc<dyn Transport>);

impl Transport for Warned {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let sent = self.0.send(request);
        Box::pin(async move {
            let response = sent.await?;
            let headers = response.headers().get_all(http::header::WARNING).iter();
            headers.filter_map(|header| header.to_str().ok()).filter_map(warning_text).for_each(|text| {
                logging::klog('I', "warnings.go:107", &format!("Warning: {text}"));
            });
            Ok(response)
        })
    }

    fn server(&self) -> &str {
        self.0.server()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.0.sleep(duration)
    }
}

/// Takes the text out of a header `299 - "text"`; other codes are no warnings of an API server.
fn warning_text(header: &str) -> Option<String> {
    let rest = header.strip_prefix("299 ")?;
    let (_, quoted) = rest.split_once(' ')?;
    let unquoted = value::gofmt::quote::unquote(quoted.as_bytes())?;
    Some(String::from_utf8_lossy(&unquoted).into_owned())
}

#[cfg(test)]
mod tests {
    use super::warning_text;

    #[test]
    fn warnings_are_taken_out_of_their_header() {
        assert_eq!(warning_text(r#"299 - "unknown field \"a\"""#).as_deref(), Some(r#"unknown field "a""#));
        assert_eq!(warning_text(r#"199 - "x""#), None);
        assert_eq!(warning_text("299 - x"), None);
    }
}
