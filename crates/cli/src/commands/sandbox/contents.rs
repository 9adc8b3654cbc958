//! `sandbox status`, `reset`, `load` and `dump`: what is in a sandbox.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sandbox::Options;
use serde_json::{Value, json};
use value::yaml::{Duplicates, to_json, write_json};

use super::{chosen, open};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::{CommandError, chain};
use crate::terminal;

pub(super) static STATUS: Command = Command {
    name: "status",
    aliases: &[],
    usage: "",
    summary: "Show what is in a sandbox",
    description: "Shows the file of a sandbox, its size, and how many objects of which kind are in it.",
    example: "sandbox status --sandbox=ci",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(status),
};

pub(super) static RESET: Command = Command {
    name: "reset",
    aliases: &[],
    usage: "",
    summary: "Empty a sandbox",
    description: "Removes the file of a sandbox. The next command on it begins with a new cluster.",
    example: "sandbox reset",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(reset),
};

pub(super) static LOAD: Command = Command {
    name: "load",
    aliases: &[],
    usage: "FILE",
    summary: "Put the objects of a file into a sandbox",
    description: "Reads a file that `sandbox dump` wrote, or any manifests in YAML or JSON. Objects of a dump become what they\n\
        were, identities and versions included; others are applied as kubectl would, into the namespace of --namespace\n\
        where they name none.",
    example: "sandbox load cluster.yaml",
    arguments: Arguments::Exactly(1),
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(load),
};

pub(super) static DUMP: Command = Command {
    name: "dump",
    aliases: &[],
    usage: "FILE",
    summary: "Write all objects of a sandbox to a file",
    description: "Writes every object as it is stored, as YAML documents, Secrets and release records included. The file `-` is\n\
        standard output.",
    example: "sandbox dump cluster.yaml",
    arguments: Arguments::Exactly(1),
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(dump),
};

fn status(invocation: &Invocation) -> Result<(), CommandError> {
    let (name, file) = chosen(invocation)?;
    let Ok(found) = fs::metadata(&file) else {
        terminal::print(&format!("NAME: {name}\nFILE: {}\nSTATE: empty\n", file.display()));
        return Ok(());
    };
    let mut text = format!("NAME: {name}\nFILE: {}\nSIZE: {} bytes\n", file.display(), found.len());
    let sandbox = match sandbox::Sandbox::open(&file, Options::default()) {
        Ok(sandbox) => sandbox,
        Err(error) if error.is_locked() => {
            text.push_str("STATE: in use by another process\n");
            terminal::print(&text);
            return Ok(());
        }
        Err(error) => return Err(CommandError::message(chain(&error))),
    };
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let objects = sandbox.dump();
    for object in &objects {
        *kinds.entry(object["kind"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    text.push_str(&format!("KUBERNETES: {}\nOBJECTS: {}\n", Options::default().kube_version, objects.len()));
    kinds.iter().for_each(|(kind, count)| text.push_str(&format!("  {kind}: {count}\n")));
    terminal::print(&text);
    Ok(())
}

fn reset(invocation: &Invocation) -> Result<(), CommandError> {
    let (name, file) = chosen(invocation)?;
    if file.exists() {
        match sandbox::Sandbox::open(&file, Options::default()) {
            // Whoever works on it would go on with a file that nobody finds again.
            Err(error) if error.is_locked() => return Err(CommandError::message(chain(&error))),
            _ => fs::remove_file(&file).map_err(|error| failed("remove", &file, &error))?,
        }
    }
    terminal::print(&format!("sandbox \"{name}\" reset\n"));
    Ok(())
}

fn load(invocation: &Invocation) -> Result<(), CommandError> {
    let path = Path::new(&invocation.flags.arguments[0]);
    let text = fs::read(path).map_err(|error| failed("read", path, &error))?;
    let objects = documents(&text).map_err(|error| failed("read", path, &error))?;
    let namespace = match invocation.settings.namespace.as_str() {
        "" => "default",
        name => name,
    };
    let sandbox = open(invocation, Options::default())?;
    let outcome = sandbox.load(objects, namespace);
    sandbox.flush().map_err(|error| CommandError::message(chain(&error)))?;
    let count = outcome.map_err(CommandError::message)?;
    terminal::print(&format!("{count} objects loaded\n"));
    Ok(())
}

fn dump(invocation: &Invocation) -> Result<(), CommandError> {
    let objects = open(invocation, Options::default())?.dump();
    let mut out = Vec::new();
    for object in objects {
        out.extend_from_slice(b"---\n");
        out.extend(write_json(&object).map_err(|error| CommandError::message(error.to_string()))?);
    }
    let path = invocation.flags.arguments[0].as_str();
    if path == "-" {
        terminal::print_bytes(&out);
        return Ok(());
    }
    fs::write(path, out).map_err(|error| failed("write", Path::new(path), &error))
}

/// Splits a file into objects; Lists are taken apart.
fn documents(text: &[u8]) -> Result<Vec<Value>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut objects = Vec::new();
    for document in manifest::split(text) {
        let value = to_json(document.as_bytes(), Duplicates::LastWins).map_err(|error| error.to_string())?;
        match value {
            Value::Null => {}
            Value::Object(mut list) if list.get("kind") == Some(&json!("List")) => {
                if let Some(Value::Array(items)) = list.remove("items") {
                    objects.extend(items);
                }
            }
            other => objects.push(other),
        }
    }
    Ok(objects)
}

fn failed(what: &str, path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::message(format!("{what} `{}`: {error}", path.display()))
}
