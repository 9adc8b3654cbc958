//! Helm and Pintle take turns on one release, for each storage of releases: what is stored is what Helm alone stores.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::interop::helm;
use crate::postgres::Postgres;
use crate::served::Served;
use crate::shelf::Shelf;

const CHART: &[(&str, &str)] = &[
    ("values.yaml", "v: 1\nnested: {a: [1, 2], b: null}\n"),
    ("values.schema.json", "{\"type\": \"object\", \"properties\": {\"v\": {\"type\": \"integer\"}}}"),
    ("files/data.txt", "some data\n"),
    ("templates/NOTES.txt", "Version {{ .Values.v }} of {{ .Release.Name }}\n"),
    (
        "templates/objects.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  v: {{ .Values.v | quote }}\n",
    ),
    (
        "templates/hook.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-hook\n  annotations:\n    \
         helm.sh/hook: pre-install,post-upgrade,pre-rollback,pre-delete\n    helm.sh/hook-weight: \"2\"\n",
    ),
];

/// The story: what is done, and how often the release is stored then.
const STORY: [&str; 5] = [
    "install r app --set v=2,nested.c=x -l team=a --create-namespace",
    "upgrade r app --set v=3 -l env=b --description changed",
    "rollback r 1",
    "upgrade r app --reuse-values",
    "uninstall r --keep-history",
];

/// Who does which step: `h` for Helm, `p` for Pintle.
const TURNS: [&str; 4] = ["hphph", "phphp", "hhppp", "pphhh"];

struct Stage {
    shelf: Shelf,
    served: Served,
    driver: &'static str,
    postgres: Option<Postgres>,
}

impl Stage {
    fn command(&self, program: &Path, line: &str, namespace: &str) -> Command {
        let home = self.shelf.path("");
        let mut command = Command::new(program);
        command.args(line.split(' ')).args(["-n", namespace]).current_dir(&home).env_clear();
        command.env("HOME", &home).env("TZ", "UTC").env("KUBECONFIG", &self.served.kubeconfig);
        command.env("HELM_DRIVER", self.driver);
        if let Some(postgres) = &self.postgres {
            command.env("HELM_DRIVER_SQL_CONNECTION_STRING", postgres.connection());
        }
        command
    }

    fn run(&self, program: &Path, line: &str, namespace: &str) -> String {
        let output = self.command(program, line, namespace).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {line}: {err}", program.display());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Returns what is stored for a namespace, oldest revision first, without times.
    fn stored(&self, namespace: &str) -> Vec<Value> {
        let mut stored = match &self.postgres {
            Some(postgres) => rows(postgres, namespace),
            None => self.objects(namespace),
        };
        stored.sort_by_key(|stored| stored["record"]["version"].as_i64());
        stored.iter_mut().for_each(|stored| mask(stored, namespace));
        stored
    }

    fn objects(&self, namespace: &str) -> Vec<Value> {
        let plural = if self.driver == "secret" { "secrets" } else { "configmaps" };
        let list = self.served.list(namespace, plural, "owner=helm");
        let items = list["items"].as_array().unwrap().iter();
        let stored = items.map(|object| {
            let text = object["data"]["release"].as_str().unwrap();
            let text = if plural == "secrets" { decode_base64(text) } else { text.as_bytes().to_vec() };
            json!({
                "name": object["metadata"]["name"],
                "labels": object["metadata"]["labels"],
                "manager": object["metadata"]["managedFields"][0]["manager"],
                "type": object["type"],
                "record": record(&text),
            })
        });
        stored.collect()
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// Returns a record as JSON, member for member as it is stored.
fn record(text: &[u8]) -> Value {
    let mut json = String::new();
    let compressed = decode_base64(std::str::from_utf8(text).unwrap());
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(compressed.as_slice()), &mut json)
        .unwrap();
    serde_json::from_str(&json).unwrap()
}

fn rows(postgres: &Postgres, namespace: &str) -> Vec<Value> {
    let columns = "key, type, name, version, status, owner, createdAt > 0, modifiedAt > 0, body";
    let rows =
        postgres.sql("helm", &format!("select {columns} from releases_v1 where namespace = '{namespace}'"));
    let labels = format!(
        "select releaseKey, key, value from custom_labels_v1 where releaseNamespace = '{namespace}' order by 1, 2"
    );
    let labels = postgres.sql("helm", &labels);
    let stored = rows.lines().map(|row| {
        let (columns, body) = row.rsplit_once('|').unwrap();
        let key = columns.split('|').next().unwrap();
        let own: Vec<&str> = labels.lines().filter(|line| line.starts_with(&format!("{key}|"))).collect();
        json!({"columns": columns, "labels": own, "record": record(body.as_bytes())})
    });
    stored.collect()
}

/// Puts words in place of what differs from run to run.
fn mask(value: &mut Value, namespace: &str) {
    match value {
        Value::String(text) => {
            let is_time = text.len() > 19 && text.as_bytes()[10] == b'T' && text.starts_with("20");
            *text = if is_time { "<TIME>".to_owned() } else { text.replace(namespace, "<NAMESPACE>") };
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, namespace)),
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "createdAt" | "modifiedAt" => *member = json!("<SECONDS>"),
                    _ => mask(member, namespace),
                }
            }
        }
        _ => {}
    }
}

