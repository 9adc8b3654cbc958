//! `repo remove`: forgets repositories.

use std::path::Path;

use repo::{Config, cache};

use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::terminal;

pub(super) static COMMAND: Command = Command {
    name: "remove",
    aliases: &["rm"],
    usage: "[REPO1 [REPO2 ...]]",
    summary: "Remove chart repositories",
    description: "Forgets chart repositories and what was kept of their indexes.",
    example: "repo remove stable",
    arguments: Arguments::AtLeast(1),
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// Helm: cmd/repo_remove.go.
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let files = &invocation.settings.files;
    let path = Path::new(&files.repository_config);
    // Helm: a file that cannot be read is one without repositories.
    let mut config = Config::load(path).unwrap_or_default();
    if config.repositories.is_empty() {
        return Err(CommandError::message("no repositories configured"));
    }
    for name in &invocation.flags.arguments {
        let quoted = value::gofmt::quoted(name.as_bytes());
        if !config.remove(name) {
            return Err(CommandError::message(format!("no repo named {quoted} found")));
        }
        config.store(path)?;
        cache::forget(Path::new(&files.repository_cache), name)?;
        terminal::print(&format!("{quoted} has been removed from your repositories\n"));
    }
    Ok(())
}
