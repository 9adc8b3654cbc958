//! `status`: a release and its objects on the cluster.

use actions::status::{self, Form};

use crate::commands::shared_flags::{OUTPUT, REVISION};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, with_session};
use crate::errors::CommandError;
use crate::output::{Colours, Report};
use crate::reporters::Plain;
use crate::terminal;

pub(crate) static COMMAND: Command = Command {
    name: "status",
    aliases: &[],
    usage: "RELEASE_NAME",
    summary: "Show the state of a release",
    description: "Shows when a release was deployed, its state, its objects on the cluster, the last run of its tests, and\n\
        the chart's notes.",
    example: "status web --output yaml",
    arguments: Arguments::Exactly(1),
    flags: &[&[OUTPUT, REVISION]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let format = flags.string("output");
    let form = if format == "table" { Form::Tables } else { Form::Objects };
    let (name, revision) = (&flags.arguments[0], flags.int("revision"));
    let mut found = with_session(invocation, Scope::Own, |session| {
        let found =
            session.run(&Plain, async |connections| status::run(name, revision, form, connections).await);
        found.map_err(CommandError::from)
    })?;
    // As in Helm, the chart is no part of a state.
    found.record.chart = None;
    let report = Report {
        record: &found.record,
        chart: None,
        resources: &found.resources,
        is_debug: false,
        shows_chart: false,
        hides_notes: false,
        colours: Colours::of(&invocation.settings),
    };
    terminal::print_bytes(&report.in_format(format)?);
    Ok(())
}
