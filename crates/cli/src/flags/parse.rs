//! Parsing a command line as pflag does: left to right, the first mistake ends it.

use crate::flags::csv::read_record;
use crate::flags::{Flag, Kind, Parsed};

/// A mistake in the flags of a command line, in pflag's words.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum FlagError {
    /// A long flag that the command does not have.
    #[error("unknown flag: --{0}")]
    Unknown(String),
    /// A short flag that the command does not have.
    #[error("unknown shorthand flag: '{letter}' in -{group}")]
    UnknownShort {
        /// The letter.
        letter: char,
        /// The letters from there on.
        group: String,
    },
    /// A long flag at the end of the line without its value.
    #[error("flag needs an argument: --{0}")]
    NeedsArgument(String),
    /// A short flag at the end of the line without its value.
    #[error("flag needs an argument: '{letter}' in -{group}")]
    ShortNeedsArgument {
        /// The letter.
        letter: char,
        /// The letters from there on.
        group: String,
    },
    /// An argument such as `---x` or `--=x`.
    #[error("bad flag syntax: {0}")]
    BadSyntax(String),
    /// A value that the flag does not take.
    #[error("invalid argument {value} for \"{flag}\" flag: {reason}")]
    InvalidArgument {
        /// The value, quoted as Go quotes it.
        value: String,
        /// The flag as it is shown.
        flag: String,
        /// Go's reason.
        reason: String,
    },
}

/// Says what is wrong with the name of a post-renderer plugin: only the caller knows which there are.
pub(crate) type CheckPostRenderer<'c> = &'c dyn Fn(&str) -> Result<(), String>;

/// Parses the arguments after the command's name.
///
/// # Errors
/// The first mistake.
pub(crate) fn parse<'t>(
    arguments: &[String],
    table: impl Iterator<Item = &'t Flag> + Clone,
    check_post_renderer: CheckPostRenderer<'_>,
) -> Result<Parsed, FlagError> {
    let mut parser = Parser { parsed: Parsed::default(), table: table.collect(), check_post_renderer };
    for flag in &parser.table {
        parser.parsed.defaults.insert(flag.name, flag.default);
        if flag.kind == Kind::Duration {
            let nanoseconds = value::time::Duration::parse(flag.default).map_or(0, |duration| duration.0);
            parser.parsed.durations.insert(flag.name, nanoseconds);
        }
    }
    let mut rest = arguments;
    while let Some((argument, after)) = rest.split_first() {
        rest = parser.one(argument, after)?;
    }
    Ok(parser.parsed)
}

struct Parser<'t, 'c> {
    parsed: Parsed,
    table: Vec<&'t Flag>,
    check_post_renderer: CheckPostRenderer<'c>,
}

