//! Subresources with a life of their own: scale, log, eviction, binding, finalize.

use crate::convert;
use crate::decode;
use crate::dig::Dig;
use crate::failure::{Cause, Failure, go_quote};
use crate::fields::{self, Managed};
use crate::kinds::Kind;
use crate::patch::{json, merge};
use crate::server::{Call, Reply, Server};
use crate::write::meta;
use serde_json::{Value, json};
use std::sync::Arc;

impl Server {
    /// Answers what `dispatch` does not know how to.
    pub(crate) fn subresource(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        match call.subresource.as_str() {
            "status" => self.get(call),
            "scale" => self.scale(call),
            "log" => self.log(call),
            "token" => self.request_token(call),
            "eviction" => self.evict(call),
            "binding" => self.bind(call),
            "finalize" => self.finalize(call),
            "approval" | "ephemeralcontainers" | "resize" => self.whole_object(call),
            other @ ("exec" | "attach" | "portforward" | "proxy") => {
                let text = format!(
                    "{other} has nothing to reach: the sandbox runs no containers, it only says what they would do (see the \
                     annotations sim/log, sim/exit-code, sim/ready, sim/delay and sim/crash-loop of a Pod)"
                );
                Err(Failure::new(501, Some("NotImplemented"), text))
            }
            other => {
                let text = format!("this server does not serve the subresource {other}");
                Err(Failure::new(501, Some("NotImplemented"), text))
            }
        }
    }

    // Subresources that read and write the object as a whole.
    fn whole_object(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        match call.request.method {
            http::Method::GET => self.get(call),
            http::Method::PUT => self.update(call),
            _ => self.patch(call),
        }
    }

    fn scale(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let live = self.find(call)?;
        let paths = ScalePaths::of(&call.kind);
        let current = scale_of(call, &live, &paths);
        let is_set = call.kind.custom.is_none() || at(&live, &paths.spec).is_some();
        let field = go_quote(&paths.spec_text);
        let sent = match call.request.method {
            http::Method::GET if !is_set => {
                return Err(Failure::internal(&format!("the spec replicas field {field} does not exist")));
            }
            http::Method::GET => return Ok(Reply::ok(Arc::new(current))),
            http::Method::PUT => decode::object(&call.request.body, false, &call.kind)?.value,
            _ => patched_scale(call, &current)?,
        };
        if !is_set && sent.at("/spec/replicas").is_none() {
            return Err(Failure::bad_request(format!("the spec replicas field {field} cannot be empty")));
        }
        let version = meta(&sent, "resourceVersion");
        if !version.is_empty() && version != meta(&live, "resourceVersion") {
            return Err(Failure::stale(&call.kind, call.name.as_deref().unwrap_or_default()));
        }
        let replicas = sent.at("/spec/replicas").cloned().unwrap_or_else(|| 0.into());
        if replicas.as_i64().is_none_or(|r| r < 0) {
            let cause = Cause::invalid("spec.replicas", &replicas, "must be greater than or equal to 0");
            let name = call.name.as_deref().unwrap_or_default();
            return Err(Failure::invalid_as("Scale", "autoscaling", name, &[cause]));
        }
        let view = convert::view(&call.kind, &live);
        let mut new = (*view).clone();
        set_path(&mut new, &paths.spec, replicas);
        let had_managers = !Managed::of(&view).is_empty();
        let now = self.now.clone();
        fields::update(&call.kind, Some(&view), &mut new, &call.writer(false), &now);
        if had_managers {
            drop_scale_time(&mut new);
        }
        let plain = Call { subresource: String::new(), ..call.clone() };
        let Reply::Object { code, object } = self.update_object(&plain, new)? else {
            return Err(Failure::no_resource());
        };
        Ok(Reply::Object { code, object: Arc::new(scale_of(call, &object, &paths)) })
    }

