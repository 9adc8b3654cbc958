//! Help texts, made from the table.

use crate::commands::table::Command;
use crate::flags::{Flag, Kind};
use crate::terminal;

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
    text.push_str(&format!("\nUsage:\n  {}\n", use_line(program, path, command)));
    if !command.aliases.is_empty() {
        text.push_str(&format!("\nAliases:\n  {}, {}\n", command.name, command.aliases.join(", ")));
    }
    if !command.subcommands.is_empty() {
        text.push_str("\nCommands:\n");
        let mut commands = command.subcommands.to_vec();
        commands.sort_by_key(|command| command.name);
        for sub in commands {
            text.push_str(&format!("  {:<12} {}\n", sub.name, sub.summary));
        }
    }
    let own: Vec<&Flag> = command.flags.iter().copied().flatten().collect();
    push_flags(&mut text, "Flags", own);
    push_flags(&mut text, "Global flags", crate::commands::global::FLAGS.iter().collect());
    text
}

fn push_flags(text: &mut String, title: &str, mut flags: Vec<&Flag>) {
    flags.retain(|flag| !flag.is_hidden);
    if flags.is_empty() {
        return;
    }
    flags.sort_by_key(|flag| flag.name);
    text.push_str(&format!("\n{title}:\n"));
    for flag in flags {
        let short = flag.short.map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        let name = format!("{short}--{}{}", flag.name, value_name(flag));
        text.push_str(&format!("  {name:<42} {}{}\n", flag.usage, default_note(flag)));
    }
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
