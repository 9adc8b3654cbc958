//! What only the cluster or the kubeconfig knows: releases, revisions, namespaces, contexts.

use actions::history;
use actions::list::{self, Order};

use super::{Candidates, Directive, Place};
use crate::connect::{Scope, cluster_options, with_session};
use crate::errors::CommandError;
use crate::output::{app_version, chart_title};
use crate::reporters::Plain;

/// Returns the releases of the namespace that are not given already (Helm: cmd/list.go, compListReleases).
pub(super) fn releases(place: &Place) -> Candidates {
    let given = &place.invocation.flags.arguments;
    let request = list::Request {
        states: Vec::new(),
        filter: &|name| !given.iter().any(|given| given == name),
        selector: &|_| true,
        order: Order::Name,
        offset: 0,
        limit: 0,
    };
    let found = with_session(&place.invocation, Scope::Own, |session| {
        let found = session.run(&Plain, async |connections| list::run(&request, connections).await);
        found.map_err(CommandError::from)
    });
    match found {
        Ok(records) => {
            let line = |record: &release::Record| {
                format!("{}\t{} -> {}", record.name, chart_title(record), record.info.status.as_str())
            };
            Candidates::new(records.iter().map(line).collect(), Directive::NO_FILES)
        }
        Err(_) => Candidates::none(Directive::DEFAULT),
    }
}

/// Returns the revisions of a release (Helm: cmd/history.go, compListRevisions).
pub(super) fn revisions(place: &Place, release: &str) -> Candidates {
    let found = with_session(&place.invocation, Scope::Own, |session| {
        let found = session.run(&Plain, async |connections| history::run(release, connections).await);
        found.map_err(CommandError::from)
    });
    match found {
        Ok(history) => {
            let line = |record: &release::Record| {
                let (app, chart) = (app_version(record), chart_title(record));
                format!("{}\tApp: {app}, Chart: {chart}", record.version)
            };
            Candidates::new(history.revisions().iter().map(line).collect(), Directive::NO_FILES)
        }
        Err(_) => Candidates::none(Directive::ERROR),
    }
}

/// Returns the namespaces of the cluster.
pub(super) fn namespaces(place: &Place) -> Candidates {
    let found = with_session(&place.invocation, Scope::Own, |session| {
        let found =
            session.run(&Plain, async |connections| connections.cluster.get_json("/api/v1/namespaces").await);
        found.map_err(CommandError::from)
    });
    let Ok(list) = found else { return Candidates::none(Directive::DEFAULT) };
    let items = list["items"].as_array().into_iter().flatten();
    let names = items.filter_map(|item| item["metadata"]["name"].as_str().map(str::to_owned));
    Candidates::new(names.collect(), Directive::NO_FILES)
}

/// Returns the contexts of the kubeconfig with their clusters. Sorted by name: Helm's order changes from run to run.
pub(super) fn contexts(place: &Place) -> Candidates {
    let contexts =
        cluster::connect::contexts(&cluster_options(&place.invocation.settings)).unwrap_or_default();
    let lines = contexts.into_iter().map(|(name, cluster)| format!("{name}\t{cluster}"));
    Candidates::new(lines.collect(), Directive::NO_FILES)
}
