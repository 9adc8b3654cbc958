//! `docs`: the reference of all commands as Markdown or man pages, made from the table.

use std::fs;
use std::io;

use crate::commands::dispatch::ROOT;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::commands::{completion, help};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean, string};

const FLAGS: &[Flag] = &[
    string("dir", "./", "folder that the pages are written to"),
    string("type", "markdown", "what to write: markdown, man or bash"),
    boolean("generate-headers", "begin Markdown pages with a title as front matter"),
];

pub(crate) static COMMAND: Command = Command {
    name: "docs",
    aliases: &[],
    usage: "",
    // Helm does not list it either.
    summary: "",
    description: "Writes a page for every command, as Markdown or for man, or the completion script for bash.",
    example: "docs --type man --dir man/man1",
    arguments: Arguments::None,
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let program = invocation.program.as_str();
    let folder = flags.string("dir");
    match flags.string("type") {
        "markdown" | "mdown" | "md" => {
            let has_header = flags.bool("generate-headers");
            each(&mut |path, command| {
                let header = if has_header { header(program, path) } else { String::new() };
                let name = format!("{}.md", page(program, path, '_'));
                write(folder, &name, &(header + &markdown(program, path, command)))
            })
        }
        "man" => each(&mut |path, command| {
            let name = format!("{}.1", page(program, path, '-'));
            write(folder, &name, &man(program, path, command))
        }),
        "bash" => write(folder, "completions.bash", &completion::bash(program)),
        other => {
            let quoted = value::gofmt::quoted(other.as_bytes());
            Err(CommandError::message(format!("unknown doc type {quoted}. Try 'markdown' or 'man'")))
        }
    }
}

/// A page's path and command go in, and out comes whether it was written.
type Visit<'v> = &'v mut dyn FnMut(&str, &'static Command) -> Result<(), CommandError>;

/// Calls something for every listed command, those below one before it.
fn each(visit: Visit<'_>) -> Result<(), CommandError> {
    below("", &ROOT, visit)
}

fn below(path: &str, command: &'static Command, visit: Visit<'_>) -> Result<(), CommandError> {
    command.listed().into_iter().try_for_each(|inner| below(&join(path, inner.name), inner, visit))?;
    visit(path, command)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path} {name}") }
}

fn page(program: &str, path: &str, sign: char) -> String {
    help::full_path(program, path).replace(' ', &sign.to_string())
}

fn write(folder: &str, name: &str, text: &str) -> Result<(), CommandError> {
    let path = chart::clean(&format!("{folder}/{name}"));
    fs::write(&path, text).map_err(|error: io::Error| {
        CommandError::message(chart::files::file_error("open", &path, &error).to_string())
    })
}

fn header(program: &str, path: &str) -> String {
    let full = help::full_path(program, path);
    let words: Vec<String> = full
        .split(' ')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        })
        .collect();
    format!("---\ntitle: \"{}\"\n---\n\n", words.join(" "))
}

/// Returns the Markdown page of a command.
fn markdown(program: &str, path: &str, command: &'static Command) -> String {
    let mut text = format!("# {}\n\n{}\n\n", help::full_path(program, path), command.summary);
    if command.description != command.summary {
        text.push_str(&format!("{}\n\n", command.description));
    }
    text.push_str(&format!("```sh\n{}\n```\n\n", help::use_line(program, path, command)));
    if !command.aliases.is_empty() {
        text.push_str(&format!("Also: `{}`\n\n", command.aliases.join("`, `")));
    }
    if !command.example.is_empty() {
        text.push_str(&format!("## Example\n\n```sh\n{program} {}\n```\n\n", command.example));
    }
    let below = command.listed();
    if !below.is_empty() {
        text.push_str("## Commands\n\n");
        for below in below {
            let link = format!("{}.md", page(program, &join(path, below.name), '_'));
            text.push_str(&format!("* [{}]({link}): {}\n", below.name, below.summary));
        }
        text.push('\n');
    }
    text.push_str(&format!("## Flags\n\n```\n{}```\n", help::flag_lines(command.own_flags().collect())));
    if path.is_empty() {
        text.push_str(&format!("\n## Flags of every command\n\n```\n{}```\n", help::global_lines()));
        return text;
    }
    let parent = path.rsplit_once(' ').map_or("", |(parent, _)| parent);
    let (name, link) = (help::full_path(program, parent), page(program, parent, '_'));
    text.push_str(&format!("\nUp: [{name}]({link}.md), global flags: [{program}]({program}.md)\n"));
    text
}

