//! A release's life on the sandbox.

use crate::shelf::Shelf;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      containers:
        - name: main
          image: \"web:{{ .Values.tag }}\"
";

const CONFIG_MAP: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  revision: {{ .Release.Revision | quote }}
  tag: {{ .Values.tag | quote }}
";

const TEST: &str = "apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations:
    helm.sh/hook: test
spec:
  restartPolicy: Never
  containers:
    - name: main
      image: busybox
";

fn shelf() -> Shelf {
    let shelf = Shelf::new();
    shelf.chart(&[
        ("values.yaml", "replicas: 1\ntag: a\n"),
        ("templates/deployment.yaml", DEPLOYMENT),
        ("templates/config.yaml", CONFIG_MAP),
        ("templates/tests/test.yaml", TEST),
        ("templates/NOTES.txt", "{{ .Release.Name }} runs {{ .Values.tag }}.\n"),
    ]);
    shelf
}

fn report(revision: u32, description: &str, tests: &str, notes: &str) -> String {
    format!(
        "NAME: demo\nLAST DEPLOYED: <TIME>\nNAMESPACE: default\nSTATUS: deployed\nREVISION: {revision}\n\
         DESCRIPTION: {description}\n{tests}NOTES:\n{notes}\n"
    )
}

/// The columns of a table's row, the time left out.
fn cells(row: &str) -> Vec<&str> {
    row.split('\t').map(str::trim_end).collect()
}

#[test]
fn a_release_is_installed_upgraded_rolled_back_and_uninstalled() {
    let shelf = shelf();
    let installed = shelf.ok("install demo app --wait");
    assert_eq!(installed, report(1, "Install complete", "", "demo runs a."));

    let list = shelf.ok("list");
    let rows: Vec<Vec<&str>> = list.lines().map(cells).collect();
    assert_eq!(rows[0], ["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"]);
    assert_eq!((rows[1][0], rows[1][2], rows[1][4], rows[1][5]), ("demo", "1", "deployed", "app-0.1.0"));

    let status = shelf.ok("status demo");
    for kind in ["ConfigMap", "Deployment", "Pod(related)"] {
        assert!(status.contains(&format!("\n==> v1/{kind}\n")), "{status}");
    }

    let upgraded = shelf.ok("upgrade demo app --set tag=b,replicas=2 --wait");
    let expected = report(2, "Upgrade complete", "", "demo runs b.");
    assert_eq!(upgraded, format!("Release \"demo\" has been upgraded. Happy Helming!\n{expected}"));

    let history = shelf.ok("history demo");
    let rows: Vec<Vec<&str>> = history.lines().map(cells).collect();
    assert_eq!((rows[1][0], rows[1][2], rows[1][5]), ("1", "superseded", "Install complete"));
    assert_eq!((rows[2][0], rows[2][2], rows[2][5]), ("2", "deployed", "Upgrade complete"));

    assert_eq!(shelf.ok("rollback demo 1 --wait"), "Rollback was a success! Happy Helming!\n");
    let history = shelf.ok("history demo --show-rollback-revision --max 1");
    let row = cells(history.lines().nth(1).unwrap());
    assert_eq!((row[0], row[5], row[6]), ("3", "1", "Rollback to 1"));

    assert_eq!(shelf.ok("uninstall demo --wait"), "release \"demo\" uninstalled\n");
    assert_eq!(shelf.ok("list --short"), "");
    assert_eq!(shelf.ok("install other app --no-hooks --dry-run=server --output json").lines().count(), 1);
}

#[test]
fn what_is_stored_can_be_read_again() {
    let shelf = shelf();
    shelf.ok("install demo app --set tag=c --labels team=x");
    assert_eq!(shelf.ok("get values demo"), "USER-SUPPLIED VALUES:\ntag: c\n");
    assert_eq!(shelf.ok("get values demo --all"), "COMPUTED VALUES:\nreplicas: 1\ntag: c\n");
    assert_eq!(shelf.ok("get values demo -o json"), "{\"tag\":\"c\"}\n");
    assert_eq!(shelf.ok("get notes demo"), "NOTES:\ndemo runs c.\n\n");
    let manifest = shelf.ok("get manifest demo");
    assert!(manifest.starts_with("---\n# Source: app/templates/config.yaml\napiVersion: v1\n"), "{manifest}");
    assert!(manifest.ends_with("image: \"web:c\"\n\n\n"), "{manifest}");
    let hooks = shelf.ok("get hooks demo");
    assert!(hooks.starts_with("---\n# Source: app/templates/tests/test.yaml\n"), "{hooks}");
    let all = shelf.ok("get all demo");
    for part in [
        "CHART: app\nVERSION: 0.1.0\nAPP_VERSION: 1.0\n",
        "\nCOMPUTED VALUES:\n",
        "\nHOOKS:\n---\n",
        "\nMANIFEST:\n---\n",
    ] {
        assert!(all.contains(part), "{part} in {all}");
    }
    let metadata = shelf.ok("get metadata demo");
    assert!(metadata.contains("\nAPPLY_METHOD: server-side apply\n"), "{metadata}");
    assert!(metadata.contains(",team=x,"), "{metadata}");
    assert_eq!(shelf.ok("list -q -l team=x"), "demo\n");
    assert_eq!(shelf.ok("list -q -l team!=x"), "");
}

