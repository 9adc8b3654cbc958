//! Deleting: options, finalizers, grace periods, and what goes with an owner.

use crate::controllers::MANAGER;
use crate::convert;
use crate::crds;
use crate::decode;
use crate::dig::Dig;
use crate::failure::{Failure, details};
use crate::kinds::Kind;
use crate::server::{Call, Reply, Server};
use crate::store;
use crate::strategy::{is_finalized, remove};
use crate::write::{meta, metadata};
use serde_json::{Value, json};
use std::sync::Arc;

const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

/// What happens to the dependents of a deleted object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Propagation {
    Background,
    Foreground,
    Orphan,
}

/// `DeleteOptions`.
#[derive(Debug, Clone, Default)]
struct DeleteOptions {
    propagation: Option<Propagation>,
    grace: Option<i64>,
    uid: Option<String>,
    version: Option<String>,
    dry_run: bool,
}

impl DeleteOptions {
    fn read(call: &Call<'_>) -> Result<DeleteOptions, Failure> {
        let body = &call.request.body;
        let mut options = DeleteOptions { dry_run: call.request.is_dry_run(), ..DeleteOptions::default() };
        let sent = if body.is_empty() {
            Value::Null
        } else {
            let decoded = decode::yaml(body).map_err(|error| Failure::bad_request(error.clone()))?;
            decoded.value
        };
        let query = |name: &str| call.request.parameter(name).map(str::to_owned);
        let text =
            |name: &str| sent.get(name).and_then(Value::as_str).map(str::to_owned).or_else(|| query(name));
        options.grace = sent.get("gracePeriodSeconds").and_then(Value::as_i64);
        if options.grace.is_none() {
            options.grace = query("gracePeriodSeconds").and_then(|g| g.parse().ok());
        }
        let precondition = |name: &str| {
            sent.at(&format!("/preconditions/{name}")).and_then(Value::as_str).map(str::to_owned)
        };
        options.uid = precondition("uid");
        options.version = precondition("resourceVersion");
        if sent.get("dryRun").and_then(Value::as_array).is_some_and(|d| d.iter().any(|v| v == "All")) {
            options.dry_run = true;
        }
        let legacy = sent.get("orphanDependents").and_then(Value::as_bool);
        let legacy = legacy.or_else(|| query("orphanDependents").map(|v| v != "false"));
        options.propagation = match (text("propagationPolicy").as_deref(), legacy) {
            (Some("Foreground"), _) => Some(Propagation::Foreground),
            (Some("Background"), _) => Some(Propagation::Background),
            (Some("Orphan"), _) | (None, Some(true)) => Some(Propagation::Orphan),
            (None, Some(false)) => Some(Propagation::Background),
            (None, None) => None,
            (Some(other), _) => {
                let allowed = ["Foreground", "Background", "Orphan", "nil"];
                let cause = crate::failure::Cause::unsupported("propagationPolicy", &other.into(), &allowed);
                return Err(Failure::invalid_as("DeleteOptions", "meta.k8s.io", "", &[cause]));
            }
        };
        Ok(options)
    }
}

/// How a deletion went.
enum Deletion {
    /// The object is gone; its last state.
    Gone(Arc<Value>),
    /// Something keeps the object for now.
    Begun(Arc<Value>),
}

/// The kind's own choice when the caller makes none.
fn default_propagation(kind: &Kind) -> Propagation {
    match kind.storage.as_str() {
        "batch/jobs" | "/replicationcontrollers" => Propagation::Orphan,
        _ => Propagation::Background,
    }
}