    // Nothing runs, so a Pod logs what its annotation `sim/log` says; of others no log can be had.
    fn log(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let pod = self.find(call)?;
        let name = call.name.as_deref().unwrap_or_default();
        check_log_options(call, name)?;
        let container = call.request.parameter("container").unwrap_or_default();
        let names: Vec<&str> = ["containers", "initContainers", "ephemeralContainers"]
            .iter()
            .filter_map(|list| pod.at(&format!("/spec/{list}")).and_then(Value::as_array))
            .flatten()
            .filter_map(|c| c.get("name").and_then(Value::as_str))
            .collect();
        let main = pod.at("/spec/containers").and_then(Value::as_array).map_or(0, Vec::len);
        if container.is_empty() && main > 1 {
            let choose = names[..main].join(" ");
            let init = if names.len() > main {
                format!(" or one of the init containers: [{}]", names[main..].join(" "))
            } else {
                String::new()
            };
            let text =
                format!("a container name must be specified for pod {name}, choose one of: [{choose}]{init}");
            return Err(Failure::bad_request(text));
        }
        if !container.is_empty() && !names.contains(&container) {
            return Err(Failure::bad_request(format!("container {container} is not valid for pod {name}")));
        }
        if meta_pointer(&pod, "/spec/nodeName").is_empty() {
            return Ok(Reply::Text { code: 204, media: "text/plain", text: String::new() });
        }
        match pod.at("/metadata/annotations").and_then(|a| a.get("sim/log")).and_then(Value::as_str) {
            Some(text) => Ok(Reply::Text { code: 200, media: "text/plain", text: text.to_owned() }),
            None => Err(no_kubelet()),
        }
    }

    fn evict(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let sent = decode::object(&call.request.body, false, &call.kind)?.value;
        let name = call.name.clone().unwrap_or_default();
        let named = meta(&sent, "name");
        if !named.is_empty() && named != name {
            return Err(Failure::bad_request("name in URL does not match name in Eviction object"));
        }
        let pod = self.find(call)?;
        self.check_budgets(call, &pod)?;
        let dry = call.request.is_dry_run()
            || sent.at("/deleteOptions/dryRun").and_then(Value::as_array).is_some_and(|d| !d.is_empty());
        if !dry {
            self.delete_in_background(&call.key());
            self.settle();
        }
        let status =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
        Ok(Reply::Object { code: 201, object: Arc::new(status) })
    }

    fn check_budgets(&self, call: &Call<'_>, pod: &Value) -> Result<(), Failure> {
        let prefix = crate::store::prefix("policy/poddisruptionbudgets", &call.namespace);
        for (_, budget) in self.store.scan(&prefix) {
            let selector = crate::selector::Selector::of_label_selector(budget.at("/spec/selector"));
            if !selector.is_some_and(|s| s.matches(pod)) {
                continue;
            }
            let number =
                |field: &str| budget.at(&format!("/status/{field}")).and_then(Value::as_i64).unwrap_or(0);
            if number("disruptionsAllowed") <= 0 {
                let message = format!(
                    "The disruption budget {} needs {} healthy pods and has {} currently",
                    meta(budget, "name"),
                    number("desiredHealthy"),
                    number("currentHealthy")
                );
                let causes = json!([{"reason": "DisruptionBudget", "message": message}]);
                let text = "Cannot evict pod as it would violate the pod's disruption budget.";
                return Err(
                    Failure::new(429, Some("TooManyRequests"), text).with_details(json!({"causes": causes}))
                );
            }
        }
        Ok(())
    }

    fn bind(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let pod = self.find(call)?;
        let name = call.name.as_deref().unwrap_or_default();
        let refused = |why: String| {
            let text = format!("Operation cannot be fulfilled on pods/binding {name:?}: {why}");
            Err(Failure::new(409, Some("Conflict"), text)
                .with_details(json!({"kind": "pods/binding", "name": name})))
        };
        if pod.at("/spec/schedulingGates").and_then(Value::as_array).is_some_and(|g| !g.is_empty()) {
            return refused(format!("pod {name} has non-empty .spec.schedulingGates"));
        }
        let node = meta_pointer(&pod, "/spec/nodeName");
        if !node.is_empty() {
            return refused(format!("pod {name} is already assigned to node {node:?}"));
        }
        let sent = decode::object(&call.request.body, false, &call.kind)?.value;
        let mut new = (*pod).clone();
        new["spec"]["nodeName"] = sent.at("/target/name").cloned().unwrap_or_default();
        let key = call.key();
        self.store.put(&key, new);
        self.written(&key);
        let status =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
        Ok(Reply::Object { code: 201, object: Arc::new(status) })
    }

    fn finalize(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let live = self.find(call)?;
        let sent = decode::object(&call.request.body, false, &call.kind)?.value;
        let mut new = (*live).clone();
        match sent.at("/spec/finalizers") {
            Some(list) if list.as_array().is_some_and(|l| !l.is_empty()) => {
                new["spec"]["finalizers"] = list.clone()
            }
            _ => crate::strategy::remove(&mut new["spec"], "finalizers"),
        }
        let key = call.key();
        let stored = self.store.put(&key, new);
        self.written(&key);
        Ok(Reply::ok(stored))
    }
}

