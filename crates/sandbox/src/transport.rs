//! The sandbox as the transport of a client: requests are answered at once, without a runtime or a thread.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use cluster::{Body, BoxFuture, Chunks, Transport, TransportError};
use http::{Request, Response};
use http_body::Body as _;

use crate::body::SandboxBody;
use crate::sandbox::Sandbox;

impl Transport for Sandbox {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let response = self.handle(request).map(|body| match body {
            SandboxBody::Full(bytes) => Body::Whole(bytes.unwrap_or_default()),
            stream @ SandboxBody::Stream(_) => Body::Stream(Box::new(Frames(stream))),
        });
        Box::pin(std::future::ready(Ok(response)))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        // Whoever asks is alone on this thread; the sandbox keeps no timers.
        std::thread::sleep(duration);
        Box::pin(std::future::ready(()))
    }
}

/// A watch, event by event.
struct Frames(SandboxBody);

impl Chunks for Frames {
    fn next(&mut self) -> BoxFuture<'_, Option<Result<Bytes, TransportError>>> {
        Box::pin(async {
            loop {
                let frame = std::future::poll_fn(|context| Pin::new(&mut self.0).poll_frame(context)).await?;
                match frame {
                    // Trailers say nothing here.
                    Ok(frame) => match frame.into_data() {
                        Ok(bytes) => return Some(Ok(bytes)),
                        Err(_) => continue,
                    },
                    Err(never) => match never {},
                }
            }
        })
    }
}
