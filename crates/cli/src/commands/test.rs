//! `test`: runs the tests of a release.

use actions::Connections;
use actions::test::{self, Outcome, Request};

use crate::commands::shared_flags::{PROGRESS, TIMEOUT};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, with_session};
use crate::errors::{CommandError, chain};
use crate::flags::{boolean, slice};
use crate::output::{Colours, Report};
use crate::reporters::Progress;
use crate::terminal;

pub(crate) static COMMAND: Command = Command {
    name: "test",
    aliases: &[],
    usage: "[RELEASE]",
    summary: "Run the tests of a release",
    description: "Runs the test hooks of a release one after the other and shows what became of them.",
    example: "test web --filter name=smoke --logs",
    arguments: Arguments::Exactly(1),
    flags: &[
        &[PROGRESS],
        &[
            slice("filter", "which tests to run: name=a, or !name=b for all others; may be repeated"),
            boolean("logs", "print the logs of test pods once all tests have ended"),
            TIMEOUT,
        ],
    ],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let filters = flags.list("filter");
    let request = Request {
        name: flags.arguments[0].clone(),
        timeout: flags.limit("timeout"),
        only: filters.iter().filter_map(|filter| filter.strip_prefix("name=")).map(str::to_owned).collect(),
        except: filters.iter().filter_map(|filter| excluded(filter)).map(str::to_owned).collect(),
    };
    with_session(invocation, Scope::Own, |session| {
        let progress = Progress::of(invocation, "test", &request.name)?;
        let outcome = session.run(&progress, async |connections| {
            carry_out(invocation, &request, &progress, connections).await
        });
        progress.finish(outcome.is_err());
        outcome
    })
}

/// Takes `!name=x` apart; a blank may follow the exclamation mark.
fn excluded(filter: &str) -> Option<&str> {
    let rest = filter.strip_prefix('!')?;
    let rest = rest.strip_prefix([' ', '\t', '\n', '\u{c}', '\r']).unwrap_or(rest);
    rest.strip_prefix("name=")
}

/// Tests are deleted after their logs were printed; trouble with that is only told when all else went well.
async fn carry_out(
    invocation: &Invocation,
    request: &Request,
    progress: &Progress,
    connections: Connections<'_>,
) -> Result<(), CommandError> {
    let mut outcome = test::run(request, connections).await?;
    progress.clear();
    let shown = show(invocation, request, &mut outcome, connections).await;
    let cleaned = test::clean_up(&outcome, connections).await;
    shown?;
    Ok(cleaned?)
}

async fn show(
    invocation: &Invocation,
    request: &Request,
    outcome: &mut Outcome,
    connections: Connections<'_>,
) -> Result<(), CommandError> {
    let report = Report {
        record: &outcome.record,
        chart: None,
        resources: &[],
        is_debug: invocation.settings.is_debug,
        shows_chart: false,
        hides_notes: true,
        colours: Colours::of(&invocation.settings),
    };
    terminal::print_bytes(&report.in_format("table")?);
    let failure = outcome.failure.take().map(CommandError::from);
    if invocation.flags.bool("logs") {
        terminal::print("\n");
        if let Err(error) = print_logs(request, outcome, connections).await {
            return Err(joined(failure, error));
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Go's `errors.Join`: one error a line.
fn joined(first: Option<CommandError>, second: CommandError) -> CommandError {
    match first {
        Some(first) => CommandError::message(format!("{}\n{}", first.text(), second.text())),
        None => second,
    }
}

async fn print_logs(
    request: &Request,
    outcome: &Outcome,
    connections: Connections<'_>,
) -> Result<(), CommandError> {
    let (logs, ended) = test::logs(request, &outcome.record, connections).await;
    // A pod whose logs cannot all be read is the last one.
    for pod in logs.chunk_by(|a, b| a.pod == b.pod) {
        let mut errors = Vec::new();
        for log in pod {
            match &log.text {
                Ok(text) => {
                    terminal::print(&format!("POD LOGS: {} ({})\n", log.pod, log.container));
                    terminal::print_bytes(text);
                    terminal::print("\n");
                }
                Err(error) => errors.push(chain(error)),
            }
        }
        if !errors.is_empty() {
            return Err(CommandError::message(errors.join("\n")));
        }
    }
    Ok(ended?)
}

#[cfg(test)]
mod tests {
    use super::excluded;

    #[test]
    fn a_blank_may_follow_the_exclamation_mark() {
        assert_eq!(excluded("!name=a"), Some("a"));
        assert_eq!(excluded("! name=a"), Some("a"));
        assert_eq!(excluded("!  name=a"), None);
        assert_eq!(excluded("name=a"), None);
    }
}
