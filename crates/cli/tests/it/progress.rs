//! What `--progress` tells while a command works, and after it failed.

use serde_json::Value;

use crate::shelf::{Ended, Shelf};

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
      annotations: {sim/crash-loop: \"{{ .Values.crash }}\", sim/log: \"starting\\nno database\"}
    spec:
      containers: [{name: main, image: web}]
";

fn shelf() -> Shelf {
    let shelf = Shelf::new();
    shelf.chart(&[("values.yaml", "crash: false\n"), ("templates/web.yaml", DEPLOYMENT)]);
    shelf
}

/// Returns the events of a command as JSON, without their times.
fn events(ended: &Ended) -> Vec<Value> {
    let lines = ended.err.lines().filter(|line| line.starts_with('{'));
    let mut events: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &mut events {
        let time = event.as_object_mut().unwrap().remove("time").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    }
    events
}

fn words(events: &[Value]) -> Vec<String> {
    let word = |event: &Value| {
        let members = ["event", "verb", "kind", "status", "succeeded"];
        let told = members.iter().map(|member| &event[*member]).filter(|value| !value.is_null());
        told.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" ")
    };
    events.iter().map(word).collect()
}

#[test]
fn events_of_an_installation_come_as_lines_of_json() {
    let shelf = shelf();
    let ended = shelf.run("install demo app --wait --progress json");
    assert_eq!(ended.code, 0);
    assert_eq!(
        words(&events(&ended)),
        [
            "step create-record",
            "step run-hooks",
            "step create",
            "created Deployment",
            "step wait-ready",
            "state Deployment Current",
            "step run-hooks",
            "step set-status",
            "end true",
        ]
    );
    assert_eq!(ended.err.lines().count(), 9, "{}", ended.err);
    assert!(ended.out.starts_with("NAME: demo\nLAST DEPLOYED: <TIME>\n"), "{}", ended.out);
}

#[test]
fn a_failure_comes_with_its_cause_even_when_it_is_undone() {
    let shelf = shelf();
    let line = "install demo app --set crash=true --rollback-on-failure --timeout 1s --progress";
    let ended = shelf.run(&format!("{line} json"));
    let events = events(&ended);
    let cause = events.iter().find(|event| event["event"] == "cause").unwrap();
    assert_eq!(
        (&cause["kind"], &cause["name"], &cause["status"]),
        (&"Deployment".into(), &"web".into(), &"InProgress".into())
    );
    let trouble = &cause["troubles"][0];
    assert_eq!(trouble["reason"], "CrashLoopBackOff");
    assert_eq!(trouble["log"], serde_json::json!(["starting", "no database"]));
    assert_eq!(cause["warnings"][0]["reason"], "BackOff");
    assert_eq!(events.last().unwrap(), &serde_json::json!({"event": "end", "succeeded": false}));

    let ended = shelf.run(&format!("{line} plain"));
    for told in
        ["created Deployment/web in default\n", "deleted Deployment/web in default\n", "    | no database\n"]
    {
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
    }
    let silent = shelf.run(&format!("{line} none"));
    assert!(
        silent.err.starts_with("Error: INSTALLATION FAILED: release demo failed, and has been uninstalled"),
        "{silent:?}"
    );
    assert_eq!(silent.err, shelf.run(line.trim_end_matches(" --progress")).err);
}

#[test]
fn other_words_are_refused() {
    assert_eq!(
        shelf().fails("install demo app --progress loud"),
        "Error: INSTALLATION FAILED: invalid --progress \"loud\": auto, plain, json or none are known\n"
    );
}

/// Runs a command with a terminal of its own and returns all that was written to it; `None` where there is no `script`.
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "whoever runs the tests should know that this one did not")]
fn on_terminal(shelf: &Shelf, line: &str) -> Option<String> {
    let script = std::path::Path::new("/usr/bin/script");
    if !script.exists() {
        eprintln!("skipped: /usr/bin/script is not installed");
        return None;
    }
    let folder = shelf.path("");
    let command = format!("stty cols 100 rows 30; {} {line}", env!("CARGO_BIN_EXE_pintle"));
    let output = std::process::Command::new(script)
        .args(["-qec", &command, "/dev/null"])
        .current_dir(&folder)
        .envs([("TERM", "xterm"), ("TZ", "UTC"), ("PINTLE_SANDBOX", "1")])
        .envs([("HOME", &folder), ("PINTLE_SANDBOX_HOME", &folder.join("sandbox"))])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    Some(String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

#[cfg(unix)]
#[test]
fn a_terminal_shows_a_tree_with_the_last_line_of_the_log_and_then_the_cause() {
    let shelf = shelf();
    let line = "install demo app --set crash=true --wait --timeout 4s";
    let Some(text) = on_terminal(&shelf, line) else { return };
    let trees: Vec<&str> = text.split("\u{1b}[J").collect();
    let with_note = trees.iter().find(|tree| tree.contains("CrashLoopBackOff: no database")).unwrap();
    let lines: Vec<&str> = with_note.lines().collect();
    assert!(lines[0].starts_with("install demo: wait-ready ("), "{with_note}");
    assert!(lines[1].starts_with("└ Deployment/web  InProgress    "), "{with_note}");
    assert!(lines[2].starts_with("    web-"), "{with_note}");
    let last = trees.last().unwrap();
    assert!(last.starts_with("Deployment/web: InProgress, Available: 0/1\n  pod web-"), "{last}");
    assert!(last.contains("    | starting\n    | no database\n  warning of Pod/web-"), "{last}");
    assert!(last.ends_with("Error: INSTALLATION FAILED: resource Deployment/default/web not ready. status: InProgress, message: Available: 0/1\ncontext deadline exceeded\n"), "{last}");
}

#[test]
fn objects_that_helm_3s_rules_wait_for_are_told_of_too() {
    let shelf = shelf();
    let ended = shelf.run("install demo app --set crash=true --wait=legacy --timeout 1s --progress json");
    assert_eq!(ended.code, 1);
    let events = events(&ended);
    assert!(words(&events).contains(&"state Deployment InProgress".to_owned()), "{:?}", words(&events));
    let cause = events.iter().find(|event| event["event"] == "cause").unwrap();
    assert_eq!(cause["troubles"][0]["reason"], "CrashLoopBackOff");
}

#[test]
fn a_limit_below_zero_is_none_and_complained_of_once_for_each_wait() {
    let shelf = shelf();
    for line in ["install demo app --wait --timeout=-1s", "upgrade demo app --wait=legacy --timeout=-1s"] {
        let ended = shelf.run(line);
        assert_eq!((ended.code, ended.err.lines().count()), (0, 1), "{}", ended.err);
        assert!(ended.err.starts_with('E'), "{}", ended.err);
        assert!(
            ended.err.ends_with(" until.go:159] \"Timeout for context shall not be negative\"\n"),
            "{}",
            ended.err
        );
    }
    assert_eq!(shelf.run("upgrade demo app --timeout=-1s").err, "");
}
