//! A command is gone after each of its requests in turn: the stored state tells the truth, and one command later the
//! release is deployed, or is what it was before.

use actions::{install, rollback, uninstall, upgrade};
use cluster::chain;

use crate::stage::{Stage, Texts, config_map, hook_job, install_request, rollback_request, upgrade_request};

const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

/// More requests than any of the operations makes.
const MANY: usize = 200;

/// The chart at a version: one object that stays, one that comes with it, and a hook before and after each operation.
fn chart(version: &str) -> Texts {
    let events = ["install", "upgrade", "rollback", "delete"];
    let hooks = |when: &str| events.map(|event| format!("{when}-{event}")).join(",");
    let documents = vec![
        config_map("a", version),
        config_map(&format!("only-{version}"), version),
        hook_job("before", &hooks("pre"), "before-hook-creation", 0),
        hook_job("after", &hooks("post"), "hook-succeeded", 0),
    ];
    Texts { documents, ..Texts::default() }
}

fn install(stage: &Stage) {
    let mut chart = chart("1");
    let outcome = stage.run(async |connections| {
        install::run(&install_request("r"), &mut chart, connections).await.map_err(|failed| failed.error)
    });
    outcome.unwrap();
}

fn upgrade(stage: &Stage, version: &str) {
    let mut chart = chart(version);
    let outcome = stage.run(async |connections| {
        upgrade::run(&upgrade_request("r"), &mut chart, connections).await.map_err(|failed| failed.error)
    });
    outcome.unwrap();
}

/// `upgrade --install`.
fn upgrade_or_install(stage: &Stage, version: &str) {
    match stage.run(async |connections| upgrade::start("r", connections).await).unwrap() {
        upgrade::Start::Upgrade => upgrade(stage, version),
        upgrade::Start::Install { .. } => install(stage),
    }
}

fn roll_back(stage: &Stage, revision: i64) {
    let request = rollback_request("r", revision);
    stage.run(async |connections| rollback::run(&request, connections).await).unwrap();
}

fn uninstall_request() -> uninstall::Request {
    uninstall::Request { name: "r".to_owned(), ..uninstall::Request::default() }
}

fn newest(stage: &Stage) -> Option<(i64, String)> {
    stage.statuses("r").pop()
}

/// The cluster holds the chart at that version and nothing of another.
fn check_deployed(stage: &Stage, version: &str, context: &str) {
    let (revision, status) = newest(stage).unwrap_or_default();
    assert_eq!(status, "deployed", "{context}: {:?}", stage.statuses("r"));
    let deployed = stage.statuses("r").into_iter().filter(|(_, status)| status == "deployed").count();
    assert_eq!(deployed, 1, "{context}: {:?}", stage.statuses("r"));
    let pending = stage.statuses("r").into_iter().find(|(_, status)| status.starts_with("pending"));
    assert_eq!(pending, None, "{context}");
    assert_eq!(stage.object(&format!("{CONFIG_MAPS}/a")).unwrap()["data"]["k"], version, "{context}");
    for other in ["1", "2", "3"] {
        let object = stage.object(&format!("{CONFIG_MAPS}/only-{other}"));
        assert_eq!(object.is_some(), other == version, "{context}: only-{other}");
    }
    let secret = format!("/api/v1/namespaces/default/secrets/sh.helm.release.v1.r.v{revision}");
    let record = cluster::block_on(stage.storage.last("r")).unwrap();
    assert_eq!(record.holder, None, "{context}: {secret}");
}

/// Nothing is left of the chart.
fn check_gone(stage: &Stage, context: &str) {
    assert_eq!(stage.statuses("r"), [], "{context}");
    for name in ["a", "only-1", "only-2"] {
        assert!(stage.object(&format!("{CONFIG_MAPS}/{name}")).is_none(), "{context}: {name}");
    }
}

