//! `__complete`: what the scripts of `completion` ask on every Tab, in cobra's protocol: candidates line by line, then a
//! colon and what the shell is to do with them.

mod arguments;
mod cluster;
mod flag_values;
mod repositories;

use crate::commands::dispatch::{self, Outcome};
use crate::commands::table::{Command, Invocation};
use crate::connect::Records;
use crate::flags::{self, Flag, Kind, Parsed};
use crate::settings::Settings;
use crate::terminal;

/// What the shell is to do besides showing candidates (cobra: ShellCompDirective).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Directive(u8);

impl Directive {
    /// Add a space after the word, offer files if there are no candidates.
    const DEFAULT: Directive = Directive(0);
    /// Something went wrong; no candidates.
    const ERROR: Directive = Directive(1);
    /// Add no space.
    const NO_SPACE: Directive = Directive(2);
    /// Offer no files.
    const NO_FILES: Directive = Directive(4);

    fn and(self, other: Directive) -> Directive {
        Directive(self.0 | other.0)
    }

    /// Returns the names that cobra gives to the bits.
    fn names(self) -> String {
        let names = [
            (Directive::ERROR, "ShellCompDirectiveError"),
            (Directive::NO_SPACE, "ShellCompDirectiveNoSpace"),
            (Directive::NO_FILES, "ShellCompDirectiveNoFileComp"),
        ];
        let set: Vec<&str> =
            names.iter().filter(|(bit, _)| self.0 & bit.0 != 0).map(|(_, name)| *name).collect();
        if set.is_empty() { "ShellCompDirectiveDefault".to_owned() } else { set.join(", ") }
    }
}

/// What is offered.
#[derive(Debug, PartialEq, Eq)]
struct Candidates {
    /// Words, each with a description after a tab if it has one.
    lines: Vec<String>,
    directive: Directive,
}

impl Candidates {
    fn new(lines: Vec<String>, directive: Directive) -> Candidates {
        Candidates { lines, directive }
    }

    fn none(directive: Directive) -> Candidates {
        Candidates::new(Vec::new(), directive)
    }

    fn words(words: &[&str]) -> Candidates {
        Candidates::new(words.iter().map(|word| (*word).to_owned()).collect(), Directive::NO_FILES)
    }

    /// Says that the command takes nothing more, as a hint that is no candidate (cobra's active help).
    fn no_more() -> Candidates {
        let is_wanted = std::env::var("HELM_ACTIVE_HELP").ok().as_deref() != Some("0")
            && std::env::var("COBRA_ACTIVE_HELP").ok().as_deref() != Some("0");
        let hint = "_activeHelp_ No further argument is taken here; flags may follow.";
        let lines = if is_wanted { vec![hint.to_owned()] } else { Vec::new() };
        Candidates::new(lines, Directive::NO_FILES)
    }
}

/// A question of a shell.
pub(crate) struct Question {
    words: Vec<String>,
    has_descriptions: bool,
}

/// Returns the question if the command line is one.
pub(crate) fn request(arguments: &[String]) -> Option<Question> {
    let (name, words) = arguments.split_first()?;
    let has_descriptions = match name.as_str() {
        "__complete" => true,
        "__completeNoDesc" => false,
        _ => return None,
    };
    Some(Question { words: words.to_vec(), has_descriptions })
}

/// Answers a question.
pub(crate) fn answer(question: &Question) -> Outcome {
    let Some((typed, before)) = question.words.split_last() else {
        return Outcome::Failed("requires at least 1 arg(s), only received 0".to_owned());
    };
    let candidates = candidates(before, typed).unwrap_or_else(|problem| {
        terminal::error_line(&format!("[Debug] [Error] {problem}"));
        Candidates::none(Directive::DEFAULT)
    });
    let mut out = String::new();
    for line in &candidates.lines {
        let line = line.lines().next().unwrap_or_default();
        let line = match question.has_descriptions {
            true => line,
            false => line.split('\t').next().unwrap_or_default(),
        };
        out.push_str(line.trim());
        out.push('\n');
    }
    out.push_str(&format!(":{}\n", candidates.directive.0));
    terminal::print(&out);
    terminal::error_line(&format!("Completion ended with directive: {}", candidates.directive.names()));
    Outcome::Done
}

/// Where the cursor is (cobra: getCompletions).
struct Place {
    command: &'static Command,
    path: String,
    invocation: Invocation,
    typed: String,
}

fn candidates(before: &[String], typed: &str) -> Result<Candidates, String> {
    let (command, path, mut rest) = dispatch::find("helm", before)
        .map_err(|_| format!("unable to find a command for arguments: [{}]", before.join(" ")))?;
    let pending = pending_flag(command, &mut rest, typed);
    let parsed = flags::parse(&rest, command.all_flags(), &|_| Ok(()))
        .map_err(|error| format!("Error while parsing flags from args [{}]: {error}", rest.join(" ")))?;
    let after_dashes = rest.iter().any(|word| word == "--");
    if parsed.bool("help") {
        return Ok(Candidates::none(Directive::NO_FILES));
    }
    let pending = match pending? {
        Some(_) if after_dashes => None,
        pending => pending,
    };
    let typed = pending.as_ref().map_or(typed, |(_, value)| value).to_owned();
    let settings = Settings::read(&parsed);
    let records = Records::choose(&settings)?;
    let invocation = Invocation { program: "helm".to_owned(), settings, records, flags: parsed };
    let place = Place { command, path, invocation, typed };
    Ok(match pending {
        Some((flag, _)) => flag_values::candidates(&place, flag),
        None if place.typed.starts_with('-') && !after_dashes && !place.typed.contains('=') => {
            flag_names(command, &place.invocation.flags, &place.typed)
        }
        None => words(&place),
    })
}

