//! A served sandbox in the eyes of a real kubectl, where there is one.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::shelf::Shelf;

/// Returns the real kubectl, where there is one.
fn kubectl() -> Option<PathBuf> {
    let named = env::var_os("PINTLE_TEST_KUBECTL").map(PathBuf::from);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oracle/kubectl");
    named.into_iter().chain([built]).find(|path| path.is_file())
}

/// A server that ends with its test, and kubectl pointed at it.
struct Cluster {
    shelf: Shelf,
    kubectl: PathBuf,
    server: Child,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

const APP: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {sim/log: \"hello from the pod\\n\"}}
    spec:
      containers: [{name: c, image: nginx:1.27, ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
";

impl Cluster {
    /// Serves a fresh sandbox; says so and returns nothing where there is no kubectl.
    fn start() -> Option<Cluster> {
        let Some(kubectl) = kubectl() else {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), b"skipped: no kubectl to try with\n");
            return None;
        };
        let shelf = Shelf::new();
        let server = Command::new(env!("CARGO_BIN_EXE_pintle"))
            .args(["sandbox", "serve", "--kubeconfig"])
            .arg(shelf.path("kubeconfig"))
            .env("PINTLE_SANDBOX_HOME", shelf.path("sandbox"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cluster = Cluster { shelf, kubectl, server };
        let end = Instant::now() + Duration::from_secs(20);
        while !cluster.run("get namespaces").0 {
            assert!(Instant::now() < end, "the sandbox is not served");
            std::thread::sleep(Duration::from_millis(20));
        }
        cluster.shelf.file("app.yaml", APP);
        Some(cluster)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(&self.kubectl);
        command
            .args(line.split(' '))
            .current_dir(self.shelf.path(""))
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.shelf.path("home"))
            .env("KUBECONFIG", self.shelf.path("kubeconfig"));
        command
    }

    /// Runs kubectl; says whether it succeeded, and all that it printed.
    fn run(&self, line: &str) -> (bool, String) {
        let output = self.command(line).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    fn ok(&self, line: &str) -> String {
        let (succeeded, text) = self.run(line);
        assert!(succeeded, "kubectl {line}: {text}");
        text
    }

    /// Fails unless what kubectl prints has all of `parts`.
    fn prints(&self, line: &str, parts: &[&str]) {
        let text = self.ok(line);
        for part in parts {
            assert!(text.contains(part), "kubectl {line} does not print {part:?}: {text}");
        }
    }
}

#[test]
fn kubectl_reads() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.ok("apply -f app.yaml");
    cluster.prints("get deployments", &["NAME", "READY", "2/2"]);
    cluster.prints("get pods -o wide", &["NODE", "NOMINATED NODE", "Running"]);
    cluster.prints("get service web -o yaml", &["clusterIP: 10.", "kind: Service"]);
    let images = "get pods -o jsonpath={.items[*].spec.containers[*].image}";
    assert_eq!(cluster.ok(images), "nginx:1.27 nginx:1.27");
    cluster.prints("get all --show-labels", &["deployment.apps/web", "service/web", "app=web"]);
    cluster.prints("get pods --field-selector=status.phase=Running -l app=web -o name", &["pod/web-"]);
    cluster.prints("describe deployment web", &["2 desired | 2 updated", "NewReplicaSet:"]);
    cluster.prints("describe pods", &["Status:", "nginx:1.27"]);
    cluster.prints("describe service web", &["Endpoints:", "TargetPort:"]);
    cluster.prints("logs deployment/web", &["hello from the pod"]);
    cluster.prints("api-resources", &["deployments", "customresourcedefinitions", "deploy"]);
    cluster.prints("api-versions", &["apps/v1", "batch/v1"]);
    cluster.prints("explain deployment.spec.strategy", &["rollingUpdate", "GROUP:      apps"]);
    cluster.prints("auth can-i delete pods", &["yes"]);
    cluster.prints("version", &["Server Version: v1.36"]);
    let (may, text) = cluster.run("auth can-i list secrets --as=jane");
    assert!(!may && text.contains("no"), "{text}");
    let (found, text) = cluster.run("get pod none");
    assert!(!found && text.contains("pods \"none\" not found"), "{text}");
}

#[test]
fn kubectl_changes() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.prints("apply --server-side -f app.yaml", &["deployment.apps/web serverside-applied"]);
    assert_eq!(cluster.run("diff --server-side -f app.yaml").1, "");
    cluster.shelf.file("app.yaml", &APP.replace("nginx:1.27", "nginx:1.28"));
    let (same, difference) = cluster.run("diff --server-side -f app.yaml");
    assert!(!same && difference.contains("+      - image: nginx:1.28"), "{difference}");
    cluster.prints("apply --server-side -f app.yaml", &["deployment.apps/web serverside-applied"]);
    cluster.prints("rollout status deployment/web", &["successfully rolled out"]);
    cluster.prints("rollout history deployment/web", &["REVISION", "2"]);
    cluster.ok("rollout undo deployment/web");
    cluster.prints("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}", &["1.27"]);
    cluster.ok("scale deployment/web --replicas=3");
    cluster.prints("wait --for=condition=Available deployment/web --timeout=10s", &["condition met"]);
    cluster.ok("patch deployment web --type=merge -p {\"spec\":{\"replicas\":1}}");
    cluster.ok("label deployment web tier=front");
    cluster.ok("annotate deployment web note=x");
    cluster.ok("set image deployment/web c=nginx:1.29");
    cluster.prints("get deployment web --show-labels", &["1/1", "tier=front"]);
    cluster.ok("create configmap settings --from-literal=a=1");
    cluster.prints("create secret generic hidden --from-literal=a=1 --dry-run=server -o yaml", &["a: MQ=="]);
    cluster.ok("create namespace other");
    cluster.ok("run once --image=busybox --restart=Never -n other");
    cluster.ok("delete namespace other --timeout=10s");
    assert!(!cluster.run("get namespace other").0);
}

#[test]
fn kubectl_applies_on_the_client() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.prints("apply -f app.yaml", &["deployment.apps/web created", "service/web created"]);
    cluster.prints("apply -f app.yaml", &["deployment.apps/web unchanged", "service/web unchanged"]);
    cluster.shelf.file("app.yaml", &APP.replace("replicas: 2", "replicas: 4"));
    cluster.prints("apply -f app.yaml", &["deployment.apps/web configured"]);
    cluster.prints("get replicasets", &["4"]);
    cluster.prints("apply -f app.yaml --prune -l app=web --dry-run=server", &["unchanged (server dry run)"]);
}

#[test]
fn kubectl_deletes_with_all_cascades() {
    let Some(cluster) = Cluster::start() else { return };
    for (cascade, left) in [("background", false), ("foreground", false), ("orphan", true)] {
        cluster.ok("apply -f app.yaml");
        cluster.prints(&format!("delete deployment web --cascade={cascade} --timeout=10s"), &["deleted"]);
        assert_eq!(cluster.ok("get replicasets -o name").contains("web"), left, "{cascade}");
    }
    cluster.ok("delete replicasets,pods --all --grace-period=0 --force");
    assert_eq!(cluster.ok("get pods -o name"), "");
    cluster.ok("delete -f app.yaml --ignore-not-found");
}

#[test]
fn kubectl_watches() {
    let Some(cluster) = Cluster::start() else { return };
    let mut watch = cluster
        .command("get configmaps -w -o name --request-timeout=20s")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    cluster.ok("create configmap seen --from-literal=a=1");
    let second = lines.next().unwrap().unwrap();
    let _ = watch.kill();
    let _ = watch.wait();
    assert_eq!((first.as_str(), second.as_str()), ("configmap/kube-root-ca.crt", "configmap/seen"));
}

#[test]
fn kubectl_uses_custom_resources() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.shelf.file(
        "crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            description: What is wanted.
            properties: {size: {type: integer, minimum: 1, description: How many.}}
            x-kubernetes-validations: [{rule: self.size < 10, message: too large}]
          status: {type: object, properties: {size: {type: integer}}}
",
    );
    cluster.ok("apply -f crd.yaml");
    cluster
        .prints("wait --for=condition=Established crd/widgets.example.com --timeout=10s", &["condition met"]);
    let widget = |size: u32| {
        let text = format!(
            "apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: w}}\nspec: {{size: {size}}}\n"
        );
        cluster.shelf.file("widget.yaml", &text);
    };
    widget(3);
    cluster.ok("apply -f widget.yaml");
    cluster.prints("get wd", &["SIZE", "3"]);
    cluster.prints("explain widget.spec", &["What is wanted.", "How many."]);
    cluster.ok("scale wd/w --replicas=4");
    cluster.prints("get wd w -o jsonpath={.spec.size}", &["4"]);
    for (size, why) in [(0, "spec.size in body should be greater than or equal to 1"), (11, "too large")] {
        widget(size);
        let (taken, text) = cluster.run("apply -f widget.yaml");
        assert!(!taken && text.contains(why), "{text}");
    }
    cluster.ok("delete crd widgets.example.com --timeout=10s");
    assert!(!cluster.run("get wd").0);
}
