//! The thread that owns the runtime and the connection.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

use super::failure;
use super::kubeconfig::Target;
use crate::transport::{Body, TransportError};

enum Job {
    Send(Box<Request<Bytes>>, oneshot::Sender<Result<Response<Body>, TransportError>>),
    Sleep(Duration, oneshot::Sender<()>),
}

/// The sending end of the thread; it ends when this is dropped.
pub(super) struct Worker {
    jobs: mpsc::UnboundedSender<Job>,
}

impl Worker {
    /// Starts the thread. When that fails, every request says so.
    pub(super) fn start(target: Target) -> Worker {
        let (jobs, received) = mpsc::unbounded_channel();
        let spawned = thread::Builder::new().name("cluster".to_owned()).spawn(move || run(&target, received));
        // The receiving end is dropped with a thread that did not start, and requests fail.
        drop(spawned);
        Worker { jobs }
    }

    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let (reply, answer) = oneshot::channel();
        let gone = || TransportError::new("the thread that talks to the cluster has ended");
        self.jobs.send(Job::Send(Box::new(request), reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn sleep(&self, duration: Duration) {
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job::Sleep(duration, reply)).is_ok() {
            // An error means that the thread has ended; there is nothing to wait for then.
            let _ended = answer.await;
        }
    }
}

fn run(target: &Target, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async move {
        let client = connect(target).await.map(Arc::new);
        while let Some(job) = jobs.recv().await {
            match (job, &client) {
                (Job::Sleep(duration, reply), _) => {
                    tokio::spawn(async move {
                        tokio::time::sleep(duration).await;
                        // Nobody waits any more when the operation was dropped.
                        let _unread = reply.send(());
                    });
                }
                (Job::Send(_, reply), Err(text)) => {
                    let _unread = reply.send(Err(TransportError::configuration(text.as_str())));
                }
                (Job::Send(request, reply), Ok(client)) => {
                    let (client, server) = (Arc::clone(client), target.server.clone());
                    tokio::spawn(async move {
                        let _unread = reply.send(exchange(&client, *request, &server).await);
                    });
                }
            }
        }
    });
}

async fn connect(target: &Target) -> Result<Client, String> {
    // Another part of the program may have chosen a provider before.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let mut config = if target.in_cluster {
        Config::incluster().map_err(|error| error.to_string())?
    } else {
        let kubeconfig: Kubeconfig = serde_json::from_value(target.config.clone())
            .map_err(|error| format!("invalid configuration: {error}"))?;
        let chosen = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
        chosen.map_err(|error| crate::chain(&error))?
    };
    // What is sent again is decided by the client, by client-go's rules.
    config.default_retry = false;
    Client::try_from(config).map_err(|error| crate::chain(&error))
}

async fn exchange(
    client: &Client,
    request: Request<Bytes>,
    server: &str,
) -> Result<Response<Body>, TransportError> {
    let response = client.send(request.map(|body| kube::client::Body::from(body.to_vec()))).await;
    let response = response.map_err(|error| TransportError::new(failure::describe(&error, server)))?;
    let (parts, body) = response.into_parts();
    let body =
        body.collect().await.map_err(|error| TransportError::new(failure::describe(&error, server)))?;
    Ok(Response::from_parts(parts, Body::Whole(body.to_bytes())))
}
