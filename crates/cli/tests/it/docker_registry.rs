//! Charts in a real registry, where there is one (Debian: docker-registry): open, and behind TLS and a password.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::interop::helm;
use crate::nginx::{wait_for, write_certificates};
use crate::shelf::Shelf;

/// Where Debian puts it.
const PROGRAM: &str = "/usr/bin/docker-registry";

/// A registry that ends with its test.
struct Registry {
    process: Child,
    /// `localhost:PORT`
    host: String,
}

impl Registry {
    /// Starts a registry; nothing where there is none. `settings` go below `http:` and beside it.
    fn start(shelf: &Shelf, tls: &str, rest: &str) -> Option<Registry> {
        if !Path::new(PROGRAM).exists() {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no registry to push to\n");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = shelf.path("registry-data");
        let folder = folder.to_string_lossy();
        shelf.file(
            "registry.yml",
            &format!(
                "version: 0.1\nlog: {{level: error}}\nhttp:\n  addr: 127.0.0.1:{port}\n{tls}\
                 storage:\n  filesystem: {{rootdirectory: {folder}}}\n{rest}"
            ),
        );
        let process = Command::new(PROGRAM)
            .arg("serve")
            .arg(shelf.path("registry.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Registry { process, host: format!("localhost:{port}") };
        wait_for(port);
        Some(registry)
    }

    fn open(shelf: &Shelf) -> Option<Registry> {
        Registry::start(shelf, "", "")
    }

    /// Behind a certificate of `ca.crt`, for the user `user` with the password `pass`.
    fn closed(shelf: &Shelf) -> Option<Registry> {
        write_certificates(shelf);
        shelf.file("password/Chart.yaml", "apiVersion: v2\nname: password\nversion: 0.1.0\n");
        shelf.file("password/templates/all.yaml", "x: {{ htpasswd \"user\" \"pass\" | quote }}\n");
        let out = shelf.ok("template x password");
        let line = out.lines().find_map(|line| line.strip_prefix("x: ")).unwrap();
        shelf.file("passwords", line.trim_matches('"'));
        let path = |name: &str| shelf.path(name).to_string_lossy().into_owned();
        let (cert, key) = (path("server.crt"), path("server.key"));
        let tls = format!("  tls: {{certificate: {cert}, key: {key}}}\n");
        let rest = format!("auth:\n  htpasswd: {{realm: x, path: {}}}\n", path("passwords"));
        Registry::start(shelf, &tls, &rest)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Packs the chart `app` in several versions.
fn pack(shelf: &Shelf) {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n";
    shelf.chart(&[("values.yaml", "a: 1\n"), ("templates/map.yaml", map)]);
    for version in ["0.1.0", "0.2.0", "1.0.0+build.5"] {
        shelf.ok(&format!("package app --version {version}"));
    }
}

#[test]
fn a_chart_goes_to_a_registry_and_comes_back() {
    let shelf = Shelf::new();
    pack(&shelf);
    let Some(registry) = Registry::open(&shelf) else { return };
    let host = &registry.host;
    let pushed = shelf.ok(&format!("push app-0.1.0.tgz oci://{host}/charts --plain-http"));
    assert!(pushed.starts_with(&format!("Pushed: {host}/charts/app:0.1.0\nDigest: sha256:")), "{pushed}");
    shelf.ok(&format!("push app-0.2.0.tgz oci://{host}/charts --plain-http"));
    let pushed = shelf.ok(&format!("push app-1.0.0+build.5.tgz oci://{host}/charts --plain-http"));
    assert!(pushed.contains("app:1.0.0_build.5 contains an underscore."), "{pushed}");

    let digest = pushed.lines().find_map(|line| line.strip_prefix("Digest: ")).unwrap();
    let pulled = shelf.ok(&format!("pull oci://{host}/charts/app --plain-http --untar --untardir out"));
    assert!(
        pulled.starts_with(&format!("Pulled: {host}/charts/app:1.0.0_build.5\nDigest: {digest}\n")),
        "{pulled}"
    );
    assert!(shelf.path("out/app/values.yaml").exists());
    let shown = shelf.run(&format!("show chart oci://{host}/charts/app --version ~0.1 --plain-http"));
    assert!(shown.out.contains("version: 0.1.0") && shown.err.starts_with("Pulled: "), "{shown:?}");
    // By its digest it is in the cache from the second time on.
    let line = format!("show chart oci://{host}/charts/app:1.0.0_build.5@{digest} --plain-http");
    assert!(shelf.run(&line).err.contains("Pulled: "));
    let installed = shelf.ok(&format!("install web oci://{host}/charts/app --version 0.2.0 --plain-http"));
    assert!(installed.contains("STATUS: deployed"), "{installed}");

    shelf.file(
        "parent/Chart.yaml",
        &format!(
            "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n\
             - {{name: app, version: '>=0.1.0 <0.3.0', repository: 'oci://{host}/charts'}}\n"
        ),
    );
    let updated = shelf.ok("dependency update parent --plain-http");
    assert!(updated.starts_with("Saving 1 charts\nDownloading app from repo oci://"), "{updated}");
    assert!(updated.contains(&format!("Pulled: {host}/charts/app:0.2.0\n")), "{updated}");
    assert!(shelf.path("parent/charts/app-0.2.0.tgz").exists());
    let lock = std::fs::read_to_string(shelf.path("parent/Chart.lock")).unwrap();
    assert!(lock.contains("version: 0.2.0"), "{lock}");
}

#[test]
fn a_login_opens_a_registry() {
    let shelf = Shelf::new();
    pack(&shelf);
    let Some(registry) = Registry::closed(&shelf) else { return };
    let host = &registry.host;
    let push = format!("push app-0.1.0.tgz oci://{host}/charts --ca-file ca.crt");
    assert!(shelf.fails(&push).contains("basic credential not found"));
    let refused = shelf.fails(&format!("registry login {host} --ca-file ca.crt -u user -p wrong"));
    assert!(refused.contains("response status code 401: unauthorized: authentication required"), "{refused}");
    assert!(!shelf.path(".config/helm/registry/config.json").exists());
    let login = shelf.run(&format!("registry login {host} --ca-file ca.crt -u user -p pass"));
    assert_eq!((login.code, login.out.as_str()), (0, "Login Succeeded\n"));
    shelf.ok(&push);
    shelf.ok(&format!("pull oci://{host}/charts/app --ca-file ca.crt"));
    let out = shelf.ok(&format!("registry logout {host}"));
    assert_eq!(out, format!("Removing login credentials for {host}\n"));
    assert!(shelf.fails(&push).contains("basic credential not found"));
    let unknown = shelf.fails(&format!("pull oci://{host}/charts/app"));
    assert!(unknown.contains("x509: certificate signed by unknown authority"), "{unknown}");
}

#[test]
fn helm_and_pintle_push_the_same() {
    let Some(helm) = helm() else {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no helm to compare with\n");
        return;
    };
    let shelf = Shelf::new();
    pack(&shelf);
    let Some(registry) = Registry::open(&shelf) else { return };
    let host = &registry.host;
    let theirs = |line: &str| {
        let output = Command::new(&helm)
            .args(line.split(' '))
            .current_dir(shelf.path(""))
            .env_clear()
            .envs([("HOME", shelf.path("theirs").to_string_lossy().into_owned()), ("TZ", "UTC".to_owned())])
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let push = |folder: &str| format!("push app-0.1.0.tgz oci://{host}/{folder} --plain-http");
    let (ours, theirs_said) = (shelf.ok(&push("ours")), theirs(&push("theirs")));
    let digest = |text: &str| text.lines().find_map(|line| line.strip_prefix("Digest: ")).unwrap().to_owned();
    assert_eq!(digest(&ours), digest(&theirs_said));
    shelf.ok(&format!("pull oci://{host}/theirs/app --plain-http"));
    theirs(&format!("pull oci://{host}/ours/app --plain-http"));
}
