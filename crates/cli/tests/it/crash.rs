//! The program is killed (SIGKILL) after each of its requests in turn; afterwards `status` tells the truth and one
//! documented command brings the release to where it should be or was.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use crate::served::{Line, Served};
use crate::shelf::Shelf;

const SIGKILL: i32 = 9;
const HOOKS: &str = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{ .Release.Name }}-hook\n  annotations:\n    \
                     helm.sh/hook: pre-install,post-upgrade,pre-rollback,pre-delete\nspec:\n  backoffLimit: 0\n  \
                     template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: i}]\n";
const OBJECTS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-a\ndata:\n  v: {{ \
                       .Values.v | quote }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name \
                       }}-only-{{ .Values.v }}\n";

struct Stage {
    shelf: Shelf,
    served: Served,
}

impl Stage {
    fn new() -> Stage {
        let shelf = Shelf::new();
        shelf.chart(&[("values.yaml", "v: 1\n"), ("templates/o.yaml", OBJECTS), ("templates/h.yaml", HOOKS)]);
        let served = Served::in_the_open(&shelf);
        Stage { shelf, served }
    }

    fn command(&self, line: &str, kubeconfig: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pintle"));
        command.args(line.split(' ')).current_dir(self.shelf.path("")).env_clear();
        command
            .env("HOME", self.shelf.path(""))
            .env("TZ", "UTC")
            .env("KUBECONFIG", self.shelf.path(kubeconfig));
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line, "kubeconfig").output().unwrap()
    }

    fn ok(&self, line: &str, context: &str) -> String {
        let output = self.run(line);
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{context}: {line}: {err}");
        out
    }

    /// Runs a command and kills it when it makes its request of that number. Returns whether it came so far.
    fn kill_at(&self, request: usize, line: &str) -> bool {
        let process = Arc::new(AtomicU32::new(0));
        let victim = Arc::clone(&process);
        // The child may be at its first request before its number is known here.
        let gate = Arc::new(Mutex::new(()));
        let closed = gate.lock().unwrap();
        let passes = Arc::clone(&gate);
        let cut = Line::to(&self.served.address, move |number| {
            if number < request {
                return true;
            }
            let _open = passes.lock();
            let number = victim.load(Ordering::SeqCst).to_string();
            Command::new("kill").args(["-9", &number]).status().unwrap();
            false
        });
        self.served.kubeconfig_for(&cut.address, &self.shelf.path("cut"));
        let mut command = self.command(line, "cut");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        process.store(child.id(), Ordering::SeqCst);
        drop(closed);
        let status = child.wait().unwrap();
        match status.signal() {
            Some(SIGKILL) => true,
            _ => {
                assert!(status.success(), "{line}");
                false
            }
        }
    }

    fn status(&self, name: &str) -> String {
        let output = self.run(&format!("status {name} -o json"));
        let text = String::from_utf8(output.stdout).unwrap();
        let status = text.split_once("\"status\":\"").and_then(|(_, rest)| rest.split_once('"'));
        status.map_or_else(|| "none".to_owned(), |(status, _)| status.to_owned())
    }

    /// Which values the objects of a release have, by their names.
    fn check_objects(&self, name: &str, version: &str, context: &str) {
        let out = self.ok(&format!("status {name} -o yaml"), context);
        assert!(out.contains(&format!("v: \"{version}\"")), "{context}: {out}");
    }
}

/// Kills a command at each of its requests, on a release of its own each time. Returns at how many.
fn kill_each(
    prepare: &[&str],
    victim: &str,
    states: &[&str],
    go_on: &[&str],
    check: impl Fn(&Stage, &str, &str),
) -> usize {
    let stage = Stage::new();
    for request in 0.. {
        assert!(request < 200, "no end of requests");
        let name = format!("r{request}");
        let named = |line: &&str| line.replace("NAME", &name);
        prepare.iter().map(named).for_each(|line| drop(stage.ok(&line, "prepare")));
        if !stage.kill_at(request, &named(&victim)) {
            return request;
        }
        let status = stage.status(&name);
        let context = format!("{victim}, killed at request {request}, {status}");
        assert!(states.contains(&status.as_str()), "{context}");
        go_on.iter().map(named).for_each(|line| drop(stage.ok(&line, &context)));
        check(&stage, &name, &context);
    }
    0
}

fn is_deployed(version: &'static str) -> impl Fn(&Stage, &str, &str) {
    move |stage, name, context| {
        assert_eq!(stage.status(name), "deployed", "{context}");
        stage.check_objects(name, version, context);
    }
}

#[test]
fn a_killed_installation_is_continued() {
    let states = ["none", "pending-install", "deployed"];
    let go_on = ["upgrade NAME app --install"];
    let killed = kill_each(&[], "install NAME app", &states, &go_on, is_deployed("1"));
    assert!(killed > 8, "{killed}");
}

#[test]
fn a_killed_upgrade_is_continued_or_rolled_back() {
    let (prepare, victim) = (["install NAME app"], "upgrade NAME app --set v=2");
    let states = ["deployed", "pending-upgrade"];
    let killed = kill_each(&prepare, victim, &states, &["upgrade NAME app --set v=2"], is_deployed("2"));
    assert!(killed > 10, "{killed}");
    kill_each(&prepare, victim, &states, &["rollback NAME 1"], is_deployed("1"));
}

#[test]
fn a_killed_rollback_is_continued() {
    let prepare = ["install NAME app", "upgrade NAME app --set v=2"];
    let states = ["deployed", "pending-rollback"];
    let killed = kill_each(&prepare, "rollback NAME 1", &states, &["rollback NAME 1"], is_deployed("1"));
    assert!(killed > 10, "{killed}");
}

#[test]
fn a_killed_uninstallation_is_finished() {
    let states = ["deployed", "uninstalling", "none"];
    let go_on = ["uninstall NAME --ignore-not-found"];
    let killed =
        kill_each(&["install NAME app"], "uninstall NAME", &states, &go_on, |stage, name, context| {
            assert_eq!(stage.status(name), "none", "{context}");
        });
    assert!(killed > 8, "{killed}");
}
