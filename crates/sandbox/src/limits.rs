//! Admission by LimitRanges and ResourceQuotas: what they fill in, and what they refuse (the plugins LimitRanger and
//! ResourceQuota).

use crate::dig::Dig;
use crate::failure::Failure;
use crate::kinds::Kind;
use crate::quantity::Quantity;
use crate::server::Server;
use crate::store;
use crate::write::{meta, metadata};
use serde_json::{Map, Value, json};

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Amounts by resource.
type Amounts = Map<String, Value>;

fn amounts<'v>(object: &'v Value, field: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    object.get(field).and_then(Value::as_object).into_iter().flatten()
}

fn items<'v>(object: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> {
    object.at(path).and_then(Value::as_array).into_iter().flatten()
}

fn quantity(value: Option<&Value>) -> Option<Quantity> {
    Quantity::parse(value?.as_str()?).ok()
}

impl Server {
    fn limits_of(&self, namespace: &str, kind: &str) -> Vec<Value> {
        let prefix = store::prefix("/limitranges", namespace);
        let ranges = self.store.scan(&prefix).flat_map(|(_, range)| items(range, "/spec/limits"));
        ranges.filter(|limit| limit["type"] == kind).cloned().collect()
    }

    /// Gives the containers of a new Pod the requests and limits that its namespace has for them.
    pub(crate) fn fill_limits(&self, pod: &mut Value) {
        let limits = self.limits_of(meta(pod, "namespace"), "Container");
        let said: Vec<String> = limits.iter().flat_map(|limit| fill_containers(limit, pod)).collect();
        if !said.is_empty() {
            let annotations = metadata(pod).entry("annotations").or_insert_with(|| json!({}));
            annotations[ANNOTATION] = format!("LimitRanger plugin set: {}", said.join("; ")).into();
        }
    }

    /// Refuses what is outside the limits or beyond the quotas of its namespace.
    ///
    /// # Errors
    /// 403 with all that is wrong.
    pub(crate) fn admit(&self, kind: &Kind, object: &Value) -> Result<(), Failure> {
        let namespace = meta(object, "namespace");
        let problems = match kind.storage.as_str() {
            "/pods" => self.pod_problems(namespace, object),
            "/persistentvolumeclaims" => {
                let limits = self.limits_of(namespace, "PersistentVolumeClaim");
                let asked = object.at("/spec/resources").cloned().unwrap_or_default();
                limits.iter().flat_map(|limit| problems(limit, "PersistentVolumeClaim", &asked)).collect()
            }
            _ => Vec::new(),
        };
        match problems.as_slice() {
            [] => self.check_quotas(kind, object),
            [problem] => Err(Failure::forbidden(kind, meta(object, "name"), problem)),
            many => Err(Failure::forbidden(kind, meta(object, "name"), &format!("[{}]", many.join(", ")))),
        }
    }

    fn pod_problems(&self, namespace: &str, pod: &Value) -> Vec<String> {
        let mut out = Vec::new();
        for limit in self.limits_of(namespace, "Container") {
            let containers = items(pod, "/spec/containers").chain(items(pod, "/spec/initContainers"));
            for container in containers {
                out.extend(problems(&limit, "Container", &container["resources"]));
            }
        }
        for limit in self.limits_of(namespace, "Pod") {
            out.extend(problems(&limit, "Pod", &pod_total(pod)));
        }
        out
    }