impl<'t> Parser<'t, '_> {
    /// Consumes one argument and what belongs to it; returns what is left.
    fn one<'a>(&mut self, argument: &str, rest: &'a [String]) -> Result<&'a [String], FlagError> {
        if argument == "--" {
            self.parsed.arguments.extend_from_slice(rest);
            return Ok(&[]);
        }
        if let Some(long) = argument.strip_prefix("--") {
            return self.long(argument, long, rest);
        }
        match argument.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            Some(letters) => self.short_group(letters, rest),
            None => {
                self.parsed.arguments.push(argument.to_owned());
                Ok(rest)
            }
        }
    }

    fn long<'a>(
        &mut self,
        argument: &str,
        long: &str,
        rest: &'a [String],
    ) -> Result<&'a [String], FlagError> {
        if long.starts_with(['-', '=']) {
            return Err(FlagError::BadSyntax(argument.to_owned()));
        }
        let (name, inline) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        let Some(flag) = self.table.iter().copied().find(|flag| flag.name == name) else {
            return Err(FlagError::Unknown(name.to_owned()));
        };
        match (inline, flag.bare, rest.split_first()) {
            (Some(value), ..) => self.set(flag, value).map(|()| rest),
            (None, Some(bare), _) => self.set(flag, bare).map(|()| rest),
            (None, None, Some((value, after))) => self.set(flag, value).map(|()| after),
            (None, None, None) => Err(FlagError::NeedsArgument(name.to_owned())),
        }
    }

    fn short_group<'a>(&mut self, letters: &str, rest: &'a [String]) -> Result<&'a [String], FlagError> {
        let mut group = letters;
        while let Some(letter) = group.chars().next() {
            let after = &group[letter.len_utf8()..];
            let Some(flag) = self.table.iter().copied().find(|flag| flag.short == Some(letter)) else {
                return Err(FlagError::UnknownShort { letter, group: group.to_owned() });
            };
            if let Some(value) = after.strip_prefix('=').filter(|value| !value.is_empty()) {
                return self.set(flag, value).map(|()| rest);
            }
            if let Some(bare) = flag.bare {
                self.set(flag, bare)?;
                group = after;
                continue;
            }
            if !after.is_empty() {
                return self.set(flag, after).map(|()| rest);
            }
            return match rest.split_first() {
                Some((value, after)) => self.set(flag, value).map(|()| after),
                None => Err(FlagError::ShortNeedsArgument { letter, group: group.to_owned() }),
            };
        }
        Ok(rest)
    }

    fn set(&mut self, flag: &'t Flag, value: &str) -> Result<(), FlagError> {
        if flag.kind == Kind::PostRenderer && value.is_empty() {
            // Helm: no name says nothing (cmd/flags.go, postRendererString.Set).
            return Ok(());
        }
        let items = self.check(flag, value).map_err(|reason| FlagError::InvalidArgument {
            value: value::gofmt::quoted(value.as_bytes()),
            flag: flag.display(),
            reason,
        })?;
        let values = self.parsed.given.entry(flag.name).or_default();
        if !matches!(flag.kind, Kind::Array | Kind::Slice | Kind::Pairs | Kind::PostRendererArguments) {
            values.clear();
        }
        values.extend(items);
        if let Some(advice) = flag.deprecated {
            self.parsed.warnings.push(format!("Flag --{} has been deprecated, {advice}", flag.name));
        }
        Ok(())
    }

    /// Checks a value against the flag's kind and returns the items it stands for.
    fn check(&mut self, flag: &'t Flag, value: &str) -> Result<Vec<String>, String> {
        match flag.kind {
            Kind::Bool => {
                value::strconv::parse_bool(value).map_err(|error| error.to_string())?;
            }
            Kind::Int => {
                value::strconv::parse_int(value, 0, 64).map_err(|error| error.to_string())?;
            }
            Kind::Uint => {
                value::strconv::parse_uint(value, 0, 64).map_err(|error| error.to_string())?;
            }
            Kind::Float32 => {
                value::strconv::parse_float(value).map_err(|error| error.to_string())?;
            }
            Kind::Duration => {
                let nanoseconds = value::time::Duration::parse(value).map_err(|error| error.to_string())?.0;
                self.parsed.durations.insert(flag.name, nanoseconds);
            }
            Kind::Slice if value.is_empty() => return Ok(Vec::new()),
            Kind::Slice => return read_record(value),
            Kind::Pairs => return read_pairs(value),
            Kind::Format if !matches!(value, "table" | "json" | "yaml") => {
                return Err("invalid format type".to_owned());
            }
            Kind::Wait => return self.wait_strategy(value).map(|strategy| vec![strategy]),
            Kind::PostRenderer if self.parsed.is_given(flag.name) => {
                return Err("cannot specify --post-renderer flag more than once".to_owned());
            }
            Kind::PostRenderer => (self.check_post_renderer)(value)?,
            Kind::PostRendererArguments => self.check_post_renderer_again()?,
            Kind::String | Kind::Array | Kind::Format => {}
        }
        Ok(vec![value.to_owned()])
    }

    /// Helm looks for the plugin with every argument that follows its name (cmd/flags.go, postRendererArgsSlice.Set).
    fn check_post_renderer_again(&self) -> Result<(), String> {
        let named = self.table.iter().find(|flag| flag.kind == Kind::PostRenderer);
        match named.and_then(|flag| self.parsed.given.get(flag.name)?.first()) {
            Some(name) => (self.check_post_renderer)(name),
            None => Ok(()),
        }
    }

    /// Reads a wait strategy; booleans are what older command lines say (Helm: cmd/flags.go, waitValue.Set).
    fn wait_strategy(&mut self, value: &str) -> Result<String, String> {
        let strategy = match value {
            "watcher" | "hookOnly" | "legacy" => return Ok(value.to_owned()),
            "true" => "watcher",
            "false" => "hookOnly",
            _ => {
                let quoted = value::gofmt::quoted(value.as_bytes());
                return Err(format!(
                    "invalid wait input {quoted}. Valid inputs are watcher, hookOnly, and legacy"
                ));
            }
        };
        self.parsed.warnings.push(format!(
            "level=WARN msg=\"--wait={value} is deprecated (boolean value) and can be replaced with --wait={strategy}\""
        ));
        Ok(strategy.to_owned())
    }
}

/// Reads `a=b,c=d`: one pair taken as it stands, several as comma-separated values (pflag: string_to_string.go).
fn read_pairs(value: &str) -> Result<Vec<String>, String> {
    let pairs = match value.matches('=').count() {
        0 => return Err(format!("{value} must be formatted as key=value")),
        1 => vec![value.trim_matches('"').to_owned()],
        _ => read_record(value)?,
    };
    match pairs.iter().find(|pair| !pair.contains('=')) {
        Some(pair) => Err(format!("{pair} must be formatted as key=value")),
        None => Ok(pairs),
    }
}