#[test]
fn tests_of_a_release_are_run_and_noted() {
    let shelf = shelf();
    shelf.ok("install demo app");
    let tested = shelf.ok("test demo");
    assert!(tested.contains("TEST SUITE:     demo-test\nLast Started:   "), "{tested}");
    assert!(tested.ends_with("Phase:          Succeeded\n"), "{tested}");
    assert!(shelf.ok("status demo").contains("TEST SUITE:     demo-test\n"));
}

#[test]
fn upgrade_installs_what_is_missing_and_values_are_taken_over() {
    let shelf = shelf();
    let first = shelf.ok("upgrade demo app --install --set replicas=2");
    assert!(
        first.starts_with("Release \"demo\" does not exist. Installing it now.\nNAME: demo\n"),
        "{first}"
    );
    let second = shelf.ok("upgrade demo app -i");
    assert!(second.starts_with("Release \"demo\" has been upgraded. Happy Helming!\n"), "{second}");
    assert_eq!(shelf.ok("get values demo -o json"), "{\"replicas\":2}\n");
    shelf.ok("upgrade demo app --set tag=x");
    assert_eq!(shelf.ok("get values demo -o json"), "{\"tag\":\"x\"}\n");
    shelf.ok("upgrade demo app --reuse-values --set replicas=3");
    assert_eq!(shelf.ok("get values demo -o json"), "{\"replicas\":3,\"tag\":\"x\"}\n");
    shelf.ok("upgrade demo app --reset-values");
    assert_eq!(shelf.ok("get values demo -o yaml"), "null\n");
}

#[test]
fn a_kept_history_stays_and_its_name_can_be_replaced() {
    let shelf = shelf();
    shelf.ok("install demo app");
    shelf.ok("uninstall demo --keep-history --description gone");
    let row = shelf.ok("list --no-headers");
    assert_eq!(cells(row.lines().next().unwrap())[4], "uninstalled");
    let history = shelf.ok("history demo");
    assert!(history.contains("\tgone"), "{history}");
    assert!(shelf.fails("install demo app").contains("cannot reuse a name that is still in use"));
    shelf.ok("install demo app --replace");
    assert_eq!(shelf.ok("history demo").lines().count(), 3);
}

#[test]
fn objects_with_a_policy_stay() {
    let shelf = Shelf::new();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations: {helm.sh/resource-policy: keep}\n";
    shelf.chart(&[("templates/secret.yaml", secret)]);
    shelf.ok("install demo app");
    assert_eq!(
        shelf.ok("uninstall demo"),
        "These resources were kept due to the resource policy:\n[Secret] s\n\nrelease \"demo\" uninstalled\n"
    );
}

#[test]
fn templates_see_the_cluster() {
    let shelf = Shelf::new();
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  \
        kind: {{ .Capabilities.APIVersions.Has \"apps/v1/Deployment\" | quote }}\n  \
        version: {{ .Capabilities.KubeVersion.Minor | quote }}\n  \
        found: {{ (lookup \"v1\" \"Namespace\" \"\" \"default\").metadata.name | quote }}\n  \
        missing: {{ lookup \"v1\" \"Secret\" \"default\" \"nope\" | toJson | quote }}\n";
    shelf.chart(&[("templates/map.yaml", map)]);
    shelf.ok("install demo app");
    let manifest = shelf.ok("get manifest demo");
    for line in ["kind: \"true\"\n", "version: \"36\"\n", "found: \"default\"\n", "missing: \"{}\"\n"] {
        assert!(manifest.contains(line), "{manifest}");
    }
}

#[test]
fn configmaps_hold_records_too() {
    let shelf = shelf();
    let environment = [("HELM_DRIVER", "configmap")];
    assert_eq!(shelf.run_with("install demo app", &environment).code, 0);
    assert_eq!(shelf.run_with("list -q", &environment).out, "demo\n");
    assert_eq!(shelf.ok("list -q"), "");
}

#[test]
fn commands_on_one_sandbox_wait_for_each_other() {
    let shelf = shelf();
    std::thread::scope(|scope| {
        let run = |name: &str| shelf.ok(&format!("install {name} app"));
        let threads = ["a", "b", "c"].map(|name| scope.spawn(move || run(name)));
        threads.into_iter().for_each(|thread| assert!(thread.join().unwrap().contains("STATUS: deployed")));
    });
    assert_eq!(shelf.ok("list -q"), "a\nb\nc\n");
}