    fn check_quotas(&self, kind: &Kind, object: &Value) -> Result<(), Failure> {
        let namespace = meta(object, "namespace");
        let prefix = store::prefix("/resourcequotas", namespace);
        for (_, quota) in self.store.scan(&prefix).filter(|_| !namespace.is_empty()) {
            let is_scoped = items(quota, "/spec/scopes").next().is_some()
                || quota.at("/spec/scopeSelector").is_some_and(|selector| !selector.is_null());
            if is_scoped {
                continue;
            }
            let hard = quota.at("/spec/hard").and_then(Value::as_object).cloned().unwrap_or_default();
            let added = added(kind, object, &hard);
            let refuse = |why: String| Err(Failure::forbidden(kind, meta(object, "name"), &why));
            if let Some(missing) = missing(kind, object, &hard) {
                return refuse(format!("failed quota: {}: must specify {missing}", meta(quota, "name")));
            }
            if let Some(beyond) = self.beyond(namespace, &hard, &added) {
                return refuse(format!("exceeded quota: {}, {beyond}", meta(quota, "name")));
            }
        }
        Ok(())
    }

    fn beyond(&self, namespace: &str, hard: &Amounts, added: &[(String, Quantity)]) -> Option<String> {
        let (mut requested, mut used, mut limited) = (Vec::new(), Vec::new(), Vec::new());
        for (name, more) in added {
            let Some(limit) = hard.get(name) else { continue };
            let so_far = self.usage(namespace, name);
            let most = quantity(Some(limit)).unwrap_or(Quantity::ZERO);
            if so_far.plus(*more).compare(most).is_gt() {
                requested.push(format!("{name}={}", more.text()));
                used.push(format!("{name}={}", so_far.text()));
                limited.push(format!("{name}={}", limit.as_str().unwrap_or_default()));
            }
        }
        let list = |entries: &[String]| entries.join(",");
        let text =
            || format!("requested: {}, used: {}, limited: {}", list(&requested), list(&used), list(&limited));
        (!requested.is_empty()).then(text)
    }
}

// What a container is given, in words.
fn fill_containers(limit: &Value, pod: &mut Value) -> Vec<String> {
    let mut said = Vec::new();
    for (list, word) in [("containers", "container"), ("initContainers", "init container")] {
        let containers = pod["spec"].get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let name = container["name"].as_str().unwrap_or_default().to_owned();
            for (map, source, what) in
                [("requests", "defaultRequest", "request"), ("limits", "default", "limit")]
            {
                let given = fill(container, map, limit, source);
                if !given.is_empty() {
                    said.push(format!("{} {what} for {word} {name}", given.join(", ")));
                }
            }
        }
    }
    said
}

fn fill(container: &mut Value, map: &str, limit: &Value, source: &str) -> Vec<String> {
    let mut given = Vec::new();
    for (name, amount) in amounts(limit, source) {
        let is_set = container["resources"].get(map).is_some_and(|own| own.get(name).is_some());
        if !is_set {
            if !container["resources"].get(map).is_some_and(Value::is_object) {
                container["resources"][map] = json!({});
            }
            container["resources"][map][name] = amount.clone();
            given.push(name.clone());
        }
    }
    given
}

// Requests and limits of all containers together; init containers run one by one.
fn pod_total(pod: &Value) -> Value {
    let mut total = json!({"requests": {}, "limits": {}});
    for map in ["requests", "limits"] {
        for container in items(pod, "/spec/containers") {
            for (name, amount) in amounts(&container["resources"], map) {
                let sum = quantity(total[map].get(name)).unwrap_or(Quantity::ZERO);
                total[map][name] = sum.plus(quantity(Some(amount)).unwrap_or(Quantity::ZERO)).text().into();
            }
        }
        for container in items(pod, "/spec/initContainers") {
            for (name, amount) in amounts(&container["resources"], map) {
                let sum = quantity(total[map].get(name));
                if sum.is_none_or(|sum| quantity(Some(amount)).is_some_and(|a| a.compare(sum).is_gt())) {
                    total[map][name] = amount.clone();
                }
            }
        }
    }
    total
}

