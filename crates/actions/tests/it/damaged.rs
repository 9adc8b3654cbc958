//! Records that were damaged in storage: never a panic, and an error that names the record.

use actions::{get, history, install, list, upgrade};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::chain;
use release::ErrorKind;
use serde_json::json;

use crate::stage::{Stage, Texts, config_map, install_request, list_request, upgrade_request};

const RECORD: &str = "/api/v1/namespaces/default/secrets/sh.helm.release.v1.r.v1";

fn installed() -> Stage {
    let stage = Stage::new();
    let mut chart = Texts::new(&[&config_map("a", "1")]);
    let request = install_request("r");
    stage.run(async |connections| install::run(&request, &mut chart, connections).await.map(drop)).unwrap();
    stage
}

/// Every way to damage a stored text, with the reason that is told.
fn damages(stage: &Stage) -> Vec<(&'static str, String, &'static str)> {
    let secret = stage.object(RECORD).unwrap();
    let text = STANDARD.decode(secret["data"]["release"].as_str().unwrap()).unwrap();
    let mut swapped = STANDARD.decode(&text).unwrap();
    let middle = swapped.len() / 2;
    swapped[middle..middle + 8].reverse();
    let inside = |bytes: &[u8]| STANDARD.encode(STANDARD.encode(bytes));
    vec![
        ("cut off", STANDARD.encode(&text[..text.len() / 2 / 4 * 4]), "unexpected EOF"),
        ("cut off inside four letters", STANDARD.encode(&text[..41]), "illegal base64 data at input byte 40"),
        ("changed in the middle", inside(&swapped), ""),
        ("no base64", STANDARD.encode("{}*"), "illegal base64 data at input byte 0"),
        ("no gzip", inside(b"\x1f\x8b\x08nonsense"), ""),
        ("a list", inside(b"[]"), "json: cannot unmarshal array into Go value of type v1.Release"),
        ("a text", inside(b"\"x\""), "json: cannot unmarshal string into Go value of type v1.Release"),
        ("of other types", inside(b"{\"name\": {}, \"version\": \"x\"}"), "invalid type"),
        ("no JSON", inside(b"nonsense"), "invalid character 'o' in literal null (expecting 'u')"),
        ("null", inside(b"null"), "invalid type"),
        ("empty", String::new(), "unexpected end of JSON input"),
    ]
}

#[test]
fn commands_behave_as_helms_and_name_the_record() {
    let stage = installed();
    for (damage, text, reason) in damages(&stage) {
        stage.patch(RECORD, &json!({"data": {"release": text}}));
        let history = stage.run(async |connections| history::run("r", connections).await).unwrap();
        assert!(history.revisions().is_empty(), "{damage}");
        let [damaged] = history.damaged() else { panic!("{damage}: {history:?}") };
        assert_eq!(damaged.key, "sh.helm.release.v1.r.v1");
        assert!(
            damaged.reason.contains(reason) && !damaged.reason.is_empty(),
            "{damage}: {}",
            damaged.reason
        );
        let request = list_request();
        let listed = stage.run(async |connections| list::run(&request, connections).await).unwrap();
        assert!(listed.is_empty(), "{damage}");
        let error = stage.run(async |connections| get::run("r", 0, connections).await).unwrap_err();
        assert_eq!(chain(&error), "no revision for release \"r\"", "{damage}");
        let error = stage.run(async |connections| get::run("r", 1, connections).await).unwrap_err();
        let actions::ErrorKind::Storage(error) = error.kind() else { panic!("{damage}: {error:?}") };
        assert!(matches!(error.kind(), ErrorKind::Decode(key, _) if key == "sh.helm.release.v1.r.v1"));
        let mut chart = Texts::new(&[&config_map("a", "2")]);
        let request = upgrade_request("r");
        let failed = stage.run(async |connections| upgrade::run(&request, &mut chart, connections).await);
        assert_eq!(chain(&failed.unwrap_err().error), "no revision for release \"r\"", "{damage}");
    }
}

#[test]
fn the_newest_readable_revision_counts() {
    let stage = installed();
    let mut chart = Texts::new(&[&config_map("a", "2")]);
    let request = upgrade_request("r");
    stage.run(async |connections| upgrade::run(&request, &mut chart, connections).await.map(drop)).unwrap();
    stage.patch(&RECORD.replace("v1.r.v1", "v1.r.v2"), &json!({"data": {"release": "eA=="}}));
    let history = stage.run(async |connections| history::run("r", connections).await).unwrap();
    assert_eq!((history.revisions().len(), history.damaged().len()), (1, 1));
    let record = stage.run(async |connections| get::run("r", 0, connections).await).unwrap();
    assert_eq!(record.version, 1);
}

#[test]
fn members_that_helm_does_not_know_never_make_a_record_unreadable() {
    let text = STANDARD.encode(br#"{"name":"r","version":1,"holder":7,"info":{"status":"failed"}}"#);
    let record = release::decode(text.as_bytes()).unwrap();
    assert_eq!((record.holder, record.info.status.as_str()), (None, "failed"));
}
