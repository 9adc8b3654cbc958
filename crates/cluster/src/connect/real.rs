//! The transport to a real server.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::kubeconfig::{Options, Target};
use super::worker::Worker;
use crate::transport::{Body, BoxFuture, Transport, TransportError};

/// Makes the transport for a target; nothing is read or started before the first request.
///
/// What is wrong with the configuration is told by every request, as in Helm, where it makes the cluster
/// unreachable. Returns the namespace too.
pub fn transport(options: &Options) -> (Arc<dyn Transport>, String) {
    match Target::load(options) {
        Ok(target) => {
            let namespace = target.namespace.clone();
            (Arc::new(Real { target, worker: OnceLock::new() }), namespace)
        }
        Err(text) => (Arc::new(Broken(text)), "default".to_owned()),
    }
}

/// Hands requests to a thread of its own, so that whoever waits may be in the middle of rendering.
struct Real {
    target: Target,
    worker: OnceLock<Worker>,
}

impl Real {
    fn worker(&self) -> &Worker {
        self.worker.get_or_init(|| Worker::start(self.target.clone()))
    }
}

impl Transport for Real {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(self.worker().send(request))
    }

    fn server(&self) -> &str {
        &self.target.server
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(self.worker().sleep(duration))
    }
}

/// A configuration that leads nowhere.
struct Broken(String);

impl Transport for Broken {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let error = TransportError::configuration(self.0.as_str());
        Box::pin(std::future::ready(Err(error)))
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
