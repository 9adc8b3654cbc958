//! What `--debug` tells of the commands on releases.

use crate::shelf::Shelf;

const CONFIG_MAP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  text: {{ .Values.text }}\n";

fn shelf() -> Shelf {
    let shelf = Shelf::new();
    let extra = "{{ if .Values.extra }}apiVersion: v1\nkind: Secret\nmetadata:\n  name: b\n{{ end }}";
    shelf.chart(&[
        ("values.yaml", "text: a\nextra: false\n"),
        ("templates/a.yaml", CONFIG_MAP),
        ("templates/b.yaml", extra),
    ]);
    shelf
}

/// Checks the lines that a command logs, without their level and the quotes around messages. Where it speaks to a cluster,
/// the last one, which Helm does not have, says what was exchanged.
fn check(shelf: &Shelf, line: &str, expected: &[&str]) {
    let ended = shelf.run(&format!("{line} --debug"));
    let mut told: Vec<String> = ended
        .err
        .lines()
        .map(|line| line.strip_prefix("level=DEBUG msg=").unwrap_or(line).replacen('"', "", 2))
        .collect();
    let exchanged = told.pop_if(|line| line.starts_with("exchanged with the cluster requests="));
    let is_offline = ["lint", "template"].iter().any(|command| line.starts_with(command));
    assert_eq!(exchanged.is_some(), !is_offline, "{told:?}");
    assert_eq!(
        (ended.code, told.as_slice()),
        (0, &*expected.iter().map(ToString::to_string).collect::<Vec<_>>())
    );
}

const SERVER_SIDE: &str = "using server-side apply for resource creation forceConflicts=false dryRun=false \
    fieldValidationDirective=Strict";

#[test]
fn a_release_is_followed_from_its_first_record_to_its_last() {
    let shelf = shelf();
    check(
        &shelf,
        "install demo app",
        &[
            "Original chart version version=\"\"",
            "Chart path path=<DIR>/app",
            "getting release history name=demo",
            "number of dependencies in the chart chart=app dependencies=0",
            "creating release key=sh.helm.release.v1.demo.v1",
            "creating resource(s) resources=1",
            SERVER_SIDE,
            "Created resource via patch namespace=default name=a gvk=\"/v1, Kind=ConfigMap\"",
            "updating release key=sh.helm.release.v1.demo.v1",
        ],
    );
    check(
        &shelf,
        "upgrade demo app --set text=b,extra=true",
        &[
            "preparing upgrade name=demo",
            "getting last revision name=demo",
            "getting release history name=demo",
            "number of dependencies in the chart chart=app dependencies=0",
            "determined release apply method server_side_apply=true previous_release_apply_method=ssa",
            "performing update name=demo",
            "creating upgraded release name=demo",
            "creating release key=sh.helm.release.v1.demo.v2",
            "getting release history name=demo",
            SERVER_SIDE,
            "using server-side apply for resource update forceConflicts=false dryRun=false \
             fieldValidationDirective=Strict upgradeClientSideFieldManager=false",
            "checking resources for changes resources=2",
            "Created resource via patch namespace=default name=b gvk=\"/v1, Kind=Secret\"",
            "created a new resource namespace=default name=b kind=Secret",
            "Patched resource namespace=default name=a gvk=\"/v1, Kind=ConfigMap\"",
            "updating release key=sh.helm.release.v1.demo.v1",
            "updating status for upgraded release name=demo",
            "updating release key=sh.helm.release.v1.demo.v2",
        ],
    );
    check(
        &shelf,
        "rollback demo 1 --server-side=false --no-hooks",
        &[
            "preparing rollback name=demo",
            "getting last revision name=demo",
            "getting release history name=demo",
            "getting release history name=demo",
            "rolling back name=demo currentVersion=2 targetVersion=1",
            "getting release key=sh.helm.release.v1.demo.v1",
            "creating rolled back release name=demo",
            "creating release key=sh.helm.release.v1.demo.v3",
            "getting release history name=demo",
            "performing rollback name=demo",
            "rollback hooks disabled name=demo",
            "using client-side apply for resource creation",
            "using client-side apply for resource update threeWayMergeForUnstructured=false",
            "checking resources for changes resources=1",
            "patching resource kind=ConfigMap name=a namespace=default",
            "deleting resource namespace=default name=b kind=Secret",
            "getting deployed releases name=demo",
            "superseding previous deployment version=2",
            "updating release key=sh.helm.release.v1.demo.v2",
            "updating status for rolled back release name=demo",
            "updating release key=sh.helm.release.v1.demo.v3",
        ],
    );
    check(
        &shelf,
        "uninstall demo --wait",
        &[
            "getting release history name=demo",
            "uninstall: deleting release name=demo",
            "updating release key=sh.helm.release.v1.demo.v3",
            "deleting resource owned by this release kind=ConfigMap name=a namespace=default release=demo",
            "starting delete resource namespace=default name=a kind=ConfigMap",
            "waiting for resources to be deleted count=1 timeout=5m0s",
            "all resources achieved desired status desiredStatus=NotFound resourceCount=0",
            "purge requested release=demo",
            "deleting release key=sh.helm.release.v1.demo.v1",
            "deleting release key=sh.helm.release.v1.demo.v2",
            "deleting release key=sh.helm.release.v1.demo.v3",
        ],
    );
}

