//! `completion`: scripts that teach shells to ask this program what fits.

use crate::commands::table::{Arguments, Command, Invocation, Run};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean};
use crate::terminal;

const FLAGS: &[Flag] = &[boolean("no-descriptions", "complete without saying what the candidates are")];

pub(crate) static COMMAND: Command = Command {
    name: "completion",
    aliases: &[],
    usage: "[command]",
    summary: "Print a script for completion on Tab",
    description: "Prints a script that makes a shell complete commands, flags, charts, releases and more. How to load it is\n\
        said at its beginning.",
    example: "completion bash",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&BASH, &ZSH, &FISH, &POWERSHELL],
    run: None,
};

static BASH: Command = shell("bash", "Print the script for bash", "completion bash", |invocation| {
    print(invocation, include_str!("completion/script.bash"))
});
static ZSH: Command = shell("zsh", "Print the script for zsh", "completion zsh", |invocation| {
    print(invocation, include_str!("completion/script.zsh"))
});
static FISH: Command = shell("fish", "Print the script for fish", "completion fish", |invocation| {
    print(invocation, include_str!("completion/script.fish"))
});
static POWERSHELL: Command =
    shell("powershell", "Print the script for PowerShell", "completion powershell", |invocation| {
        print(invocation, include_str!("completion/script.ps1"))
    });

const fn shell(name: &'static str, summary: &'static str, example: &'static str, run: Run) -> Command {
    Command {
        name,
        aliases: &[],
        usage: "",
        summary,
        description: summary,
        example,
        arguments: Arguments::None,
        flags: &[FLAGS],
        exclusive: &[],
        subcommands: &[],
        run: Some(run),
    }
}

fn print(invocation: &Invocation, script: &str) -> Result<(), CommandError> {
    let request = if invocation.flags.bool("no-descriptions") { "__completeNoDesc" } else { "__complete" };
    terminal::print(&fill(script, &invocation.program, request));
    Ok(())
}

/// Puts the names in; of the program's, only what a function's name may hold.
pub(super) fn fill(script: &str, program: &str, request: &str) -> String {
    let function: String =
        program.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    script.replace("@PROGRAM@", program).replace("@FUNCTION@", &function).replace("@REQUEST@", request)
}

/// Returns the script for bash with descriptions.
pub(super) fn bash(program: &str) -> String {
    fill(include_str!("completion/script.bash"), program, "__complete")
}