fn meta_pointer<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.at(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Where a kind keeps its replicas.
struct ScalePaths {
    spec: Vec<String>,
    spec_text: String,
    status: Vec<String>,
    selector: Option<Vec<String>>,
}

impl ScalePaths {
    fn of(kind: &Kind) -> ScalePaths {
        let split = |path: &str| path.split('.').filter(|p| !p.is_empty()).map(str::to_owned).collect();
        let custom = kind.custom.as_ref().and_then(|c| c.scale.as_ref());
        let text = |field: &str| custom.and_then(|s| s.get(field)).and_then(Value::as_str);
        ScalePaths {
            spec_text: text("specReplicasPath").unwrap_or(".spec.replicas").to_owned(),
            spec: split(text("specReplicasPath").unwrap_or("spec.replicas")),
            status: split(text("statusReplicasPath").unwrap_or("status.replicas")),
            selector: text("labelSelectorPath").map(split),
        }
    }
}

fn at<'v>(object: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(object, |value, part| value.get(part))
}

fn set_path(object: &mut Value, path: &[String], value: Value) {
    let mut place = object;
    for part in path {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[part.as_str()];
    }
    *place = value;
}

fn scale_of(call: &Call<'_>, object: &Value, paths: &ScalePaths) -> Value {
    let mut metadata = json!({});
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object.get("metadata").and_then(|m| m.get(field)) {
            metadata[field] = value.clone();
        }
    }
    let number = |path: &[String]| at(object, path).and_then(Value::as_i64).unwrap_or(0);
    let replicas = number(&paths.spec);
    let mut scale = json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {}, "status": {"replicas": number(&paths.status)},
    });
    if replicas != 0 {
        scale["spec"]["replicas"] = replicas.into();
    }
    let selector = match &paths.selector {
        Some(path) => at(object, path).and_then(Value::as_str).map(str::to_owned),
        None if call.kind.custom.is_none() => selector_text(object),
        None => None,
    };
    if let Some(selector) = selector.filter(|s| !s.is_empty()) {
        scale["status"]["selector"] = selector.into();
    }
    scale
}

fn selector_text(object: &Value) -> Option<String> {
    let selector = object.at("/spec/selector")?;
    let labels = selector.get("matchLabels").unwrap_or(selector).as_object()?;
    let pairs: Vec<String> =
        labels.iter().filter_map(|(k, v)| v.as_str().map(|v| format!("{k}={v}"))).collect();
    Some(pairs.join(","))
}

fn patched_scale(call: &Call<'_>, current: &Value) -> Result<Value, Failure> {
    let decoded = decode::json(&call.request.body)
        .map_err(|error| Failure::bad_request(format!("error decoding patch: {error}")))?;
    match (call.request.body_type(), decoded.value) {
        ("application/json-patch+json", Value::Array(operations)) => json::apply(current.clone(), operations)
            .map_err(|()| {
                Failure::new(
                    422,
                    Some("Invalid"),
                    "the server rejected our request due to an error in our request",
                )
            }),
        (_, patch) => Ok(merge::apply(current, patch)),
    }
}

// Scale requests do not stamp their entry (`scalehandler.go`).
fn drop_scale_time(object: &mut Value) {
    let entries = object.pointer_mut("/metadata/managedFields").and_then(Value::as_array_mut);
    for entry in entries.into_iter().flatten() {
        if entry.get("subresource").and_then(Value::as_str) == Some("scale") {
            crate::strategy::remove(entry, "time");
        }
    }
}

// The node has no address at which a kubelet could be asked (`node.GetPreferredNodeAddress`).
fn no_kubelet() -> Failure {
    Failure::new(500, None, "no preferred addresses found; known addresses: []".to_owned())
}

fn check_log_options(call: &Call<'_>, name: &str) -> Result<(), Failure> {
    let number = |parameter: &str| match call.request.parameter(parameter) {
        Some(text) => text
            .parse::<i64>()
            .map(Some)
            .map_err(|_| Failure::bad_request(format!("strconv.ParseInt: parsing {text:?}: invalid syntax"))),
        None => Ok(None),
    };
    let mut causes = Vec::new();
    if let Some(lines) = number("tailLines")?.filter(|l| *l < 0) {
        causes.push(Cause::invalid("tailLines", &lines.into(), "must be greater than or equal to 0"));
    }
    if let Some(bytes) = number("limitBytes")?.filter(|l| *l < 1) {
        causes.push(Cause::invalid("limitBytes", &bytes.into(), "must be greater than 0"));
    }
    if let Some(seconds) = number("sinceSeconds")?.filter(|l| *l < 1) {
        causes.push(Cause::invalid("sinceSeconds", &seconds.into(), "must be greater than 0"));
    }
    if causes.is_empty() { Ok(()) } else { Err(Failure::invalid_as("PodLogOptions", "", name, &causes)) }
}
