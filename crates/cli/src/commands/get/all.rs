//! `get all`: everything that is stored of a release.

use crate::commands::shared_flags::REVISION;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::string;
use crate::output::{Colours, Report};
use crate::{template_output, terminal};

pub(super) static COMMAND: Command = Command {
    name: "all",
    aliases: &[],
    usage: "RELEASE_NAME",
    summary: "Show everything that is stored of a release",
    description: "Shows state, values, hooks, manifest and notes of a revision.",
    example: "get all web",
    arguments: Arguments::Exactly(1),
    flags: &[&[REVISION, string("template", "", "Go template to print with, such as {{.Release.Name}}")]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let record = super::record(invocation)?;
    if let Some(template) = invocation.flags.non_empty("template") {
        let (out, ended) = template_output::execute(template, &template_output::release_data(&record));
        terminal::print_bytes(&out);
        return ended;
    }
    let report = Report {
        record: &record,
        chart: None,
        resources: &[],
        is_debug: true,
        shows_chart: true,
        hides_notes: false,
        colours: Colours::of(&invocation.settings),
    };
    terminal::print_bytes(&report.in_format("table")?);
    Ok(())
}
