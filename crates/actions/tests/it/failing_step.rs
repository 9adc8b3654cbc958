//! Every request of an upgrade fails once: the release stays in a state the next command understands.

use actions::{install, rollback, upgrade};
use cluster::chain;

use crate::stage::{Stage, Texts, config_map, hook_job, install_request, rollback_request, upgrade_request};

#[test]
fn whatever_request_fails_the_release_can_be_upgraded_or_rolled_back_afterwards() {
    let documents = |value: &str| {
        let hook = hook_job("h", "pre-upgrade", "before-hook-creation", 0);
        vec![config_map("a", value), config_map("b", value), hook]
    };
    let texts = |documents: &[String]| Texts { documents: documents.to_vec(), ..Texts::default() };
    let mut failures = 0;
    for victim in 0..200 {
        let stage = Stage::new();
        let mut chart = texts(&documents("1"));
        let installed =
            stage.run(async |connections| install::run(&install_request("r"), &mut chart, connections).await);
        assert!(installed.is_ok());
        stage.take_log();
        let count = std::sync::atomic::AtomicUsize::new(0);
        stage.sabotage(move |_| count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == victim);
        let mut chart = texts(&documents("2"));
        let request = upgrade_request("r");
        let outcome = stage.run(async |connections| upgrade::run(&request, &mut chart, connections).await);
        let log = stage.take_log();
        if log.len() <= victim {
            break;
        }
        failures += usize::from(outcome.is_err());
        stage.sabotage(|_| false);
        let mut chart = texts(&documents("3"));
        let again = stage.run(async |connections| upgrade::run(&request, &mut chart, connections).await);
        if let Err(failed) = again {
            // As in Helm, a last state that could not be stored leaves the release pending; a rollback repairs it.
            let pending = matches!(failed.error.kind(), actions::ErrorKind::InProgress(None));
            assert!(pending, "after {:?}: {}", log.get(victim), chain(&failed.error));
            let request = rollback_request("r", 0);
            stage.run(async |connections| rollback::run(&request, connections).await).unwrap();
        }
        let states = stage.statuses("r");
        assert_eq!(states.last().map(|(_, status)| status.as_str()), Some("deployed"), "{states:?}");
    }
    assert!(failures > 10, "{failures}");
}