/// Returns the manual page of a command in the macros of man(7).
fn man(program: &str, path: &str, command: &'static Command) -> String {
    let name = page(program, path, '-');
    let mut text = format!(
        ".nh\n.TH \"{}\" \"1\" \"\" \"{program} {}\" \"\"\n.SH NAME\n{} \\- {}\n",
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION"),
        roff(&name),
        roff(command.summary),
    );
    text.push_str(&format!(".SH SYNOPSIS\n\\fB{}\\fP\n", roff(&help::use_line(program, path, command))));
    text.push_str(&format!(".SH DESCRIPTION\n{}\n", roff(command.description)));
    if !command.aliases.is_empty() {
        text.push_str(&format!(".SH ALIASES\n{}\n", roff(&command.aliases.join(", "))));
    }
    push_options(&mut text, "OPTIONS", command.own_flags().collect());
    push_options(&mut text, "GLOBAL OPTIONS", crate::commands::global::FLAGS.iter().collect());
    if !command.example.is_empty() {
        text.push_str(&format!(".SH EXAMPLE\n.nf\n{program} {}\n.fi\n", roff(command.example)));
    }
    let up = (!path.is_empty()).then(|| path.rsplit_once(' ').map_or("", |(parent, _)| parent).to_owned());
    let below = command.listed().into_iter().map(|below| join(path, below.name));
    let links: Vec<String> = up
        .into_iter()
        .chain(below)
        .map(|path| format!("\\fB{}\\fP(1)", roff(&page(program, &path, '-'))))
        .collect();
    if !links.is_empty() {
        text.push_str(&format!(".SH SEE ALSO\n{}\n", links.join(",\n")));
    }
    text
}

fn push_options(text: &mut String, title: &str, mut flags: Vec<&Flag>) {
    flags.retain(|flag| !flag.is_hidden);
    flags.sort_by_key(|flag| flag.name);
    text.push_str(&format!(".SH {title}\n"));
    for flag in flags {
        let short = flag.short.map(|short| format!("\\fB\\-{short}\\fP, ")).unwrap_or_default();
        let default = if flag.default.is_empty() { String::new() } else { format!("={}", flag.default) };
        let long = format!("\\fB\\-\\-{}\\fP{}", roff(flag.name), roff(&default));
        text.push_str(&format!(".TP\n{short}{long}\n{}\n", roff(flag.usage)));
    }
}

/// Protects what roff would take for its own: backslashes, dashes, and signs at the beginning of a line.
fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let lines = escaped.split('\n').map(|line| match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::{each, header, markdown, page, roff};

    /// The pages in docs/reference are what the table says. After a change of it:
    /// `cargo run -- docs --dir docs/reference`.
    #[test]
    fn the_reference_is_current() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
        let mut expected = BTreeMap::new();
        each(&mut |path, command| {
            let text = markdown("pintle", path, command);
            expected.insert(format!("{}.md", page("pintle", path, '_')), text);
            Ok(())
        })
        .unwrap();
        let found: BTreeMap<String, String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let text = std::fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().into_string().unwrap(), text)
            })
            .collect();
        let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected));
        for (name, text) in expected {
            assert!(found[&name] == text, "{name} is old: cargo run -- docs --dir docs/reference");
        }
    }

    #[test]
    fn roff_takes_nothing_for_a_request() {
        assert_eq!(roff(".x\n'y\\-"), "\\&.x\n\\&'y\\e\\-");
    }

    #[test]
    fn headers_begin_words_with_capitals() {
        assert_eq!(header("pintle", "get values"), "---\ntitle: \"Pintle Get Values\"\n---\n\n");
    }
}
