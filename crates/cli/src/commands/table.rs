//! The commands as rows of a table: names, arguments, flags, help.

use crate::connect::Records;
use crate::errors::CommandError;
use crate::flags::{Flag, Parsed};
use crate::settings::Settings;

/// A command or a group of commands.
pub(crate) struct Command {
    /// The name on the command line.
    pub(crate) name: &'static str,
    /// Other names for it.
    pub(crate) aliases: &'static [&'static str],
    /// What follows the name in usage lines: `[NAME] [CHART]`.
    pub(crate) usage: &'static str,
    /// One line of help.
    pub(crate) summary: &'static str,
    /// The help text.
    pub(crate) description: &'static str,
    /// A line that a user could type.
    pub(crate) example: &'static str,
    /// How many arguments it takes.
    pub(crate) arguments: Arguments,
    /// Its flags, in groups that commands share.
    pub(crate) flags: &'static [&'static [Flag]],
    /// Groups of flags of which at most one may be given.
    pub(crate) exclusive: &'static [FlagGroup],
    /// The commands below it.
    pub(crate) subcommands: &'static [&'static Command],
    /// What it does; a group only shows its help.
    pub(crate) run: Option<Run>,
}

/// Names of flags that exclude each other.
pub(crate) type FlagGroup = &'static [&'static str];

/// What a command does.
pub(crate) type Run = fn(&Invocation) -> Result<(), CommandError>;

/// How many arguments a command takes (Helm: cmd/require/args.go).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arguments {
    /// None at all.
    None,
    /// Exactly so many.
    Exactly(usize),
    /// So many or more.
    AtLeast(usize),
    /// So many or fewer.
    #[expect(dead_code, reason = "the commands that need it come with their issues")]
    AtMost(usize),
    /// Any number.
    Any,
}

/// One parsed command line, ready to be run.
pub(crate) struct Invocation {
    /// What environment and global flags say.
    pub(crate) settings: Settings,
    /// Where records of releases are kept.
    pub(crate) records: Records,
    /// The command's flags and arguments.
    pub(crate) flags: Parsed,
}

impl Arguments {
    /// Checks the number of arguments and returns what is wrong with it, in Helm's words.
    pub(crate) fn check(self, count: usize) -> Result<(), String> {
        let plural = |n: usize| if n == 1 { "argument" } else { "arguments" };
        match self {
            Arguments::None if count > 0 => Err("accepts no arguments".to_owned()),
            Arguments::Exactly(n) if count != n => Err(format!("requires {n} {}", plural(n))),
            Arguments::AtLeast(n) if count < n => Err(format!("requires at least {n} {}", plural(n))),
            Arguments::AtMost(n) if count > n => Err(format!("accepts at most {n} {}", plural(n))),
            _ => Ok(()),
        }
    }
}

impl Command {
    /// Returns the subcommand of that name or alias.
    pub(crate) fn subcommand(&self, name: &str) -> Option<&'static Command> {
        self.subcommands
            .iter()
            .copied()
            .find(|command| command.name == name || command.aliases.contains(&name))
    }

    /// Returns all flags of the command, the global ones included.
    pub(crate) fn all_flags(&self) -> impl Iterator<Item = &'static Flag> + Clone {
        let own = self.flags.iter().copied().flatten();
        own.chain(crate::commands::global::FLAGS)
    }
}
