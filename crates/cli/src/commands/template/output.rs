//! Where rendered manifests go: standard output, or files (cmd/template.go).

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use manifest::{Crd, Hook, HookEvent, ManifestSet};

use crate::errors::CommandError;
use crate::flags::Parsed;
use crate::terminal;

/// Returns the hooks that flags do not leave out.
pub(super) fn shown_hooks<'h>(flags: &Parsed, hooks: &'h [Hook]) -> impl Iterator<Item = &'h Hook> {
    let (no_hooks, skip_tests) = (flags.bool("no-hooks"), flags.bool("skip-tests"));
    let is_left_out = move |hook: &Hook| no_hooks || (skip_tests && hook.events.contains(&HookEvent::Test));
    hooks.iter().filter(move |hook| !is_left_out(hook))
}

/// Where manifests go: standard output, or files.
pub(super) struct Output<'a> {
    pub(super) flags: &'a Parsed,
    /// Name of the release.
    pub(super) name: &'a str,
    /// Asked for the chart's definitions where they are to be shown.
    pub(super) crds: &'a dyn Fn() -> Vec<Crd>,
}

impl Output<'_> {
    pub(super) fn write(&self, set: &ManifestSet) -> Result<(), CommandError> {
        let directory = self.flags.non_empty("output-dir");
        let pieces = match directory {
            Some(directory) => {
                self.write_files(directory, set)?;
                vec![Cow::Borrowed("\n")]
            }
            None => self.pieces(set),
        };
        match self.flags.list("show-only") {
            [] => {
                terminal::print_pieces(pieces.iter().map(|piece| &**piece));
                Ok(())
            }
            patterns => show_only(&pieces.concat(), patterns),
        }
    }

    /// Returns the manifests, trimmed at both ends as a whole, followed by the hooks (Helm: cmd/template.go).
    fn pieces<'r>(&self, set: &'r ManifestSet) -> Vec<Cow<'r, str>> {
        let mut out = Vec::new();
        if self.flags.bool("include-crds") {
            for crd in (self.crds)() {
                push_document(&mut out, Cow::Owned(crd.path), Cow::Owned(crd.content));
            }
        }
        for manifest in &set.manifests {
            push_document(&mut out, manifest.path.as_str().into(), manifest.content.as_str().into());
        }
        trim_end(&mut out);
        out.push("\n".into());
        for hook in shown_hooks(self.flags, &set.hooks) {
            push_document(&mut out, hook.path.as_str().into(), hook.manifest.as_str().into());
        }
        out
    }

    fn write_files(&self, directory: &str, set: &ManifestSet) -> Result<(), CommandError> {
        let mut files = Files { written: HashSet::new() };
        if self.flags.bool("include-crds") {
            for crd in (self.crds)() {
                files.write(directory, &crd.path, &crd.content)?;
            }
        }
        let below = match self.flags.bool("release-name") {
            true => format!("{directory}/{}", self.name),
            false => directory.to_owned(),
        };
        for manifest in &set.manifests {
            files.write(&below, &manifest.path, &manifest.content)?;
        }
        for hook in shown_hooks(self.flags, &set.hooks) {
            files.write(&below, &hook.path, &hook.manifest)?;
        }
        Ok(())
    }
}

fn push_document<'r>(out: &mut Vec<Cow<'r, str>>, path: Cow<'r, str>, content: Cow<'r, str>) {
    out.extend(["---\n# Source: ".into(), path, "\n".into(), content, "\n".into()]);
}

/// Takes white space off the end. (There is none to take off the front: documents begin with dashes.)
fn trim_end(pieces: &mut Vec<Cow<'_, str>>) {
    while let Some(last) = pieces.pop() {
        let length = last.trim_end().len();
        if length > 0 {
            pieces.push(match last {
                Cow::Borrowed(text) => text.get(..length).unwrap_or_default().into(),
                Cow::Owned(mut text) => {
                    text.truncate(length);
                    text.into()
                }
            });
            return;
        }
    }
}

/// Files of `--output-dir`: the first document of a path starts the file anew, further ones are appended.
struct Files {
    written: HashSet<String>,
}

impl Files {
    fn write(&mut self, directory: &str, path: &str, content: &str) -> Result<(), CommandError> {
        let file_name = format!("{directory}/{path}");
        let fail = |error: std::io::Error| unwritable("open", &file_name, &error);
        if let Some((parent, _)) = file_name.rsplit_once('/') {
            create_directory(parent)?;
        }
        let is_new = !self.written.contains(&file_name);
        let mut options = OpenOptions::new();
        let options =
            if is_new { options.write(true).create(true).truncate(true) } else { options.append(true) };
        let mut file = options.open(&file_name).map_err(fail)?;
        let document = format!("---\n# Source: {path}\n{content}\n");
        file.write_all(document.as_bytes()).map_err(fail)?;
        terminal::print(&format!("wrote {file_name}\n"));
        self.written.insert(file_name);
        Ok(())
    }
}

/// Makes a directory and those above it (Helm: action/install.go, ensureDirectoryForFile).
fn create_directory(directory: &str) -> Result<(), CommandError> {
    if let Err(error) = fs::metadata(directory)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(unwritable("stat", directory, &error));
    }
    fs::create_dir_all(directory).map_err(|error| {
        // Go names the first directory that could not be made.
        let missing = Path::new(directory).ancestors().filter(|path| !path.exists()).last();
        let named = missing.map_or_else(|| directory.to_owned(), |path| path.display().to_string());
        unwritable("mkdir", &named, &error)
    })
}

/// Words a failure of the system as Go does: lower case, without a number.
fn unwritable(operation: &str, path: &str, error: &std::io::Error) -> CommandError {
    let reason = chart::files::go_reason(error);
    CommandError::message(format!(
        "{operation} {path}: {reason}\n\nUse --debug flag to render out invalid YAML"
    ))
}

/// Prints the documents whose template matches one of the patterns, in the order of the patterns.
pub(super) fn show_only(text: &str, patterns: &[String]) -> Result<(), CommandError> {
    let documents = manifest::split(text);
    let mut out = String::new();
    for pattern in patterns {
        let mut is_missing = true;
        for document in &documents {
            if source_below_chart(document).is_some_and(|path| chart::ignore::path_match(pattern, path)) {
                let _ = write!(out, "---\n{document}\n");
                is_missing = false;
            }
        }
        if is_missing {
            return Err(CommandError::message(format!("could not find template {pattern} in chart")));
        }
    }
    terminal::print(&out);
    Ok(())
}

/// Returns the template of a document below the chart's name, from its `# Source:` line.
fn source_below_chart(document: &str) -> Option<&str> {
    let (_, after) = document.split_once("# Source: ")?;
    let line = after.lines().next()?;
    line.split_once('/').map(|(_, path)| path).filter(|path| !path.is_empty())
}
