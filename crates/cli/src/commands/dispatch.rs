//! From a command line to the command it names, with cobra's rules and wording.

use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::{
    get, help, history, install, lint, list, rollback, sandbox, show, status, template, test, uninstall,
    upgrade, version,
};
use crate::connect::Records;
use crate::errors::CommandError;
use crate::flags::{self, Flag, FlagError, Parsed};
use crate::logging;
use crate::settings::Settings;

/// The root of the table.
pub(crate) static ROOT: Command = Command {
    name: "",
    aliases: &[],
    usage: "[command]",
    summary: "The Kubernetes package manager",
    description: "Finds, renders, installs and manages Kubernetes applications packed as charts.\n\n\
        It takes Helm's place: the same commands, flags, charts and releases. With --sandbox every command works on\n\
        an embedded cluster that needs nothing but this program.",
    example: "install demo ./my-chart --sandbox --wait",
    arguments: Arguments::Any,
    flags: &[],
    exclusive: &[],
    // In the order Helm adds them, which is the order of suggestions.
    subcommands: &[
        &get::COMMAND,
        &history::COMMAND,
        &install::COMMAND,
        &lint::COMMAND,
        &list::COMMAND,
        &test::COMMAND,
        &rollback::COMMAND,
        &show::COMMAND,
        &status::COMMAND,
        &template::COMMAND,
        &uninstall::COMMAND,
        &upgrade::COMMAND,
        &version::COMMAND,
        // Not of Helm.
        &sandbox::COMMAND,
    ],
    run: None,
};

/// How a command line ended.
pub(crate) enum Outcome {
    /// All went well.
    Done,
    /// An error whose text follows `Error: `; and whether help is pointed at.
    Failed(String),
    /// An error that was logged already.
    Reported,
}

/// Runs a command line without the program's name.
pub(crate) fn run(program: &str, arguments: &[String]) -> Outcome {
    let (command, path, rest) = match find(program, arguments) {
        Ok(found) => found,
        Err(text) => return Outcome::Failed(text),
    };
    let parsed = match flags::parse(&rest, command.all_flags()) {
        Ok(parsed) => parsed,
        Err(FlagError::Help) => {
            help::print(program, &path, command);
            return Outcome::Done;
        }
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    for warning in &parsed.warnings {
        crate::terminal::error_line(warning);
    }
    let settings = Settings::read(&parsed);
    if !matches!(settings.color.as_str(), "never" | "auto" | "always") {
        let mode = value::gofmt::quoted(settings.color.as_bytes());
        return Outcome::Failed(format!("invalid color mode {mode}: must be one of: never, auto, always"));
    }
    let records = match Records::choose(&settings) {
        Ok(records) => records,
        Err(text) => {
            // Helm: a driver it cannot start with ends in Go's log.Fatal.
            logging::info(&text);
            return Outcome::Reported;
        }
    };
    let Some(body) = command.run else {
        help::print(program, &path, command);
        return Outcome::Done;
    };
    if let Err(text) = check(program, &path, command, &parsed) {
        return Outcome::Failed(text);
    }
    match body(&Invocation { settings, records, flags: parsed }) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(CommandError::text(&error).to_owned()),
    }
}

fn check(program: &str, path: &str, command: &Command, parsed: &Parsed) -> Result<(), String> {
    if let Err(problem) = command.arguments.check(parsed.arguments.len()) {
        let usage = help::use_line(program, path, command);
        return Err(format!("\"{}\" {problem}\n\nUsage:  {usage}", help::full_path(program, path)));
    }
    for group in command.exclusive {
        let given: Vec<&str> = group.iter().copied().filter(|name| parsed.is_given(name)).collect();
        if given.len() > 1 {
            let (group, mut given) = (group.join(" "), given);
            given.sort_unstable();
            return Err(format!(
                "if any flags in the group [{group}] are set none of the others can be; [{}] were all set",
                given.join(" ")
            ));
        }
    }
    Ok(())
}

/// Finds the command that the arguments name; returns it with its path and the arguments that are left for it.
fn find(program: &str, arguments: &[String]) -> Result<(&'static Command, String, Vec<String>), String> {
    let mut command = &ROOT;
    let mut path = String::new();
    let mut rest = arguments.to_vec();
    loop {
        let Some(at) = first_word(&rest, command) else { return Ok((command, path, rest)) };
        match command.subcommand(&rest[at]) {
            Some(found) => {
                rest.remove(at);
                if !path.is_empty() {
                    path.push(' ');
                }
                path.push_str(found.name);
                command = found;
            }
            None if command.name.is_empty() => return Err(unknown_command(program, &rest[at])),
            None => return Ok((command, path, rest)),
        }
    }
}

/// Returns where the first argument stands that is neither a flag nor a flag's value (cobra: stripFlags).
fn first_word(arguments: &[String], command: &Command) -> Option<usize> {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        match argument.as_str() {
            "--" => return None,
            flag if flag.starts_with("--") => {
                let takes_next = !flag.contains('=') && takes_value(command, |f| f.name == &flag[2..]);
                at += if takes_next { 2 } else { 1 };
            }
            flag if flag.starts_with('-') && flag.len() > 1 => {
                let letter = flag.chars().nth(1);
                let takes_next = !flag.contains('=')
                    && flag.chars().count() == 2
                    && takes_value(command, |f| f.short == letter);
                at += if takes_next { 2 } else { 1 };
            }
            "" => at += 1,
            _ => return Some(at),
        }
    }
    None
}

fn takes_value(command: &Command, is_it: impl Fn(&Flag) -> bool) -> bool {
    command.all_flags().find(|flag| is_it(flag)).is_none_or(|flag| flag.bare.is_none())
}

fn unknown_command(program: &str, name: &str) -> String {
    let quoted = value::gofmt::quoted(name.as_bytes());
    let mut text = format!("unknown command {quoted} for \"{program}\"");
    let similar = suggestions(name);
    if similar.is_empty() {
        text.push_str(&format!("\nRun '{program} --help' for usage."));
    } else {
        text.push_str("\n\nDid you mean this?\n");
        for name in similar {
            text.push_str(&format!("\t{name}\n"));
        }
        text.push_str(&format!("\nRun '{program} --help' for usage."));
    }
    text
}

/// Words that people try, and the commands they mean.
const OTHER_WORDS: &[(&str, &str)] = &[("remove", "uninstall"), ("rm", "uninstall")];

/// Returns the commands whose names are like a mistyped one (cobra: SuggestionsFor, distance 2 or prefix).
fn suggestions(typed: &str) -> Vec<&'static str> {
    let lower = typed.to_lowercase();
    let similar = |name: &&str| {
        let is_meant = |(word, meant): &(&str, &str)| word == &lower && meant == name;
        edit_distance(&lower, name) <= 2 || name.starts_with(&lower) || OTHER_WORDS.iter().any(is_meant)
    };
    ROOT.subcommands.iter().map(|command| command.name).filter(similar).collect()
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != *y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}
