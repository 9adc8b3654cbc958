//! Claims and volumes: binding what was made by hand, and providing the rest.

use super::objects::{MANAGER, is_deleting, text};
use crate::dig::Dig;
use crate::kinds;
use crate::quantity::Quantity;
use crate::server::Server;
use crate::store;
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::sync::Arc;

const VOLUMES: &str = "/persistentvolumes";
const CLAIMS: &str = "/persistentvolumeclaims";

fn quantity(object: &Value, pointer: &str) -> Quantity {
    Quantity::parse(text(object, pointer)).unwrap_or(Quantity::ZERO)
}

fn fits(volume: &Value, claim: &Value) -> bool {
    let modes = |object: &Value| -> Vec<Value> {
        object.at("/spec/accessModes").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (offered, wanted) = (modes(volume), modes(claim));
    let named = text(claim, "/spec/volumeName");
    (named.is_empty() || named == meta(volume, "name"))
        && text(volume, "/spec/storageClassName") == text(claim, "/spec/storageClassName")
        && wanted.iter().all(|m| offered.contains(m))
        && text(volume, "/spec/volumeMode") == text(claim, "/spec/volumeMode")
        && quantity(volume, "/spec/capacity/storage")
            .compare(quantity(claim, "/spec/resources/requests/storage"))
            != Ordering::Less
}

fn is_free_for(volume: &Value, claim: &Value) -> bool {
    match volume.at("/spec/claimRef") {
        None => text(volume, "/status/phase") != "Released",
        Some(reference) => {
            text(reference, "/name") == meta(claim, "name")
                && text(reference, "/namespace") == meta(claim, "namespace")
                && matches!(text(reference, "/uid"), uid if uid.is_empty() || uid == meta(claim, "uid"))
        }
    }
}

impl Server {
    pub(super) fn offer_volume(&mut self, key: &str) {
        let Some(volume) = self.store.get(key).cloned() else { return };
        if is_deleting(&volume) || text(&volume, "/status/phase") != "Pending" {
            return;
        }
        self.set_volume_phase(key, "Available");
        let class = text(&volume, "/spec/storageClassName").to_owned();
        self.queue(CLAIMS, "", |claim| {
            text(claim, "/status/phase") == "Pending" && text(claim, "/spec/storageClassName") == class
        });
    }

    fn set_volume_phase(&mut self, key: &str, phase: &str) {
        let now = self.now.clone();
        self.put_status(key, json!({"phase": phase, "lastPhaseTransitionTime": now}));
    }

    pub(super) fn bind_claim(&mut self, key: &str) {
        let Some(claim) = self.store.get(key).cloned() else { return };
        if is_deleting(&claim) || text(&claim, "/status/phase") == "Bound" {
            return;
        }
        let prefix = store::prefix(VOLUMES, "");
        let mut found: Vec<(String, Arc<Value>)> = self
            .store
            .scan(&prefix)
            .filter(|(_, v)| !is_deleting(v) && is_free_for(v, &claim) && fits(v, &claim))
            .map(|(k, v)| (k.to_owned(), v.clone()))
            .collect();
        found.sort_by(|a, b| {
            quantity(&a.1, "/spec/capacity/storage").compare(quantity(&b.1, "/spec/capacity/storage"))
        });
        let volume = match found.into_iter().next() {
            Some(volume) => Some(volume),
            None if self.options.volumes && text(&claim, "/spec/volumeName").is_empty() => {
                self.provide(&claim)
            }
            None => None,
        };
        match volume {
            Some((volume_key, volume)) => self.join(key, &claim, &volume_key, &volume),
            None => self.lament(&claim),
        }
    }

    fn provide(&mut self, claim: &Arc<Value>) -> Option<(String, Arc<Value>)> {
        let name = format!("pvc-{}", meta(claim, "uid"));
        let mut volume = json!({
            "metadata": {"name": name},
            "spec": {
                "capacity": {"storage": claim.at("/spec/resources/requests/storage")?},
                "accessModes": claim.at("/spec/accessModes")?,
                "persistentVolumeReclaimPolicy": "Delete", "hostPath": {"path": format!("/sandbox/{name}")},
            },
        });
        for field in ["storageClassName", "volumeMode"] {
            if let Some(value) = claim.at(&format!("/spec/{field}")) {
                volume["spec"][field] = value.clone();
            }
        }
        self.create_own(kinds::stored(VOLUMES), MANAGER, volume);
        let key = store::key(VOLUMES, "", &name);
        self.store.get(&key).cloned().map(|volume| (key, volume))
    }

    fn join(&mut self, claim_key: &str, claim: &Arc<Value>, volume_key: &str, volume: &Arc<Value>) {
        let mut bound = (**volume).clone();
        let prebound = volume.at("/spec/claimRef").is_some();
        bound["spec"]["claimRef"] = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": meta(claim, "name"),
            "namespace": meta(claim, "namespace"), "uid": meta(claim, "uid"),
            "resourceVersion": meta(claim, "resourceVersion"),
        });
        if !prebound {
            annotate(&mut bound, "pv.kubernetes.io/bound-by-controller");
        }
        bound["status"] = json!({"phase": "Bound", "lastPhaseTransitionTime": self.now});
        self.put_own(volume_key, bound, MANAGER, "");
        let mut new = (**claim).clone();
        let named = !text(claim, "/spec/volumeName").is_empty();
        new["spec"]["volumeName"] = meta(volume, "name").into();
        annotate(&mut new, "pv.kubernetes.io/bind-completed");
        if !named {
            annotate(&mut new, "pv.kubernetes.io/bound-by-controller");
        }
        new["status"] = json!({
            "phase": "Bound", "accessModes": volume.at("/spec/accessModes"),
            "capacity": volume.at("/spec/capacity"),
        });
        self.put_own(claim_key, new, MANAGER, "");
    }

    fn lament(&mut self, claim: &Arc<Value>) {
        let class = text(claim, "/spec/storageClassName").to_owned();
        let known = self.store.contains(&store::key("storage.k8s.io/storageclasses", "", &class));
        if class.is_empty() {
            let text = "no persistent volumes available for this claim and no storage class is set";
            self.emit(claim, "Normal", "FailedBinding", text);
        } else if !known {
            let text = format!("storageclass.storage.k8s.io {class:?} not found");
            self.emit(claim, "Warning", "ProvisioningFailed", &text);
        }
    }

    /// What becomes of the volume of a claim that is gone.
    pub(super) fn release_volume(&mut self, claim: &Value) {
        let name = text(claim, "/spec/volumeName");
        let key = store::key(VOLUMES, "", name);
        let Some(volume) = self.store.get(&key).cloned() else { return };
        if text(&volume, "/spec/persistentVolumeReclaimPolicy") == "Delete" {
            self.set_volume_phase(&key, "Released");
            self.delete_in_background(&key);
        } else {
            self.set_volume_phase(&key, "Released");
        }
    }
}

fn annotate(object: &mut Value, name: &str) {
    metadata(object).entry("annotations").or_insert_with(|| json!({}))[name] = "yes".into();
}
