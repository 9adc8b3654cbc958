//! What the server itself decides about an object on its way into the store: system fields, generation, status,
//! and what a kind's strategy allocates (the registries' `PrepareForCreate` and `PrepareForUpdate`).

use crate::dig::Dig;
use crate::failure::{Cause, Failure};
use crate::kinds::Kind;
use crate::server::Server;
use crate::write::{meta, metadata};
use serde_json::{Map, Value, json};

/// Puts back what no request can change.
pub(crate) fn keep_system_fields(old: &Value, new: &mut Value) {
    let metadata = metadata(new);
    for field in ["creationTimestamp", "selfLink"] {
        keep(metadata, field, old);
    }
    for field in ["uid", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        // A value that was sent and differs is for validation to refuse.
        if !metadata.contains_key(field) {
            keep(metadata, field, old);
        }
    }
    keep(metadata, "generation", old);
}

/// Lists of the object itself that are empty come back from the store as null: its encoding knows no empty lists.
pub(crate) fn empty_lists_to_null(kind: &Kind, object: &mut Value) {
    let Some(def) = kind.type_index.map(crate::schema::definition) else { return };
    for field in def.fields.iter().filter(|field| matches!(field.ty, crate::schema::Ty::List(_))) {
        if object.get(field.name).and_then(Value::as_array).is_some_and(Vec::is_empty) {
            object[field.name] = Value::Null;
        }
    }
}

fn keep(metadata: &mut Map<String, Value>, field: &str, old: &Value) {
    match old.get("metadata").and_then(|m| m.get(field)) {
        Some(value) => metadata.insert(field.into(), value.clone()),
        None => metadata.remove(field),
    };
}

/// Whether an update changes nothing that is kept. Times of managers do not count.
pub(crate) fn is_unchanged(old: &Value, new: &Value) -> bool {
    if old == new {
        return true;
    }
    let same_outside = |a: &Value, b: &Value| {
        let (Some(a), Some(b)) = (a.as_object(), b.as_object()) else { return false };
        a.len() == b.len() && a.iter().all(|(k, v)| k == "metadata" || b.get(k) == Some(v))
    };
    if !same_outside(old, new) {
        return false;
    }
    let plain = |object: &Value| {
        let mut metadata = object.get("metadata").cloned().unwrap_or_default();
        for entry in metadata.get_mut("managedFields").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(entry) = entry.as_object_mut() {
                entry.remove("time");
            }
        }
        metadata
    };
    plain(old) == plain(new)
}

/// Whether an object being deleted has nothing left that keeps it.
pub(crate) fn is_finalized(object: &Value) -> bool {
    let finalizers = object.at("/metadata/finalizers").and_then(Value::as_array);
    let content = object.get("kind").and_then(Value::as_str) == Some("Namespace")
        && object.at("/spec/finalizers").and_then(Value::as_array).is_some_and(|f| !f.is_empty());
    let grace = object.at("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64).unwrap_or(0);
    !meta(object, "deletionTimestamp").is_empty()
        && finalizers.is_none_or(Vec::is_empty)
        && !content
        && grace == 0
}

// What counts for the generation: everything but metadata and status.
fn spec_changed(kind: &Kind, old: &Value, new: &Value) -> bool {
    let counts = |name: &str| match name {
        "metadata" | "apiVersion" | "kind" => false,
        "status" => kind.custom.is_some() && !kind.has_status(),
        _ => true,
    };
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return true };
    let differs = |name: &String| counts(name) && old.get(name) != new.get(name);
    old.keys().chain(new.keys()).any(differs)
}

fn annotations_changed(old: &Value, new: &Value) -> bool {
    old.at("/metadata/annotations") != new.at("/metadata/annotations")
}

