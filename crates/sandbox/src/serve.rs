//! The sandbox behind a socket: HTTP/1.1 and HTTP/2, with TLS or without. One thread serves all connections.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Write};
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::body::SandboxBody;
use crate::failure::Failure;
use crate::sandbox::Sandbox;

/// What kube-apiserver reads of a body at most (`--max-request-bytes` of etcd plus room).
const LONGEST_BODY_BYTES: usize = 3 << 20;

/// From which size on answers are compressed.
const COMPRESSED_FROM_BYTES: usize = 128 << 10;

/// How long a watch lasts whose client does not say.
const WATCH_TIMEOUT: Duration = Duration::from_secs(1800);

/// How often the wish to stop is looked at.
const STOP_PAUSE: Duration = Duration::from_millis(100);

/// How long a client may take for the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// A certificate and its key, both PEM.
#[derive(Clone)]
pub struct ServerCertificate {
    /// The chain, the server's own certificate first.
    pub certificate: String,
    /// The private key.
    pub key: String,
}

impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerCertificate").field("key", &"****").finish_non_exhaustive()
    }
}

/// Serves `sandbox` on `listener` until `stop` is set. Without a certificate it speaks plain HTTP.
///
/// A change is answered when it is safe on disk.
///
/// # Errors
/// When the certificate cannot be used, and when the system gives no runtime.
pub fn serve(
    sandbox: &Sandbox,
    listener: TcpListener,
    certificate: Option<&ServerCertificate>,
    stop: &AtomicBool,
) -> io::Result<()> {
    let acceptor = certificate.map(acceptor).transpose()?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        while !stop.load(Ordering::Relaxed) {
            sandbox.wake();
            let Ok(accepted) = tokio::time::timeout(STOP_PAUSE, listener.accept()).await else { continue };
            match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(converse(sandbox.clone(), stream, acceptor.clone()));
                }
                // Too many open files, most likely: clients that end make room.
                Err(_) => tokio::time::sleep(STOP_PAUSE).await,
            }
        }
        Ok(())
    })
}

fn acceptor(certificate: &ServerCertificate) -> io::Result<TlsAcceptor> {
    let bad = |error: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidInput, error.to_string());
    let chain: Result<Vec<CertificateDer<'static>>, _> =
        CertificateDer::pem_slice_iter(certificate.certificate.as_bytes()).collect();
    let chain = chain.map_err(|error| bad(&error))?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).map_err(|error| bad(&error))?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad(&error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

// What goes wrong on a connection is the client's to see; there is nobody else to tell.
async fn converse(sandbox: Sandbox, stream: tokio::net::TcpStream, acceptor: Option<TlsAcceptor>) {
    match acceptor {
        None => exchange(sandbox, stream).await,
        Some(acceptor) => {
            let handshake = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream));
            if let Ok(Ok(stream)) = handshake.await {
                exchange(sandbox, stream).await;
            }
        }
    }
}

async fn exchange(sandbox: Sandbox, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = service_fn(move |request| {
        let sandbox = sandbox.clone();
        async move { Ok::<_, Infallible>(answer(&sandbox, request).await) }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(sandbox: &Sandbox, request: Request<Incoming>) -> Response<Timed> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LONGEST_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return refused(&too_large()),
        Err(_) => return refused(&Failure::bad_request("the body could not be read")),
    };
    let changes = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let takes_gzip = takes_gzip(&parts.headers);
    let response = sandbox.handle(Request::from_parts(parts, body));
    if changes && let Err(error) = sandbox.flush() {
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        let text = format!("Internal error occurred: {error}{cause}");
        return refused(&Failure::new(500, Some("InternalError"), text));
    }
    let response = if takes_gzip { compressed(response) } else { response };
    response.map(Timed::new)
}

fn takes_gzip(headers: &http::HeaderMap) -> bool {
    let values = headers.get_all(http::header::ACCEPT_ENCODING).into_iter().filter_map(|v| v.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| coding.split(';').next().is_some_and(|name| name.trim() == "gzip"))
}

// apiserver, `handlers/responsewriters/writers.go` (`APIResponseCompression`): large answers only, and quickly.
fn compressed(response: Response<SandboxBody>) -> Response<SandboxBody> {
    let (mut parts, body) = response.into_parts();
    let bytes = match body {
        SandboxBody::Full(Some(bytes)) if bytes.len() >= COMPRESSED_FROM_BYTES => bytes,
        other => return Response::from_parts(parts, other),
    };
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::fast());
    let packed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    // Writing to memory does not fail; if it did, the plain answer is as good.
    let Ok(packed) = packed else { return Response::from_parts(parts, SandboxBody::full(bytes)) };
    let gzip = http::HeaderValue::from_static("gzip");
    parts.headers.insert(http::header::CONTENT_ENCODING, gzip);
    parts.headers.append(http::header::VARY, http::HeaderValue::from_static("Accept-Encoding"));
    Response::from_parts(parts, SandboxBody::full(packed))
}

fn too_large() -> Failure {
    let text = format!("Request entity too large: limit is {LONGEST_BODY_BYTES}");
    Failure::new(413, Some("RequestEntityTooLarge"), text)
}

fn refused(failure: &Failure) -> Response<Timed> {
    let body = Bytes::from(failure.status().to_string());
    let mut response = Response::new(Timed::new(SandboxBody::full(body)));
    *response.status_mut() =
        http::StatusCode::from_u16(failure.code()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

/// A body that ends when the time of its watch is over.
struct Timed {
    body: SandboxBody,
    end: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    fn new(body: SandboxBody) -> Timed {
        let end = match &body {
            SandboxBody::Full(_) => None,
            SandboxBody::Stream(watch) => {
                Some(Box::pin(tokio::time::sleep(watch.timeout().unwrap_or(WATCH_TIMEOUT))))
            }
        };
        Timed { body, end }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let (Poll::Pending, Some(end)) = (&frame, &mut self.end)
            && end.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(None);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
