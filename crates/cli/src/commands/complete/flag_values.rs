//! What may stand as the value of a flag.

use super::{Candidates, Directive, Place, cluster, repositories};
use crate::flags::{Flag, Kind};
use crate::plugins;

/// Returns what fits as the value of a flag.
pub(super) fn candidates(place: &Place, flag: &Flag) -> Candidates {
    let flags = &place.invocation.flags;
    let given = &flags.arguments;
    match (flag.name, flag.kind) {
        (_, Kind::Format) => Candidates::words(&[
            "json\tprint as JSON",
            "table\tprint as a table for people",
            "yaml\tprint as YAML",
        ]),
        (_, Kind::Wait) => Candidates::words(&[
            "hookOnly\twait for hooks alone",
            "legacy\twait as Helm 3 did",
            "watcher\twait until objects are ready",
        ]),
        (_, Kind::PostRenderer) => post_renderers(place),
        ("color" | "colour", _) => Candidates::words(&["never", "auto", "always"]),
        ("namespace", _) => cluster::namespaces(place),
        ("kube-context", _) => cluster::contexts(place),
        ("revision", _) => match given.as_slice() {
            [release] => cluster::revisions(place, release),
            _ => Candidates::none(Directive::NO_FILES),
        },
        ("version", _) => match (place.path.as_str(), given.as_slice()) {
            ("install" | "template" | "upgrade", [_, chart]) => repositories::versions(place, chart),
            ("install" | "template", [chart]) if flags.bool("generate-name") => {
                repositories::versions(place, chart)
            }
            ("pull" | "show all" | "show chart" | "show crds" | "show readme" | "show values", [chart]) => {
                repositories::versions(place, chart)
            }
            ("package" | "plugin install" | "search repo", _) => Candidates::none(Directive::DEFAULT),
            _ => Candidates::none(Directive::NO_FILES),
        },
        ("dry-run", Kind::String) => Candidates::words(&["client", "none", "server"]),
        ("cascade", _) => Candidates::words(&["background", "foreground", "orphan"]),
        ("server-side", Kind::String) => Candidates::words(&["auto", "false", "true"]),
        ("type", _) if place.path == "docs" => Candidates::words(&["bash", "man", "markdown"]),
        ("type", _) if place.path == "plugin list" => {
            Candidates::words(&["cli/v1", "getter/v1", "postrenderer/v1"])
        }
        _ => Candidates::none(Directive::DEFAULT),
    }
}

fn post_renderers(place: &Place) -> Candidates {
    let found = plugins::find(&place.invocation.settings.files.plugins).unwrap_or_default();
    let fitting = found.into_iter().filter(|plugin| plugin.plugin_type == plugins::POST_RENDERER);
    Candidates::new(fitting.map(|plugin| plugin.name).collect(), Directive::NO_FILES)
}