impl Server {
    pub(crate) fn delete(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let options = DeleteOptions::read(call)?;
        let live = self.find(call)?;
        check_preconditions(call, &options, &live)?;
        if call.kind.storage == "batch/jobs" && options.propagation.is_none() {
            let text = "child pods are preserved by default when jobs are deleted; set \
                        propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this \
                        warning";
            self.warnings.push(text.into());
        }
        self.check_immortal(call)?;
        let name = call.name.clone().unwrap_or_default();
        let key = call.key();
        match self.delete_object(&call.kind, &key, &options, &live) {
            Deletion::Begun(object) => return Ok(Reply::ok(convert::view(&call.kind, &object))),
            Deletion::Gone(object) if call.kind.returns_deleted => {
                return Ok(Reply::ok(convert::view(&call.kind, &object)));
            }
            Deletion::Gone(_) => {}
        }
        let mut details = details(&call.kind, &name);
        details["uid"] = meta(&live, "uid").into();
        let status = json!({
            "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success", "details": details,
        });
        Ok(Reply::Document(status))
    }

    // Namespaces that the server needs.
    fn check_immortal(&self, call: &Call<'_>) -> Result<(), Failure> {
        let name = call.name.as_deref().unwrap_or_default();
        if call.kind.storage == "/namespaces" && matches!(name, "default" | "kube-system" | "kube-public") {
            return Err(Failure::forbidden(&call.kind, name, "this namespace may not be deleted"));
        }
        Ok(())
    }

    /// Deletes one object or begins to.
    fn delete_object(
        &mut self,
        kind: &Kind,
        key: &str,
        options: &DeleteOptions,
        live: &Arc<Value>,
    ) -> Deletion {
        let live = live.clone();
        let mut new = (*live).clone();
        let propagation = options.propagation.unwrap_or_else(|| default_propagation(kind));
        set_propagation(&mut new, propagation);
        let grace = grace_of(kind, &live, options.grace);
        let keeps = has_finalizers(&new) || kind.storage == "/namespaces" || kind.storage == crds::STORAGE;
        if !keeps && grace == 0 {
            // Only Pods are marked on their way out; all others just go.
            if kind.storage == "/pods" {
                self.mark(kind, &mut new, 0);
            }
            if options.dry_run {
                return Deletion::Gone(Arc::new(new));
            }
            let last = self.remove_last(key, new).unwrap_or(live);
            self.settle();
            return Deletion::Gone(last);
        }
        self.mark(kind, &mut new, grace);
        if options.dry_run {
            return Deletion::Begun(Arc::new(new));
        }
        let marked = if new == *live { live } else { self.store.put(key, new) };
        self.enqueue(key.to_owned());
        self.settle();
        Deletion::Begun(marked)
    }

