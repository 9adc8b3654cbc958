//! The sandbox as the transport of a client: requests are answered at once, without a runtime or a thread.

use std::future::ready;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use cluster::{Body, BoxFuture, Chunks, Next, Transport, TransportError};
use http::{Request, Response};

use crate::body::{SandboxBody, WatchStream};
use crate::sandbox::Sandbox;

impl Transport for Sandbox {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let response = self.handle(request).map(|body| match body {
            SandboxBody::Full(bytes) => Body::Whole(bytes.unwrap_or_default()),
            SandboxBody::Stream(stream) => Body::Stream(Box::new(Events { stream, sandbox: self.clone() })),
        });
        Box::pin(ready(Ok(response)))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        // Whoever asks is alone on this thread, and the sandbox does nothing until it is asked again.
        thread::sleep(duration);
        Box::pin(ready(()))
    }
}

/// A watch. Nobody else works on the sandbox, so that things happen only as time passes.
struct Events {
    stream: WatchStream,
    sandbox: Sandbox,
}

impl Chunks for Events {
    fn next_within(&mut self, patience: Duration) -> BoxFuture<'_, Next> {
        Box::pin(ready(self.wait(patience)))
    }
}

impl Events {
    /// Lets time pass until something may have happened, to this watch or to another one.
    fn wait(&self, patience: Duration) -> Next {
        let quiet = self.sandbox.pass_time().unwrap_or(patience);
        if let Some(chunk) = self.stream.next_within(Duration::ZERO) {
            return Next::Chunk(Ok(chunk));
        }
        thread::sleep(quiet.min(patience));
        self.sandbox.pass_time();
        let chunk = self.stream.next_within(Duration::ZERO);
        match chunk {
            Some(chunk) => Next::Chunk(Ok(chunk)),
            None if self.stream.is_ended() => Next::End,
            None => Next::Quiet,
        }
    }
}
