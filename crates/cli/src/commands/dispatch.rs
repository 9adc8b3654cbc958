//! From a command line to the command it names, with cobra's rules and wording.

use std::io::IsTerminal as _;

use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::{
    complete, completion, create, dependency, docs, env, get, global, help, history, install, lint, list,
    package, plugin, pull, push, registry, repo, rollback, sandbox, search, show, status, template, test,
    uninstall, upgrade, verify, version,
};
use crate::connect::Records;
use crate::errors::CommandError;
use crate::flags::{self, Flag, FlagError, Parsed};
use crate::logging;
use crate::plugins;
use crate::repositories;
use crate::settings::{Files, Settings};
use crate::terminal;

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
        &create::COMMAND,
        &dependency::COMMAND,
        &pull::COMMAND,
        &show::COMMAND,
        &lint::COMMAND,
        &package::COMMAND,
        &repo::COMMAND,
        &search::COMMAND,
        &verify::COMMAND,
        &get::COMMAND,
        &history::COMMAND,
        &install::COMMAND,
        &list::COMMAND,
        &test::COMMAND,
        &rollback::COMMAND,
        &status::COMMAND,
        &template::COMMAND,
        &uninstall::COMMAND,
        &upgrade::COMMAND,
        &completion::COMMAND,
        &env::COMMAND,
        &plugin::COMMAND,
        &version::COMMAND,
        &docs::COMMAND,
        &registry::COMMAND,
        &push::COMMAND,
        &help::COMMAND,
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
    if let Some(mode) = bad_color_mode(arguments) {
        let mode = value::gofmt::quoted(mode.as_bytes());
        let reason = format!("invalid color mode {mode}: must be one of: never, auto, always");
        logging::line(logging::Level::Warn, "command failed", &[("error", &reason)]);
        return Outcome::Reported;
    }
    plugins::look_around(&Files::read(&Parsed::default()).plugins);
    if let Some(words) = complete::request(arguments) {
        return complete::answer(&words);
    }
    let (command, path, rest) = match find(program, arguments) {
        Ok(found) => found,
        Err(text) => return misused(text),
    };
    let parsed = match flags::parse(&rest, command.all_flags(), &plugins::check_post_renderer) {
        Ok(parsed) => parsed,
        Err(error) => return misused(format!("{error}{}", suggestion(&error, command))),
    };
    let settings = Settings::read(&parsed);
    repositories::warn_of_gone(&settings.files);
    for warning in &parsed.warnings {
        terminal::error_line(warning);
    }
    let Some(body) = command.run.filter(|_| !parsed.bool("help")) else {
        help::print(program, &path, command);
        return Outcome::Done;
    };
    let records = match Records::choose(&settings) {
        Ok(records) => records,
        Err(text) => {
            // Helm: a driver it cannot start with ends in Go's log.Fatal.
            logging::info(&text);
            return Outcome::Reported;
        }
    };
    if let Err(text) = check(program, &path, command, &parsed) {
        return Outcome::Failed(text);
    }
    match body(&Invocation { program: program.to_owned(), settings, records, flags: parsed }) {
        Ok(()) => Outcome::Done,
        Err(CommandError::Fatal(text)) => {
            logging::info(&text);
            Outcome::Reported
        }
        Err(error) => Outcome::Failed(CommandError::text(&error).to_owned()),
    }
}

/// Ends a command line that is none; what Helm looks at before it reads the line comes first.
fn misused(text: String) -> Outcome {
    repositories::warn_of_gone(&Files::read(&Parsed::default()));
    Outcome::Failed(text)
}

/// Returns a colour mode that is none, before anything else is looked at (Helm: cmd/root.go, newRootCmdWithConfig):
/// the global flags are read first and alone, up to the first mistake or call for help.
fn bad_color_mode(arguments: &[String]) -> Option<String> {
    let mut at = 0;
    let mut given = None;
    while let Some(argument) = arguments.get(at) {
        at += 1;
        if argument == "--" || argument == "--help" || argument == "-h" {
            break;
        }
        let Some(name) = argument.strip_prefix("--") else {
            at += usize::from(matches!(argument.as_str(), "-n" | "-v"));
            continue;
        };
        let (name, inline) = name.split_once('=').map_or((name, None), |(name, text)| (name, Some(text)));
        let Some(flag) = global::FLAGS.iter().find(|flag| flag.name == name) else { continue };
        let text = match inline.or(flag.bare) {
            Some(text) => text,
            None => {
                at += 1;
                let Some(text) = arguments.get(at - 1) else { break };
                text
            }
        };
        let is_mistake = |flag| {
            let alone = [format!("--{name}={text}")];
            flags::parse(&alone, std::iter::once(flag), &|_| Ok(())).is_err()
        };
        match name {
            "color" | "colour" => given = Some(text.to_owned()),
            _ if is_mistake(flag) => break,
            _ => {}
        }
    }
    given.filter(|mode| !matches!(mode.as_str(), "never" | "auto" | "always"))
}

/// Returns what a mistyped flag may have meant, on lines of its own; only for people, since programs know Helm's line.
fn suggestion(error: &FlagError, command: &Command) -> String {
    if !std::io::stderr().is_terminal() {
        return String::new();
    }
    match error {
        FlagError::Unknown(name) => flags::similar_flag(name, command.all_flags())
            .map_or_else(String::new, |name| format!("\n\nDid you mean this?\n\t--{name}")),
        _ => String::new(),
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

/// A command with its path and the arguments that are left for it.
pub(crate) type Found = (&'static Command, String, Vec<String>);

/// Finds the command that the arguments name.
///
/// # Errors
/// When the first word names none, in cobra's words.
pub(crate) fn find(program: &str, arguments: &[String]) -> Result<Found, String> {
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
            "" | "-" => at += 1,
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
    if !similar.is_empty() {
        text.push_str("\n\nDid you mean this?\n");
        for name in similar {
            text.push_str(&format!("\t{name}\n"));
        }
    }
    text.push_str(&format!("\nRun '{program} --help' for usage."));
    text
}

/// Words that people try, and the commands they mean.
const OTHER_WORDS: &[(&str, &str)] = &[("remove", "uninstall"), ("rm", "uninstall")];

/// Returns the commands whose names are like a mistyped one (cobra: SuggestionsFor, distance 2 or prefix).
fn suggestions(typed: &str) -> Vec<&'static str> {
    let lower = typed.to_lowercase();
    let similar = |name: &&str| {
        let is_meant = |(word, meant): &(&str, &str)| word == &lower && meant == name;
        flags::edit_distance(&lower, name) <= 2
            || name.starts_with(&lower)
            || OTHER_WORDS.iter().any(is_meant)
    };
    let listed =
        ROOT.subcommands.iter().filter(|command| !command.summary.is_empty() && command.name != "help");
    listed.map(|command| command.name).filter(similar).collect()
}
