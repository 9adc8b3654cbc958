//! Lists of many releases: what is read of them.

use actions::list::{self, Order, Request};
use manifest::Time;
use release::{ChartPart, Info, Record, Status};
use serde_json::json;

use crate::stage::{Stage, list_request};

const RELEASES: usize = 12;

/// Releases of two revisions each; there are more objects than come with the first request.
fn stage() -> Stage {
    let stage = Stage::new();
    fill(&stage, RELEASES);
    stage
}

fn fill(stage: &Stage, releases: usize) {
    for number in 0..releases {
        for version in [1, 2] {
            store(stage, &format!("r{number:02}"), version);
        }
    }
    stage.take_log();
}

fn store(stage: &Stage, name: &str, version: i64) {
    let status = if version == 1 { Status::Superseded } else { Status::Deployed };
    let metadata = json!({"name": "c", "version": format!("{version}.0.0"), "appVersion": "7"});
    let record = Record {
        name: name.to_owned(),
        namespace: "default".to_owned(),
        version,
        info: Info { status, last_deployed: Some(Time::utc(version, 0)), ..Info::default() },
        chart: Some(ChartPart { metadata, ..ChartPart::default() }),
        ..Record::default()
    };
    cluster::block_on(stage.storage.create(&record)).unwrap();
}

/// Returns what is shown, `name version`, and the paths that were asked for after the version of the server.
fn listed(stage: &Stage, request: &Request<'_>) -> (Vec<String>, Vec<String>) {
    let records = stage.run(async |connections| list::run(request, connections).await).unwrap();
    let shown = records.iter().map(|record| {
        assert_eq!(record.chart_metadata("appVersion"), "7", "{}", record.name);
        format!("{} {}", record.name, record.chart_metadata("version"))
    });
    let log = stage.take_log().into_iter().skip(1);
    (shown.collect(), log.map(|line| line.replace("%2C", ",").replace("%3D", "=")).collect())
}

#[test]
fn only_what_is_shown_is_read() {
    let stage = stage();
    let (shown, log) = listed(&stage, &Request { limit: 2, offset: 3, ..list_request() });
    assert_eq!(shown, ["r03 2.0.0", "r04 2.0.0"]);
    assert_eq!(log.len(), 3, "{log:?}");
    assert!(log[2].contains("version=2,name%20in%20%28r03,r04%29"), "{log:?}");
    let (shown, _) = listed(&stage, &Request { limit: 1, order: Order::NameReversed, ..list_request() });
    assert_eq!(shown, ["r11 2.0.0"]);
    let filter = |name: &str| name == "r07";
    let (shown, log) = listed(&stage, &Request { filter: &filter, order: Order::Date, ..list_request() });
    assert_eq!(shown, ["r07 2.0.0"]);
    assert!(log[2].ends_with("name%20in%20%28r07%29"), "{log:?}");
    let (shown, log) = listed(&stage, &Request { states: vec![Status::Failed], ..list_request() });
    assert!(shown.is_empty() && log.len() == 2, "{log:?}");
}

#[test]
fn what_cannot_be_decoded_leaves_its_place_to_others() {
    let stage = stage();
    let path = |key: &str| format!("/api/v1/namespaces/default/secrets/sh.helm.release.v1.{key}");
    stage.patch(&path("r00.v2"), &json!({"data": {"release": "eA=="}}));
    let (shown, _) = listed(&stage, &Request { limit: 2, ..list_request() });
    assert_eq!(shown, ["r00 1.0.0", "r01 2.0.0"]);
    stage.patch(&path("r00.v1"), &json!({"data": {"release": "eA=="}}));
    let (shown, _) = listed(&stage, &Request { limit: 2, ..list_request() });
    assert_eq!(shown, ["r01 2.0.0", "r02 2.0.0"]);
    // Labels that somebody has changed decide nothing.
    let wrong = json!({"metadata": {"labels": {"status": "deployed"}}});
    stage.patch(&path("r01.v1"), &wrong);
    stage.delete(&path("r01.v2"));
    let deployed = Request { states: vec![Status::Deployed], limit: 1, ..list_request() };
    assert_eq!(listed(&stage, &deployed).0, ["r02 2.0.0"]);
}

#[test]
fn what_this_machine_has_stored_is_not_read_by_its_first_list() {
    let mut stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    stage.storage = stage.storage.clone().with_known(folder.path());
    fill(&stage, 20);
    let (shown, log) = listed(&stage, &list_request());
    assert_eq!((shown.len(), log.len()), (20, 1), "{log:?}");
    // Nothing comes of a folder that is none.
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    stage.storage = stage.storage.clone().with_known(&file);
    store(&stage, "r05", 3);
    let (shown, _) = listed(&stage, &list_request());
    assert_eq!(shown[5], "r05 3.0.0");
}

#[test]
fn what_an_earlier_list_has_read_is_not_read_again() {
    let mut stage = stage();
    let folder = tempfile::tempdir().unwrap();
    stage.storage = stage.storage.clone().with_known(folder.path());
    let (first, log) = listed(&stage, &list_request());
    assert_eq!((first.len(), log.len()), (RELEASES, 3));
    let (second, log) = listed(&stage, &list_request());
    assert_eq!((&second, log.len()), (&first, 1), "{log:?}");
    store(&stage, "r05", 3);
    stage.patch(
        "/api/v1/namespaces/default/secrets/sh.helm.release.v1.r06.v2",
        &json!({"metadata": {"labels": {"more": "1"}}}),
    );
    stage.take_log();
    let (third, log) = listed(&stage, &list_request());
    // The first one was stored by this machine.
    assert_eq!((third[5].as_str(), log.len()), ("r05 3.0.0", 2), "{log:?}");
    let (_, log) = listed(&stage, &list_request());
    assert_eq!(log.len(), 1, "{log:?}");
    // When there is little left, all of it comes with one request again.
    for number in 3..RELEASES {
        stage.delete(&format!("/api/v1/namespaces/default/secrets/sh.helm.release.v1.r{number:02}.v1"));
        stage.delete(&format!("/api/v1/namespaces/default/secrets/sh.helm.release.v1.r{number:02}.v2"));
    }
    stage.take_log();
    listed(&stage, &list_request());
    let (_, log) = listed(&stage, &list_request());
    assert!(log.len() == 1 && log[0].contains("limit="), "{log:?}");
}