    fn mark(&mut self, kind: &Kind, object: &mut Value, grace: i64) {
        let now = self.now.clone();
        let first = meta(object, "deletionTimestamp").is_empty();
        // Definitions are marked by a deletion of their own (apiextensions, `customresourcedefinition/etcd.go`).
        let has_generation = kind.has_generation && kind.storage != crds::STORAGE;
        let metadata = metadata(object);
        if first {
            metadata.insert("deletionTimestamp".into(), now.clone().into());
            if has_generation && let Some(generation) = metadata.get("generation").and_then(Value::as_i64) {
                metadata.insert("generation".into(), (generation + 1).into());
            }
        }
        metadata.insert("deletionGracePeriodSeconds".into(), grace.into());
        match kind.storage.as_str() {
            "/namespaces" => {
                metadata.remove("deletionGracePeriodSeconds");
                object["status"]["phase"] = "Terminating".into();
            }
            crds::STORAGE if first => {
                let list = metadata.entry("finalizers").or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(crds::CLEANUP.into());
                }
                metadata.remove("deletionGracePeriodSeconds");
                mark_terminating(object, &now);
            }
            _ => {}
        }
    }

    pub(crate) fn delete_collection(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let options = DeleteOptions::read(call)?;
        // The answer is the list as it was, page by page like any list.
        let list = self.list(call)?;
        let keys: Vec<String> = list
            .items
            .iter()
            .map(|item| store::key(&call.kind.storage, meta(item, "namespace"), meta(item, "name")))
            .collect();
        for key in keys {
            if let Some(live) = self.store.get(&key).cloned() {
                self.delete_object(&call.kind, &key, &options, &live);
            }
        }
        Ok(Reply::List(list))
    }

    /// Takes an object out of the store at once and queues what depended on it.
    pub(crate) fn remove_now(&mut self, key: &str) {
        if let Some(last) = self.store.get(key).map(|o| (**o).clone()) {
            self.remove_last(key, last);
        }
    }

    // Returns the last state, at the version of the deletion.
    fn remove_last(&mut self, key: &str, last: Value) -> Option<Arc<Value>> {
        let gone = self.store.remove_as(key, last)?;
        let uid = meta(&gone, "uid").to_owned();
        for key in self.store.dependents(&uid) {
            self.enqueue(key);
        }
        self.wake_owners(&gone, key);
        self.removed(key, &gone);
        Some(gone)
    }

    // Owners that wait for their dependents, and controllers that would replace them.
    fn wake_owners(&mut self, gone: &Value, key: &str) {
        let (_, namespace, _) = store::parts(key);
        for owner in gone.at("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten() {
            if let Some(owner) = self.owner_key(owner, namespace) {
                self.enqueue(owner);
            }
        }
    }

    /// The key of the object an owner reference means, if that very object exists.
    pub(crate) fn owner_key(&mut self, owner: &Value, namespace: &str) -> Option<String> {
        let text = |field: &str| owner.get(field).and_then(Value::as_str).unwrap_or_default();
        let group = text("apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        let kinds = self.kinds();
        let kind = kinds.iter().find(|k| k.group == group && k.kind == text("kind"))?;
        let key = store::key(&kind.storage, if kind.namespaced { namespace } else { "" }, text("name"));
        let object = self.store.get(&key)?;
        (meta(object, "uid") == text("uid")).then_some(key)
    }

    /// Deletes like the garbage collector and the namespace controller do.
    pub(crate) fn delete_in_background(&mut self, key: &str) {
        self.delete_with(key, Propagation::Background);
    }

    fn delete_with(&mut self, key: &str, propagation: Propagation) {
        let (storage, _, _) = store::parts(key);
        let kinds = self.kinds();
        let Some(kind) = kinds.iter().find(|k| k.storage == storage).cloned() else {
            self.remove_now(key);
            return;
        };
        let Some(live) = self.store.get(key).cloned() else { return };
        let mut new = (*live).clone();
        set_propagation(&mut new, propagation);
        let grace = grace_of(&kind, &live, None);
        if !has_finalizers(&new) && grace == 0 && storage != crds::STORAGE {
            self.remove_now(key);
            return;
        }
        self.mark(&kind, &mut new, grace);
        if new != *live {
            self.store.put(key, new);
        }
        self.enqueue(key.to_owned());
    }

    /// What the garbage collector makes of an object: its owners, and its own deletion. Says whether it is gone.
    pub(crate) fn collect(&mut self, key: &str) -> bool {
        let Some(object) = self.store.get(key).cloned() else { return true };
        if !meta(&object, "deletionTimestamp").is_empty() {
            self.continue_deletion(key, &object);
            return !self.store.contains(key);
        }
        let owners = object.at("/metadata/ownerReferences").and_then(Value::as_array);
        let Some(owners) = owners.filter(|o| !o.is_empty()) else { return false };
        let (_, namespace, _) = store::parts(key);
        let (mut solid, mut waiting) = (Vec::new(), 0);
        for owner in owners {
            let Some(found) = self.owner_key(owner, namespace) else { continue };
            let deleting = self.store.get(&found).is_some_and(|o| is_waiting_for_dependents(o));
            if deleting { waiting += 1 } else { solid.push(owner.clone()) }
        }
        if solid.len() == owners.len() {
            return false;
        }
        if solid.is_empty() {
            let propagation = if waiting > 0 { Propagation::Foreground } else { Propagation::Background };
            // Only an object with dependents of its own has something to wait for.
            let has_dependents = !self.store.dependents(meta(&object, "uid")).is_empty();
            self.delete_with(key, if has_dependents { propagation } else { Propagation::Background });
            return !self.store.contains(key);
        }
        let mut new = (*object).clone();
        metadata(&mut new).insert("ownerReferences".into(), solid.into());
        self.store.put(key, new);
        false
    }

    fn continue_deletion(&mut self, key: &str, object: &Arc<Value>) {
        let (storage, namespace, name) = store::parts(key);
        match storage {
            "/namespaces" => return self.finish_namespace(key, name),
            crds::STORAGE => return self.finish_definition(key),
            _ => {}
        }
        let namespace = namespace.to_owned();
        let uid = meta(object, "uid").to_owned();
        let mut new = (**object).clone();
        if storage == "/pods" && object.at("/metadata/deletionGracePeriodSeconds") != Some(&0.into()) {
            metadata(&mut new).insert("deletionGracePeriodSeconds".into(), 0.into());
        }
        if storage == "/persistentvolumeclaims" && !self.is_claim_used(&namespace, name) {
            drop_finalizer(&mut new, "kubernetes.io/pvc-protection");
        }
        if storage == "/persistentvolumes" && new.at("/status/phase").is_none_or(|p| p != "Bound") {
            drop_finalizer(&mut new, "kubernetes.io/pv-protection");
        }
        if has_finalizer(&new, ORPHAN) {
            for dependent in self.store.dependents(&uid) {
                self.orphan(&dependent, &uid);
            }
            drop_finalizer(&mut new, ORPHAN);
        }
        if has_finalizer(&new, FOREGROUND) {
            for dependent in self.store.dependents(&uid) {
                self.collect(&dependent);
            }
            let blocked = self.store.dependents(&uid).iter().any(|d| self.blocks(d, &uid));
            if !blocked {
                drop_finalizer(&mut new, FOREGROUND);
            }
        }
        if is_finalized(&new) {
            if new.at("/metadata/deletionGracePeriodSeconds")
                != object.at("/metadata/deletionGracePeriodSeconds")
            {
                self.store.put(key, new);
            }
            self.remove_now(key);
        } else if new != **object {
            self.store.put(key, new);
        }
    }

    // The garbage collector takes the reference away, and with it what it owned of the references.
    fn orphan(&mut self, key: &str, uid: &str) {
        let Some(object) = self.store.get(key) else { return };
        let mut new = (**object).clone();
        let metadata = metadata(&mut new);
        if let Some(owners) = metadata.get_mut("ownerReferences").and_then(Value::as_array_mut) {
            owners.retain(|o| o.get("uid").and_then(Value::as_str) != Some(uid));
            if owners.is_empty() {
                metadata.remove("ownerReferences");
            }
        }
        self.put_own(key, new, MANAGER, "");
    }

    fn blocks(&self, key: &str, uid: &str) -> bool {
        let Some(object) = self.store.get(key) else { return false };
        let owners = object.at("/metadata/ownerReferences").and_then(Value::as_array);
        owners.into_iter().flatten().any(|o| {
            o.get("uid").and_then(Value::as_str) == Some(uid)
                && o.get("blockOwnerDeletion") == Some(&Value::Bool(true))
        })
    }

    fn is_claim_used(&self, namespace: &str, name: &str) -> bool {
        self.store.scan(&store::prefix("/pods", namespace)).any(|(_, pod)| {
            let volumes = pod.at("/spec/volumes").and_then(Value::as_array);
            let finished =
                matches!(pod.at("/status/phase").and_then(Value::as_str), Some("Succeeded" | "Failed"));
            !finished
                && volumes
                    .into_iter()
                    .flatten()
                    .any(|v| v.at("/persistentVolumeClaim/claimName").and_then(Value::as_str) == Some(name))
        })
    }

    // Deletes the content of a terminating namespace, then the namespace unless something is left.
    fn finish_namespace(&mut self, key: &str, name: &str) {
        let middle = format!("\0{name}\0");
        let content = |server: &Server| -> Vec<String> {
            let inside = server.store.keys().filter(|k| store::parts(k).1 == name && k.contains(&middle));
            inside.map(str::to_owned).collect()
        };
        for object in content(self) {
            self.delete_in_background(&object);
        }
        // Deletions that only wait for the kubelet or a controller end now.
        for object in content(self) {
            self.collect(&object);
        }
        if !content(self).is_empty() {
            return;
        }
        let Some(namespace) = self.store.get(key) else { return };
        let mut new = (**namespace).clone();
        if let Some(list) = new.pointer_mut("/spec/finalizers").and_then(Value::as_array_mut) {
            list.retain(|f| f != "kubernetes");
            if list.is_empty() {
                remove(&mut new["spec"], "finalizers");
            }
        }
        if is_finalized(&new) {
            self.remove_now(key);
        } else if new != **namespace {
            self.store.put(key, new);
        }
    }
}

