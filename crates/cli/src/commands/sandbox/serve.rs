//! `sandbox serve`: a sandbox as an API server for kubectl, Helm and everything else that takes a kubeconfig.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sandbox::{Answered, Observer, Options, ServerCertificate};
use sprig::crypto::{Letters, Subject, generate_private_key, generate_self_signed_with_key, random_letters};
use value::Ambient;

use super::{chosen, open};
use crate::ambient::System;
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, boolean, string};
use crate::terminal;

/// Of the bearer token, in letters and digits: as many bits as a key.
const TOKEN_LETTERS: i64 = 40;

/// How long the certificate holds.
const CERTIFICATE_DAYS: i64 = 365;

/// How long Pods run that are to end: long enough for others to see them running.
const RUN_TIME: Duration = Duration::from_millis(100);

const FLAGS: &[Flag] = &[
    string("listen", "127.0.0.1:0", "address and port to listen on; port 0 is any free one"),
    string(
        "request-log",
        "",
        "file that gets a line for each request: method, path, status, bytes of the answer, agent",
    ),
    boolean("plain-http", "serve without TLS (kubectl and Helm send no token then)"),
    string("token", "", "bearer token of the administrator; a random one if empty"),
    string("kube-version", "", "Kubernetes version to report"),
    boolean("load-balancers", "as in a cloud: load balancers get addresses"),
    boolean("no-volumes", "nobody provides volumes: claims stay pending unless there is a volume for them"),
];

pub(super) static COMMAND: Command = Command {
    name: "serve",
    aliases: &[],
    usage: "",
    summary: "Serve a sandbox to kubectl, Helm and other clients",
    description: "Serves a sandbox as a Kubernetes API server until it is interrupted, and writes a kubeconfig for it to the file\n\
        of --kubeconfig. Without that file the kubeconfig goes to standard output. Whoever has it is administrator of the\n\
        sandbox. While it is served, no other command can open the sandbox; they reach it through the kubeconfig.",
    example: "sandbox serve --listen 127.0.0.1:6443 --kubeconfig sandbox.kubeconfig",
    arguments: Arguments::None,
    flags: &[FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let flags = &invocation.flags;
    let listen = flags.string("listen");
    let listener = TcpListener::bind(listen)
        .map_err(|error| CommandError::message(format!("listen on {listen}: {error}")))?;
    let address = listener.local_addr().map_err(|error| CommandError::message(error.to_string()))?;
    let certificate = match flags.bool("plain-http") {
        true => None,
        false => Some(certificate(address)?),
    };
    let token = match flags.string("token") {
        "" => random_token()?,
        given => given.to_owned(),
    };
    let mut options = Options { token: Some(token.clone()), ..Options::default() };
    if !flags.string("kube-version").is_empty() {
        options.kube_version = format!("v{}", flags.string("kube-version").trim_start_matches('v'));
    }
    options.load_balancers = flags.bool("load-balancers");
    options.volumes = !flags.bool("no-volumes");
    options.run_time = RUN_TIME;
    let sandbox = open(invocation, options)?;
    let (name, _) = chosen(invocation)?;
    publish(invocation, &kubeconfig(name, address, certificate.as_ref(), &token))?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Where signals cannot be caught, they end the program as they always did.
        let _unregistered = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    let scheme = if certificate.is_some() { "https" } else { "http" };
    terminal::error_line(&format!("sandbox \"{name}\" is served on {scheme}://{address}"));
    let observer = observer(flags.string("request-log"))?;
    sandbox::serve(&sandbox, listener, certificate.as_ref(), &observer, &stop)
        .map_err(|error| CommandError::message(format!("serve the sandbox: {error}")))?;
    sandbox.flush().map_err(|error| CommandError::message(crate::errors::chain(&error)))
}

/// Writes requests to a file, or nowhere without one.
fn observer(path: &str) -> Result<Observer, CommandError> {
    if path.is_empty() {
        return Ok(Arc::new(|_| ()));
    }
    let file = private_file(Path::new(path))
        .map_err(|error| CommandError::message(format!("write `{path}`: {error}")))?;
    let file = Mutex::new(file);
    Ok(Arc::new(move |answered: &Answered| {
        let Answered { method, target, agent, code, bytes } = answered;
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not end the server.
        let _full = writeln!(file, "{method}\t{target}\t{code}\t{bytes}\t{agent}");
    }))
}

fn certificate(address: SocketAddr) -> Result<ServerCertificate, CommandError> {
    let ambient: &dyn Ambient = &System;
    let mut entropy = ambient;
    let key = generate_private_key("ecdsa", &mut entropy);
    let ips = ["127.0.0.1".to_owned(), address.ip().to_string(), "::1".to_owned()];
    let names = ["localhost".to_owned(), "kubernetes.default.svc".to_owned()];
    let subject =
        Subject { common_name: "pintle-sandbox", ips: &ips, dns_names: &names, days: CERTIFICATE_DAYS };
    let made = generate_self_signed_with_key(&subject, &key, SystemTime::now(), &mut entropy)
        .map_err(|error| CommandError::message(format!("make a certificate: {error}")))?;
    Ok(ServerCertificate { certificate: made.cert, key: made.key })
}

fn random_token() -> Result<String, CommandError> {
    let ambient: &dyn Ambient = &System;
    let mut entropy = ambient;
    random_letters(Letters::AlphaNumeric, TOKEN_LETTERS, &mut entropy)
        .map_err(|error| CommandError::message(error.to_string()))
}

fn kubeconfig(
    name: &str,
    address: SocketAddr,
    certificate: Option<&ServerCertificate>,
    token: &str,
) -> String {
    let (scheme, trust) = match certificate {
        Some(made) => {
            let data = BASE64.encode(made.certificate.as_bytes());
            ("https", format!("\n    certificate-authority-data: {data}"))
        }
        None => ("http", String::new()),
    };
    let name = format!("pintle-{name}");
    // A token of the user's may hold anything.
    let token = serde_json::Value::from(token);
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: {name}\n  cluster:\n    server: {scheme}://{address}{trust}\n\
         contexts:\n- name: {name}\n  context:\n    cluster: {name}\n    user: {name}\ncurrent-context: {name}\n\
         users:\n- name: {name}\n  user:\n    token: {token}\n"
    )
}

/// Writes the kubeconfig where it was asked for. Only its owner may read the file: the token is in it.
fn publish(invocation: &Invocation, text: &str) -> Result<(), CommandError> {
    let path = invocation.flags.string("kubeconfig");
    if path.is_empty() {
        terminal::print(text);
        return Ok(());
    }
    private_file(Path::new(path))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CommandError::message(format!("write `{path}`: {error}")))
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    fs::File::create(path)
}
