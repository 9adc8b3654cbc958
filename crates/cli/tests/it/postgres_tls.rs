//! Releases in a database that is reached over TLS, as lib/pq does it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::postgres::Postgres;
use crate::shelf::Shelf;

/// Makes certificates with the template functions that charts make them with.
const CERTIFICATES: &str = r#"
{{- $ca := genCA "ca" 30 }}
{{- $other := genCA "other" 30 }}
{{- $server := genSignedCert "localhost" nil (list "localhost") 30 $ca }}
{{- $client := genSignedCert "tester" nil nil 30 $ca }}
{{- $stranger := genSignedCert "stranger" nil nil 30 $ca }}
{{- $pairs := dict "ca" $ca "other" $other "server" $server "client" $client "stranger" $stranger -}}
kind: Certificates
data:
{{- range $name, $pair := $pairs }}
  {{ $name }}.crt: {{ $pair.Cert | toJson }}
  {{ $name }}.key: {{ $pair.Key | toJson }}
{{- end }}
"#;

/// A server, and a folder with everybody's certificates.
struct Stage {
    shelf: Shelf,
    server: Postgres,
}

/// Starts a server; `None` where PostgreSQL is not installed, which is said.
#[expect(clippy::print_stderr, reason = "whoever runs the tests should know that these did not")]
fn stage() -> Option<Stage> {
    let shelf = Shelf::new();
    shelf.chart(&[("templates/certificates.yaml", CERTIFICATES)]);
    let text = shelf.ok("template app");
    let lines = text.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": "));
    let files: Vec<(String, String)> = lines
        .map(|(name, text)| {
            let text: Value = serde_json::from_str(text).unwrap();
            (name.to_owned(), text.as_str().unwrap().to_owned())
        })
        .collect();
    for (name, text) in &files {
        shelf.file(name, text);
        fs::set_permissions(shelf.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let Some(server) = Postgres::start_encrypted(&files) else {
        eprintln!("skipped: PostgreSQL is not installed");
        return None;
    };
    Some(Stage { shelf, server })
}

impl Stage {
    /// Lists releases over a connection; `Err` is what was said instead.
    fn list(&self, place: &str, options: &str) -> Result<(), String> {
        let (host, database) = place.split_once('/').unwrap();
        let folder = self.shelf.path("");
        let options = options.replace("@/", folder.to_str().unwrap());
        let connection = format!("postgres://tester@{host}:{}/{database}?{options}", self.server.port());
        let environment =
            [("HELM_DRIVER", "sql"), ("HELM_DRIVER_SQL_CONNECTION_STRING", connection.as_str())];
        let ended = self.shelf.run_with("list", &environment);
        match ended.code {
            0 => Ok(()),
            _ => Err(ended
                .err
                .trim_start_matches("level=INFO msg=\"unable to instantiate SQL driver: ")
                .trim_end_matches("\"\n")
                .to_owned()),
        }
    }

    fn check(&self, place: &str, options: &str, expected: Result<(), &str>) {
        assert_eq!(self.list(place, options), expected.map_err(str::to_owned), "{place} {options}");
    }
}

const UNKNOWN: &str = "x509: certificate signed by unknown authority";

#[test]
fn modes_check_as_much_as_they_say() {
    let Some(stage) = stage() else { return };
    let (by_name, by_address) = ("localhost/helm", "127.0.0.1/helm");
    for place in [by_name, by_address] {
        stage.check(place, "sslmode=require", Ok(()));
        stage.check(place, "sslmode=prefer", Ok(()));
        stage.check(place, "sslmode=verify-ca&sslrootcert=@/ca.crt", Ok(()));
        stage.check(place, "sslmode=verify-ca&sslrootcert=@/other.crt", Err(UNKNOWN));
        // A file of authorities is asked even where nobody wanted that, as in libpq.
        stage.check(place, "sslmode=require&sslrootcert=@/other.crt", Err(UNKNOWN));
    }
    stage.check(by_name, "sslmode=verify-full&sslrootcert=@/ca.crt", Ok(()));
    let failed = "tls: failed to verify certificate: x509:";
    stage.check(
        by_address,
        "sslmode=verify-full&sslrootcert=@/ca.crt",
        Err(&format!(
            "{failed} cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"
        )),
    );
    let unknown = format!("{failed} certificate signed by unknown authority");
    stage.check(by_name, "sslmode=verify-full&sslrootcert=@/other.crt", Err(&unknown));
    stage.check(by_name, "sslmode=verify-full", Err(&unknown));
    let refused = "pq: no pg_hba.conf entry for host \\\"127.0.0.1\\\", user \\\"tester\\\", database \\\"helm\\\", no encryption (28000)";
    stage.check(by_address, "sslmode=disable", Err(refused));
    stage.check(
        by_name,
        "sslmode=verify-full&sslrootcert=@/none.crt",
        Err("open <DIR>/none.crt: no such file or directory"),
    );
    let options = "sslmode=require&ssl_min_protocol_version=TLSv1.3";
    stage.check(by_name, options, Ok(()));
    stage.check(
        by_name,
        "sslmode=require&ssl_min_protocol_version=1.3",
        Err("pq: wrong value for \\\"ssl_min_protocol_version\\\": \\\"1.3\\\" is not supported; supported values are TLSv1.0, TLSv1.1, TLSv1.2, or TLSv1.3"),
    );
}

#[test]
fn clients_show_certificates_where_they_are_asked_for_them() {
    let Some(stage) = stage() else { return };
    let check = |options: &str, expected| {
        stage.check("127.0.0.1/certified", &format!("sslmode=require{options}"), expected)
    };
    check("&sslcert=@/client.crt&sslkey=@/client.key", Ok(()));
    check("", Err("pq: connection requires a valid client certificate (28000)"));
    let stranger = "pq: certificate authentication failed for user \\\"tester\\\" (28000)";
    check("&sslcert=@/stranger.crt&sslkey=@/stranger.key", Err(stranger));
    check("&sslcert=@/client.crt&sslkey=@/stranger.key", Err("tls: private key does not match public key"));
    check("&sslcert=@/client.crt&sslkey=@/none.key", Err("stat <DIR>/none.key: no such file or directory"));
    fs::set_permissions(stage.shelf.path("client.key"), fs::Permissions::from_mode(0o644)).unwrap();
    check(
        "&sslcert=@/client.crt&sslkey=@/client.key",
        Err(
            "pq: private key has world access; permissions should be u=rw,g=r (0640) if owned by root, or u=rw (0600), or less",
        ),
    );
}

#[test]
fn a_release_lives_in_an_encrypted_database() {
    let Some(stage) = stage() else { return };
    let connection = format!(
        "postgres://tester@localhost:{}/helm?sslmode=verify-full&sslrootcert={}",
        stage.server.port(),
        stage.shelf.path("ca.crt").display()
    );
    let run = |line: &str| {
        let environment =
            [("HELM_DRIVER", "sql"), ("HELM_DRIVER_SQL_CONNECTION_STRING", connection.as_str())];
        let ended = stage.shelf.run_with(line, &environment);
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
        ended.out
    };
    stage
        .shelf
        .file("app/templates/certificates.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n");
    run("install demo app");
    run("upgrade demo app");
    assert_eq!(run("history demo").lines().count(), 3);
    assert_eq!(
        stage.server.sql("helm", "select key, status from releases_v1 order by key").lines().last(),
        Some("sh.helm.release.v1.demo.v2|deployed")
    );
    run("uninstall demo");
}
