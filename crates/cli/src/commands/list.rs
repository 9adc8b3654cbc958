//! `list`: the releases of a namespace, or of all.

use actions::list::{self, Order};
use chart::schema::compile_go_pattern;
use release::{Record, Status};
use sandbox::LabelSelector;
use serde::Serialize;
use value::time::Zone;

use crate::clock;
use crate::commands::shared_flags::OUTPUT;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::{Scope, with_session};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, Parsed, boolean, string};
use crate::output::{Colours, Table, app_version, chart_title, go_json, yaml};
use crate::reporters::Plain;
use crate::terminal;

const FLAGS: &[Flag] = &[
    boolean("all-namespaces", "list the releases of all namespaces").short('A'),
    boolean("date", "sort by date").short('d'),
    boolean("deployed", "show deployed releases"),
    boolean("failed", "show failed releases"),
    string("filter", "", "regular expression that names must match").short('f'),
    Flag::of("max", Kind::Int, "256", "most releases to show; 0 for all").short('m'),
    boolean("no-headers", "print no header above the table"),
    Flag::of("offset", Kind::Int, "0", "how many releases to leave out at the beginning"),
    OUTPUT,
    boolean("pending", "show releases that are being worked on"),
    boolean("reverse", "sort backwards").short('r'),
    string("selector", "", "labels that releases must have: key1=value1,key2!=value2").short('l'),
    boolean("short", "print names only").short('q'),
    boolean("superseded", "show superseded releases"),
    string("time-format", "", "Go layout of times, such as 2006-01-02 15:04:05Z0700"),
    boolean("uninstalled", "show uninstalled releases whose history was kept"),
    boolean("uninstalling", "show releases that are being uninstalled"),
];

pub(crate) static COMMAND: Command = Command {
    name: "list",
    aliases: &["ls"],
    usage: "",
    summary: "List releases",
    description: "Lists the newest revision of every release in the namespace, sorted by name, whatever its state. Flags\n\
        for states add up: --deployed --failed shows both.",
    example: "list --all-namespaces --filter '^web'",
    arguments: Arguments::None,
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let scope = if flags.bool("all-namespaces") { Scope::All } else { Scope::Own };
    let records = with_session(invocation, scope, |session| {
        session.run(&Plain, async |connections| {
            let filter = match name_filter(flags) {
                Ok(filter) => filter,
                Err(error) => {
                    // Helm minds it once the cluster has answered.
                    connections.cluster.check_reachable().await?;
                    return Err(error);
                }
            };
            let request = list::Request {
                states: states(flags),
                filter: &filter,
                selector: &|_| true,
                order: order(flags),
                offset: usize::try_from(flags.int("offset")).unwrap_or(0),
                limit: usize::try_from(flags.int("max")).unwrap_or(0),
            };
            match LabelSelector::parse(flags.string("selector")) {
                Ok(selector) => {
                    let selector = |labels: &release::Labels| selector.matches(labels);
                    Ok(list::run(&list::Request { selector: &selector, ..request }, connections).await?)
                }
                // Helm reads it only if there is something to select from.
                Err(error) => {
                    let all = list::Request { states: Vec::new(), offset: 0, limit: 0, ..request };
                    let records = list::run(&all, connections).await?;
                    if records.is_empty() { Ok(records) } else { Err(CommandError::message(error)) }
                }
            }
        })
    })?;
    terminal::print_bytes(&text(invocation, &records)?);
    Ok(())
}

/// Tells whether a release of that name is shown.
type NameFilter = Box<dyn Fn(&str) -> bool>;

fn name_filter(flags: &Parsed) -> Result<NameFilter, CommandError> {
    let Some(pattern) = flags.non_empty("filter") else { return Ok(Box::new(|_| true)) };
    let pattern = compile_go_pattern(pattern).map_err(CommandError::message)?;
    Ok(Box::new(move |name| pattern.is_match(name)))
}

fn states(flags: &Parsed) -> Vec<Status> {
    let mut states = Vec::new();
    for (flag, named) in [
        ("deployed", &[Status::Deployed][..]),
        ("uninstalled", &[Status::Uninstalled]),
        ("uninstalling", &[Status::Uninstalling]),
        ("pending", &[Status::PendingInstall, Status::PendingRollback, Status::PendingUpgrade]),
        ("failed", &[Status::Failed]),
        ("superseded", &[Status::Superseded]),
    ] {
        if flags.bool(flag) {
            states.extend_from_slice(named);
        }
    }
    states
}

/// Names rise; dates rise too with `--date` alone, oddly called descending in Helm (action/list.go, sort).
fn order(flags: &Parsed) -> Order {
    match (flags.bool("date"), flags.bool("reverse")) {
        (true, false) => Order::Date,
        (true, true) => Order::DateReversed,
        (false, true) => Order::NameReversed,
        (false, false) => Order::Name,
    }
}

/// A release as the formats show it (cmd/list.go, releaseElement).
#[derive(Debug, Serialize)]
struct Element<'a> {
    name: &'a str,
    namespace: &'a str,
    revision: String,
    updated: String,
    status: &'a str,
    chart: String,
    app_version: String,
}

impl<'a> Element<'a> {
    fn new(record: &'a Record, time_format: &str, local: &Zone) -> Self {
        let updated = match record.info.last_deployed.filter(|time| !time.is_zero()) {
            None => "-".to_owned(),
            Some(time) if time_format.is_empty() => clock::shown(time, local).to_string(),
            Some(time) => clock::shown(time, local).format(time_format),
        };
        Element {
            name: &record.name,
            namespace: &record.namespace,
            revision: record.version.to_string(),
            updated,
            status: record.info.status.as_str(),
            chart: chart_title(record),
            app_version: app_version(record),
        }
    }
}

fn text(invocation: &Invocation, records: &[Record]) -> Result<Vec<u8>, CommandError> {
    let flags = &invocation.flags;
    let format = flags.string("output");
    if flags.bool("short") {
        let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
        return match format {
            "json" => go_json(&names),
            "yaml" => yaml(&names),
            _ => Ok(names.iter().flat_map(|name| [name, "\n"]).collect::<String>().into_bytes()),
        };
    }
    let local = clock::local_zone();
    let elements: Vec<Element<'_>> =
        records.iter().map(|record| Element::new(record, flags.string("time-format"), &local)).collect();
    match format {
        "json" => go_json(&elements),
        "yaml" => yaml(&elements),
        _ => Ok(table(invocation, records, &elements).into_bytes()),
    }
}

fn table(invocation: &Invocation, records: &[Record], elements: &[Element<'_>]) -> String {
    let colours = Colours::of(&invocation.settings);
    let mut table = Table::new();
    if !invocation.flags.bool("no-headers") {
        let headers = ["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"];
        table.add(headers.map(|header| colours.header(header)));
    }
    for (record, element) in records.iter().zip(elements) {
        table.add([
            element.name.to_owned(),
            colours.namespace(element.namespace),
            element.revision.clone(),
            element.updated.clone(),
            colours.status(&record.info.status),
            element.chart.clone(),
            element.app_version.clone(),
        ]);
    }
    table.text()
}
