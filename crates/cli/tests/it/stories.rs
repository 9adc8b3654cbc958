//! Whole lives of releases with charts of many kinds.

use crate::shelf::Shelf;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ml-model-server");

const CRD: &str = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crates.test.dev}
spec:
  group: test.dev
  scope: Namespaced
  names: {kind: Crate, plural: crates, singular: crate, listKind: CrateList}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";

const CRATE: &str =
    "apiVersion: test.dev/v1\nkind: Crate\nmetadata: {name: box}\nspec: {size: {{ .Values.size }}}\n";

const STATEFUL_SET: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: {{ .Values.size }}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - {name: main, image: db, volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

const HOOK: &str = "apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: migrate}]}}
";

const SUBCHART: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sub}\ndata: {size: {{ .Values.global.size | quote }}}\n";

/// Goes from installation to removal and looks at all that is told on the way.
fn live(shelf: &Shelf, chart: &str, first: &str, second: &str) {
    let installed = shelf.ok(&format!("install demo {chart} --wait -n other --create-namespace {first}"));
    assert!(installed.contains("\nSTATUS: deployed\nREVISION: 1\n"), "{installed}");
    shelf.ok("test demo -n other");
    let upgraded = shelf.ok(&format!("upgrade demo {chart} --wait -n other {second}"));
    assert!(upgraded.contains("\nREVISION: 2\n"), "{upgraded}");
    shelf.ok("rollback demo 1 --wait -n other");
    let manifest = |revision: u32| shelf.ok(&format!("get manifest demo -n other --revision {revision}"));
    assert_eq!(manifest(3), manifest(1));
    assert_ne!(manifest(2), manifest(1));
    let history = shelf.ok("history demo -n other -o yaml");
    for line in
        ["description: Install complete", "description: Upgrade complete", "description: Rollback to 1"]
    {
        assert!(history.contains(line), "{history}");
    }
    shelf.ok("uninstall demo --wait -n other");
    assert_eq!(shelf.ok("list -A -q"), "");
    shelf.ok(&format!("upgrade --install demo {chart} -n other {second}"));
    shelf.ok("uninstall demo -n other --keep-history");
    let again = shelf.ok(&format!("install demo {chart} -n other --replace {first}"));
    assert!(again.contains("\nREVISION: 2\n"), "{again}");
}

/// What the README tells, with everything that is printed on the way.
#[test]
fn a_user_installs_looks_upgrades_goes_back_tests_and_removes() {
    let shelf = Shelf::new();
    shelf.file("web.yaml", "replicaCount: 2\n");
    let install =
        format!("install demo {CHART} -f {CHART}/values-dev.yaml -f web.yaml --set model.name=mnist");
    let installed = shelf.ok(&install);
    assert!(installed.contains("\nSTATUS: deployed\nREVISION: 1\n"), "{installed}");
    assert!(installed.contains("ml-model-server 2.14.1 serves the model \"mnist\"."), "{installed}");

    let status = shelf.ok("status demo");
    assert!(status.contains("==> v1/Deployment\n") && status.contains("2/2     2            2"), "{status}");
    let values = shelf.ok("get values demo --all -o json");
    for text in [r#""replicaCount":2"#, r#""name":"mnist""#, r#""TF_CPP_MIN_LOG_LEVEL":"0""#] {
        assert!(values.contains(text), "{text}: {values}");
    }

    let upgrade = format!("upgrade demo {CHART} -f {CHART}/values-prod.yaml --wait --timeout 2m");
    assert!(shelf.ok(&upgrade).starts_with("Release \"demo\" has been upgraded. Happy Helming!\n"));
    assert_eq!(shelf.ok("rollback demo 1"), "Rollback was a success! Happy Helming!\n");
    let history = shelf.ok("history demo -o json");
    for text in ["Install complete", "Upgrade complete", "Rollback to 1"] {
        assert!(history.contains(text), "{history}");
    }
    assert_eq!(shelf.ok("get manifest demo --revision 3"), shelf.ok("get manifest demo --revision 1"));

    let tested = shelf.ok("test demo --logs");
    assert!(tested.contains("Phase:          Succeeded\n"), "{tested}");
    assert!(
        tested.ends_with(
            "\nPOD LOGS: demo-ml-model-server-test-connection (ask)\n\
             {\"model_version_status\": [{\"version\": \"1\", \"state\": \"AVAILABLE\"}]}\n\n"
        ),
        "{tested}"
    );

    assert_eq!(shelf.ok("uninstall demo --keep-history"), "release \"demo\" uninstalled\n");
    assert!(shelf.ok("status demo").contains("\nSTATUS: uninstalled\n"));
    shelf.ok("rollback demo 3");
    assert!(shelf.ok("status demo").contains("\nSTATUS: deployed\nREVISION: 4\n"));
    shelf.ok("uninstall demo");
    assert_eq!(shelf.ok("list -q"), "");
    assert_eq!(shelf.fails("status demo"), "Error: release: not found\n");
}

#[test]
fn the_example_lives_with_the_values_of_both_surroundings() {
    let (dev, prod) = (format!("-f {CHART}/values-dev.yaml"), format!("-f {CHART}/values-prod.yaml"));
    live(&Shelf::new(), CHART, &dev, &prod);
}

#[test]
fn a_chart_with_definitions_hooks_subcharts_and_claims_lives() {
    let shelf = Shelf::new();
    shelf.chart(&[
        ("values.yaml", "size: 1\nglobal: {size: 1}\n"),
        ("crds/crates.yaml", CRD),
        ("templates/crate.yaml", CRATE),
        ("templates/db.yaml", STATEFUL_SET),
        ("templates/hook.yaml", HOOK),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
        ("charts/sub/templates/map.yaml", SUBCHART),
    ]);
    live(&shelf, "app", "--set size=1", "--set size=2,global.size=2");
}

#[test]
fn a_kind_nobody_defined_is_named() {
    let shelf = Shelf::new();
    shelf.chart(&[("values.yaml", "size: 1\n"), ("templates/crate.yaml", CRATE)]);
    assert_eq!(
        shelf.fails("install demo app"),
        "Error: INSTALLATION FAILED: unable to build kubernetes objects from release manifest: resource mapping not \
         found for name: \"box\" namespace: \"\" from \"\": no matches for kind \"Crate\" in version \
         \"test.dev/v1\"\nensure CRDs are installed first\n"
    );
    assert_eq!(shelf.ok("list -q"), "");
}
