//! Who may change a release that somebody is changing, or has left in the middle of a change.

use actions::{ErrorKind, install, rollback, uninstall, upgrade};
use cluster::chain;
use release::{Record, Standing, Status};
use serde_json::json;

use crate::stage::{Stage, Texts, config_map, install_request, rollback_request, upgrade_request};

const NEWEST: &str = "/api/v1/namespaces/default/secrets/sh.helm.release.v1.r.v1";

/// A release whose only revision is in a state, with or without a holder.
fn left_in(status: Status, process: Option<u32>) -> Stage {
    let mut stage = Stage::new();
    let mut chart = Texts::new(&[&config_map("a", "1")]);
    let request = install_request("r");
    stage.run(async |connections| install::run(&request, &mut chart, connections).await.map(drop)).unwrap();
    let mut record = cluster::block_on(stage.storage.last("r")).unwrap();
    record.info.status = status;
    if let Some(process) = process {
        stage.become_process(process);
        record.holder = stage.storage.holder();
    }
    cluster::block_on(stage.storage.update(&record)).unwrap();
    stage
}

fn upgrade(stage: &Stage, recover: bool) -> Result<Record, ErrorKindName> {
    let mut chart = Texts::new(&[&config_map("a", "2")]);
    let request = upgrade::Request { recover, ..upgrade_request("r") };
    let outcome = stage.run(async |connections| upgrade::run(&request, &mut chart, connections).await);
    outcome.map(|outcome| outcome.record).map_err(|failed| name(failed.error))
}

/// What an error is about, with its text.
type ErrorKindName = (&'static str, String);

fn name(error: actions::Error) -> ErrorKindName {
    let word = match error.kind() {
        ErrorKind::InProgress(Some(_)) => "busy",
        ErrorKind::InProgress(None) => "unclaimed",
        ErrorKind::TakenOver => "taken over",
        _ => "other",
    };
    (word, chain(&error))
}

#[test]
fn a_busy_release_is_left_alone() {
    let mut stage = left_in(Status::PendingUpgrade, Some(1));
    // Nobody can look for process 1, and it has just written.
    stage.become_unseeing_process(2);
    let text = "another operation (install/upgrade/rollback) is in progress".to_owned();
    assert_eq!(upgrade(&stage, false).unwrap_err(), ("busy", text.clone()));
    assert_eq!(upgrade(&stage, true).unwrap_err(), ("busy", text.clone()));
    let request = rollback_request("r", 1);
    let error = stage.run(async |connections| rollback::run(&request, connections).await).unwrap_err();
    assert_eq!(name(error), ("busy", text.clone()));
    let request = uninstall::Request { name: "r".to_owned(), ..uninstall::Request::default() };
    let error = stage.run(async |connections| uninstall::run(&request, connections).await).unwrap_err();
    assert_eq!(name(error), ("busy", text));
    assert_eq!(stage.statuses("r"), [(1, "pending-upgrade".to_owned())]);
    // The lease has run out.
    stage.patch(NEWEST, &json!({"metadata": {"labels": {"modifiedAt": "1"}}}));
    assert!(upgrade(&stage, false).is_ok());
    assert_eq!(stage.statuses("r"), [(1, "superseded".to_owned()), (2, "deployed".to_owned())]);
}

#[test]
fn what_helm_left_pending_is_taken_over_on_request_only() {
    let mut stage = left_in(Status::PendingUpgrade, None);
    stage.become_process(2);
    assert_eq!(upgrade(&stage, false).unwrap_err().0, "unclaimed");
    assert_eq!(upgrade(&stage, true).unwrap().version, 2);
    let history = cluster::block_on(stage.storage.history("r")).unwrap();
    assert_eq!(history.revisions()[0].info.description, "Upgrade \"r\" broke off");
}

#[test]
fn a_dry_run_over_a_broken_revision_stores_nothing() {
    let mut stage = left_in(Status::PendingInstall, Some(1));
    stage.become_process(2);
    let mut chart = Texts::new(&[&config_map("a", "2")]);
    let request = upgrade::Request { dry_run: actions::DryRun::Server, ..upgrade_request("r") };
    let outcome = stage.run(async |connections| upgrade::run(&request, &mut chart, connections).await);
    assert_eq!(outcome.unwrap().record.version, 2);
    assert_eq!(stage.statuses("r"), [(1, "pending-install".to_owned())]);
}

#[test]
fn a_name_in_use_says_how_it_stands() {
    let mut stage = left_in(Status::PendingInstall, Some(1));
    stage.become_process(2);
    let mut chart = Texts::new(&[&config_map("a", "1")]);
    let request = install_request("r");
    let failed = stage.run(async |connections| install::run(&request, &mut chart, connections).await);
    let error = failed.unwrap_err().error;
    let ErrorKind::Check(_, cause) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(cause.kind(), ErrorKind::NameInUse(Standing::Broken(work)) if work.holder.process == 1));
}

