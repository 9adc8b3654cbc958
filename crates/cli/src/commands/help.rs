//! Help texts, made from the table; the command `help`.

use crate::commands::dispatch::{self, ROOT};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind};
use crate::terminal;

pub(crate) static COMMAND: Command = Command {
    name: "help",
    aliases: &[],
    usage: "[command]",
    summary: "Show the help of a command",
    description: "Shows what a command does, an example, and its flags; without a command, what commands there are.",
    example: "help get values",
    arguments: Arguments::Any,
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let (program, topic) = (&invocation.program, &invocation.flags.arguments);
    match dispatch::find(program, topic) {
        Ok((command, path, _)) => print(program, &path, command),
        // Helm: this is no failure (cobra, InitDefaultHelpCmd).
        Err(_) => {
            let words: Vec<String> = topic.iter().map(|word| backquoted(word)).collect();
            terminal::error_line(&format!("Unknown help topic [{}]", words.join(" ")));
            terminal::error_line(usage(program, "", &ROOT).trim_end());
        }
    }
    Ok(())
}

/// Quotes as Go's `%#q`.
fn backquoted(word: &str) -> String {
    match word.contains(['`', '\n']) {
        true => value::gofmt::quoted(word.as_bytes()),
        false => format!("`{word}`"),
    }
}

/// Returns `helm get values` for the path `get values`.
pub(crate) fn full_path(program: &str, path: &str) -> String {
    if path.is_empty() { program.to_owned() } else { format!("{program} {path}") }
}

/// Returns the usage line: path, arguments, `[flags]`.
pub(crate) fn use_line(program: &str, path: &str, command: &Command) -> String {
    let mut line = full_path(program, path);
    for part in [command.usage, if command.run.is_some() { "[flags]" } else { "" }] {
        if !part.is_empty() {
            line.push(' ');
            line.push_str(part);
        }
    }
    line
}

/// Prints the help of a command.
pub(crate) fn print(program: &str, path: &str, command: &Command) {
    terminal::print(&text(program, path, command));
}

fn text(program: &str, path: &str, command: &Command) -> String {
    let mut text = format!("{}\n", command.description);
    if !command.example.is_empty() {
        text.push_str(&format!("\nExample:\n  {program} {}\n", command.example));
    }
    text.push_str(&format!("\n{}", usage(program, path, command)));
    text
}

fn usage(program: &str, path: &str, command: &Command) -> String {
    let mut text = format!("Usage:\n  {}\n", use_line(program, path, command));
    if !command.aliases.is_empty() {
        text.push_str(&format!("\nAliases:\n  {}, {}\n", command.name, command.aliases.join(", ")));
    }
    if !command.subcommands.is_empty() {
        text.push_str("\nCommands:\n");
        for sub in command.listed() {
            text.push_str(&format!("  {:<12} {}\n", sub.name, sub.summary));
        }
    }
    push_flags(&mut text, "Flags", command.own_flags().collect());
    push_flags(&mut text, "Global flags", crate::commands::global::FLAGS.iter().collect());
    text
}

fn push_flags(text: &mut String, title: &str, flags: Vec<&Flag>) {
    let lines = flag_lines(flags);
    if !lines.is_empty() {
        text.push_str(&format!("\n{title}:\n{lines}"));
    }
}

/// Returns the lines of the global flags.
pub(crate) fn global_lines() -> String {
    flag_lines(crate::commands::global::FLAGS.iter().collect())
}

/// Returns a line for each flag that is not hidden, sorted by name.
pub(crate) fn flag_lines(mut flags: Vec<&Flag>) -> String {
    flags.retain(|flag| !flag.is_hidden);
    flags.sort_by_key(|flag| flag.name);
    let line = |flag: &&Flag| {
        let short = flag.short.map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        let name = format!("{short}--{}{}", flag.name, value_name(flag));
        format!("  {name:<42} {}{}\n", flag.usage, default_note(flag))
    };
    flags.iter().map(line).collect()
}

fn value_name(flag: &Flag) -> &'static str {
    match flag.kind {
        Kind::Bool => "",
        Kind::Int => " int",
        Kind::Uint => " uint",
        Kind::Float32 => " float32",
        Kind::Duration => " duration",
        Kind::Array => " stringArray",
        Kind::Slice => " strings",
        Kind::Pairs => " key=value,…",
        Kind::Format => " format",
        Kind::Wait => "[=strategy]",
        Kind::String if flag.bare.is_some() => "[=string]",
        Kind::String => " string",
        Kind::PostRenderer => " name",
        Kind::PostRendererArguments => " argument",
    }
}

fn default_note(flag: &Flag) -> String {
    match flag.default {
        "" | "false" | "0" | "[]" => String::new(),
        default => format!(" (default {default})"),
    }
}