/// Names every member in which two values differ.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                let (own, other) = (ours.get(name), theirs.get(name));
                let path = format!("{path}.{name}");
                match (own, other) {
                    (Some(own), Some(other)) => differences(&path, own, other, found),
                    _ => found.push(format!("{path}: {own:?} and {other:?}")),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (at, (own, other)) in ours.iter().zip(theirs).enumerate() {
                differences(&format!("{path}[{at}]"), own, other, found);
            }
        }
        (ours, theirs) if ours != theirs => found.push(format!("{path}: {ours} and {theirs}")),
        _ => {}
    }
}

/// Tells the story with programs taking turns, and compares after every step with what Helm alone stores.
fn take_turns(driver: &'static str) {
    let skip = |what: &str| {
        let text = format!("skipped: there is no {what}\n");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    };
    let Some(helm) = helm() else { return skip("helm to take turns with") };
    let postgres = if driver == "sql" { Postgres::start() } else { None };
    if driver == "sql" && postgres.is_none() {
        return skip("PostgreSQL");
    }
    let shelf = Shelf::new();
    shelf.chart(CHART);
    let served = Served::encrypted(&shelf);
    let stage = Stage { shelf, served, driver, postgres };
    let expected: Vec<Vec<Value>> = STORY
        .iter()
        .map(|line| {
            stage.run(&helm, line, "nsalone");
            stage.stored("nsalone")
        })
        .collect();
    let pintle = Path::new(env!("CARGO_BIN_EXE_pintle"));
    for turns in TURNS {
        let namespace = format!("ns{turns}");
        for ((line, turn), expected) in STORY.iter().zip(turns.chars()).zip(&expected) {
            let program = if turn == 'h' { &helm } else { pintle };
            stage.run(program, line, &namespace);
            let mut found = Vec::new();
            differences("", &json!(stage.stored(&namespace)), &json!(expected), &mut found);
            assert!(found.is_empty(), "{driver}, {turns}, after {line}:\n{}", found.join("\n"));
        }
        for line in ["list --uninstalled", "history r", "get values r --revision 2", "get metadata r"] {
            let (ours, theirs) = (stage.run(pintle, line, &namespace), stage.run(&helm, line, &namespace));
            assert_eq!(ours, theirs, "{driver}, {turns}: {line}");
        }
        let last = if turns.ends_with('h') { pintle } else { &helm };
        stage.run(last, "uninstall r", &namespace);
        assert!(stage.stored(&namespace).is_empty());
    }
}

#[test]
fn turns_are_taken_with_secrets() {
    take_turns("secret");
}

#[test]
fn turns_are_taken_with_config_maps() {
    take_turns("configmap");
}

#[test]
fn turns_are_taken_with_sql() {
    take_turns("sql");
}

