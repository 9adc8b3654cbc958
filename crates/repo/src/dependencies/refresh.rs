//! Asking several repositories at once for their indexes.

use super::operation::Run;
use crate::at_once::at_once;
use crate::resolve::{UNMANAGED, without_doubles};
use crate::{Error, Event, Repository, client};

/// Asks all configured repositories (`Manager.UpdateRepositories`).
pub(super) async fn configured(run: &mut Run<'_>) -> Result<(), Error> {
    let repositories = run.config.repositories.clone();
    if repositories.is_empty() {
        return Ok(());
    }
    (run.events)(Event::Updating);
    all(run, &repositories).await?;
    (run.events)(Event::UpdateComplete);
    Ok(())
}

/// Asks repositories, each URL once, and tells of each how it went, in their order.
pub(super) async fn all(run: &mut Run<'_>, repositories: &[Repository]) -> Result<(), Error> {
    let repositories = without_doubles(repositories);
    repositories.iter().try_for_each(|repository| client::check_protocol(&repository.url))?;
    let requests = repositories.iter().map(|repository| run.client.update(repository, run.events));
    let results = at_once(requests.collect()).await;
    for (repository, result) in repositories.iter().zip(results) {
        let is_managed = !repository.name.starts_with(UNMANAGED);
        let name = if is_managed { &repository.name } else { &repository.url };
        match result {
            Ok(index) => {
                (run.events)(Event::Updated { name });
                run.indexes.insert(&repository.name, index);
            }
            Err(error) => {
                let url = is_managed.then_some(repository.url.as_str());
                (run.events)(Event::NotUpdated { name, url, error: &error });
            }
        }
    }
    Ok(())
}
