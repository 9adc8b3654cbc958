//! What may stand as an argument of each command.

use super::{Candidates, Directive, Place, cluster, repositories, subcommands};
use crate::commands::dispatch;
use crate::commands::env;
use crate::plugins;

/// Returns what fits at the place of the next argument.
pub(super) fn candidates(place: &Place) -> Candidates {
    let flags = &place.invocation.flags;
    let given = &flags.arguments;
    let count = given.len();
    match place.path.as_str() {
        "get all" | "get hooks" | "get manifest" | "get metadata" | "get notes" | "get values"
        | "history" | "status" | "test"
            if count == 0 =>
        {
            cluster::releases(place)
        }
        "uninstall" => cluster::releases(place),
        "rollback" | "upgrade" if count == 0 => cluster::releases(place),
        "rollback" if count == 1 => cluster::revisions(place, &given[0]),
        "upgrade" if count == 1 => repositories::charts(place, true),
        "install" | "template" => match count == usize::from(!flags.bool("generate-name")) {
            true => repositories::charts(place, true),
            false => Candidates::none(Directive::NO_FILES),
        },
        "show all" | "show chart" | "show crds" | "show readme" | "show values" if count == 0 => {
            repositories::charts(place, true)
        }
        "pull" => match count {
            0 => repositories::charts(place, false),
            _ => Candidates::none(Directive::NO_FILES),
        },
        "repo remove" | "repo update" => {
            Candidates::new(repositories::names(&place.invocation.settings, given), Directive::NO_FILES)
        }
        "repo add" if count < 2 => Candidates::none(Directive::NO_FILES),
        "registry login" | "registry logout" => Candidates::none(Directive::NO_FILES),
        "push" if count == 1 => {
            Candidates::new(vec!["oci://".to_owned()], Directive::NO_SPACE.and(Directive::NO_FILES))
        }
        "plugin uninstall" | "plugin update" => installed_plugins(place),
        "env" if count == 0 => {
            let names = env::variables(&place.invocation.settings).into_iter();
            Candidates::new(names.map(|(name, _)| name.to_owned()).collect(), Directive::NO_FILES)
        }
        "help" => topics(place),
        "create" | "repo index" | "push" | "verify" | "plugin install" | "plugin package"
        | "plugin verify"
            if count == 0 =>
        {
            Candidates::none(Directive::DEFAULT)
        }
        // Folders and files, as many as wanted.
        "lint" | "package" | "dependency build" | "dependency list" | "dependency update" | "search hub"
        | "search repo" => Candidates::none(Directive::DEFAULT),
        _ => Candidates::no_more(),
    }
}

fn installed_plugins(place: &Place) -> Candidates {
    let given = &place.invocation.flags.arguments;
    let found = plugins::find(&place.invocation.settings.files.plugins).unwrap_or_default();
    let fitting =
        found.iter().filter(|plugin| plugin.plugin_type == "cli/v1" && !given.contains(&plugin.name));
    let lines = fitting.map(|plugin| format!("{}\t{}", plugin.name, plugin.summary)).collect();
    Candidates::new(lines, Directive::NO_FILES)
}

/// Returns commands below the ones given.
fn topics(place: &Place) -> Candidates {
    match dispatch::find("helm", &place.invocation.flags.arguments) {
        Ok((command, ..)) => Candidates::new(subcommands(command, &place.typed), Directive::NO_FILES),
        Err(_) => Candidates::none(Directive::NO_FILES),
    }
}
