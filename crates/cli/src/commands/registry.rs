//! `registry`: logins of OCI registries.

use std::io::{self, BufRead, Read};

use repo::http::{Access, TlsFiles};
use repo::{Event, Login};

use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Parsed, boolean, string};
use crate::logging::{self, Level};
use crate::{repositories, terminal};

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
    run: Some(log_in),
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
    run: Some(log_out),
};

/// Helm: cmd/registry_login.go; registry/client.go, Login.
fn log_in(invocation: &Invocation) -> Result<(), CommandError> {
    let (flags, settings) = (&invocation.flags, &invocation.settings);
    let registry = flags.arguments[0].as_str();
    let login = login(flags)?;
    let access = Access {
        tls: TlsFiles {
            cert_file: flags.string("cert-file").to_owned(),
            key_file: flags.string("key-file").to_owned(),
            ca_file: flags.string("ca-file").to_owned(),
            is_insecure: flags.bool("insecure"),
        },
        is_plain: flags.bool("plain-http"),
        ..Access::default()
    };
    access.tls.check().map_err(|error| {
        CommandError::message(format!("can't create TLS config for client: {}", error.full_text()))
    })?;
    if let Some((host, _)) = registry.split_once('/') {
        logging::line(
            Level::Warn,
            "registry login currently only supports registry hostname, not a repository path",
            &[("host", registry), ("suggested", host)],
        );
    }
    let client = repositories::client(settings, repositories::TIMEOUT);
    let tell = |event: Event<'_>| repositories::tell(settings, event);
    repo::block_on(client.log_in(registry, &login, &access, &tell))?;
    terminal::print("Login Succeeded\n");
    Ok(())
}

fn log_out(invocation: &Invocation) -> Result<(), CommandError> {
    let registry = &invocation.flags.arguments[0];
    repositories::client(&invocation.settings, repositories::TIMEOUT).log_out(registry)?;
    terminal::print(&format!("Removing login credentials for {registry}\n"));
    Ok(())
}

/// Returns user and password as flags, standard input or the user at the terminal give them (Helm: getUsernamePassword).
fn login(flags: &Parsed) -> Result<Login, CommandError> {
    let (mut username, password) = (flags.string("username").to_owned(), flags.string("password"));
    if flags.bool("password-stdin") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(|error| CommandError::message(error.to_string()))?;
        let password = text.strip_suffix('\n').unwrap_or(&text);
        return Ok(Login::new(&username, password.strip_suffix('\r').unwrap_or(password)));
    }
    if !password.is_empty() {
        logging::warn("using --password via the CLI is insecure. Use --password-stdin");
        return Ok(Login::new(&username, password));
    }
    if username.is_empty() {
        username = asked("Username: ")?.trim().to_owned();
    }
    let (prompt, missing) = match username.is_empty() {
        true => ("Token: ", "token required"),
        false => ("Password: ", "password required"),
    };
    let password = terminal::without_echo(|| asked(prompt))?;
    terminal::print("\n");
    if password.is_empty() {
        Err(CommandError::message(missing))
    } else {
        Ok(Login::new(&username, &password))
    }
}

/// Asks for a line. (Helm wants a terminal for passwords; a pipe does here too.)
fn asked(prompt: &str) -> Result<String, CommandError> {
    terminal::print(prompt);
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => Err(CommandError::message("EOF")),
        Ok(_) => Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
        Err(error) => Err(CommandError::message(error.to_string())),
    }
}
