//! Which plugins are installed: their `plugin.yaml`, read as far as listing and looking up need it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::flags::Parsed;
use crate::logging;
use crate::settings::Files;

/// The type of post-renderer plugins.
const POST_RENDERER: &str = "postrenderer/v1";

/// An installed plugin (Helm: internal/plugin/metadata.go).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plugin {
    /// The name.
    pub(crate) name: String,
    /// The version; empty for none.
    pub(crate) version: String,
    /// `cli/v1`, `getter/v1` or `postrenderer/v1`.
    pub(crate) plugin_type: String,
    /// `v1`, or `legacy` for none.
    pub(crate) api_version: String,
    /// Where it came from; empty if unknown.
    pub(crate) source: String,
    /// One line on what it does.
    pub(crate) summary: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
}

/// Finds the plugins in a list of folders; those that cannot be read are left out with a warning.
///
/// # Errors
/// When two in one folder have the same name.
pub(crate) fn find(folders: &str) -> Result<Vec<Plugin>, String> {
    let mut found = Vec::new();
    for folder in env::split_paths(folders) {
        found.extend(in_folder(&folder)?);
    }
    Ok(found)
}

fn in_folder(folder: &Path) -> Result<Vec<Plugin>, String> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let mut plugins: Vec<Plugin> = Vec::new();
    for folder in folders.into_iter().filter(|folder| folder.join("plugin.yaml").exists()) {
        match read(&folder) {
            Ok(plugin) => plugins.push(plugin),
            Err(reason) => logging::line(
                logging::Level::Warn,
                "failed to load plugin (ignoring)",
                &[("plugin_yaml", &folder.join("plugin.yaml").to_string_lossy()), ("error", &reason)],
            ),
        }
    }
    for (at, plugin) in plugins.iter().enumerate() {
        if let Some(earlier) = plugins[..at].iter().find(|earlier| earlier.name == plugin.name) {
            let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
            return Err(format!(
                "two plugins claim the name {} at {} and {}",
                quoted(&plugin.name),
                quoted(&earlier.folder.to_string_lossy()),
                quoted(&plugin.folder.to_string_lossy()),
            ));
        }
    }
    Ok(plugins)
}

fn read(folder: &Path) -> Result<Plugin, String> {
    let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
    let path = folder.join("plugin.yaml");
    let path = path.to_string_lossy();
    let bytes = fs::read(&*path).map_err(|error| {
        let reason = chart::files::file_error("open", &path, &error);
        format!("failed to read plugin at {}: {reason}", quoted(&path))
    })?;
    let document = value::yaml::to_json(&bytes, value::yaml::Duplicates::Refuse)
        .map_err(|error| error.inner_text().to_owned())
        .and_then(|document| from_document(&document, folder));
    document
        .map_err(|reason| format!("failed to load plugin {}: {reason}", quoted(&folder.to_string_lossy())))
}

fn from_document(document: &Value, folder: &Path) -> Result<Plugin, String> {
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    let quoted = |text: &str| value::gofmt::quoted(text.as_bytes());
    let (name, version, api_version) = (text("name"), text("version"), text("apiVersion"));
    let is_named = !name.is_empty()
        && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-'));
    let is_version = value::semver::Version::parse_strict(&version).is_ok();
    let folder = folder.to_owned();
    match api_version.as_str() {
        "" => {
            if !is_named {
                let name = quoted(&name);
                return Err(format!("invalid plugin name {name}: must contain only a-z, A-Z, 0-9, _ and -"));
            }
            if !version.is_empty() && !is_version {
                return Err(format!("invalid plugin version {}: must be valid semver", quoted(&version)));
            }
            let is_getter = document["downloaders"].as_array().is_some_and(|list| !list.is_empty());
            Ok(Plugin {
                name,
                version,
                plugin_type: if is_getter { "getter/v1" } else { "cli/v1" }.to_owned(),
                api_version: "legacy".to_owned(),
                source: String::new(),
                summary: text("usage"),
                folder,
            })
        }
        "v1" => {
            let problem = if !is_named {
                "invalid plugin `name`".to_owned()
            } else if version.is_empty() {
                "plugin `version` is required".to_owned()
            } else if !is_version {
                format!("invalid plugin `version` {}: must be valid semver", quoted(&version))
            } else if text("type").is_empty() {
                "`type` missing".to_owned()
            } else if text("runtime").is_empty() {
                "`runtime` missing".to_owned()
            } else if !matches!(&*text("type"), "cli/v1" | "getter/v1" | POST_RENDERER | "test/v1") {
                format!("unknown plugin type {}", quoted(&text("type")))
            } else if !matches!(&*text("runtime"), "subprocess" | "extism/v1") {
                format!("unsupported plugin runtime type: {}", quoted(&text("runtime")))
            } else {
                let summary = document["config"]["shortHelp"].as_str().unwrap_or_default().to_owned();
                let (plugin_type, source) = (text("type"), text("sourceURL"));
                return Ok(Plugin { name, version, plugin_type, api_version, source, summary, folder });
            };
            Err(problem)
        }
        other => Err(format!("invalid plugin apiVersion: {}", quoted(other))),
    }
}

/// Says what is wrong with the name given to `--post-renderer`: there must be a plugin of it.
pub(crate) fn check_post_renderer(name: &str) -> Result<(), String> {
    // No flag says where plugins are.
    let plugins = find(&Files::read(&Parsed::default()).plugins)?;
    match plugins.iter().any(|plugin| plugin.name == name && plugin.plugin_type == POST_RENDERER) {
        true => Ok(()),
        false => Err(format!("plugin: {{Name:{name} Type:{POST_RENDERER}}} not found")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::from_document;

    #[test]
    fn plugins_of_both_forms_are_known() {
        let read = |document| from_document(&document, Path::new("p"));
        let old = read(json!({"name": "diff", "version": "1.2.3", "usage": "u"})).unwrap();
        assert_eq!((&*old.plugin_type, &*old.api_version, &*old.summary), ("cli/v1", "legacy", "u"));
        let new = json!({"apiVersion": "v1", "name": "pr", "version": "1.0.0", "type": "postrenderer/v1",
            "runtime": "subprocess"});
        assert_eq!(read(new).unwrap().plugin_type, "postrenderer/v1");
        assert_eq!(read(json!({"apiVersion": "v9"})).unwrap_err(), "invalid plugin apiVersion: \"v9\"");
        assert_eq!(
            read(json!({"apiVersion": "v1", "name": "x"})).unwrap_err(),
            "plugin `version` is required"
        );
    }
}
