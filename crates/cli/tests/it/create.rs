//! `create` and `package`, alone and beside real Helm.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::interop::helm;
use crate::shelf::Shelf;

/// What a new chart may be rendered with.
const VALUES: &[&str] = &[
    "",
    "--set ingress.enabled=true,ingress.className=nginx,ingress.tls[0].secretName=t,ingress.tls[0].hosts[0]=h",
    "--set autoscaling.enabled=true,autoscaling.targetMemoryUtilizationPercentage=70",
    "--set serviceAccount.create=false,serviceAccount.name=own,fullnameOverride=full-",
    "--set httpRoute.enabled=true,httpRoute.annotations.a=b,httpRoute.rules[0].filters[0].type=x",
    "--set-json {\"tolerations\":[{\"key\":\"x\"}],\"affinity\":{\"a\":1},\"volumes\":[{\"name\":\"v\"}],\"volumeMounts\":[{\"name\":\"v\"}]}",
    "--set podAnnotations.a=b,podLabels.c=d,podSecurityContext.fsGroup=1,securityContext.runAsUser=2,nodeSelector.n=m",
    "--set nameOverride=other,service.type=NodePort,service.port=8080,image.tag=9,replicaCount=3,imagePullSecrets[0].name=s",
];

#[test]
fn a_new_chart_lints_and_renders() {
    let shelf = Shelf::new();
    assert_eq!(shelf.ok("create web"), "Creating web\n");
    assert_eq!(
        shelf.ok("lint web"),
        "==> Linting web\n[INFO] Chart.yaml: icon is recommended\n\n1 chart(s) linted, 0 chart(s) failed\n"
    );
    for values in VALUES {
        let kinds = objects(&shelf.ok(format!("template rel web {values}").trim_end()));
        assert!(kinds.contains_key("Deployment"), "{values}");
    }
    for service in ["ClusterIP", "NodePort", "LoadBalancer"] {
        let notes = shelf.ok(&format!("install rel web --dry-run=client --set service.type={service}"));
        assert!(notes.contains("rel-web"), "{notes}");
    }
    shelf.ok("install rel web --dry-run=client --set ingress.enabled=true");
    shelf.ok("install rel web --dry-run=client --set httpRoute.enabled=true");
}

#[test]
fn existing_files_are_named_before_they_are_overwritten() {
    let shelf = Shelf::new();
    shelf.file("web/values.yaml", "mine: 1\n");
    let out = shelf.ok("create web");
    assert_eq!(out, "Creating web\nWARNING: File \"<DIR>/web/values.yaml\" already exists. Overwriting.\n");
    shelf.file("taken", "");
    assert_eq!(
        shelf.fails("create taken"),
        "Error: file <DIR>/taken already exists and is not a directory\n"
    );
}

#[test]
fn the_scaffold_renders_as_that_of_helm() {
    let Some(helm) = helm() else {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no helm to compare with\n");
        return;
    };
    let (ours, theirs) = (Shelf::new(), Shelf::new());
    ours.ok("create web");
    run(&helm, &theirs, "create web");
    for values in VALUES {
        let line = format!("template rel web {values}");
        let rendered = |shelf: &Shelf| objects(&run(&helm, shelf, line.trim_end()));
        assert_eq!(rendered(&ours), rendered(&theirs), "{values}");
    }
    assert_eq!(run(&helm, &ours, "lint web"), run(&helm, &theirs, "lint web"));
    let values = |shelf: &Shelf| {
        value::yaml::to_json(run(&helm, shelf, "show values web").as_bytes(), value::yaml::Duplicates::Refuse)
            .unwrap()
    };
    assert_eq!(values(&ours), values(&theirs));
}

#[test]
fn archives_of_either_are_read_by_the_other() {
    let Some(helm) = helm() else {
        let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no helm to compare with\n");
        return;
    };
    let shelf = Shelf::new();
    shelf.ok("create web");
    let deep = format!("web/files/{}/{}.txt", "f".repeat(120), "g".repeat(120));
    shelf.file(&deep, "deep");
    shelf.file("web/files/Größe.txt", "ü");
    shelf.ok("package web -d ours");
    run(&helm, &shelf, "package web -d theirs");
    let unzipped = |folder: &str| {
        let archive = shelf.path(folder).join("web-0.1.0.tgz");
        Command::new("gzip").arg("-dc").arg(archive).output().unwrap().stdout
    };
    assert!(unzipped("ours") == unzipped("theirs"), "the members differ in order, names, times or contents");
    let ours = run(&helm, &shelf, "template rel ours/web-0.1.0.tgz");
    assert_eq!(ours, shelf.ok("template rel theirs/web-0.1.0.tgz"));
    assert_eq!(ours, shelf.ok("template rel web"));
}

#[test]
fn the_same_files_give_the_same_archive() {
    let shelf = Shelf::new();
    shelf.ok("create web");
    let pack = |folder: &str| {
        let line = format!("package web --destination {folder} --version 1.2.3 --app-version 9");
        let ended = shelf.run_with(&line, &[("SOURCE_DATE_EPOCH", "1700000000")]);
        assert_eq!(
            ended.out,
            format!("Successfully packaged chart and saved it to: {folder}/web-1.2.3.tgz\n")
        );
        std::fs::read(shelf.path(folder).join("web-1.2.3.tgz")).unwrap()
    };
    let first = pack("first");
    // Later, and with other times.
    shelf.file("web/values.yaml", &std::fs::read_to_string(shelf.path("web/values.yaml")).unwrap());
    assert_eq!(first, pack("second"));
    assert!(shelf.ok("show chart first/web-1.2.3.tgz").contains("appVersion: \"9\"\n"));
    let ended = shelf.run_with("package web", &[("SOURCE_DATE_EPOCH", "-1")]);
    assert_eq!(ended.err, "Error: invalid SOURCE_DATE_EPOCH: must not be negative\n");
}

#[test]
fn nothing_is_left_of_a_package_that_failed() {
    let shelf = Shelf::new();
    shelf.chart(&[("values.schema.json", "{bad")]);
    shelf.file("out/keep", "");
    assert_eq!(
        shelf.fails("package app -d out"),
        "Error: failed to save: invalid JSON in values.schema.json\n"
    );
    let names: Vec<_> =
        std::fs::read_dir(shelf.path("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["keep"]);
}

fn run(helm: &Path, shelf: &Shelf, line: &str) -> String {
    let output = Command::new(helm)
        .args(line.split(' '))
        .current_dir(shelf.path(""))
        .env_clear()
        .envs([("HOME", shelf.path("")), ("TZ", "UTC".into())])
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the objects of a manifest by kind.
fn objects(text: &str) -> BTreeMap<String, Value> {
    let documents = text.split("---\n").filter(|document| !document.trim().is_empty());
    let read =
        |document: &str| value::yaml::to_json(document.as_bytes(), value::yaml::Duplicates::Refuse).unwrap();
    documents.map(read).map(|object| (object["kind"].as_str().unwrap().to_owned(), object)).collect()
}