/// A flag whose value is being typed, with what is there of it.
type Pending = Option<(&'static Flag, String)>;

/// Tells whether the value of a flag is being typed, and takes the flag off the words if so (cobra:
/// checkIfFlagCompletion).
fn pending_flag(command: &Command, rest: &mut Vec<String>, typed: &str) -> Result<Pending, String> {
    let named = |word: &str| {
        let long = word.strip_prefix("--");
        let short = word.chars().last();
        let found = command.all_flags().find(|flag| match long {
            Some(name) => flag.name == name,
            None => flag.short == short,
        });
        let name = long.map_or_else(|| short.map(String::from).unwrap_or_default(), str::to_owned);
        found.ok_or_else(|| format!("Subcommand '{}' does not support flag '{name}'", command.name))
    };
    if typed.starts_with('-') {
        let Some((word, value)) = typed.split_once('=') else { return Ok(None) };
        if word == "--" || word == "-" {
            return Ok(None);
        }
        return named(word).map(|flag| Some((flag, value.to_owned())));
    }
    let is_flag =
        |word: &&String| word.starts_with('-') && word.len() > 1 && *word != "--" && !word.contains('=');
    let Some(word) = rest.last().filter(is_flag).cloned() else { return Ok(None) };
    let Ok(flag) = named(&word) else { return Ok(None) };
    if flag.bare.is_some() {
        return Ok(None);
    }
    rest.pop();
    Ok(Some((flag, typed.to_owned())))
}

/// Returns the flags that begin as typed: the global ones, then the command's own; those given already only if they
/// may be repeated.
fn flag_names(command: &Command, parsed: &Parsed, typed: &str) -> Candidates {
    let sorted = |mut flags: Vec<&'static Flag>| {
        flags.sort_by_key(|flag| flag.name);
        flags
    };
    let global = sorted(crate::commands::global::FLAGS.iter().collect());
    let own = sorted(command.own_flags().collect());
    let mut lines = Vec::new();
    for flag in global.into_iter().chain(own) {
        let is_repeatable =
            matches!(flag.kind, Kind::Array | Kind::Slice | Kind::Pairs | Kind::PostRendererArguments);
        if flag.is_hidden || (parsed.is_given(flag.name) && !is_repeatable) {
            continue;
        }
        let long = format!("--{}", flag.name);
        let short = flag.short.map(|short| format!("-{short}"));
        for name in std::iter::once(long).chain(short).filter(|name| name.starts_with(typed)) {
            lines.push(format!("{name}\t{}", flag.usage));
        }
    }
    Candidates::new(lines, Directive::NO_FILES)
}

/// Returns commands that begin as typed, and arguments.
fn words(place: &Place) -> Candidates {
    let parsed = &place.invocation.flags;
    let mut lines = Vec::new();
    let has_own_flag = place.command.own_flags().any(|flag| parsed.is_given(flag.name));
    if parsed.arguments.is_empty() && !has_own_flag {
        lines = subcommands(place.command, &place.typed);
    }
    match place.command.subcommands.is_empty() {
        true => arguments::candidates(place),
        false if parsed.arguments.is_empty() => Candidates::new(lines, Directive::NO_FILES),
        false => Candidates::none(Directive::DEFAULT),
    }
}

fn subcommands(command: &Command, typed: &str) -> Vec<String> {
    let listed = command.listed().into_iter().filter(|command| command.name.starts_with(typed));
    listed.map(|command| format!("{}\t{}", command.name, command.summary)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Directive, candidates};

    fn names(before: &[&str], typed: &str) -> Vec<String> {
        let before: Vec<String> = before.iter().map(|word| (*word).to_owned()).collect();
        let found = candidates(&before, typed).unwrap();
        found.lines.iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn commands_and_flags_are_offered_by_how_they_begin() {
        assert_eq!(names(&[], "ver"), ["verify", "version"]);
        assert_eq!(names(&["get"], "m"), ["manifest", "metadata"]);
        assert_eq!(names(&["list"], "--all"), ["--all-namespaces"]);
        assert_eq!(names(&["help"], "rol"), ["rollback"]);
        assert!(!names(&[], "").contains(&"docs".to_owned()));
    }

    #[test]
    fn values_of_flags_are_offered_in_both_forms() {
        assert_eq!(names(&["list", "-o"], ""), ["json", "table", "yaml"]);
        assert_eq!(names(&["list"], "--output=j"), ["json", "table", "yaml"]);
        assert_eq!(names(&["--color"], ""), ["never", "auto", "always"]);
    }

    #[test]
    fn a_flag_is_offered_once_unless_it_may_be_repeated() {
        assert!(names(&["install", "--dry-run"], "--dry").is_empty());
        assert_eq!(names(&["install", "--set", "a=b"], "--set-s"), ["--set-string"]);
        assert!(names(&["install", "--set", "a=b"], "--se").contains(&"--set".to_owned()));
    }

    #[test]
    fn what_no_command_says_is_an_error() {
        let words = ["nope".to_owned()];
        assert!(candidates(&words, "").unwrap_err().contains("unable to find a command"));
        assert_eq!(Directive::DEFAULT.names(), "ShellCompDirectiveDefault");
        let both = Directive::NO_SPACE.and(Directive::NO_FILES);
        assert_eq!(both.names(), "ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp");
    }
}
