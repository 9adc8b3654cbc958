//! A PostgreSQL server of the tests' own, where its programs are found.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A running server with a database called `helm`; it ends with this value.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    /// The user to run as, when the tests run as root, whom PostgreSQL does not serve.
    owner: Option<(u32, u32)>,
}

impl Postgres {
    /// Starts a server; `None` where PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Postgres> {
        Postgres::start_with(&[], "")
    }

    /// Starts a server that speaks TLS alone, with `server.crt`, `server.key` and `ca.crt` among the files. The database
    /// `certified` asks for certificates.
    pub(crate) fn start_encrypted(files: &[(&str, &str)]) -> Option<Postgres> {
        let rules = "local all all trust\nhostssl certified all 127.0.0.1/32 cert\nhostssl all all 127.0.0.1/32 trust\n";
        let files = [files, &[("rules", rules)]].concat();
        let options = [
            "ssl=on",
            "ssl_cert_file=FOLDER/server.crt",
            "ssl_key_file=FOLDER/server.key",
            "ssl_ca_file=FOLDER/ca.crt",
            "hba_file=FOLDER/rules",
        ];
        let options: String = options.iter().map(|option| format!(" -c {option}")).collect();
        let server = Postgres::start_with(&files, &options)?;
        server.sql("postgres", "create database certified");
        Some(server)
    }

    fn start_with(files: &[(&str, &str)], options: &str) -> Option<Postgres> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let owner = other_user(folder.path());
        let server = Postgres { folder, programs, port, owner };
        if let Some((user, group)) = owner {
            std::os::unix::fs::chown(server.folder.path(), Some(user), Some(group)).unwrap();
        }
        for (name, text) in files {
            server.give(name, text);
        }
        let data = server.folder.path().join("data");
        let data = data.to_str().unwrap();
        server.run("initdb", &["-D", data, "-A", "trust", "-U", "tester", "-N"]);
        let folder = server.folder.path().display();
        let options = options.replace("FOLDER", &folder.to_string());
        let options = format!("-p {port} -k {folder} -F -c listen_addresses=127.0.0.1{options}");
        let log = format!("{folder}/log");
        server.run("pg_ctl", &["-D", data, "-l", &log, "-o", &options, "-w", "start"]);
        server.sql("postgres", "create database helm");
        Some(server)
    }

    /// Writes a file that only the server may read.
    fn give(&self, name: &str, text: &str) {
        use std::os::unix::fs::{PermissionsExt as _, chown};
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = self.owner {
            chown(&path, Some(user), Some(group)).unwrap();
        }
    }

    /// Returns the port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the connection string.
    pub(crate) fn connection(&self) -> String {
        format!("postgres://tester@127.0.0.1:{}/helm?sslmode=disable", self.port)
    }

    /// Runs a statement and returns its rows, fields between `|`.
    pub(crate) fn sql(&self, database: &str, statement: &str) -> String {
        let port = self.port.to_string();
        let folder = self.folder.path().to_str().unwrap();
        let place = ["-h", folder, "-p", &port, "-U", "tester", "-d", database, "-At", "-c", statement];
        self.run("psql", &place)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("LC_ALL", "C").env("HOME", self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        // The server keeps whatever it inherits, so that a pipe would never end.
        let (out, err) = (self.folder.path().join("out"), self.folder.path().join("err"));
        command.stdout(std::fs::File::create(&out).unwrap()).stderr(std::fs::File::create(&err).unwrap());
        let status = command.status().unwrap();
        assert!(status.success(), "{program}: {}", std::fs::read_to_string(err).unwrap());
        std::fs::read_to_string(out).unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        self.run("pg_ctl", &["-D", data.to_str().unwrap(), "-m", "immediate", "-w", "stop"]);
    }
}

/// Finds the newest PostgreSQL as Debian installs it, or the one that `PINTLE_TEST_POSTGRES` names.
fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("PINTLE_TEST_POSTGRES").map(PathBuf::from);
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    installed.sort();
    named.into_iter().chain(installed.pop()).find(|folder| folder.join("initdb").is_file())
}

/// Returns `postgres` or `nobody` when the folder belongs to root.
fn other_user(folder: &Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = users.lines().find(|line| line.split(':').next() == Some(*name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}
