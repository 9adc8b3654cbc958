//! `repo add`: gives a repository a name.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use repo::{Config, Repository};

use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, Parsed, boolean, string};
use crate::{repositories, terminal};

/// Repositories that are gone, and where their charts are now.
const GONE: &[(&str, &str)] = &[
    ("//kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"),
    ("//kubernetes-charts-incubator.storage.googleapis.com", "https://charts.helm.sh/incubator"),
];

/// How long another command may keep the file, and how often to look.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// How long a repository may take.
pub(super) const TIMEOUT: Flag =
    Flag::of("timeout", Kind::Duration, "2m0s", "longest time for the index to arrive");

const FLAGS: &[Flag] = &[
    boolean("allow-deprecated-repos", "take official repositories that are gone for good"),
    string("ca-file", "", "certificate authority of the chart repository"),
    string("cert-file", "", "client certificate for the chart repository"),
    boolean("force-update", "replace the repository of that name if there is one"),
    boolean("insecure-skip-tls-verify", "do not check the repository's certificate (insecure)"),
    string("key-file", "", "key of the client certificate"),
    boolean("pass-credentials", "send credentials to every host that the repository points to"),
    string("password", "", "password for the chart repository"),
    boolean("password-stdin", "read the password from standard input"),
    TIMEOUT,
    string("username", "", "user for the chart repository"),
];

pub(super) static COMMAND: Command = Command {
    name: "add",
    aliases: &[],
    usage: "[NAME] [URL]",
    summary: "Add a chart repository",
    description: "Fetches the index of a repository and remembers the repository under a name, which stands in front of its\n\
        charts: NAME/CHART.",
    example: "repo add stable https://charts.example.com",
    arguments: Arguments::Exactly(2),
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// Helm: cmd/repo_add.go, run.
fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let [name, url] = flags.arguments.as_slice() else { return Ok(()) };
    refuse_gone(flags, url)?;
    let path = PathBuf::from(&invocation.settings.files.repository_config);
    let _lock = lock(&path)?;
    let mut config = match fs::read(&path) {
        Ok(text) => Config::read(&text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Config::default(),
        Err(_) => Config::read(&chart::files::read(&path.to_string_lossy()).map_err(said)?)?,
    };
    let repository = repository(flags, name, url)?;
    if name.contains('/') {
        return Err(CommandError::message(format!(
            "repository name ({name}) contains '/', please specify a different name without '/'"
        )));
    }
    let quoted = value::gofmt::quoted(name.as_bytes());
    if let Some(present) = config.get(name).filter(|_| !flags.bool("force-update")) {
        if *present != repository {
            return Err(CommandError::message(format!(
                "repository name ({name}) already exists, please specify a different name"
            )));
        }
        terminal::print(&format!("{quoted} already exists with the same configuration, skipping\n"));
        return Ok(());
    }
    check(invocation, &repository)?;
    config.set(repository);
    config.store(&path)?;
    terminal::print(&format!("{quoted} has been added to your repositories\n"));
    Ok(())
}

fn said(error: chart::Error) -> CommandError {
    CommandError::message(error.full_text())
}

fn refuse_gone(flags: &Parsed, url: &str) -> Result<(), CommandError> {
    let gone = GONE.iter().find(|(old, _)| url.contains(old));
    match gone.filter(|_| !flags.bool("allow-deprecated-repos")) {
        None => Ok(()),
        Some((_, new)) => {
            let (url, new) = (value::gofmt::quoted(url.as_bytes()), value::gofmt::quoted(new.as_bytes()));
            Err(CommandError::message(format!("repo {url} is no longer available; try {new} instead")))
        }
    }
}

/// Fetches the repository's index, which also keeps it.
fn check(invocation: &Invocation, repository: &Repository) -> Result<(), CommandError> {
    let settings = &invocation.settings;
    let client = repositories::client(settings, invocation.flags.duration("timeout"));
    repo::check_protocol(&repository.url)?;
    let tell = |event: repo::Event<'_>| repositories::tell(settings, event);
    let updated = repo::block_on(client.update(repository, &tell));
    updated.map(|_| ()).map_err(|error| {
        let quoted = value::gofmt::quoted(repository.url.as_bytes());
        CommandError::from(error)
            .context(&format!("looks like {quoted} is not a valid chart repository or cannot be reached"))
    })
}

fn repository(flags: &Parsed, name: &str, url: &str) -> Result<Repository, CommandError> {
    let text = |flag: &str| flags.string(flag).to_owned();
    let mut password = text("password");
    if flags.non_empty("username").is_some() && password.is_empty() {
        password = if flags.bool("password-stdin") { password_from_input()? } else { asked_password()? };
    }
    Ok(Repository {
        name: name.to_owned(),
        url: url.to_owned(),
        username: text("username"),
        password,
        cert_file: text("cert-file"),
        key_file: text("key-file"),
        ca_file: text("ca-file"),
        is_insecure: flags.bool("insecure-skip-tls-verify"),
        passes_credentials: flags.bool("pass-credentials"),
    })
}

fn password_from_input() -> Result<String, CommandError> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| CommandError::message(error.to_string()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// Asks on the terminal; elsewhere nobody could answer.
fn asked_password() -> Result<String, CommandError> {
    terminal::print("Password: ");
    if !io::stdin().is_terminal() {
        terminal::print("\n");
        return Err(CommandError::message("inappropriate ioctl for device"));
    }
    let answer = terminal::without_echo(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    terminal::print("\n");
    let line = answer.map_err(|error| CommandError::message(error.to_string()))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Waits until no other command changes the file. What is returned holds the lock.
fn lock(path: &Path) -> Result<File, CommandError> {
    let failed = |operation: &str, path: &Path, error: &io::Error| {
        let reason = chart::files::go_reason(error);
        CommandError::message(format!("{operation} {}: {reason}", path.display()))
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| failed("mkdir", folder, &error))?;
    }
    let beside = path.with_extension("lock");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&beside).map_err(|error| failed("open", &beside, &error))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if start.elapsed() < LOCK_TIMEOUT => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(CommandError::message("context deadline exceeded")),
            Err(TryLockError::Error(error)) => return Err(failed("flock", &beside, &error)),
        }
    }
}
