//! One flag as a row of a table.

/// A flag of a command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag {
    /// The long name, without dashes.
    pub(crate) name: &'static str,
    /// The one-letter form.
    pub(crate) short: Option<char>,
    /// What values it takes.
    pub(crate) kind: Kind,
    /// The default as written on the command line; empty for none.
    pub(crate) default: &'static str,
    /// What the flag means when it is given without `=value`; such a flag never takes the next argument.
    pub(crate) bare: Option<&'static str>,
    /// One line of help.
    pub(crate) usage: &'static str,
    /// Whether help leaves it out.
    pub(crate) is_hidden: bool,
    /// What to use in its place, for a flag that should no longer be used.
    pub(crate) deprecated: Option<&'static str>,
}

/// The kinds of flag values, named as pflag names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `bool`
    Bool,
    /// `string`
    String,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `float32`
    Float32,
    /// `duration`, as Go writes it (`5m0s`)
    Duration,
    /// `stringArray`: each occurrence is one item
    Array,
    /// `strings`: each occurrence is a line of comma-separated values
    Slice,
    /// `stringToString`: `key=value` pairs
    Pairs,
    /// `format`: table, json or yaml
    Format,
    /// `WaitStrategy`
    Wait,
    /// `postRendererString`: the name of a post-renderer plugin, at most once
    PostRenderer,
    /// `postRendererArgsSlice`
    PostRendererArguments,
}

impl Flag {
    const fn new(name: &'static str, kind: Kind, usage: &'static str) -> Self {
        Flag { name, short: None, kind, default: "", bare: None, usage, is_hidden: false, deprecated: None }
    }

    /// Returns a flag of the given kind.
    pub(crate) const fn of(
        name: &'static str,
        kind: Kind,
        default: &'static str,
        usage: &'static str,
    ) -> Self {
        Flag { default, ..Flag::new(name, kind, usage) }
    }

    /// Gives the flag a one-letter form.
    pub(crate) const fn short(self, short: char) -> Self {
        Flag { short: Some(short), ..self }
    }

    /// Says what the flag means without a value.
    pub(crate) const fn bare(self, bare: &'static str) -> Self {
        Flag { bare: Some(bare), ..self }
    }

    /// Leaves the flag out of help.
    pub(crate) const fn hidden(self) -> Self {
        Flag { is_hidden: true, ..self }
    }

    /// Makes the flag warn when it is used.
    pub(crate) const fn deprecated(self, advice: &'static str) -> Self {
        Flag { deprecated: Some(advice), is_hidden: true, ..self }
    }

    /// Returns the flag as error texts name it: `-o, --output` or `--timeout`.
    pub(crate) fn display(&self) -> String {
        match self.short {
            Some(short) => format!("-{short}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }
}

/// Returns a flag that is off unless given.
pub(crate) const fn boolean(name: &'static str, usage: &'static str) -> Flag {
    Flag::of(name, Kind::Bool, "false", usage).bare("true")
}

/// Returns a flag with one text value.
pub(crate) const fn string(name: &'static str, default: &'static str, usage: &'static str) -> Flag {
    Flag::of(name, Kind::String, default, usage)
}

/// Returns a flag that may be repeated, each time with one item.
pub(crate) const fn array(name: &'static str, usage: &'static str) -> Flag {
    Flag::of(name, Kind::Array, "", usage)
}

/// Returns a flag that may be repeated, each time with comma-separated items.
pub(crate) const fn slice(name: &'static str, usage: &'static str) -> Flag {
    Flag::of(name, Kind::Slice, "", usage)
}
