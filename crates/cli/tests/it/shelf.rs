//! A folder with charts and a sandbox of its own, and commands run in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Where commands are run.
pub(crate) struct Shelf {
    folder: TempDir,
}

/// What a command left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Shelf {
    /// Makes an empty folder.
    pub(crate) fn new() -> Shelf {
        Shelf { folder: tempfile::tempdir().unwrap() }
    }

    /// Writes files of a chart called `app`.
    pub(crate) fn chart(&self, files: &[(&str, &str)]) -> &Self {
        self.file("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\nappVersion: \"1.0\"\n");
        files.iter().for_each(|(path, text)| self.file(&format!("app/{path}"), text));
        self
    }

    /// Returns where something in the folder is.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs a command on the sandbox; arguments are separated by blanks.
    pub(crate) fn run(&self, line: &str) -> Ended {
        self.run_with(line, &[])
    }

    /// As [`Shelf::run`], with more environment.
    pub(crate) fn run_with(&self, line: &str, environment: &[(&str, &str)]) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_pintle"))
            .args(line.split(' '))
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TZ", "UTC")
            .env("PINTLE_SANDBOX", "1")
            .env("PINTLE_SANDBOX_HOME", self.folder.path().join("sandbox"))
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| mask(&String::from_utf8(bytes).unwrap(), self.folder.path());
        Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs a command that succeeds without a word on standard error, and returns what it printed.
    pub(crate) fn ok(&self, line: &str) -> String {
        let ended = self.run(line);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{line}: {}", ended.out);
        ended.out
    }

    /// Runs a command that fails, and returns what it said.
    pub(crate) fn fails(&self, line: &str) -> String {
        let ended = self.run(line);
        assert_eq!(ended.code, 1, "{line}: {ended:?}");
        ended.err
    }
}

/// Puts words in place of times and of the folder's name.
fn mask(text: &str, folder: &Path) -> String {
    let text = text.replace(&*folder.to_string_lossy(), "<DIR>");
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("LAST DEPLOYED: ") {
            Some(_) => out.push_str("LAST DEPLOYED: <TIME>\n"),
            None => out.push_str(line),
        }
    }
    out
}
