//! `plugin`: lists what is installed. Installing and running plugins is a later work.

use std::fs;

use crate::commands::shared_flags::{KEYRING, SERVER};
use crate::commands::table::{Arguments, Command, Invocation};
use crate::errors::CommandError;
use crate::flags::{Flag, Kind, string};
use crate::output::Table;
use crate::plugins::{self, Plugin};
use crate::{logging, terminal};

pub(crate) static COMMAND: Command = Command {
    name: "plugin",
    aliases: &[],
    usage: "[command]",
    summary: "List and manage plugins",
    description: "Lists, installs, updates and removes plugins: programs that add commands, ways to download charts, and\n\
        post-renderers.",
    example: "plugin list",
    arguments: Arguments::None,
    flags: &[],
    exclusive: &[],
    subcommands: &[&INSTALL, &LIST, &UNINSTALL, &UPDATE, &PACKAGE, &VERIFY],
    run: None,
};

static LIST: Command = Command {
    name: "list",
    aliases: &["ls"],
    usage: "",
    summary: "List installed plugins",
    description: "Lists the plugins found in $HELM_PLUGINS with their types and sources.",
    example: "plugin list --type postrenderer/v1",
    arguments: Arguments::Any,
    flags: &[&[string("type", "", "show plugins of this type alone")]],
    exclusive: &[],
    subcommands: &[],
    run: Some(list),
};

const INSTALL_FLAGS: &[Flag] = &[
    string("version", "", "version or range to install; the latest by default"),
    Flag::of("verify", Kind::Bool, "true", "check the plugin's signature first").bare("true"),
    KEYRING,
];

static INSTALL: Command = Command {
    name: "install",
    aliases: &["add"],
    usage: "[options] <path|url>",
    summary: "Install a plugin",
    description: "Installs a plugin from a folder, an archive, a repository of version control, or a registry.",
    example: "plugin install https://example.com/my-plugin --version 1.2.3",
    arguments: Arguments::Exactly(1),
    flags: &[INSTALL_FLAGS, SERVER],
    exclusive: &[],
    subcommands: &[],
    run: Some(|_| Err(not_yet("installing plugins"))),
};

static UNINSTALL: Command = Command {
    name: "uninstall",
    aliases: &["rm", "remove"],
    usage: "<plugin>...",
    summary: "Remove plugins",
    description: "Removes installed plugins by name.",
    example: "plugin uninstall my-plugin",
    arguments: Arguments::Any,
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(|invocation| change(invocation, "uninstall", "removing plugins")),
};

static UPDATE: Command = Command {
    name: "update",
    aliases: &["up"],
    usage: "<plugin>...",
    summary: "Update plugins",
    description: "Brings installed plugins up to date from where they came from.",
    example: "plugin update my-plugin",
    arguments: Arguments::Any,
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(|invocation| change(invocation, "update", "updating plugins")),
};

const PACKAGE_FLAGS: &[Flag] = &[
    Flag::of("sign", Kind::Bool, "true", "sign the archive").bare("true"),
    string("key", "", "name of the key to sign with"),
    KEYRING,
    string("passphrase-file", "", "file with the passphrase of the key, or - for standard input"),
    string("destination", ".", "folder for the archive").short('d'),
];

static PACKAGE: Command = Command {
    name: "package",
    aliases: &[],
    usage: "[PATH]",
    summary: "Pack a plugin's folder into an archive",
    description: "Packs the folder of a plugin into an archive that can be installed, with a signature unless --sign=false.",
    example: "plugin package ./my-plugin --sign=false",
    arguments: Arguments::Exactly(1),
    flags: &[PACKAGE_FLAGS],
    exclusive: &[],
    subcommands: &[],
    run: Some(|invocation| on_path(invocation, "packing plugins")),
};

static VERIFY: Command = Command {
    name: "verify",
    aliases: &[],
    usage: "[PATH]",
    summary: "Check a plugin's signature",
    description: "Checks that the archive of a plugin was signed with one of the known keys.",
    example: "plugin verify my-plugin-1.2.3.tgz",
    arguments: Arguments::Exactly(1),
    flags: &[&[KEYRING]],
    exclusive: &[],
    subcommands: &[],
    run: Some(|invocation| on_path(invocation, "checking the signatures of plugins")),
};

fn not_yet(what: &str) -> CommandError {
    CommandError::message(format!("{what} is not available yet"))
}

fn list(invocation: &Invocation) -> Result<(), CommandError> {
    let settings = &invocation.settings;
    let wanted = invocation.flags.string("type");
    if settings.is_debug {
        logging::debug("pluginDirs", &[("directory", &settings.files.plugins)]);
    }
    let mut table = Table::new();
    table.add(["NAME", "VERSION", "TYPE", "APIVERSION", "PROVENANCE", "SOURCE"]);
    for plugin in plugins::find(&settings.files.plugins).map_err(CommandError::message)? {
        if wanted.is_empty() || plugin.plugin_type == wanted {
            let provenance = provenance(&plugin, &settings.files.data_home);
            let source = if plugin.source.is_empty() { "unknown".to_owned() } else { plugin.source };
            let row =
                [plugin.name, plugin.version, plugin.plugin_type, plugin.api_version, provenance, source];
            table.add(row);
        }
    }
    terminal::print(&table.text());
    Ok(())
}

/// Says how far a plugin's origin is known (Helm: internal/plugin/signing_info.go). Whether a signature file fits its
/// archive is not looked at yet.
fn provenance(plugin: &Plugin, data_home: &str) -> String {
    let folder = format!("{data_home}/plugins");
    let status = match fs::symlink_metadata(format!("{folder}/{}", plugin.name)) {
        Err(_) => "unknown",
        Ok(about) if about.is_symlink() => "local dev",
        Ok(_) => {
            let archive = format!("{folder}/{}-{}.tgz", plugin.name, plugin.version);
            let is_there = |path: &String| fs::exists(path).unwrap_or(false);
            let is_signed = [archive.clone(), format!("{archive}.prov")].iter().all(is_there);
            if is_signed { "unknown" } else { "unsigned" }
        }
    };
    status.to_owned()
}

/// What changes plugins: names are checked, the work itself is not there yet.
fn change(invocation: &Invocation, verb: &str, what: &str) -> Result<(), CommandError> {
    let names = &invocation.flags.arguments;
    if names.is_empty() {
        return Err(CommandError::message(format!("please provide plugin name to {verb}")));
    }
    let plugins = plugins::find(&invocation.settings.files.plugins).map_err(CommandError::message)?;
    let missing: Vec<String> = names
        .iter()
        .filter(|name| !plugins.iter().any(|plugin| plugin.name == **name))
        .map(|name| format!("plugin: {name} not found"))
        .collect();
    match missing.is_empty() {
        true => Err(not_yet(what)),
        false => Err(CommandError::message(missing.join("\n"))),
    }
}

/// What works on a path, which must be there.
fn on_path(invocation: &Invocation, what: &str) -> Result<(), CommandError> {
    let path = &invocation.flags.arguments[0];
    match fs::metadata(path) {
        Ok(_) => Err(not_yet(what)),
        Err(error) => Err(CommandError::message(chart::files::file_error("stat", path, &error).to_string())),
    }
}
