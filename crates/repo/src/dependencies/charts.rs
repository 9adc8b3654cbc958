//! Charts on disk that others depend on, and the `charts/` directory.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use chart::{Chart, Dependency};

use crate::resolve::local_path;
use crate::{Error, Event, Events};

/// Loads a chart from a folder.
pub(super) fn load_folder(path: &str, events: Events<'_>) -> Result<Chart, Error> {
    let mut warnings = Vec::new();
    let loaded = chart::files::load_any_version(path, &mut warnings);
    warnings.iter().for_each(|warning| events(Event::ChartWarning(warning)));
    Ok(loaded?)
}

/// Returns the folder that a `file://` URL or a path below the chart names (Helm: resolver.GetLocalPath).
pub(super) fn local_folder(repository: &str, chart: &str) -> Result<String, Error> {
    let path = local_path(repository).unwrap_or(repository);
    let folder = match path.starts_with('/') {
        true => chart::clean(path),
        false => chart::clean(&format!("{chart}/{path}")),
    };
    match fs::metadata(&folder) {
        Ok(_) => Ok(folder),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::refused(format!("directory {folder} not found")))
        }
        Err(error) => Err(Error::file("stat", Path::new(&folder), &error)),
    }
}

/// Makes the `charts/` directory if it is not there.
pub(super) fn make_folder(path: &str) -> Result<(), Error> {
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Ok(()),
        Ok(_) => Err(Error::refused(format!("{} is not a directory", value::gofmt::quoted(path.as_bytes())))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(path).map_err(|error| Error::file("mkdir", Path::new(path), &error))
        }
        Err(error) => Err(Error::file("stat", Path::new(path), &error)
            .context(format!("unable to retrieve file info for '{path}'"))),
    }
}

/// Moves archives to `charts/` and deletes those there that are no dependencies any more (`safeMoveDeps`).
pub(super) fn settle(
    dependencies: &[Option<Dependency>],
    source: &Path,
    charts: &Path,
    events: Events<'_>,
) -> Result<(), Error> {
    let new = files(source)?;
    let present = files(charts)?;
    let is_archive = |path: &Path| {
        chart::files::load_any_version(&path.to_string_lossy(), &mut Vec::new())
            .map_err(|error| error.full_text())
    };
    for name in &new {
        let path = source.join(name);
        if let Err(reason) = is_archive(&path) {
            events(Event::NotVerified { path: &path.to_string_lossy(), reason: &reason, is_new: true });
            continue;
        }
        let target = charts.join(name);
        fs::rename(&path, &target).map_err(|error| Error::file("rename", &target, &error))?;
    }
    events(Event::DeletingOutdated);
    let new: HashSet<&String> = new.iter().collect();
    let is_local = |chart: &Chart| {
        let mut dependencies = dependencies.iter().flatten();
        dependencies.any(|dependency| dependency.repository.is_empty() && dependency.name == chart.name())
    };
    for name in present.iter().filter(|name| !new.contains(name)) {
        let path = charts.join(name);
        match is_archive(&path) {
            Err(reason) => {
                events(Event::NotVerified { path: &path.to_string_lossy(), reason: &reason, is_new: false });
            }
            Ok(chart) if is_local(&chart) => {}
            Ok(_) => fs::remove_file(&path).map_err(|error| Error::file("remove", &path, &error))?,
        }
    }
    Ok(())
}

/// Returns the files in a folder, those below it left out, in the order of names.
fn files(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::file("open", folder, &error))?;
    let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| !kind.is_dir());
    let entries = entries.flatten().filter(is_file);
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}
