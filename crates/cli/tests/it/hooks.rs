//! Hooks that succeed and fail.

use crate::shelf::Shelf;

fn job(name: &str, event: &str, exit_code: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n  annotations: {{helm.sh/hook: {event}}}\n\
         spec:\n  backoffLimit: 0\n  template:\n    metadata:\n      annotations: {{sim/exit-code: \"{exit_code}\"}}\n    \
         spec:\n      restartPolicy: Never\n      containers: [{{name: main, image: busybox}}]\n"
    )
}

#[test]
fn a_failing_hook_fails_the_installation() {
    let shelf = Shelf::new();
    shelf.chart(&[("templates/job.yaml", &job("before", "pre-install", "1"))]);
    let text = shelf.fails("install demo app --timeout 20s");
    assert!(
        text.starts_with(
            "Error: INSTALLATION FAILED: failed pre-install: resource Job/default/before not ready."
        ),
        "{text}"
    );
    let row = shelf.ok("list --no-headers");
    assert_eq!(row.split('\t').nth(4).unwrap().trim_end(), "failed");
    let upgrade = shelf.fails("install demo app");
    assert!(upgrade.contains("cannot reuse a name"), "{upgrade}");
}

#[test]
fn a_failing_upgrade_is_rolled_back_when_asked_for() {
    let shelf = Shelf::new();
    shelf.chart(&[("templates/job.yaml", &job("after", "post-upgrade", "1"))]);
    shelf.ok("install demo app");
    let ended = shelf.run("upgrade demo app --rollback-on-failure --timeout 20s");
    assert_eq!(ended.code, 1);
    assert!(
        ended
            .err
            .starts_with("level=WARN msg=\"upgrade failed\" name=demo error=\"post-upgrade hooks failed: "),
        "{ended:?}"
    );
    let last = ended.err.lines().last().unwrap();
    let expected = "Error: UPGRADE FAILED: release demo failed, and has been rolled back due to rollback-on-failure being set";
    assert!(ended.err.contains(expected), "{last}");
    assert!(shelf.ok("history demo").lines().last().unwrap().contains("Rollback to 1"));
}

#[test]
fn hooks_run_and_are_shown() {
    let shelf = Shelf::new();
    shelf.chart(&[("templates/job.yaml", &job("before", "pre-install", "0"))]);
    shelf.ok("install demo app");
    assert!(shelf.ok("status demo -o json").contains("\"phase\":\"Succeeded\""));
}
