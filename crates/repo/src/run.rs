//! The runtime that waits for servers.

use std::future::Future;

use tokio::runtime::Builder;

use crate::Error;

/// Runs a future to its end on this thread.
///
/// # Errors
/// When the system gives no means to wait.
pub fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::refused(format!("start waiting for servers: {error}")))?;
    runtime.block_on(future)
}
