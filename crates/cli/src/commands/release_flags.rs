//! Flags that the commands on releases share, as the operations want them.

use actions::{DryRun, ServerSide};
use cluster::WaitStrategy;

use crate::commands::chart_source;
use crate::commands::table::Invocation;
use crate::errors::CommandError;
use crate::flags::Parsed;

/// Returns `--wait`.
pub(crate) fn wait(flags: &Parsed) -> WaitStrategy {
    match flags.string("wait") {
        "watcher" => WaitStrategy::Watcher,
        "legacy" => WaitStrategy::Legacy,
        _ => WaitStrategy::HookOnly,
    }
}

/// Returns `--dry-run`.
///
/// # Errors
/// When it is no word for one.
pub(crate) fn dry_run(flags: &Parsed) -> Result<DryRun, CommandError> {
    Ok(match chart_source::dry_run(flags, false)? {
        chart_source::DryRun::None => DryRun::No,
        chart_source::DryRun::Client => DryRun::Client,
        chart_source::DryRun::Server => DryRun::Server,
    })
}

/// Returns `--server-side` of `upgrade` and `rollback` (action/upgrade.go, getUpgradeServerSideValue).
///
/// # Errors
/// When it is no word for one.
pub(crate) fn server_side(flags: &Parsed) -> Result<ServerSide, CommandError> {
    match flags.string("server-side") {
        "auto" => Ok(ServerSide::Auto),
        "true" => Ok(ServerSide::Always),
        "false" => Ok(ServerSide::Never),
        other => {
            Err(CommandError::message(format!("invalid/unknown release server-side apply method: {other}")))
        }
    }
}

/// Returns `--force-replace`, or its older name.
pub(crate) fn force_replace(flags: &Parsed) -> bool {
    flags.bool("force-replace") || flags.bool("force")
}

/// Returns `--rollback-on-failure`, or its older name.
pub(crate) fn rollback_on_failure(flags: &Parsed) -> bool {
    flags.bool("rollback-on-failure") || flags.bool("atomic")
}

/// Returns `--history-max`, else `HELM_MAX_HISTORY`; what is below 0 is no limit.
pub(crate) fn max_history(invocation: &Invocation) -> usize {
    let flags = &invocation.flags;
    let wanted = if flags.is_given("history-max") {
        flags.int("history-max")
    } else {
        invocation.settings.max_history
    };
    usize::try_from(wanted).unwrap_or(0)
}

/// Reads whether the cluster checks the fields of manifests.
pub(crate) fn validation(flags: &Parsed) -> cluster::FieldValidation {
    match flags.bool("disable-openapi-validation") {
        true => cluster::FieldValidation::Ignore,
        false => cluster::FieldValidation::Strict,
    }
}
