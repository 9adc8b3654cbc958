//! `repo update`: fetches the indexes of repositories anew.

use std::path::Path;

use repo::{Config, Event, Repository};

use super::add::TIMEOUT;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::repositories;

pub(super) static COMMAND: Command = Command {
    name: "update",
    aliases: &["up"],
    usage: "[REPO1 [REPO2 ...]]",
    summary: "Update what is known of the charts in repositories",
    description: "Fetches the indexes of all repositories, or of those that are named, at the same time.",
    example: "repo update stable",
    arguments: Arguments::Any,
    flags: &[&[TIMEOUT]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// Helm: cmd/repo_update.go.
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let (flags, settings) = (&invocation.flags, &invocation.settings);
    let none = || CommandError::message("no repositories found. You must add one before updating");
    let path = &settings.files.repository_config;
    let config = match Config::load(Path::new(path)) {
        Err(error) if error.is_missing_file() => return Err(none()),
        Err(error) => return Err(CommandError::from(error).context(&format!("failed loading file: {path}"))),
        Ok(config) => config,
    };
    if config.repositories.is_empty() {
        return Err(none());
    }
    let wanted = &flags.arguments;
    if let Some(name) = wanted.iter().find(|name| config.get(name).is_none()) {
        return Err(CommandError::message(format!(
            "no repositories found matching '{name}'.  Nothing will be updated"
        )));
    }
    let is_wanted = |repository: &&Repository| wanted.is_empty() || wanted.contains(&repository.name);
    let chosen: Vec<&Repository> = config.repositories.iter().filter(is_wanted).collect();
    chosen.iter().try_for_each(|repository| repo::check_protocol(&repository.url))?;
    let client = repositories::client(settings, flags.duration("timeout"));
    let tell = |event: Event<'_>| repositories::tell(settings, event);
    tell(Event::Updating);
    let failed = repo::block_on(client.update_all(&chosen, &tell))?;
    if failed.is_empty() {
        tell(Event::UpdateComplete);
        return Ok(());
    }
    Err(CommandError::message(format!("failed to update the following repositories: [{}]", failed.join(" "))))
}