#[test]
fn a_new_revision_shows_the_values_of_subcharts() {
    let shelf = shelf();
    shelf.file("app/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n");
    shelf.file("app/charts/sub/values.yaml", "a: 1\n");
    let computed = "COMPUTED VALUES:\nextra: false\nsub:\n  a: 1\n  global: {}\ntext: a\n\n";
    for line in ["install demo app --debug", "upgrade demo app --debug"] {
        let out = shelf.run(line).out;
        assert!(out.contains(computed), "{out}");
    }
    assert_eq!(shelf.ok("get values demo --all"), "COMPUTED VALUES:\nextra: false\ntext: a\n");
}

#[test]
fn revisions_that_make_room_are_told_of() {
    let shelf = shelf();
    shelf.ok("install demo app");
    shelf.ok("upgrade demo app");
    let ended = shelf.run("upgrade demo app --history-max 2 --debug");
    let lines = ended.err.lines().filter(|line| line.contains("key=") || line.contains("pruned"));
    let lines: Vec<&str> = lines.filter_map(|line| line.strip_prefix("level=DEBUG msg=")).collect();
    assert_eq!(
        lines,
        [
            "\"creating release\" key=sh.helm.release.v1.demo.v3",
            "\"deleting release\" key=sh.helm.release.v1.demo.v1",
            "\"pruned records\" count=1 release=demo errors=0",
            "\"updating release\" key=sh.helm.release.v1.demo.v2",
            "\"updating release\" key=sh.helm.release.v1.demo.v3",
        ]
    );
}

#[test]
fn reading_commands_tell_what_they_read() {
    let shelf = shelf();
    shelf.ok("install demo app");
    let last = ["getting last revision name=demo", "getting release history name=demo"];
    for line in ["get values demo", "get all demo", "get metadata demo"] {
        check(&shelf, line, &last);
    }
    check(&shelf, "get notes demo --revision 1", &["getting release key=sh.helm.release.v1.demo.v1"]);
    check(&shelf, "history demo", &["getting history for release release=demo", last[1]]);
    let related = "get relation pod of object namespace=default name=a kind=ConfigMap";
    check(&shelf, "status demo", &[last[0], last[1], related]);
    check(&shelf, "list", &[]);
}

#[test]
fn schemas_are_told_of() {
    let shelf = shelf();
    shelf.file("app/values.schema.json", "{}\n");
    let schema = "unmarshalled JSON schema schema=\"{}\\n\"";
    let of_chart =
        ["chart name chart-name=app", schema, "number of dependencies in the chart chart=app dependencies=0"];
    check(&shelf, "lint app", &[schema, of_chart[0], of_chart[1], of_chart[2]]);
    let located = ["Original chart version version=\"\"", "Chart path path=<DIR>/app"];
    check(&shelf, "template app", &[located[0], located[1], of_chart[0], of_chart[1], of_chart[2]]);
}

#[test]
fn schemas_are_told_of_after_the_warnings_about_values() {
    let shelf = shelf();
    shelf.file("app/values.yaml", "a: {b: 1}\n");
    let dependencies = "level=DEBUG msg=\"number of dependencies in the chart\" chart=app dependencies=0";
    let ignored = |path: &str| {
        format!("level=INFO msg=\"warning: destination for {path} is a table. Ignoring non-table value (1)\"")
    };
    let told = |line: &str| -> Vec<String> {
        let errors = shelf.run(line).err;
        errors
            .lines()
            .filter(|line| line.contains("depend") || line.contains("warning"))
            .map(String::from)
            .collect()
    };
    let of_chart = [ignored("app.a.b"), dependencies.to_owned()];
    assert_eq!(told("template app --debug --set a.b.c=1"), of_chart);
    let of_lint = [&ignored("a.b"), &of_chart[0], &of_chart[0], &of_chart[1]].map(Clone::clone);
    assert_eq!(told("lint app --debug --set a.b.c=1"), of_lint);
}

#[test]
fn manifests_that_cannot_be_read_are_shown_with_and_without_a_cluster() {
    let shelf = shelf();
    shelf.file("app/templates/a.yaml", "a: b: c\n");
    for line in ["template app --debug", "template app --debug --dry-run=server"] {
        let ended = shelf.run(line);
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (1, "---\n# Source: app/templates/a.yaml\na: b: c\n"),
            "{line}"
        );
    }
    let hint = "\n\nUse --debug flag to render out invalid YAML\n";
    assert!(shelf.fails("template app --dry-run=server").ends_with(hint));
    shelf.file("app/values.schema.json", "{\"required\": [\"missing\"]}");
    assert!(!shelf.fails("template app --dry-run=server").ends_with(hint));
}
