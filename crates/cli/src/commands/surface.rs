//! The commands compared with those of Helm 4.3.1, which `tests/surface.txt` lists.

use std::collections::BTreeMap;

use crate::commands::dispatch::ROOT;
use crate::commands::table::Command;
use crate::flags::{Flag, Kind};

/// Each command's line begins with `=`, each flag's with blanks: name, letter or `-`, type, default, and what it means
/// without a value.
const HELM: &str = include_str!("../../tests/surface.txt");

/// Commands that Helm does not have.
const OWN: &[&str] = &["sandbox"];

/// Flags that Helm does not have.
const ADDITIONS: &[&str] = &["progress", "recover", "sandbox"];

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "bool",
        Kind::String => "string",
        Kind::Int => "int",
        Kind::Uint => "uint",
        Kind::Float32 => "float32",
        Kind::Duration => "duration",
        Kind::Array => "stringArray",
        Kind::Slice => "strings",
        Kind::Pairs => "stringToString",
        Kind::Format => "format",
        Kind::Wait => "WaitStrategy",
        Kind::PostRenderer => "postRendererString",
        Kind::PostRendererArguments => "postRendererArgsSlice",
    }
}

/// A default that pflag does not show is none.
fn default(flag: &Flag) -> &str {
    match (flag.kind, flag.default) {
        (_, "") | (Kind::Bool, "false") | (Kind::Int | Kind::Uint | Kind::Float32, "0") => "-",
        (_, shown) => shown,
    }
}

fn flag_line(flag: &Flag) -> String {
    let short = flag.short.map_or("-".to_owned(), String::from);
    let bare = flag.bare.filter(|_| flag.kind != Kind::Bool).unwrap_or("-");
    format!("  {} {short} {} {} {bare}", flag.name, type_name(flag.kind), default(flag))
}

/// Returns the lines of a command: the first one, then its flags.
fn lines(path: &str, command: &Command, flags: &mut dyn Iterator<Item = &'static Flag>) -> Vec<String> {
    let runs = if command.run.is_some() { " [flags]" } else { "" };
    let usage = if command.usage.is_empty() { String::new() } else { format!(" {}", command.usage) };
    let mut aliases = command.aliases.to_vec();
    aliases.sort_unstable();
    let own = |flag: &&Flag| !flag.is_hidden && flag.name != "help" && !ADDITIONS.contains(&flag.name);
    let mut flags: Vec<String> = flags.filter(own).map(flag_line).collect();
    flags.sort();
    let first = format!("= {path} |{usage}{runs} | {}", aliases.join(" "));
    std::iter::once(first.trim_end().to_owned()).chain(flags).collect()
}

fn ours(path: &str, command: &'static Command, found: &mut BTreeMap<String, Vec<String>>) {
    let table = match path.is_empty() {
        true => lines(path, command, &mut crate::commands::global::FLAGS.iter()),
        false => lines(path, command, &mut command.own_flags()),
    };
    found.insert(path.to_owned(), table);
    for below in command.listed().into_iter().filter(|below| below.name != "help") {
        ours(format!("{path} {}", below.name).trim_start(), below, found);
    }
}

fn helm() -> BTreeMap<String, Vec<String>> {
    let mut commands: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut path = String::new();
    for line in HELM.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("= ") {
            path = rest.split('|').next().unwrap().trim().to_owned();
        }
        commands.entry(path.clone()).or_default().push(line.to_owned());
    }
    commands
}

#[test]
fn every_command_and_flag_of_helm_is_there_with_its_type_and_default() {
    let mut found = BTreeMap::new();
    ours("", &ROOT, &mut found);
    for (path, expected) in helm() {
        let lines = found.remove(&path).unwrap_or_default();
        assert_eq!(lines, expected, "{path}");
    }
    found.retain(|path, _| !OWN.contains(&path.split(' ').next().unwrap()));
    assert_eq!(found.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "commands that Helm does not have");
}
