//! Records too large for one object of the cluster.

use actions::{install, list, rollback, uninstall, upgrade};
use cluster::chain;
use release::ErrorKind;
use serde_json::Value;

use crate::stage::{
    Stage, Texts, config_map, install_request, list_request, rollback_request, upgrade_request,
};

const SECRETS: &str = "/api/v1/namespaces/default/secrets";

/// Text that no compression makes shorter than three quarters.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed;
    let letter = move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        char::from(digits[(state >> 58) as usize])
    };
    (0..length).map(letter).collect()
}

/// A chart of four objects whose record takes about 2 MiB.
fn chart(seed: u64) -> Texts {
    let documents = (0..4).map(|number| config_map(&format!("c{number}"), &noise(seed + number, 700_000)));
    Texts { documents: documents.collect(), ..Texts::default() }
}

fn secrets(stage: &Stage, selector: &str) -> Vec<Value> {
    let list = stage.object(&format!("{SECRETS}?labelSelector={selector}")).unwrap();
    list["items"].as_array().unwrap().clone()
}

fn parts(stage: &Stage) -> Vec<String> {
    let name = |secret: &Value| secret["metadata"]["name"].as_str().unwrap().to_owned();
    secrets(stage, "owner%3Dpintle").iter().map(name).collect()
}

fn install(stage: &Stage) -> Result<(), String> {
    let mut chart = chart(1);
    let outcome =
        stage.run(async |connections| install::run(&install_request("r"), &mut chart, connections).await);
    outcome.map(drop).map_err(|failed| chain(&failed.error))
}

fn upgrade(stage: &Stage, seed: u64, max_history: usize) {
    let mut chart = chart(seed);
    let request = upgrade::Request { max_history, ..upgrade_request("r") };
    let outcome = stage.run(async |connections| upgrade::run(&request, &mut chart, connections).await);
    outcome.map_err(|failed| chain(&failed.error)).unwrap();
}

#[test]
fn they_go_to_several_objects_and_come_back_whole() {
    let stage = Stage::new();
    install(&stage).unwrap();
    assert_eq!(parts(&stage).len(), 3, "{:?}", parts(&stage));
    let record = cluster::block_on(stage.storage.last("r")).unwrap();
    assert_eq!(record.info.status.as_str(), "deployed");
    assert!(record.manifest.len() > 2_800_000);
    assert_eq!(record, {
        let mut same = cluster::block_on(stage.storage.get("r", 1)).unwrap();
        same.labels.clone_from(&record.labels);
        same
    });
    // State and chart are told by the first object alone.
    stage.take_log();
    let request = list_request();
    let listed = stage.run(async |connections| list::run(&request, connections).await).unwrap();
    assert_eq!((listed[0].info.status.as_str(), listed[0].chart_metadata("name")), ("deployed", "c"));
    assert_eq!(stage.take_log().len(), 2);
}

#[test]
fn limits_of_the_history_and_removals_take_the_parts_along() {
    let stage = Stage::new();
    install(&stage).unwrap();
    upgrade(&stage, 10, 2);
    upgrade(&stage, 20, 2);
    assert_eq!(stage.statuses("r"), [(2, "superseded".to_owned()), (3, "deployed".to_owned())]);
    assert_eq!(parts(&stage).len(), 6, "{:?}", parts(&stage));
    let request = rollback_request("r", 2);
    stage.run(async |connections| rollback::run(&request, connections).await).unwrap();
    assert_eq!(stage.statuses("r").len(), 3);
    assert_eq!(
        stage.object("/api/v1/namespaces/default/configmaps/c0").unwrap()["data"]["k"],
        noise(10, 700_000)
    );
    let request = uninstall::Request { name: "r".to_owned(), ..uninstall::Request::default() };
    stage.run(async |connections| uninstall::run(&request, connections).await).unwrap();
    assert!(parts(&stage).is_empty() && secrets(&stage, "owner%3Dhelm").is_empty());
}

#[test]
fn what_a_killed_command_left_of_a_record_goes_with_the_next() {
    let stage = Stage::new();
    let stray = |version: i64| {
        let name = format!("sh.helm.release.v1.r.v{version}.0123456789.1");
        let labels = serde_json::json!({"owner": "pintle", "name": "r", "version": version.to_string()});
        let metadata = serde_json::json!({"name": name, "labels": labels});
        stage.post(SECRETS, &serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata}));
    };
    stray(1);
    install(&stage).unwrap();
    assert_eq!(parts(&stage).len(), 3, "{:?}", parts(&stage));
    stray(2);
    let request = uninstall::Request { name: "r".to_owned(), ..uninstall::Request::default() };
    stage.run(async |connections| uninstall::run(&request, connections).await).unwrap();
    assert!(parts(&stage).is_empty(), "{:?}", parts(&stage));
}

#[test]
fn a_change_of_state_does_not_write_the_parts_again() {
    let stage = Stage::new();
    install(&stage).unwrap();
    let mut record = cluster::block_on(stage.storage.last("r")).unwrap();
    stage.take_log();
    record.info.status = release::Status::Failed;
    cluster::block_on(stage.storage.update(&record)).unwrap();
    let key = "sh.helm.release.v1.r.v1";
    assert_eq!(stage.take_log(), [format!("GET {SECRETS}/{key}"), format!("PUT {SECRETS}/{key}")]);
}

#[test]
fn whoever_does_not_want_that_gets_the_servers_refusal() {
    let mut stage = Stage::new();
    stage.storage = stage.storage.without_parts();
    let error = install(&stage).unwrap_err();
    assert_eq!(error, "create: failed to create: Request entity too large: limit is 3145728");
    assert!(parts(&stage).is_empty());
}

#[test]
fn a_part_that_is_lost_or_changed_is_named() {
    let stage = Stage::new();
    install(&stage).unwrap();
    let part = parts(&stage).swap_remove(1);
    stage.patch(&format!("{SECRETS}/{part}"), &serde_json::json!({"data": {"part": "eA=="}}));
    let error = cluster::block_on(stage.storage.last("r")).unwrap_err();
    let ErrorKind::NoRevision { damaged, .. } = error.kind() else { panic!("{error:?}") };
    assert_eq!(damaged[0].reason, "the parts of the record are not those it names");
    stage.delete(&format!("{SECRETS}/{part}"));
    let error = cluster::block_on(stage.storage.last("r")).unwrap_err();
    let ErrorKind::NoRevision { damaged, .. } = error.kind() else { panic!("{error:?}") };
    assert_eq!(damaged[0].reason, format!("part {part:?} of the record: secrets {part:?} not found"));
}