impl Server {
    /// Prepares a new object, in its stored version.
    pub(crate) fn prepare_create(&mut self, kind: &Kind, object: &mut Value) -> Result<(), Failure> {
        if kind.has_generation {
            metadata(object).insert("generation".into(), 1.into());
        }
        if kind.has_status() && kind.custom.is_none() {
            let mut blank = Server::blank(kind);
            match blank.get_mut("status").map(Value::take) {
                Some(status) => object["status"] = status,
                None => remove(object, "status"),
            }
        } else if kind.has_status() {
            remove(object, "status");
        }
        match kind.storage.as_str() {
            "/namespaces" => prepare_namespace(object),
            "/secrets" => merge_string_data(object),
            "/services" => {
                crate::validate::service_addresses(kind, object)?;
                self.check_allocation(kind, None, object)?;
                self.prepare_service(None, object)?;
            }
            "/pods" => self.prepare_pod(kind, object)?,
            "batch/jobs" => {
                prepare_job(object);
                crate::defaults::labels_from_template(object);
            }
            "/persistentvolumeclaims" => {
                share_source(object);
                object["status"] = json!({"phase": "Pending"});
                add_finalizer(object, "kubernetes.io/pvc-protection");
            }
            "/persistentvolumes" => {
                object["status"] = json!({"phase": "Pending", "lastPhaseTransitionTime": self.now});
                add_finalizer(object, "kubernetes.io/pv-protection");
            }
            "scheduling.k8s.io/priorityclasses" => {}
            "apiextensions.k8s.io/customresourcedefinitions" => crate::crds::prepare(object),
            _ => {}
        }
        Ok(())
    }

    /// Prepares a changed object, in its stored version.
    pub(crate) fn prepare_update(
        &mut self,
        kind: &Kind,
        subresource: &str,
        old: &Value,
        new: &mut Value,
    ) -> Result<(), Failure> {
        if subresource == "status" {
            keep_all_but_status(kind, old, new);
            return Ok(());
        }
        if kind.has_status() {
            match old.get("status") {
                Some(status) => new["status"] = status.clone(),
                None => remove(new, "status"),
            }
        }
        match kind.storage.as_str() {
            "/secrets" => {
                merge_string_data(new);
                if new.get("type").and_then(Value::as_str).is_none_or(str::is_empty) {
                    new["type"] = old.get("type").cloned().unwrap_or_default();
                }
            }
            "/services" => {
                same_addresses(old, new);
                self.check_allocation(kind, Some(old), new)?;
                self.prepare_service(Some(old), new)?;
            }
            "/pods" => {
                keep_pod_fields(old, new);
                add_tolerations(&mut new["spec"]);
            }
            "/namespaces" => new["spec"] = old.get("spec").cloned().unwrap_or_default(),
            "apiextensions.k8s.io/customresourcedefinitions" => crate::crds::prepare_change(new),
            _ => {}
        }
        if kind.is("apps", "DaemonSet") {
            count_templates(old, new);
        }
        let slice = kind.storage == "discovery.k8s.io/endpointslices"
            && (annotations_changed(old, new) || old.at("/metadata/labels") != new.at("/metadata/labels"));
        let changed = slice
            || spec_changed(kind, old, new)
            || kind.is("apps", "Deployment") && annotations_changed(old, new);
        let being_deleted = meta(old, "deletionTimestamp") != meta(new, "deletionTimestamp");
        if kind.has_generation && (changed || being_deleted) {
            let generation = old.at("/metadata/generation").and_then(Value::as_i64).unwrap_or(0);
            metadata(new).insert("generation".into(), (generation + 1).into());
        }
        Ok(())
    }

