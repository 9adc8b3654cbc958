//! `dependency update` and `dependency build`: bring dependencies to `charts/`.

use repo::dependencies::{self, Request};
use repo::{Error, ErrorKind, Event};

use super::chart_path;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::{package, shared_flags};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean};
use crate::repositories::Tell;
use crate::{clock, repositories};

const FLAGS: &[Flag] = &[
    shared_flags::KEYRING,
    boolean("skip-refresh", "take the indexes of repositories as they were fetched last"),
    boolean("verify", "check the signatures of what is fetched"),
];

pub(super) static UPDATE: Command = Command {
    name: "update",
    aliases: &["up"],
    usage: "CHART",
    summary: "Fetch what Chart.yaml asks for",
    description: "Finds for each dependency of a chart the highest version that fits, fetches it to charts/, removes what no\n\
        dependency asks for any more, and notes the versions in Chart.lock.",
    example: "dependency update ./my-chart",
    arguments: Arguments::AtMost(1),
    flags: &[FLAGS, shared_flags::SERVER],
    exclusive: &[],
    subcommands: &[],
    run: Some(|invocation| run(invocation, Aim::Update)),
};

pub(super) static BUILD: Command = Command {
    name: "build",
    aliases: &[],
    usage: "CHART",
    summary: "Fetch what Chart.lock names",
    description: "Fetches to charts/ exactly the versions that Chart.lock names. Without a lock file it does what update does.",
    example: "dependency build ./my-chart",
    run: Some(|invocation| run(invocation, Aim::Build)),
    ..UPDATE
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Update,
    Build,
}

fn run(invocation: &Invocation, aim: Aim) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    repositories::check_certificates(flags)?;
    let path = chart_path(&flags.arguments);
    let manner = Manner {
        skips_refresh: flags.bool("skip-refresh"),
        verifies: flags.bool("verify"),
        events: repositories::tell,
    };
    bring(invocation, &path, &manner, aim)
}

/// How dependencies are brought.
struct Manner {
    skips_refresh: bool,
    verifies: bool,
    events: Tell,
}

/// Does what `dependency update` does for `--dependency-update`.
///
/// # Errors
/// In Helm's words.
pub(crate) fn update(invocation: &Invocation, chart: &str, events: Tell) -> Result<(), CommandError> {
    bring(invocation, chart, &Manner { skips_refresh: false, verifies: false, events }, Aim::Update)
}

fn bring(invocation: &Invocation, chart: &str, manner: &Manner, aim: Aim) -> Result<(), CommandError> {
    let Manner { skips_refresh, verifies, events } = *manner;
    let settings = &invocation.settings;
    let registries = repositories::access(&invocation.flags);
    let times = package::times()?;
    let pack = |chart: &chart::Chart| -> Result<(String, Vec<u8>), Error> {
        Ok((chart::package::file_name(chart), chart::package::archive(chart, times)?))
    };
    let now = clock::now_text();
    let request = Request { chart, skips_refresh, verifies, registries: &registries, now: &now, pack: &pack };
    let client = repositories::client(settings, repositories::TIMEOUT);
    let tell = |event: Event<'_>| events(settings, event);
    let done = repo::block_on(async {
        match aim {
            Aim::Update => dependencies::update(&client, request, &tell).await,
            Aim::Build => dependencies::build(&client, request, &tell).await,
        }
    });
    done.map_err(|error| match error.kind() {
        ErrorKind::UnknownRepositories(_) => {
            CommandError::message(format!("{error}. Please add the missing repos via 'helm repo add'"))
        }
        _ => error.into(),
    })
}
