//! `history`: the revisions of a release.

use actions::history;
use manifest::Time;
use release::Record;
use serde::Serialize;
use value::time::Zone;

use crate::advice;
use crate::clock::{self, ANSIC};
use crate::commands::shared_flags::OUTPUT;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, with_session};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, boolean};
use crate::output::{Table, app_version, chart_title, go_json, yaml};
use crate::reporters::Plain;
use crate::terminal;

pub(crate) static COMMAND: Command = Command {
    name: "history",
    aliases: &["hist"],
    usage: "RELEASE_NAME",
    summary: "Show the revisions of a release",
    description: "Shows the revisions of a release, oldest first, with the time, state and description of each.",
    example: "history web --max 5",
    arguments: Arguments::Exactly(1),
    flags: &[&[
        Flag::of("max", Kind::Int, "256", "most revisions to show"),
        OUTPUT,
        boolean("show-rollback-revision", "add a column with the revision that was rolled back to"),
    ]],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

/// A revision as the formats show it (cmd/history.go, releaseInfoJSON).
#[derive(Debug, Serialize)]
struct Element<'a> {
    revision: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<Time>,
    status: &'a str,
    chart: String,
    app_version: String,
    #[serde(skip_serializing_if = "is_zero")]
    rollback_revision: i64,
    description: &'a str,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl<'a> Element<'a> {
    fn new(record: &'a Record) -> Self {
        Element {
            revision: record.version,
            updated: record.info.last_deployed.filter(|time| !time.is_zero()),
            status: record.info.status.as_str(),
            chart: chart_title(record),
            app_version: app_version(record),
            rollback_revision: record.info.rollback_revision,
            description: &record.info.description,
        }
    }
}

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let name = &flags.arguments[0];
    let history = with_session(invocation, Scope::Own, |session| {
        let found = session.run(&Plain, async |connections| history::run(name, connections).await);
        found.map_err(CommandError::from)
    })?;
    if let Some(text) = advice::left_out(history.damaged()) {
        terminal::error_line(&text);
    }
    let revisions = history.revisions();
    let wanted = usize::try_from(flags.int("max")).unwrap_or(0);
    let elements: Vec<Element<'_>> =
        revisions.iter().skip(revisions.len().saturating_sub(wanted)).map(Element::new).collect();
    let text = match flags.string("output") {
        "json" => go_json(&elements)?,
        "yaml" => yaml(&elements)?,
        _ => table(&elements, flags.bool("show-rollback-revision")).into_bytes(),
    };
    terminal::print_bytes(&text);
    Ok(())
}

fn table(elements: &[Element<'_>], shows_rollback: bool) -> String {
    let mut table = Table::new();
    let mut add = |mut cells: Vec<String>, rollback: String, description: &str| {
        if shows_rollback {
            cells.push(rollback);
        }
        cells.push(description.to_owned());
        table.add(cells);
    };
    let headers = ["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"].map(str::to_owned);
    add(headers.to_vec(), "ROLLBACK".to_owned(), "DESCRIPTION");
    for element in elements {
        let updated = clock::shown(element.updated.unwrap_or(Time::ZERO), &Zone::Utc).format(ANSIC);
        let rollback =
            if element.rollback_revision > 0 { element.rollback_revision.to_string() } else { String::new() };
        let cells = vec![
            element.revision.to_string(),
            updated,
            element.status.to_owned(),
            element.chart.clone(),
            element.app_version.clone(),
        ];
        add(cells, rollback, element.description);
    }
    table.text()
}
