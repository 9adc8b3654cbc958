//! What operations cost: requests and bytes, counted.

use std::sync::Arc;

use actions::{get, history, install, list, rollback, status, uninstall, upgrade};
use cluster::{Client, Metered, Options, Traffic, Transport};
use release::{Driver, Storage};

use crate::stage::{
    Stage, Texts, clock, config_map, install_request, list_request, rollback_request, upgrade_request,
};

/// A stage whose line is metered.
fn metered() -> (Stage, Arc<Traffic>) {
    let (mut stage, traffic) = (Stage::new(), Arc::<Traffic>::default());
    let transport: Arc<dyn Transport> = stage.transport.clone();
    let transport = Arc::new(Metered::new(transport, Arc::clone(&traffic)));
    let options = Options { field_manager: "helm".to_owned(), user_agent: "Helm/4.3.1".to_owned() };
    stage.client = Client::new(transport, options);
    stage.storage = Storage::new(Driver::Secrets(stage.client.clone()), "default", clock());
    (stage, traffic)
}

struct Meter {
    traffic: Arc<Traffic>,
    before: [usize; 3],
}

impl Meter {
    /// Compares requests since the last call with a figure, and bytes sent and received with limits.
    fn check(&mut self, what: &str, requests: usize, most_bytes: [usize; 2]) {
        let now = [self.traffic.requests(), self.traffic.sent_bytes(), self.traffic.received_bytes()];
        let [asked, sent, received] = [0, 1, 2].map(|index| now[index] - self.before[index]);
        assert_eq!(asked, requests, "{what}");
        assert!(sent <= most_bytes[0] && received <= most_bytes[1], "{what}: {sent}, {received}");
        self.before = now;
    }
}

// Helm 4.3.1 needs, for the same release of two objects on a fresh machine: 13 requests to install, 17 to upgrade (12
// where it does not ask for schemas again), 15 to roll back, 13 to uninstall three revisions, and as many as we to read.
#[test]
fn the_life_of_a_release_has_its_price() {
    let (stage, traffic) = metered();
    let mut meter = Meter { traffic, before: [0; 3] };
    let chart = |value: &str| Texts::new(&[&config_map("a", value), &config_map("b", value)]);
    let request = install_request("r");
    stage.run(async |at| install::run(&request, &mut chart("1"), at).await.map(drop)).unwrap();
    meter.check("install: reachable, name, 2 objects, record, 2 applied, record", 10, [6_000, 40_000]);
    let request = upgrade_request("r");
    stage.run(async |at| upgrade::run(&request, &mut chart("2"), at).await.map(drop)).unwrap();
    meter.check("upgrade", 10, [6_000, 12_000]);
    let request = rollback_request("r", 1);
    stage.run(async |at| rollback::run(&request, at).await.map(drop)).unwrap();
    meter.check("rollback", 12, [6_000, 20_000]);
    stage.run(async |at| list::run(&list_request(), at).await.map(drop)).unwrap();
    meter.check("list", 2, [0, 6_000]);
    stage.run(async |at| history::run("r", at).await.map(drop)).unwrap();
    meter.check("history", 2, [0, 6_000]);
    stage.run(async |at| status::run("r", 0, status::Form::Tables, at).await.map(drop)).unwrap();
    meter.check("status", 4, [0, 12_000]);
    stage.run(async |at| get::run("r", 0, at).await.map(drop)).unwrap();
    meter.check("get", 2, [0, 6_000]);
    let request = uninstall::Request { name: "r".to_owned(), ..uninstall::Request::default() };
    stage.run(async |at| uninstall::run(&request, at).await.map(drop)).unwrap();
    meter.check("uninstall", 13, [2_000, 20_000]);
}

#[test]
fn an_upgrade_reads_each_object_once() {
    let stage = Stage::new();
    let chart = |names: &[&str], value: &str| {
        let documents: Vec<String> = names.iter().map(|name| config_map(name, value)).collect();
        Texts { documents, ..Texts::default() }
    };
    let request = install_request("r");
    stage
        .run(async |at| install::run(&request, &mut chart(&["a", "b", "c"], "1"), at).await.map(drop))
        .unwrap();
    for server_side in [actions::ServerSide::Always, actions::ServerSide::Never] {
        stage.take_log();
        let request = actions::upgrade::Request { server_side, ..upgrade_request("r") };
        let mut chart = chart(&["a", "b", "d"], "2");
        stage.run(async |at| upgrade::run(&request, &mut chart, at).await.map(drop)).unwrap();
        let log = stage.take_log();
        for name in ["a", "b", "c", "d"] {
            let path = format!("/configmaps/{name}");
            let reads = log.iter().filter(|line| line.starts_with("GET") && line.contains(&path)).count();
            assert!(reads <= 1, "{name}: {log:#?}");
        }
    }
}