#[test]
fn of_two_writers_one_wins() {
    let mut stage = left_in(Status::Deployed, None);
    stage.become_process(1);
    let mut rival = stage.object(NEWEST).unwrap();
    rival["metadata"] = json!({"name": "sh.helm.release.v1.r.v2"});
    stage.post_before("/api/v1/namespaces/default/secrets", rival);
    assert_eq!(upgrade(&stage, false).unwrap_err(), ("other", "release: already exists".to_owned()));
}

#[test]
fn whoever_was_taken_over_overwrites_nothing() {
    let taken_over = ("taken over", "another operation has taken over this release".to_owned());
    let both = vec![(1, "superseded".to_owned()), (2, "deployed".to_owned())];
    let changes = [(json!({"status": "failed"}), Err(taken_over)), (json!({"team": "x"}), Ok(both))];
    for (labels, expected) in changes {
        let mut stage = left_in(Status::Deployed, None);
        stage.become_process(1);
        let sandbox = stage.transport.clone();
        // Somebody else writes the pending record while the first object is applied.
        stage.sabotage(move |request| {
            if request.method() == "PATCH" {
                let path = NEWEST.replace(".v1.r.v1", ".v1.r.v2");
                sandbox.patch(&path, &json!({"metadata": {"labels": labels}}));
            }
            false
        });
        assert_eq!(upgrade(&stage, false).map(|_| stage.statuses("r")), expected);
    }
}

#[test]
fn giving_up_an_uninstallation_leaves_it_to_be_finished() {
    let mut stage = left_in(Status::Deployed, None);
    stage.become_process(1);
    let finalizer = json!({"metadata": {"finalizers": ["example.com/wait"]}});
    stage.patch("/api/v1/namespaces/default/configmaps/a", &finalizer);
    let cancel = stage.cancel.clone();
    stage.sabotage(move |request| {
        if request.method() == "DELETE" {
            cancel.cancel();
        }
        false
    });
    let wait = cluster::WaitStrategy::Watcher;
    let request = uninstall::Request { name: "r".to_owned(), wait, ..uninstall::Request::default() };
    let error = stage.run(async |connections| uninstall::run(&request, connections).await).unwrap_err();
    assert_eq!(chain(&error), "context canceled");
    assert_eq!(stage.statuses("r"), [(1, "uninstalling".to_owned())]);
    let record = cluster::block_on(stage.storage.last("r")).unwrap();
    assert_eq!(
        (record.info.description.as_str(), record.holder),
        ("Deletion broke off: context canceled", None)
    );
    let restored = rollback_request("r", 1);
    stage.cancel = Default::default();
    stage.patch("/api/v1/namespaces/default/configmaps/a", &json!({"metadata": {"finalizers": null}}));
    stage.run(async |connections| rollback::run(&restored, connections).await).unwrap();
    assert_eq!(stage.statuses("r").pop(), Some((2, "deployed".to_owned())));
}

#[test]
fn settled_records_name_no_holder_and_pending_ones_do() {
    let mut stage = Stage::new();
    stage.become_process(7);
    let mut chart = Texts::new(&[&config_map("a", "1")]);
    let request = install_request("r");
    stage.run_until_killed(7, async |connections| {
        install::run(&request, &mut chart, connections).await.map(drop).map_err(|failed| failed.error)
    });
    let record = cluster::block_on(stage.storage.last("r")).unwrap();
    assert_eq!(record.holder.as_ref().map(|holder| holder.process), Some(7));
    assert_eq!(record.holder.map(|holder| holder.to_string()).as_deref(), Some("user@host (process 7)"));
}

#[test]
fn a_sign_of_life_is_noted_until_another_command_takes_over() {
    let stage = left_in(Status::PendingUpgrade, Some(1));
    let pending = Status::PendingUpgrade;
    let touch = |status: &Status| cluster::block_on(stage.storage.touch("r", 1, status)).unwrap();
    let before = cluster::block_on(stage.storage.last("r")).unwrap().written_at;
    assert!(touch(&pending));
    assert!(cluster::block_on(stage.storage.last("r")).unwrap().written_at > before);
    assert!(!touch(&Status::PendingRollback));
    assert!(!cluster::block_on(stage.storage.touch("gone", 1, &pending)).unwrap());
}
