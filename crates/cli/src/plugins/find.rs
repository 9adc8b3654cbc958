//! Looking for plugins in folders (Helm: internal/plugin/loader.go).

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use value::gofmt::quoted;

use super::glob::glob;
use super::metadata::{self, Plugin};
use crate::logging;

/// Finds the plugins in a list of folders, which may be patterns; those that cannot be read are left out with a warning.
///
/// # Errors
/// When two in one folder have the same name, or a pattern is malformed.
pub(crate) fn find(folders: &str) -> Result<Vec<Plugin>, String> {
    find_with(folders, &warn_of)
}

fn warn_of(path: &str, reason: &str) {
    let attributes = [("plugin_yaml", path), ("error", reason)];
    logging::line(logging::Level::Warn, "failed to load plugin (ignoring)", &attributes);
}

/// As [`find`], without warnings: for those who have looked before.
///
/// # Errors
/// As [`find`].
pub(super) fn find_quietly(folders: &str) -> Result<Vec<Plugin>, String> {
    find_with(folders, &|_, _| {})
}

/// Looks for plugins before a command runs, as Helm does to offer those that are commands, and says what is wrong.
pub(crate) fn look_around(folders: &str) {
    if env::var("HELM_NO_PLUGINS").is_ok_and(|text| text == "1") {
        return;
    }
    if let Err(reason) = find(folders) {
        logging::error("failed to load plugins", &reason);
    }
}

/// Looks for plugins once more, as Helm does for those that fetch charts and values; what is wrong is said again. There it
/// takes the list of folders for one folder (getter/plugingetter.go, collectGetterPlugins).
pub(crate) fn look_for_getters(folders: &str) {
    // Two plugins of one name have been told of.
    _ = in_folder(Path::new(folders), &warn_of);
}

/// Is told the path of a `plugin.yaml` that cannot be read, and why.
type Warn<'w> = &'w dyn Fn(&str, &str);

fn find_with(folders: &str, warn: Warn<'_>) -> Result<Vec<Plugin>, String> {
    let mut found = Vec::new();
    if folders.is_empty() {
        return Ok(found);
    }
    for folder in env::split_paths(folders) {
        found.extend(in_folder(&folder, warn)?);
    }
    Ok(found)
}

fn in_folder(folder: &Path, warn: Warn<'_>) -> Result<Vec<Plugin>, String> {
    let folder = chart::clean(&folder.to_string_lossy());
    // What lies in the current folder is named without it (Go: filepath.Join).
    let pattern = chart::clean(&format!("{folder}/*"));
    let folders = glob(&pattern).map_err(|reason| {
        let pattern = quoted(format!("{pattern}/plugin.yaml").as_bytes());
        format!("failed to search for plugins in {pattern}: {reason}")
    })?;
    let folders = folders.into_iter().map(PathBuf::from);
    let mut plugins: Vec<Plugin> = Vec::new();
    for folder in folders.filter(|folder| folder.join("plugin.yaml").symlink_metadata().is_ok()) {
        match read(&folder) {
            Ok(plugin) => plugins.push(plugin),
            Err(reason) => warn(&folder.join("plugin.yaml").to_string_lossy(), &reason),
        }
    }
    for (at, plugin) in plugins.iter().enumerate() {
        if let Some(earlier) = plugins[..at].iter().find(|earlier| earlier.name == plugin.name) {
            let path = |plugin: &Plugin| quoted(plugin.folder.to_string_lossy().as_bytes());
            return Err(format!(
                "two plugins claim the name {} at {} and {}",
                quoted(plugin.name.as_bytes()),
                path(earlier),
                path(plugin),
            ));
        }
    }
    Ok(plugins)
}

fn read(folder: &Path) -> Result<Plugin, String> {
    let path = folder.join("plugin.yaml");
    let path = path.to_string_lossy();
    let bytes = fs::read(&*path).map_err(|error| {
        let is_folder = error.kind() == ErrorKind::IsADirectory;
        let reason = chart::files::file_error(if is_folder { "read" } else { "open" }, &path, &error);
        format!("failed to read plugin at {}: {reason}", quoted(path.as_bytes()))
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let plugin = metadata::read(&text, folder).map_err(|reason| {
        format!("failed to load plugin {}: {reason}", quoted(folder.to_string_lossy().as_bytes()))
    })?;
    let module = folder.join("plugin.wasm");
    if !plugin.is_program && !module.exists() {
        let module = quoted(module.to_string_lossy().as_bytes());
        return Err(format!("wasm binary missing for extism/v1 plugin: {module}"));
    }
    Ok(plugin)
}
