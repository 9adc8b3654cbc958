//! The thread that owns the runtime and the connection.

use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http::{HeaderValue, Request, Response, header};
use http_body::Frame;
use http_body_util::BodyExt;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::failure;
use super::kubeconfig::Target;
use super::limit::Bucket;
use crate::traffic::OnTheLine;
use crate::transport::{Body, BoxFuture, Chunks, Next, TransportError};
use crate::watch::Streamed;

enum Job {
    Send(Box<Request<Bytes>>, oneshot::Sender<Result<Response<Answer>, TransportError>>),
    Sleep(Duration, oneshot::Sender<()>),
}

/// A body as the thread hands it over.
enum Answer {
    Whole(Bytes),
    Pieces(mpsc::Receiver<Result<Bytes, TransportError>>),
}

/// How long a server may be silent. API servers end requests after a minute (`--request-timeout`), so that one that is
/// silent for longer hangs, or the connection is half open.
const PATIENCE: Duration = Duration::from_secs(90);

/// The coding that large answers may have.
const GZIP: &str = "gzip";

/// More than any answer of a cluster; stands against answers made to burst.
const LONGEST_ANSWER_BYTES: u64 = 4 << 30;

/// How many pieces of a body may lie unread.
const PIECES: usize = 16;

/// The sending end of the thread, which ends when the last copy is dropped.
#[derive(Clone)]
pub(super) struct Worker {
    jobs: mpsc::UnboundedSender<Job>,
}

/// A body that the thread reads as it arrives.
struct Pieces {
    received: mpsc::Receiver<Result<Bytes, TransportError>>,
    worker: Worker,
}

impl Chunks for Pieces {
    fn next_within(&mut self, patience: Duration) -> BoxFuture<'_, Next> {
        Box::pin(async move {
            let mut pause = pin!(self.worker.sleep(patience));
            poll_fn(|context| {
                if let Poll::Ready(piece) = self.received.poll_recv(context) {
                    return Poll::Ready(piece.map_or(Next::End, Next::Chunk));
                }
                pause.as_mut().poll(context).map(|()| Next::Quiet)
            })
            .await
        })
    }
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
        let response = answer.await.map_err(|_| gone())??;
        Ok(response.map(|answer| match answer {
            Answer::Whole(bytes) => Body::Whole(bytes),
            Answer::Pieces(received) => Body::Stream(Box::new(Pieces { received, worker: self.clone() })),
        }))
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
        let mut bucket = target.limit.map(|limit| Bucket::full(limit, Instant::now()));
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
                    // Watches do not count, as in client-go (`Request.Watch`).
                    let counts = request.extensions().get::<Streamed>().is_none();
                    let bucket = bucket.as_mut().filter(|_| counts);
                    let turn = bucket.map_or(Duration::ZERO, |bucket| bucket.take(Instant::now()));
                    tokio::spawn(async move {
                        if !turn.is_zero() {
                            tokio::time::sleep(turn).await;
                        }
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
    mut request: Request<Bytes>,
    server: &str,
) -> Result<Response<Answer>, TransportError> {
    let is_streamed = request.extensions().get::<Streamed>().is_some();
    if !is_streamed {
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(GZIP));
    }
    let sent = client.send(request.map(|body| kube::client::Body::from(body.to_vec())));
    let response = timeout(PATIENCE, sent).await.map_err(|_| silent("awaiting response headers"))?;
    let response = response.map_err(|error| failure::sending(&error, server))?;
    let (mut parts, body) = response.into_parts();
    if is_streamed && parts.status.is_success() {
        let (sender, received) = mpsc::channel(PIECES);
        tokio::spawn(pass_on(body, sender));
        return Ok(Response::from_parts(parts, Answer::Pieces(received)));
    }
    let mut body = collect(body).await?;
    if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding == GZIP) {
        parts.extensions.insert(OnTheLine(body.len()));
        body = expand(&body).map_err(|error| failure::reading(&error))?;
    }
    Ok(Response::from_parts(parts, Answer::Whole(body)))
}

fn expand(packed: &[u8]) -> io::Result<Bytes> {
    let mut expanded = Vec::with_capacity(packed.len() * 2);
    MultiGzDecoder::new(packed).take(LONGEST_ANSWER_BYTES).read_to_end(&mut expanded)?;
    Ok(expanded.into())
}

/// Collects a body, as long as there is something of it again and again.
async fn collect(mut body: kube::client::Body) -> Result<Bytes, TransportError> {
    let mut all = BytesMut::new();
    loop {
        match timeout(PATIENCE, body.frame()).await.map_err(|_| silent("reading the response"))? {
            None => return Ok(all.freeze()),
            Some(Err(error)) => return Err(failure::reading(&error)),
            Some(Ok(frame)) => {
                if let Ok(piece) = frame.into_data() {
                    all.extend_from_slice(&piece);
                }
            }
        }
    }
}

fn silent(what: &str) -> TransportError {
    let seconds = PATIENCE.as_secs();
    TransportError::new(format!("net/http: timeout {what}: the server was silent for {seconds} seconds"))
}

/// Returns the next frame; none at the end, or when nobody wants it any more.
async fn next_frame(
    body: &mut kube::client::Body,
    sender: &mpsc::Sender<Result<Bytes, TransportError>>,
) -> Option<Result<Frame<Bytes>, kube::Error>> {
    let (mut frame, mut closed) = (pin!(body.frame()), pin!(sender.closed()));
    poll_fn(|context| match frame.as_mut().poll(context) {
        Poll::Ready(frame) => Poll::Ready(frame),
        Poll::Pending => closed.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Reads a body until it ends or nobody wants it any more.
async fn pass_on(mut body: kube::client::Body, sender: mpsc::Sender<Result<Bytes, TransportError>>) {
    loop {
        let piece = match next_frame(&mut body, &sender).await {
            None => return,
            Some(Ok(frame)) => frame.into_data().ok().map(Ok),
            Some(Err(error)) => Some(Err(failure::reading(&error))),
        };
        if let Some(piece) = piece
            && sender.send(piece).await.is_err()
        {
            return;
        }
    }
}