/// What another command has made of a row since this one has written it stays.
#[test]
fn a_row_that_was_taken_over_is_left_alone() {
    let Some(postgres) = Postgres::start() else { return };
    let shelf = Shelf::new();
    shelf.chart(&[(
        "templates/hook.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: slow\n  annotations: {helm.sh/hook: pre-upgrade, sim/delay: 3s}\n\
         spec: {restartPolicy: Never, containers: [{name: c, image: c}]}\n",
    )]);
    let served = Served::encrypted(&shelf);
    let stage = Stage { shelf, served, driver: "sql", postgres: Some(postgres) };
    let pintle = Path::new(env!("CARGO_BIN_EXE_pintle"));
    stage.run(pintle, "install r app", "default");
    let mut command = stage.command(pintle, "upgrade r app", "default");
    let upgrade = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let database = stage.postgres.as_ref().unwrap();
    let taken = "update releases_v1 set status = 'failed' where version = 2 and status = 'pending-upgrade' returning 1";
    while !database.sql("helm", taken).starts_with('1') {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let before =
        database.sql("helm", "select md5(body), status, modifiedAt from releases_v1 where version = 2");
    let ended = upgrade.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&ended.stderr);
    assert!(
        !ended.status.success() && err.contains("another operation has taken over this release"),
        "{err}"
    );
    let after =
        database.sql("helm", "select md5(body), status, modifiedAt from releases_v1 where version = 2");
    assert_eq!(after, before);
}

/// A release that takes several objects is listed by Helm, which refuses to change or remove it.
#[test]
fn helm_leaves_a_release_in_parts_alone() {
    let Some(helm) = helm() else { return };
    let shelf = Shelf::new();
    shelf.chart(&[]);
    // What does not compress: each line of a file in a Secret of its own.
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{state:016x}")
    };
    for number in 0..4 {
        let data: String = (0..40_000).map(|_| noise()).collect();
        let object = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}}}\ndata: {{d: \"{data}\"}}\n"
        );
        shelf.file(&format!("app/templates/c{number}.yaml"), &object);
    }
    let served = Served::encrypted(&shelf);
    let stage = Stage { shelf, served, driver: "secret", postgres: None };
    let pintle = Path::new(env!("CARGO_BIN_EXE_pintle"));
    stage.run(pintle, "install r app", "default");
    assert!(stage.served.list("default", "secrets", "owner=pintle")["items"].as_array().unwrap().len() > 1);
    for line in ["list", "history r"] {
        assert_eq!(stage.run(&helm, line, "default"), stage.run(pintle, line, "default"));
    }
    for line in ["upgrade r app", "uninstall r", "rollback r 1"] {
        let output = Command::new(&helm)
            .args(line.split(' '))
            .current_dir(stage.shelf.path(""))
            .env("KUBECONFIG", &stage.served.kubeconfig)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{line}");
        let err = String::from_utf8_lossy(&output.stderr);
        let said =
            err.contains("ReleaseTooLargeForHelmUsePintle") || err.contains("failed to delete release: r");
        assert!(said, "{line}: {err}");
    }
    let objects = stage.served.list("default", "configmaps", "app.kubernetes.io/managed-by=Helm");
    assert_eq!(objects["items"].as_array().unwrap().len(), 4);
    stage.run(pintle, "upgrade r app --recover", "default");
    stage.run(pintle, "uninstall r", "default");
    assert_eq!(stage.served.list("default", "secrets", "owner=pintle")["items"], json!([]));
}

/// The tables that Pintle makes are those that Helm makes.
#[test]
fn the_tables_are_those_of_helm() {
    let (Some(helm), Some(ours), Some(theirs)) = (helm(), Postgres::start(), Postgres::start()) else {
        return;
    };
    let shelf = Shelf::new();
    let served = Served::encrypted(&shelf);
    let describe = |program: &Path, postgres: Postgres| {
        let status = Command::new(program)
            .arg("list")
            .env("KUBECONFIG", &served.kubeconfig)
            .env("HELM_DRIVER", "sql")
            .env("HELM_DRIVER_SQL_CONNECTION_STRING", postgres.connection())
            .status()
            .unwrap();
        assert!(status.success());
        let columns = "select table_name, column_name, data_type, character_maximum_length, is_nullable, column_default \
                       from information_schema.columns where table_schema = 'public' order by 1, ordinal_position";
        let indexes = "select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1";
        let rights = "select relname, relacl, relrowsecurity from pg_class where relnamespace = \
                      'public'::regnamespace and relkind = 'r' order by 1";
        let migrations = "select id from gorp_migrations order by applied_at, id";
        [columns, indexes, rights, migrations].map(|statement| postgres.sql("helm", statement))
    };
    let pintle = Path::new(env!("CARGO_BIN_EXE_pintle"));
    assert_eq!(describe(pintle, ours), describe(&helm, theirs));
}
