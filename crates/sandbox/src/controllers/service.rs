//! Services: endpoints of the Pods they select, and addresses of load balancers.

use super::objects::{MANAGER, controller_reference, is_deleting, is_finished, is_ready, number, text};
use crate::dig::Dig;
use crate::kinds;
use crate::selector::Selector;
use crate::server::Server;
use crate::store;
use crate::write::meta;
use serde_json::{Value, json};
use std::sync::Arc;

const SLICES: &str = "discovery.k8s.io/endpointslices";

impl Server {
    pub(super) fn publish_service(&mut self, key: &str) {
        let Some(service) = self.store.get(key).cloned() else { return };
        if is_deleting(&service) {
            return;
        }
        self.balance(key, &service);
        let selector = Selector::of_map(service.at("/spec/selector"));
        let Some(selector) = selector.filter(|_| text(&service, "/spec/type") != "ExternalName") else {
            return;
        };
        let prefix = store::prefix("/pods", meta(&service, "namespace"));
        let pods: Vec<Arc<Value>> = self
            .store
            .scan(&prefix)
            .map(|(_, pod)| pod.clone())
            .filter(|p| selector.matches(p) && !is_finished(p) && !is_deleting(p))
            .filter(|p| !text(p, "/status/podIP").is_empty())
            .collect();
        self.write_slice(&service, &pods);
        self.write_endpoints(&service, &pods);
    }

    fn balance(&mut self, key: &str, service: &Arc<Value>) {
        let wanted = text(service, "/spec/type") == "LoadBalancer";
        let has = service.at("/status/loadBalancer/ingress").is_some();
        if wanted && !has && self.options.load_balancers {
            let asked = text(service, "/spec/loadBalancerIP");
            let number =
                meta(service, "uid").bytes().fold(7u32, |n, b| n.wrapping_mul(31).wrapping_add(u32::from(b)));
            // 203.0.113.0/24 is for documentation.
            let ip =
                if asked.is_empty() { format!("203.0.113.{}", 1 + number % 254) } else { asked.to_owned() };
            self.put_status(key, json!({"loadBalancer": {"ingress": [{"ip": ip, "ipMode": "VIP"}]}}));
        } else if !wanted && has {
            self.put_status(key, json!({"loadBalancer": {}}));
        }
    }

