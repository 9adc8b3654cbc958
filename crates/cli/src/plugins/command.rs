//! Which program a plugin is on this system, and with which arguments (Helm: internal/plugin/subprocess_commands.go).

/// A program for an operating system and an architecture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PlatformCommand {
    /// The operating system by its name in Go; empty for all.
    pub(crate) os: String,
    /// The architecture by its name in Go; empty for all.
    pub(crate) arch: String,
    /// The program, with arguments behind blanks.
    pub(crate) command: String,
    /// Further arguments.
    pub(crate) arguments: Vec<String>,
}

/// A system by Go's names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Platform<'a> {
    pub(super) os: &'a str,
    pub(super) arch: &'a str,
}

impl Platform<'static> {
    /// Returns the system this program runs on.
    pub(super) fn own() -> Self {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            os => os,
        };
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            "powerpc64" => "ppc64le",
            "loongarch64" => "loong64",
            arch => arch,
        };
        Platform { os, arch }
    }
}

/// Returns the program and its arguments; nothing if there is none for a system.
///
/// An entry for system and architecture goes before one for the system, and that before one for all.
pub(super) fn prepare(
    commands: &[PlatformCommand],
    platform: Platform<'_>,
    variable: &dyn Fn(&str) -> String,
) -> Option<(String, Vec<String>)> {
    let rank = |command: &PlatformCommand| {
        let is_own_os = command.os.eq_ignore_ascii_case(platform.os);
        let is_own_arch = command.arch.eq_ignore_ascii_case(platform.arch);
        match (command.os.is_empty(), command.arch.is_empty()) {
            (false, false) if is_own_os && is_own_arch => Some(0),
            (false, true) if is_own_os => Some(1),
            (true, true) => Some(2),
            _ => None,
        }
    };
    let command =
        commands.iter().filter(|command| rank(command).is_some()).min_by_key(|command| rank(command))?;
    let mut words = command.command.split(' ');
    let program = words.next().filter(|program| !program.is_empty())?;
    let arguments = words.chain(command.arguments.iter().map(String::as_str));
    Some((expand(program, variable), arguments.map(|word| expand(word, variable)).collect()))
}

/// Puts variables in for `$name` and `${name}` (Go: os.Expand).
fn expand(text: &str, variable: &dyn Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        out.push_str(before);
        let (name, length) = name_at(behind);
        match (name, length) {
            // Nothing that could be a name: the sign stays.
            ("", 0) => out.push('$'),
            // Braces around nothing, or without an end, are left out.
            ("", _) => {}
            (name, _) => out.push_str(&variable(name)),
        }
        rest = behind.get(length..).unwrap_or_default();
    }
    out + rest
}

/// Returns the name at the beginning of a text, and how much of the text it takes up.
fn name_at(text: &str) -> (&str, usize) {
    let is_special = |letter: char| letter.is_ascii_digit() || "*#$@!?-".contains(letter);
    let Some(first) = text.chars().next() else { return ("", 0) };
    if first == '{' {
        return match text.find('}') {
            Some(end) => (text.get(1..end).unwrap_or_default(), end + 1),
            None => ("", 1),
        };
    }
    if is_special(first) {
        return (&text[..1], 1);
    }
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = text.find(|letter| !is_name(letter)).unwrap_or(text.len());
    (&text[..end], end)
}

#[cfg(test)]
mod tests {
    use super::{Platform, PlatformCommand, expand, prepare};

    fn command(os: &str, arch: &str, command: &str) -> PlatformCommand {
        let arguments = vec!["$A b".to_owned()];
        PlatformCommand { os: os.to_owned(), arch: arch.to_owned(), command: command.to_owned(), arguments }
    }

    fn chosen(commands: &[PlatformCommand]) -> Option<String> {
        let platform = Platform { os: "linux", arch: "amd64" };
        prepare(commands, platform, &|name| format!("<{name}>")).map(|(program, _)| program)
    }

    #[test]
    fn the_closest_entry_is_chosen() {
        let all = [
            command("", "", "any"),
            command("linux", "", "os"),
            command("linux", "arm64", "other"),
            command("Linux", "AMD64", "both"),
            command("", "amd64", "arch"),
        ];
        assert_eq!(chosen(&all).as_deref(), Some("both"));
        assert_eq!(chosen(&all[..3]).as_deref(), Some("os"));
        assert_eq!(chosen(&all[..1]).as_deref(), Some("any"));
        assert_eq!(chosen(&all[4..]), None);
        assert_eq!(chosen(&[command("linux", "", "")]), None);
    }

    #[test]
    fn words_are_taken_apart_before_variables_are_put_in() {
        let platform = Platform { os: "linux", arch: "amd64" };
        let found = prepare(&[command("", "", "${DIR}/x y$A")], platform, &|name| format!("<{name} >"));
        let (program, arguments) = found.unwrap();
        assert_eq!(
            (program.as_str(), arguments),
            ("<DIR >/x", vec!["y<A >".to_owned(), "<A > b".to_owned()])
        );
    }

    #[test]
    fn signs_that_name_nothing_stay_or_go_as_in_go() {
        let check = |text, expected: &str| assert_eq!(expand(text, &|name| format!("<{name}>")), expected);
        check("a$b_1-c$", "a<b_1>-c$");
        check("$ x ${} ${open", "$ x  open");
        check("$1x$$", "<1>x<$>");
    }
}