fn check_preconditions(call: &Call<'_>, options: &DeleteOptions, live: &Value) -> Result<(), Failure> {
    let name = call.name.as_deref().unwrap_or_default();
    let conflict = |why: String| {
        let text = format!("Operation cannot be fulfilled on {} {name:?}: {why}", call.kind.kind);
        let details = json!({"kind": call.kind.kind, "name": name});
        Failure::new(409, Some("Conflict"), text).with_details(details)
    };
    let (uid, version) = (meta(live, "uid"), meta(live, "resourceVersion"));
    if let Some(wanted) = options.uid.as_deref().filter(|w| *w != uid) {
        return Err(conflict(format!(
            "the UID in the precondition ({wanted}) does not match the UID in record ({uid}). The object might have \
             been deleted and then recreated"
        )));
    }
    if let Some(wanted) = options.version.as_deref().filter(|w| *w != version) {
        return Err(conflict(format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record \
             ({version}). The object might have been modified"
        )));
    }
    Ok(())
}

// A Pod on a node gets time to end, unless it already did.
fn grace_of(kind: &Kind, live: &Value, asked: Option<i64>) -> i64 {
    if kind.storage != "/pods" {
        return 0;
    }
    let scheduled = live.at("/spec/nodeName").and_then(Value::as_str).is_some_and(|n| !n.is_empty());
    let finished = matches!(live.at("/status/phase").and_then(Value::as_str), Some("Succeeded" | "Failed"));
    if !scheduled || finished {
        return 0;
    }
    let own = live.at("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64).unwrap_or(30);
    asked.unwrap_or(own).max(0)
}

fn set_propagation(object: &mut Value, propagation: Propagation) {
    let wanted = match propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some(FOREGROUND),
        Propagation::Orphan => Some(ORPHAN),
    };
    for finalizer in [ORPHAN, FOREGROUND] {
        if wanted != Some(finalizer) {
            drop_finalizer(object, finalizer);
        }
    }
    if let Some(finalizer) = wanted
        && !has_finalizer(object, finalizer)
    {
        let list = metadata(object).entry("finalizers").or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(finalizer.into());
        }
    }
}