    fn prepare_pod(&mut self, kind: &Kind, object: &mut Value) -> Result<(), Failure> {
        self.fill_limits(object);
        let name = meta(object, "name").to_owned();
        let spec = &mut object["spec"];
        if spec.get("priority").is_none() {
            let class = spec.get("priorityClassName").and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = crate::store::key("scheduling.k8s.io/priorityclasses", "", &class);
            if !class.is_empty() && !self.store.contains(&key) {
                let why = format!("no PriorityClass with name {class} was found");
                return Err(Failure::forbidden(kind, &name, &why));
            }
            let value =
                self.store.get(&key).and_then(|c| c.get("value").cloned()).unwrap_or_else(|| 0.into());
            let policy = self.store.get(&key).and_then(|c| c.get("preemptionPolicy").cloned());
            spec["priority"] = value;
            if spec.get("preemptionPolicy").is_none() {
                spec["preemptionPolicy"] = policy.unwrap_or_else(|| "PreemptLowerPriority".into());
            }
        }
        add_tolerations(spec);
        let qos = crate::defaults::pod_qos(spec);
        object["status"] = json!({"phase": "Pending", "qosClass": qos});
        if object.at("/spec/schedulingGates").and_then(Value::as_array).is_some_and(|g| !g.is_empty()) {
            object["status"]["conditions"] = json!([{
                "type": "PodScheduled", "status": "False", "lastProbeTime": null, "lastTransitionTime": self.now,
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }]);
        }
        Ok(())
    }

    // What a client asks for by number must be in range and free (`core/service/storage/alloc.go`). Kubernetes refuses
    // it before it validates anything else.
    fn check_allocation(&self, kind: &Kind, old: Option<&Value>, new: &Value) -> Result<(), Failure> {
        let text = |service: &Value, path: &str| {
            service.at(path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let refuse = |cause: Cause| Failure::invalid(kind, meta(new, "name"), &[cause]);
        if text(new, "/spec/ipFamilyPolicy") == "RequireDualStack" && text(new, "/spec/clusterIP") != "None" {
            let why = "this cluster is not configured for dual-stack services";
            return Err(refuse(Cause::invalid("spec.ipFamilyPolicy", &"RequireDualStack".into(), why)));
        }
        let families = new.at("/spec/ipFamilies").and_then(Value::as_array).into_iter().flatten();
        if let Some((index, family)) = families.enumerate().find(|(_, family)| *family == "IPv6")
            && text(new, "/spec/clusterIP") != "None"
        {
            let why = "not configured on this cluster";
            return Err(refuse(Cause::invalid(format!("spec.ipFamilies[{index}]"), family, why)));
        }
        let ip = text(new, "/spec/clusterIP");
        // A Service that has an address keeps it: another one is for validation to refuse.
        let has_one = old.is_some_and(|old| !text(old, "/spec/clusterIP").is_empty());
        if text(new, "/spec/type") != "ExternalName" && !matches!(ip.as_str(), "" | "None") && !has_one {
            self.check_cluster_ip(&ip).map_err(|why| {
                let why = format!("failed to allocate IP {ip}: {why}");
                refuse(Cause::invalid("spec.clusterIPs", &json!([ip]), &why))
            })?;
        }
        self.check_node_ports(old, new).map_err(refuse)
    }

    fn check_cluster_ip(&self, ip: &str) -> Result<(), &'static str> {
        if !ip.starts_with("10.") {
            return Err("the provided network does not match the current range");
        }
        let mut services = self.store.scan("/services\0");
        match services.any(|(_, service)| service.at("/spec/clusterIP").and_then(Value::as_str) == Some(ip)) {
            true => Err("provided IP is already allocated"),
            false => Ok(()),
        }
    }

    fn check_node_ports(&self, old: Option<&Value>, new: &Value) -> Result<(), Cause> {
        if !matches!(new.at("/spec/type").and_then(Value::as_str), Some("NodePort" | "LoadBalancer")) {
            return Ok(());
        }
        let own = old.map(node_ports_of).unwrap_or_default();
        let ports = new.at("/spec/ports").and_then(Value::as_array).into_iter().flatten();
        for (index, port) in ports.enumerate() {
            let number = port.get("nodePort").and_then(Value::as_i64).unwrap_or(0);
            if number == 0 || own.contains(&number) {
                continue;
            }
            let why = if !NODE_PORTS.contains(&number) {
                "provided port is not in the valid range. The range of valid ports is 30000-32767"
            } else if self.store.scan("/services\0").any(|(_, s)| node_ports_of(s).contains(&number)) {
                "provided port is already allocated"
            } else {
                continue;
            };
            return Err(Cause::invalid(format!("spec.ports[{index}].nodePort"), &number.into(), why));
        }
        Ok(())
    }

    /// Allocates cluster IPs and node ports, and keeps those of the old Service.
    fn prepare_service(&mut self, old: Option<&Value>, new: &mut Value) -> Result<(), Failure> {
        let spec_text = |service: &Value, field: &str| {
            service.at(&format!("/spec/{field}")).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let kind = spec_text(new, "type");
        if kind == "ExternalName" {
            for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"]
            {
                if old.is_some() || field != "clusterIP" {
                    remove(&mut new["spec"], field);
                }
            }
            return Ok(());
        }
        let was_ip = old.filter(|o| spec_text(o, "type") != "ExternalName");
        if let Some(old) = was_ip {
            for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                if new["spec"].get(field).is_none()
                    && let Some(value) = old["spec"].get(field)
                {
                    new["spec"][field] = value.clone();
                }
            }
        }
        if spec_text(new, "clusterIP").is_empty() {
            let ip = self.free_cluster_ip();
            new["spec"]["clusterIP"] = ip.into();
        }
        let ip = spec_text(new, "clusterIP");
        if new["spec"].get("clusterIPs").is_none() {
            new["spec"]["clusterIPs"] = json!([ip]);
        }
        let headless_without_selector = ip == "None" && new["spec"].get("selector").is_none();
        if new["spec"].get("ipFamilyPolicy").is_none() {
            let policy = if headless_without_selector { "RequireDualStack" } else { "SingleStack" };
            new["spec"]["ipFamilyPolicy"] = policy.into();
        }
        if new["spec"].get("ipFamilies").is_none() {
            let families = if headless_without_selector { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) };
            new["spec"]["ipFamilies"] = families;
        }
        self.node_ports(was_ip, new);
        Ok(())
    }

