//! `registry`: logins of OCI registries, a later work.

use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean, string};

pub(crate) static COMMAND: Command = Command {
    name: "registry",
    aliases: &[],
    usage: "[command]",
    summary: "Log in to registries and out of them",
    description: "Keeps the logins of OCI registries that charts are pulled from and pushed to.",
    example: "registry login registry.example.com --username me --password-stdin",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&LOGIN, &LOGOUT],
    run: None,
};

const LOGIN_FLAGS: &[Flag] = &[
    string("username", "", "user to log in as").short('u'),
    string("password", "", "password, or a token").short('p'),
    boolean("password-stdin", "read the password from standard input"),
    boolean("insecure", "do not check the registry's certificate (insecure)"),
    string("cert-file", "", "client certificate for the registry"),
    string("key-file", "", "key of the client certificate"),
    string("ca-file", "", "certificate authority of the registry"),
    boolean("plain-http", "use HTTP without TLS (insecure)"),
];

static LOGIN: Command = Command {
    name: "login",
    aliases: &[],
    usage: "[host]",
    summary: "Log in to a registry",
    description: "Checks user and password with a registry and keeps them for later commands.",
    example: "registry login registry.example.com --username me --password-stdin",
    arguments: Arguments::AtLeast(1),
    flags: &[LOGIN_FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(not_yet),
};

static LOGOUT: Command = Command {
    name: "logout",
    aliases: &[],
    usage: "[host]",
    summary: "Log out of a registry",
    description: "Forgets the login of a registry.",
    example: "registry logout registry.example.com",
    arguments: Arguments::AtLeast(1),
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(not_yet),
};

fn not_yet(_: &Invocation) -> Result<(), CommandError> {
    Err(CommandError::message("logins of registries are not available yet"))
}