    fn write_slice(&mut self, service: &Arc<Value>, pods: &[Arc<Value>]) {
        let slices = self.controlled(service, SLICES);
        let endpoints: Vec<Value> = pods.iter().map(|p| endpoint(p, service)).collect();
        let ports = slice_ports(service, pods.first());
        if let Some((key, slice)) = slices.first() {
            let mut new = (**slice).clone();
            new["endpoints"] = if endpoints.is_empty() { Value::Null } else { endpoints.into() };
            new["ports"] = if ports.is_empty() { Value::Null } else { ports.into() };
            new["metadata"]["labels"] = slice_labels(service);
            if new["endpoints"] != slice["endpoints"] || new["ports"] != slice["ports"] {
                new["metadata"]["generation"] = (number(slice, "/metadata/generation") + 1).into();
                touch(&mut new, &self.now);
            }
            self.put_own(key, new, MANAGER, "");
            return;
        }
        let mut slice = json!({
            "metadata": {
                "generateName": format!("{}-", meta(service, "name")), "namespace": meta(service, "namespace"),
                "labels": slice_labels(service), "ownerReferences": [controller_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": if endpoints.is_empty() { Value::Null } else { endpoints.into() },
            "ports": if ports.is_empty() { Value::Null } else { Value::from(ports) },
        });
        touch(&mut slice, &self.now);
        self.create_own(kinds::stored(SLICES), MANAGER, slice);
    }

    fn write_endpoints(&mut self, service: &Arc<Value>, pods: &[Arc<Value>]) {
        let (namespace, name) = (meta(service, "namespace"), meta(service, "name"));
        let addresses = |ready: bool| -> Vec<Value> {
            let pods = pods.iter().filter(|p| is_ready(p) == ready);
            pods.map(|p| address(p, service)).collect()
        };
        let mut subsets = Value::Null;
        if !pods.is_empty() {
            let mut subset = json!({"ports": endpoint_ports(service, pods.first())});
            for (field, list) in [("addresses", addresses(true)), ("notReadyAddresses", addresses(false))] {
                if !list.is_empty() {
                    subset[field] = list.into();
                }
            }
            subsets = json!([subset]);
        }
        let mut labels = service.at("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
        labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller".into();
        if text(service, "/spec/clusterIP") == "None" {
            labels["service.kubernetes.io/headless"] = "".into();
        }
        let key = store::key("/endpoints", namespace, name);
        if let Some(found) = self.store.get(&key).cloned() {
            let mut new = (*found).clone();
            new["metadata"]["labels"] = labels;
            if subsets.is_null() {
                crate::strategy::remove(&mut new, "subsets")
            } else {
                new["subsets"] = subsets
            }
            if new["subsets"] != found["subsets"] {
                touch(&mut new, &self.now);
            }
            self.put_own(&key, new, MANAGER, "");
            return;
        }
        let mut endpoints =
            json!({"metadata": {"name": name, "namespace": namespace, "labels": labels}, "subsets": subsets});
        touch(&mut endpoints, &self.now);
        self.create_own(kinds::stored("/endpoints"), MANAGER, endpoints);
    }
}

fn touch(object: &mut Value, now: &str) {
    let annotations = crate::write::metadata(object).entry("annotations").or_insert_with(|| json!({}));
    annotations["endpoints.kubernetes.io/last-change-trigger-time"] = now.into();
}

fn slice_labels(service: &Value) -> Value {
    let mut labels = service.at("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
    labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io".into();
    labels["kubernetes.io/service-name"] = meta(service, "name").into();
    if text(service, "/spec/clusterIP") == "None" {
        labels["service.kubernetes.io/headless"] = "".into();
    }
    labels
}

fn target(pod: &Value) -> Value {
    json!({
        "kind": "Pod", "name": meta(pod, "name"), "namespace": meta(pod, "namespace"), "uid": meta(pod, "uid")
    })
}

// Only Pods that name this Service as their subdomain have a host name in it.
fn hostname<'p>(pod: &'p Value, service: &Value) -> &'p str {
    if text(pod, "/spec/subdomain") == meta(service, "name") { text(pod, "/spec/hostname") } else { "" }
}

fn endpoint(pod: &Value, service: &Value) -> Value {
    let ready = is_ready(pod);
    let mut endpoint = json!({
        "addresses": [text(pod, "/status/podIP")],
        "conditions": {"ready": ready, "serving": ready, "terminating": false},
        "nodeName": text(pod, "/spec/nodeName"), "targetRef": target(pod),
    });
    let name = hostname(pod, service);
    if !name.is_empty() {
        endpoint["hostname"] = name.into();
    }
    endpoint
}

fn address(pod: &Value, service: &Value) -> Value {
    let mut address = json!({
        "ip": text(pod, "/status/podIP"), "nodeName": text(pod, "/spec/nodeName"), "targetRef": target(pod)
    });
    let name = hostname(pod, service);
    if !name.is_empty() {
        address["hostname"] = name.into();
    }
    address
}

// The number behind a target port, which may be the name of a container port.
fn port_number(port: &Value, pod: Option<&Arc<Value>>) -> Option<Value> {
    match port.get("targetPort") {
        Some(Value::String(name)) => {
            let containers = pod?.at("/spec/containers").and_then(Value::as_array)?;
            let ports = containers.iter().filter_map(|c| c.get("ports").and_then(Value::as_array)).flatten();
            let named = ports.into_iter().find(|p| p["name"] == name.as_str())?;
            named.get("containerPort").cloned()
        }
        Some(number) => Some(number.clone()),
        None => port.get("port").cloned(),
    }
}

fn endpoint_ports(service: &Value, pod: Option<&Arc<Value>>) -> Vec<Value> {
    let ports = service.at("/spec/ports").and_then(Value::as_array).into_iter().flatten();
    let mut out = Vec::new();
    for port in ports {
        let Some(number) = port_number(port, pod) else { continue };
        let mut entry = json!({"port": number, "protocol": port["protocol"]});
        for field in ["name", "appProtocol"] {
            if let Some(value) = port.get(field) {
                entry[field] = value.clone();
            }
        }
        out.push(entry);
    }
    out
}

fn slice_ports(service: &Value, pod: Option<&Arc<Value>>) -> Vec<Value> {
    let Some(pod) = pod else { return Vec::new() };
    let mut ports = endpoint_ports(service, Some(pod));
    for port in &mut ports {
        if port.get("name").is_none() {
            port["name"] = "".into();
        }
    }
    // A stable order; a real controller's follows the iteration of a map.
    ports.sort_by_key(|p| p["port"].as_i64());
    ports
}