    fn node_ports(&mut self, old: Option<&Value>, new: &mut Value) {
        let kind = new["spec"].get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let allocates = new["spec"].get("allocateLoadBalancerNodePorts") != Some(&Value::Bool(false));
        let wanted = kind == "NodePort" || kind == "LoadBalancer" && allocates;
        let old_ports = old.and_then(|o| o.at("/spec/ports")).and_then(Value::as_array);
        let old_has_ports = old.is_some_and(|o| {
            matches!(o.at("/spec/type").and_then(Value::as_str), Some("NodePort" | "LoadBalancer"))
        });
        let mut ports = match new["spec"].get_mut("ports").map(Value::take) {
            Some(Value::Array(ports)) => ports,
            _ => return,
        };
        for port in &mut ports {
            let number = port.get("nodePort").and_then(Value::as_i64).unwrap_or(0);
            if !wanted {
                // A port that was only carried along is dropped with the type that needed it.
                let carried =
                    old_ports.into_iter().flatten().any(|o| o.get("nodePort") == port.get("nodePort"));
                if carried && old_has_ports {
                    remove(port, "nodePort");
                }
            } else if number == 0 {
                let same = |o: &&Value| {
                    o.get("port") == port.get("port") && o.get("protocol") == port.get("protocol")
                };
                let kept =
                    old_ports.into_iter().flatten().find(same).and_then(|o| o.get("nodePort")).cloned();
                let next = kept.unwrap_or_else(|| self.free_node_port().into());
                port["nodePort"] = next;
            }
        }
        new["spec"]["ports"] = Value::Array(ports);
        let local = new["spec"].get("externalTrafficPolicy").and_then(Value::as_str) == Some("Local");
        if kind == "LoadBalancer" && local && new["spec"].get("healthCheckNodePort").is_none() {
            let kept = old.and_then(|o| o.at("/spec/healthCheckNodePort")).cloned();
            new["spec"]["healthCheckNodePort"] = kept.unwrap_or_else(|| self.free_node_port().into());
        }
        if !matches!(kind.as_str(), "NodePort" | "LoadBalancer") && old_has_ports {
            remove(&mut new["spec"], "externalTrafficPolicy");
        }
        if kind != "LoadBalancer" && old_has_ports {
            remove(&mut new["spec"], "allocateLoadBalancerNodePorts");
            remove(&mut new["spec"], "healthCheckNodePort");
        }
    }

