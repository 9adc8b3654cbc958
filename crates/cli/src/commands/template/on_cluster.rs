//! `template --dry-run=server`: what an installation would render on the cluster, with `lookup` and its capabilities.

use std::time::Duration;

use actions::install::{self, Failed};
use actions::{ChartRenderer, DryRun};

use super::output::Output;
use super::print_unsorted;
use crate::commands::chart_source::Source;
use crate::commands::release_flags::{force_replace, validation, wait};
use crate::commands::table::Invocation;
use crate::connect::{Scope, with_session};
use crate::errors::CommandError;
use crate::logging;
use crate::renderer::Renderer;
use crate::reporters::Plain;

/// Renders as an installation that changes nothing (cmd/template.go).
pub(super) fn run(invocation: &Invocation, name: &str, source: Source) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let request = request(invocation, name);
    if invocation.settings.is_debug && !flags.list("api-versions").is_empty() {
        logging::debug("API Version list given outside of client only mode, this list will be ignored", &[]);
    }
    let mut renderer = Renderer::new(source, invocation)?;
    let outcome = with_session(invocation, Scope::Own, |session| {
        Ok(session.run(&Plain, async |connections| install::run(&request, &mut renderer, connections).await))
    })?;
    let outcome = outcome.map_err(|failed| explain(failed, invocation, &renderer))?;
    let crds = || renderer.crds();
    Output { flags, name, crds: &crds }.write(&outcome.rendered.set)
}

fn request(invocation: &Invocation, name: &str) -> install::Request {
    let flags = &invocation.flags;
    install::Request {
        name: name.to_owned(),
        dry_run: DryRun::Server,
        hide_secrets: false,
        disable_hooks: flags.bool("no-hooks"),
        replace: true,
        create_namespace: false,
        skip_crds: flags.bool("skip-crds"),
        server_side: flags.bool("server-side"),
        force_conflicts: flags.bool("force-conflicts"),
        force_replace: force_replace(flags),
        take_ownership: flags.bool("take-ownership"),
        validation: validation(flags),
        wait: wait(flags),
        wait_for_jobs: false,
        timeout: Duration::ZERO,
        rollback_on_failure: false,
        description: String::new(),
        labels: flags.pairs("labels"),
        is_upgrade: flags.bool("is-upgrade"),
    }
}

/// Where there was something to render, Helm says how to see it.
fn explain(failed: Failed, invocation: &Invocation, renderer: &Renderer) -> CommandError {
    let error = CommandError::from(failed.error);
    match (renderer.failed_files(), invocation.settings.is_debug) {
        (Some(files), true) => {
            print_unsorted(invocation, files, &[]);
            error
        }
        (Some(_), false) => {
            CommandError::message(format!("{}\n\nUse --debug flag to render out invalid YAML", error.text()))
        }
        (None, _) => error,
    }
}