fn mark_terminating(object: &mut Value, now: &str) {
    let condition = json!({
        "type": "Terminating", "status": "True", "lastTransitionTime": now,
        "reason": "InstanceDeletionPending", "message": "CustomResourceDefinition marked for deletion; \
         CustomResource deletion will begin soon",
    });
    if let Some(conditions) = object.pointer_mut("/status/conditions").and_then(Value::as_array_mut) {
        conditions.push(condition);
    }
}

fn has_finalizers(object: &Value) -> bool {
    object.at("/metadata/finalizers").and_then(Value::as_array).is_some_and(|f| !f.is_empty())
}

fn has_finalizer(object: &Value, finalizer: &str) -> bool {
    let list = object.at("/metadata/finalizers").and_then(Value::as_array);
    list.into_iter().flatten().any(|f| f == finalizer)
}

/// Takes a finalizer away, and the list with the last one.
pub(crate) fn drop_finalizer(object: &mut Value, finalizer: &str) {
    let metadata = metadata(object);
    if let Some(list) = metadata.get_mut("finalizers").and_then(Value::as_array_mut) {
        list.retain(|f| f != finalizer);
        if list.is_empty() {
            metadata.remove("finalizers");
        }
    }
}

fn is_waiting_for_dependents(owner: &Value) -> bool {
    !meta(owner, "deletionTimestamp").is_empty() && has_finalizer(owner, FOREGROUND)
}