    fn free_cluster_ip(&mut self) -> String {
        let taken: Vec<String> = self
            .store
            .scan("/services\0")
            .filter_map(|(_, s)| s.at("/spec/clusterIP").and_then(Value::as_str).map(str::to_owned))
            .collect();
        // 10.96.0.0/12 is what kubeadm hands out.
        for _ in 0..64 {
            let random = (self.options.random)();
            let ip = format!("10.{}.{}.{}", 96 + random % 16, random >> 8 & 0xff, 2 + (random >> 16) % 250);
            if !taken.contains(&ip) {
                return ip;
            }
        }
        "10.111.255.254".into()
    }

    fn free_node_port(&mut self) -> i64 {
        let taken: Vec<i64> = self.store.scan("/services\0").flat_map(|(_, s)| node_ports_of(s)).collect();
        for _ in 0..64 {
            let port = 30_000 + i64::try_from((self.options.random)() % 2768).unwrap_or(0);
            if !taken.contains(&port) {
                return port;
            }
        }
        NODE_PORTS.into_iter().find(|p| !taken.contains(p)).unwrap_or(30_000)
    }
}

// Who changes one of clusterIP and clusterIPs means both (`NormalizeClusterIPs`).
fn same_addresses(old: &Value, new: &mut Value) {
    let changed = |field: &str| new["spec"].get(field) != old["spec"].get(field);
    let (one, all) = (changed("clusterIP"), changed("clusterIPs"));
    let ip = new["spec"].get("clusterIP").cloned();
    let first = new.at("/spec/clusterIPs").and_then(|ips| ips.get(0)).cloned();
    match (ip, first) {
        (Some(ip), Some(_)) if one && !all => new["spec"]["clusterIPs"][0] = ip,
        (_, Some(first)) if all && !one => new["spec"]["clusterIP"] = first,
        _ => {}
    }
}

/// What a node port may be.
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;

fn node_ports_of(service: &Value) -> Vec<i64> {
    let ports = service.at("/spec/ports").and_then(Value::as_array).into_iter().flatten();
    ports.filter_map(|port| port.get("nodePort").and_then(Value::as_i64)).collect()
}

/// Removes a field of an object; nothing if there is none.
pub(crate) fn remove(object: &mut Value, field: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(field);
    }
}

fn add_finalizer(object: &mut Value, finalizer: &str) {
    let list = metadata(object).entry("finalizers").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut()
        && !list.iter().any(|f| f == finalizer)
    {
        list.push(finalizer.into());
    }
}

// The old and the new field for where a claim's data comes from say the same.
fn share_source(object: &mut Value) {
    let spec = &mut object["spec"];
    let (old, new) = (spec.get("dataSource").cloned(), spec.get("dataSourceRef").cloned());
    match (old, new) {
        (Some(mut source), None) => {
            if source.get("apiGroup").is_none() {
                source["apiGroup"] = Value::Null;
            }
            spec["dataSourceRef"] = source;
        }
        (None, Some(source)) if source.get("namespace").is_none() => spec["dataSource"] = source,
        _ => {}
    }
}

const TEMPLATES: &str = "deprecated.daemonset.template.generation";

fn count_templates(old: &Value, new: &mut Value) {
    let counted = old.at("/metadata/annotations").and_then(|a| a.get(TEMPLATES)).and_then(Value::as_str);
    let counted: i64 = counted.and_then(|c| c.parse().ok()).unwrap_or(1);
    let changed = old.at("/spec/template") != new.at("/spec/template");
    let annotations = metadata(new).entry("annotations").or_insert_with(|| json!({}));
    annotations[TEMPLATES] = (counted + i64::from(changed)).to_string().into();
}