/// Kills an operation after each of its requests, checks the state, and lets another process continue. Returns how
/// often it was killed.
fn kill_each(
    prepare: impl Fn(&Stage),
    operation: impl AsyncFn(actions::Connections<'_>) -> Result<(), actions::Error>,
    truth: impl Fn(&Stage) -> bool,
    go_on: impl Fn(&Stage, &str),
) -> usize {
    for requests in 0..MANY {
        let mut stage = Stage::new();
        stage.become_process(1);
        prepare(&stage);
        stage.take_log();
        let ended = stage.run_until_killed(requests, &operation);
        let log = stage.take_log();
        if let Some(outcome) = ended {
            outcome.unwrap_or_else(|error| panic!("{}", chain(&error)));
            return requests;
        }
        let context = format!("after {requests} requests, the last one {:?}", log.iter().rev().nth(1));
        stage.become_process(2);
        assert!(truth(&stage), "{context}: {:?}", stage.statuses("r"));
        go_on(&stage, &context);
    }
    panic!("more than {MANY} requests");
}

async fn do_install(connections: actions::Connections<'_>) -> Result<(), actions::Error> {
    let mut chart = chart("1");
    let outcome = install::run(&install_request("r"), &mut chart, connections).await;
    outcome.map(drop).map_err(|failed| failed.error)
}

async fn do_upgrade(connections: actions::Connections<'_>) -> Result<(), actions::Error> {
    let mut chart = chart("2");
    let outcome = upgrade::run(&upgrade_request("r"), &mut chart, connections).await;
    outcome.map(drop).map_err(|failed| failed.error)
}

async fn do_rollback(connections: actions::Connections<'_>) -> Result<(), actions::Error> {
    rollback::run(&rollback_request("r", 1), connections).await.map(drop)
}

async fn do_uninstall(connections: actions::Connections<'_>) -> Result<(), actions::Error> {
    uninstall::run(&uninstall_request(), connections).await.map(drop)
}

/// Whether the newest revision has one of the states; `None` stands for no release.
fn is_one_of(stage: &Stage, states: &[Option<(i64, &str)>]) -> bool {
    let newest = newest(stage);
    let newest = newest.as_ref().map(|(revision, status)| (*revision, status.as_str()));
    states.contains(&newest)
}

#[test]
fn a_killed_installation_is_continued_or_removed() {
    let truth =
        |stage: &Stage| is_one_of(stage, &[None, Some((1, "pending-install")), Some((1, "deployed"))]);
    let killed = kill_each(
        |_| (),
        do_install,
        truth,
        |stage, context| {
            upgrade_or_install(stage, "1");
            check_deployed(stage, "1", context);
        },
    );
    assert!(killed > 10, "{killed}");
    kill_each(
        |_| (),
        do_install,
        truth,
        |stage, context| {
            let request = uninstall::Request { ignore_not_found: true, ..uninstall_request() };
            stage.run(async |connections| uninstall::run(&request, connections).await).unwrap();
            check_gone(stage, context);
        },
    );
    kill_each(
        |_| (),
        do_install,
        truth,
        |stage, context| {
            let request = install::Request { replace: true, ..install_request("r") };
            let mut chart = chart("1");
            if newest(stage).is_none_or(|(_, status)| status != "deployed") {
                let outcome =
                    stage.run(async |connections| install::run(&request, &mut chart, connections).await);
                outcome.map_err(|failed| chain(&failed.error)).unwrap();
            }
            check_deployed(stage, "1", context);
        },
    );
}

#[test]
fn a_killed_upgrade_is_continued_or_rolled_back() {
    let states = [Some((1, "deployed")), Some((2, "pending-upgrade")), Some((2, "deployed"))];
    let truth = |stage: &Stage| is_one_of(stage, &states);
    let killed = kill_each(install, do_upgrade, truth, |stage, context| {
        upgrade(stage, "2");
        check_deployed(stage, "2", context);
    });
    assert!(killed > 15, "{killed}");
    kill_each(install, do_upgrade, truth, |stage, context| {
        upgrade(stage, "3");
        check_deployed(stage, "3", context);
    });
    kill_each(install, do_upgrade, truth, |stage, context| {
        roll_back(stage, 1);
        check_deployed(stage, "1", context);
    });
}

#[test]
fn a_killed_rollback_is_continued_or_followed_by_an_upgrade() {
    let prepare = |stage: &Stage| {
        install(stage);
        upgrade(stage, "2");
    };
    let states = [Some((2, "deployed")), Some((3, "pending-rollback")), Some((3, "deployed"))];
    let truth = |stage: &Stage| is_one_of(stage, &states);
    let killed = kill_each(prepare, do_rollback, truth, |stage, context| {
        roll_back(stage, 1);
        check_deployed(stage, "1", context);
    });
    assert!(killed > 15, "{killed}");
    kill_each(prepare, do_rollback, truth, |stage, context| {
        upgrade(stage, "2");
        check_deployed(stage, "2", context);
    });
}

#[test]
fn a_killed_uninstallation_is_finished_or_taken_back() {
    let prepare = |stage: &Stage| {
        install(stage);
        upgrade(stage, "2");
    };
    let states = [None, Some((2, "deployed")), Some((2, "uninstalling"))];
    let truth = |stage: &Stage| is_one_of(stage, &states);
    let killed = kill_each(prepare, do_uninstall, truth, |stage, context| {
        let request = uninstall::Request { ignore_not_found: true, ..uninstall_request() };
        stage.run(async |connections| uninstall::run(&request, connections).await).unwrap();
        check_gone(stage, context);
    });
    assert!(killed > 10, "{killed}");
    kill_each(prepare, do_uninstall, truth, |stage, context| match newest(stage) {
        Some((revision, _)) => {
            roll_back(stage, revision);
            check_deployed(stage, "2", context);
        }
        None => check_gone(stage, context),
    });
}
