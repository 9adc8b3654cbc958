//! The handle that callers hold: opening, options, requests, saving.

use crate::body::SandboxBody;
use crate::disk::{Disk, Opened};
use crate::error::Error;
use crate::request::Request;
use crate::server::Server;
use bytes::Bytes;
use serde_json::Value;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// An answer of the sandbox.
pub type Response = http::Response<SandboxBody>;

/// What a sandbox takes from its surroundings.
#[derive(Clone)]
pub struct Options {
    /// The version it says it has, like `v1.36.2`.
    pub kube_version: String,
    /// Whether there is something like a cloud: load balancers get addresses, claims get volumes.
    pub providers: bool,
    /// The bearer token of the administrator. Without one every request is the administrator's.
    pub token: Option<String>,
    /// The clock for timestamps.
    pub clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// Randomness for uids and generated names.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Default for Options {
    /// The system's clock and randomness, Kubernetes 1.36.
    fn default() -> Options {
        let (seed, count) = (RandomState::new(), AtomicU64::new(0));
        let random = move || {
            let mut hasher = seed.build_hasher();
            hasher.write_u64(count.fetch_add(1, Ordering::Relaxed));
            hasher.finish()
        };
        Options {
            kube_version: "v1.36.2".into(),
            providers: true,
            token: None,
            clock: Arc::new(SystemTime::now),
            random: Arc::new(random),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("kube_version", &self.kube_version).finish_non_exhaustive()
    }
}

/// An API server in a struct. Clones share one server.
#[derive(Debug, Clone)]
pub struct Sandbox {
    server: Arc<Mutex<Server>>,
}

impl Sandbox {
    /// Makes a new, empty server whose objects are gone with the last clone of the handle.
    pub fn in_memory(options: Options) -> Sandbox {
        Sandbox { server: Arc::new(Mutex::new(Server::new(options, None, None))) }
    }

    /// Opens the server kept in the file at `path`, and makes it if there is none.
    ///
    /// The file is locked. What requests change is in it after [`Sandbox::flush`] and when the last clone is dropped.
    ///
    /// # Errors
    /// If another process holds the file (see [`Error::is_locked`]), or it cannot be read or made.
    pub fn open(path: &Path, options: Options) -> Result<Sandbox, Error> {
        let Opened { disk, store } = Disk::open(path)?;
        Ok(Sandbox { server: Arc::new(Mutex::new(Server::new(options, Some(disk), store))) })
    }

    /// Answers one request. Never waits.
    pub fn handle(&self, request: http::Request<Bytes>) -> Response {
        let request = Request::new(request);
        self.lock().respond(&request)
    }

    /// Answers one request, in the form that a tower service wants.
    pub async fn call(&self, request: http::Request<Bytes>) -> Response {
        self.handle(request)
    }

    /// Lets time pass: Pods that take a while to become ready (`sim/delay`) do so when it is time. Requests do this as
    /// well; a server whose clients only watch calls it now and then.
    pub fn wake(&self) {
        self.lock().wake();
    }

    /// Makes sure that all that was changed is safe on disk. Does nothing for a server in memory.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn flush(&self) -> Result<(), Error> {
        self.lock().flush()
    }

    /// Returns all objects as they are stored.
    pub fn dump(&self) -> Vec<Value> {
        self.lock().dump()
    }

    /// Stores `objects`: those with a uid (of [`Sandbox::dump`]) as they are, the others as if they were applied, into
    /// `namespace` where they name none. Returns how many there were.
    ///
    /// # Errors
    /// Says which object was refused and why; those before it are stored.
    pub fn load(&self, objects: Vec<Value>, namespace: &str) -> Result<usize, String> {
        self.lock().load(objects, namespace)
    }

    fn lock(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