fn prepare_namespace(object: &mut Value) {
    let name = meta(object, "name").to_owned();
    object["status"] = json!({"phase": "Active"});
    object["spec"] = json!({"finalizers": ["kubernetes"]});
    let metadata = metadata(object);
    let labels = metadata.entry("labels").or_insert_with(|| json!({}));
    labels["kubernetes.io/metadata.name"] = name.into();
}

// stringData is written into data and never kept.
pub(crate) fn merge_string_data(object: &mut Value) {
    let Some(Value::Object(text)) = object.get_mut("stringData").map(Value::take) else { return };
    remove(object, "stringData");
    if text.is_empty() {
        return;
    }
    if !object.get("data").is_some_and(Value::is_object) {
        object["data"] = json!({});
    }
    for (key, value) in text {
        let encoded = crate::base64::encode(value.as_str().unwrap_or_default().as_bytes());
        object["data"][&key] = encoded.into();
    }
}

fn keep_all_but_status(kind: &Kind, old: &Value, new: &mut Value) {
    let status = new.get_mut("status").map(Value::take);
    let metadata = new.get_mut("metadata").map(Value::take);
    let mut kept = old.clone();
    match status {
        Some(status) => kept["status"] = status,
        None => remove(&mut kept, "status"),
    }
    if let Some(metadata) = metadata {
        let managed = metadata.get("managedFields").cloned();
        if kind.custom.is_none() {
            let labels = old.at("/metadata/labels").cloned();
            kept["metadata"] = metadata;
            if kind.is("apps", "Deployment") {
                match labels {
                    Some(labels) => kept["metadata"]["labels"] = labels,
                    None => remove(&mut kept["metadata"], "labels"),
                }
            }
        } else if let Some(managed) = managed {
            kept["metadata"]["managedFields"] = managed;
        }
    }
    *new = kept;
}

// A Pod keeps what the scheduler and admission have set, if a client sends its own copy without it.
fn keep_pod_fields(old: &Value, new: &mut Value) {
    for field in
        ["nodeName", "priority", "preemptionPolicy", "tolerations", "serviceAccountName", "serviceAccount"]
    {
        if new["spec"].get(field).is_none()
            && let Some(value) = old["spec"].get(field)
        {
            new["spec"][field] = value.clone();
        }
    }
}

// batch/v1 strategy: the selector and the template's labels come from the uid, unless manualSelector.
fn prepare_job(object: &mut Value) {
    let (name, uid) = (meta(object, "name").to_owned(), meta(object, "uid").to_owned());
    if object.at("/spec/manualSelector") == Some(&Value::Bool(true)) {
        return;
    }
    let spec = &mut object["spec"];
    if spec.get("selector").is_none_or(Value::is_null) {
        spec["selector"] = json!({});
    }
    let matched = &mut spec["selector"]["matchLabels"];
    if !matched.is_object() {
        *matched = json!({});
    }
    matched["batch.kubernetes.io/controller-uid"] = uid.clone().into();
    let labels = metadata(&mut spec["template"]).entry("labels").or_insert_with(|| json!({}));
    for (key, value) in [
        ("batch.kubernetes.io/controller-uid", &uid),
        ("batch.kubernetes.io/job-name", &name),
        ("controller-uid", &uid),
        ("job-name", &name),
    ] {
        labels[key] = value.clone().into();
    }
}

// Admission plugin DefaultTolerationSeconds.
fn add_tolerations(spec: &mut Value) {
    let mut tolerations = spec.get("tolerations").and_then(Value::as_array).cloned().unwrap_or_default();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = tolerations.iter().any(|t| {
            let text = |field: &str| t.get(field).and_then(Value::as_str).unwrap_or_default();
            (text("key") == key || text("key").is_empty() && text("operator") == "Exists")
                && matches!(text("effect"), "NoExecute" | "")
        });
        if !tolerated {
            tolerations.push(json!({
                "effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300
            }));
        }
    }
    spec["tolerations"] = tolerations.into();
}
