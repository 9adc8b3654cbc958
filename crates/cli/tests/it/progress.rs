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