// What of `asked` is outside one limit.
fn problems(limit: &Value, kind: &str, asked: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let of = |map: &str, name: &str| asked.get(map).and_then(|amounts| amounts.get(name));
    let shown = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, least) in amounts(limit, "min") {
        let base = format!("minimum {name} usage per {kind} is {}", shown(Some(least)));
        let below = |value: Option<&Value>| matches!((quantity(value), quantity(Some(least))), (Some(a), Some(b)) if a.compare(b).is_lt());
        let (request, limit) = (of("requests", name), of("limits", name));
        if request.is_none() {
            out.push(format!("{base}.  No request is specified"));
        } else if below(request) {
            out.push(format!("{base}, but request is {}", shown(request)));
        } else if below(limit) {
            out.push(format!("{base}, but limit is {}", shown(limit)));
        }
    }
    for (name, most) in amounts(limit, "max") {
        let base = format!("maximum {name} usage per {kind} is {}", shown(Some(most)));
        let above = |value: Option<&Value>| matches!((quantity(value), quantity(Some(most))), (Some(a), Some(b)) if a.compare(b).is_gt());
        let (request, limit) = (of("requests", name), of("limits", name));
        // A claim has no limits.
        if limit.is_none() && kind != "PersistentVolumeClaim" {
            out.push(format!("{base}.  No limit is specified"));
        } else if above(limit) {
            out.push(format!("{base}, but limit is {}", shown(limit)));
        } else if above(request) {
            out.push(format!("{base}, but request is {}", shown(request)));
        }
    }
    out
}

// What an object adds to the resources that a quota limits.
fn added(kind: &Kind, object: &Value, hard: &Amounts) -> Vec<(String, Quantity)> {
    let one = Quantity::count(1);
    let mut out = vec![(format!("count/{}", kind.resource()), one)];
    match kind.storage.as_str() {
        "/pods" => {
            out.push(("pods".into(), one));
            let total = pod_total(object);
            for (map, prefix) in [("requests", "requests."), ("limits", "limits."), ("requests", "")] {
                let all = amounts(&total, map);
                out.extend(all.filter_map(|(name, v)| Some((format!("{prefix}{name}"), quantity(Some(v))?))));
            }
        }
        "/services" => {
            out.push(("services".into(), one));
            match object.at("/spec/type").and_then(Value::as_str) {
                Some("LoadBalancer") => out.push(("services.loadbalancers".into(), one)),
                Some("NodePort") => out.push(("services.nodeports".into(), one)),
                _ => {}
            }
        }
        "/persistentvolumeclaims" => {
            out.push(("persistentvolumeclaims".into(), one));
            let size = quantity(object.at("/spec/resources/requests/storage"));
            out.extend(size.map(|size| ("requests.storage".into(), size)));
        }
        "/secrets" | "/configmaps" | "/replicationcontrollers" | "/resourcequotas" => {
            out.push((kind.plural.clone(), one));
        }
        _ => {}
    }
    out.retain(|(name, _)| hard.contains_key(name));
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

/// Resources of which every container must say its share once a quota counts them.
const SHARES: [(&str, &str, &str); 6] = [
    ("cpu", "requests", "cpu"),
    ("limits.cpu", "limits", "cpu"),
    ("limits.memory", "limits", "memory"),
    ("memory", "requests", "memory"),
    ("requests.cpu", "requests", "cpu"),
    ("requests.memory", "requests", "memory"),
];

fn missing(kind: &Kind, object: &Value, hard: &Amounts) -> Option<String> {
    if kind.storage != "/pods" {
        return None;
    }
    let mut out = Vec::new();
    for (name, map, resource) in SHARES.iter().filter(|(name, _, _)| hard.contains_key(*name)) {
        let containers = items(object, "/spec/containers").chain(items(object, "/spec/initContainers"));
        let says = |c: &&Value| c["resources"].get(*map).is_some_and(|own| own.get(*resource).is_some());
        let silent: Vec<&str> = containers.filter(|c| !says(c)).filter_map(|c| c["name"].as_str()).collect();
        if !silent.is_empty() {
            out.push(format!("{name} for: {}", silent.join(",")));
        }
    }
    (!out.is_empty()).then(|| out.join("; "))
}
