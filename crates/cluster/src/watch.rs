//! Watching a collection: its objects now, and every change from then on. Holds no rules about readiness.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Method;
use serde_json::Value;

use crate::client::{Client, decode};
use crate::error::Error;
use crate::resource::{Mapping, Resource};
use crate::transport::{Body, Chunks, Next};

/// How long a watch may be quiet before the flag of the user and rules about ages are looked at.
pub(crate) const QUIET: Duration = Duration::from_millis(250);

/// Marks a request whose answer is read while it arrives.
#[derive(Debug, Clone, Copy)]
pub struct Streamed;

/// What a watch says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// The object is new or changed.
    Present(Value),
    /// The object is gone; its last state.
    Gone(Value),
    /// Nothing happened for as long as was agreed.
    Quiet,
    /// The server has ended the watch, as it does now and then.
    Ended,
}

/// The objects of one kind in one namespace that fit a selector.
#[derive(Debug, Clone)]
pub(crate) struct Collection<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) namespace: &'a str,
    /// `fieldSelector` or `labelSelector` and its text.
    pub(crate) selector: (&'static str, String),
}

impl<'a> Collection<'a> {
    /// The collection of one object.
    pub(crate) fn of_one(resource: &'a Resource) -> Collection<'a> {
        let selector = ("fieldSelector", format!("metadata.name={}", resource.name));
        Collection { mapping: &resource.mapping, namespace: &resource.namespace, selector }
    }
}

/// An open watch.
pub(crate) struct Watch {
    body: Box<dyn Chunks>,
    unread: BytesMut,
}

impl Client {
    /// Lists a collection; the objects, and the version from which to watch.
    pub(crate) async fn list_collection(
        &self,
        wanted: &Collection<'_>,
    ) -> Result<(Vec<Value>, String), Error> {
        let (name, text) = &wanted.selector;
        let mut list = self.list(wanted.mapping, wanted.namespace, &[(name, text)]).await?;
        let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
        let items = match list["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        };
        Ok((items, version))
    }

    /// Watches a collection from a version on.
    pub(crate) async fn watch_collection(
        &self,
        wanted: &Collection<'_>,
        version: &str,
    ) -> Result<Watch, Error> {
        let (name, text) = &wanted.selector;
        let query = [(*name, text.as_str()), ("resourceVersion", version), ("watch", "true")];
        let call = wanted.mapping.call(Method::GET, wanted.namespace, None, &query);
        let body = match self.open(&call).await? {
            Body::Stream(chunks) => chunks,
            Body::Whole(bytes) => Box::new(Whole(Some(bytes))),
        };
        Ok(Watch { body, unread: BytesMut::new() })
    }
}

impl Watch {
    /// Returns the next change, or [`Change::Quiet`] after the given time.
    ///
    /// # Errors
    /// When the connection breaks, or the server sends an error in the watch (`410 Gone`).
    pub(crate) async fn next(&mut self, patience: Duration) -> Result<Change, Error> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line = self.unread.split_to(end + 1);
                if let Some(change) = read_line(&line)? {
                    return Ok(change);
                }
                continue;
            }
            match self.body.next_within(patience).await {
                Next::Chunk(Ok(chunk)) => self.unread.extend_from_slice(&chunk),
                Next::Chunk(Err(_)) | Next::End => return Ok(Change::Ended),
                Next::Quiet => return Ok(Change::Quiet),
            }
        }
    }
}

/// Reads `{"type": "ADDED", "object": {…}}`; bookmarks say nothing.
fn read_line(line: &[u8]) -> Result<Option<Change>, Error> {
    let mut event = decode(line)?;
    let object = event["object"].take();
    Ok(match event["type"].as_str() {
        Some("ADDED" | "MODIFIED") => Some(Change::Present(object)),
        Some("DELETED") => Some(Change::Gone(object)),
        // The version is too old, most likely: whoever watches lists again.
        Some("ERROR") => Some(Change::Ended),
        _ => None,
    })
}

/// A server that ended the watch before it could be read.
struct Whole(Option<Bytes>);

impl Chunks for Whole {
    fn next_within(&mut self, _: Duration) -> crate::BoxFuture<'_, Next> {
        let next = self.0.take().map_or(Next::End, |bytes| Next::Chunk(Ok(bytes)));
        Box::pin(std::future::ready(next))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Change, read_line};

    #[test]
    fn events_of_a_watch_are_told_apart() {
        let read = |text: &str| read_line(text.as_bytes()).unwrap();
        assert_eq!(read(r#"{"type":"ADDED","object":{"a":1}}"#), Some(Change::Present(json!({"a": 1}))));
        assert_eq!(read(r#"{"type":"DELETED","object":{"a":1}}"#), Some(Change::Gone(json!({"a": 1}))));
        assert_eq!(read(r#"{"type":"BOOKMARK","object":{}}"#), None);
        assert_eq!(read(r#"{"type":"ERROR","object":{"code":410}}"#), Some(Change::Ended));
        assert!(read_line(b"{\n").is_err());
    }
}
