//! Reading one revision (`helm get`).

use release::Record;

use crate::connections::Connections;
use crate::error::{Error, ErrorKind};
use crate::name::check_release_name;

/// Reads a revision of a release; 0 (or less) for the newest.
///
/// # Errors
/// When the cluster does not answer, the name will not do, or there is no such revision.
pub async fn run(name: &str, revision: i64, connections: Connections<'_>) -> Result<Record, Error> {
    connections.cluster.check_reachable().await?;
    read(name, revision, connections).await
}

/// As [`run`], for a cluster that has answered already (`Configuration.releaseContent`).
pub(crate) async fn read(name: &str, revision: i64, connections: Connections<'_>) -> Result<Record, Error> {
    if check_release_name(name).is_err() {
        return Err(ErrorKind::Name(format!("releaseContent: Release name is invalid: {name}"), None).into());
    }
    if revision <= 0 {
        return Ok(connections.last(name).await?);
    }
    Ok(connections.revision(name, revision).await?)
}
