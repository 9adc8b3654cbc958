//! The revisions of a release (`helm history`).

use release::History;

use crate::connections::Connections;
use crate::detail::Stage;
use crate::error::{Error, ErrorKind};
use crate::name::check_release_name;

/// Reads all revisions of a release.
///
/// # Errors
/// When the cluster does not answer, the name will not do, or nothing is stored.
pub async fn run(name: &str, connections: Connections<'_>) -> Result<History, Error> {
    connections.cluster.check_reachable().await?;
    if check_release_name(name).is_err() {
        return Err(ErrorKind::Name(format!("release name is invalid: {name}"), None).into());
    }
    connections.stage(Stage::AskingForHistory, name);
    Ok(connections.history(name).await?)
}
