//! Container logs.

use bytes::Bytes;
use http::Method;

use crate::client::{Call, Client};
use crate::error::Error;
use crate::names;

impl Client {
    /// Reads what a container has written so far.
    ///
    /// # Errors
    /// When the server refuses or the kubelet does not answer.
    pub async fn logs(&self, namespace: &str, pod: &str, container: &str) -> Result<Bytes, Error> {
        self.log(namespace, pod, &[("container", container)]).await
    }

    /// Reads the last lines that a container has written.
    ///
    /// # Errors
    /// As [`Client::logs`].
    pub async fn log_tail(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        lines: u32,
    ) -> Result<Bytes, Error> {
        let query = [("container", container), ("tailLines", &lines.to_string())];
        self.log(namespace, pod, &query).await
    }

    async fn log(&self, namespace: &str, pod: &str, query: &[(&str, &str)]) -> Result<Bytes, Error> {
        let path = format!("{}/{}/log", names::core_collection(namespace, "pods"), names::escape(pod));
        let url = names::with_query(&path, query);
        let what = format!("pods {pod}");
        let call = Call {
            method: Method::GET,
            url,
            accept: "application/json, */*",
            content_type: None,
            what,
            unless: "",
        };
        self.bytes(call, Bytes::new()).await
    }
}
