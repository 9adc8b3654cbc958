//! Rows of Services and what is around them.

use super::reading::{labels, list, number, selector, shown, text, text_or, with_more};
use crate::dig::Dig;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many hosts, ports or addresses are listed.
const MOST: usize = 3;

pub(super) fn service(object: &Value) -> (Vec<Value>, Vec<Value>) {
    let kind = text(object, "/spec/type");
    let address = list(object, "/spec/clusterIPs").first().and_then(Value::as_str).unwrap_or("<none>");
    let ports: Vec<String> = list(object, "/spec/ports")
        .iter()
        .map(|port| match (number(port, "/port"), number(port, "/nodePort"), text(port, "/protocol")) {
            (port, 0, protocol) => format!("{port}/{protocol}"),
            (port, node, protocol) => format!("{port}:{node}/{protocol}"),
        })
        .collect();
    let ports = if ports.is_empty() { "<none>".to_owned() } else { ports.join(",") };
    let middle = vec![kind.into(), address.into(), external(object, kind).into(), ports.into()];
    (middle, vec![labels(object.at("/spec/selector")).into()])
}

fn external(service: &Value, kind: &str) -> String {
    let given: Vec<&str> = list(service, "/spec/externalIPs").iter().filter_map(Value::as_str).collect();
    match kind {
        "ClusterIP" | "NodePort" if given.is_empty() => "<none>".into(),
        "ClusterIP" | "NodePort" => given.join(","),
        "LoadBalancer" => {
            let all: Vec<String> =
                ingress_points(service).into_iter().chain(given.iter().map(|ip| (*ip).to_owned())).collect();
            if all.is_empty() { "<pending>".into() } else { all.join(",") }
        }
        "ExternalName" => text(service, "/spec/externalName").into(),
        _ => "<unknown>".into(),
    }
}

fn ingress_points(object: &Value) -> BTreeSet<String> {
    let points = list(object, "/status/loadBalancer/ingress").iter();
    points.map(|p| text_or(p, "/ip", text(p, "/hostname")).to_owned()).filter(|p| !p.is_empty()).collect()
}

pub(super) fn ingress(object: &Value) -> Vec<Value> {
    let class = object.at("/spec/ingressClassName").and_then(Value::as_str).unwrap_or("<none>");
    let rules = list(object, "/spec/rules");
    let (mut hosts, mut more) = (Vec::new(), false);
    for rule in rules {
        more |= hosts.len() == MOST;
        if !more && !text(rule, "/host").is_empty() {
            hosts.push(text(rule, "/host"));
        }
    }
    let hosts = match (hosts.is_empty(), more) {
        (true, _) => "*".to_owned(),
        (_, true) => format!("{} + {} more...", hosts.join(","), rules.len() - MOST),
        (_, false) => hosts.join(","),
    };
    let points: Vec<String> = ingress_points(object).into_iter().collect();
    let ports = if list(object, "/spec/tls").is_empty() { "80" } else { "80, 443" };
    vec![class.into(), hosts.into(), points.join(",").into(), ports.into()]
}

pub(super) fn ingress_class(object: &Value) -> Vec<Value> {
    let parameters = object.at("/spec/parameters").map_or("<none>".to_owned(), |p| {
        let group = text(p, "/apiGroup");
        let dot = if group.is_empty() { "" } else { "." };
        format!("{}{dot}{group}/{}", text(p, "/kind"), text(p, "/name"))
    });
    vec![text(object, "/spec/controller").into(), parameters.into()]
}

pub(super) fn policy(object: &Value) -> Vec<Value> {
    vec![selector(object.at("/spec/podSelector")).into()]
}

pub(super) fn cidrs(object: &Value) -> Vec<Value> {
    let cidrs: Vec<&str> = list(object, "/spec/cidrs").iter().filter_map(Value::as_str).collect();
    vec![cidrs.join(",").into()]
}

pub(super) fn address(object: &Value) -> Vec<Value> {
    let parent = object.at("/spec/parentRef").map_or("<none>".to_owned(), |parent| {
        let mut parts = vec![text(parent, "/resource").to_lowercase()];
        if !text(parent, "/group").is_empty() {
            parts[0] = format!("{}.{}", parts[0], text(parent, "/group").to_lowercase());
        }
        parts.extend([text(parent, "/namespace"), text(parent, "/name")].map(str::to_owned));
        parts.retain(|part| !part.is_empty());
        parts.join("/")
    });
    vec![parent.into()]
}

pub(super) fn endpoints(object: &Value) -> String {
    let subsets = list(object, "/subsets");
    if subsets.is_empty() {
        return "<none>".into();
    }
    let mut all = Vec::new();
    for subset in subsets {
        let addresses = || list(subset, "/addresses").iter().map(|a| text(a, "/ip"));
        let ports = list(subset, "/ports");
        if ports.is_empty() {
            all.extend(addresses().map(str::to_owned));
        }
        for port in ports {
            let number = number(port, "/port");
            all.extend(addresses().map(|ip| match ip.contains(':') {
                true => format!("[{ip}]:{number}"),
                false => format!("{ip}:{number}"),
            }));
        }
    }
    let count = all.len();
    with_more(all, MOST, count, ",")
}

pub(super) fn slice(object: &Value) -> Vec<Value> {
    let ports: Vec<String> = list(object, "/ports")
        .iter()
        .map(|port| match (shown(port.at("/port")), text(port, "/name")) {
            (number, _) if !number.is_empty() => number,
            (_, name) => if name.is_empty() { "*" } else { name }.to_owned(),
        })
        .collect();
    let addresses: Vec<String> = list(object, "/endpoints")
        .iter()
        .flat_map(|endpoint| list(endpoint, "/addresses"))
        .map(|address| shown(Some(address)))
        .collect();
    let cell = |texts: Vec<String>| {
        let count = texts.len();
        match with_more(texts, MOST, count, ",") {
            text if text.is_empty() => Value::from("<unset>"),
            text => text.into(),
        }
    };
    vec![text(object, "/addressType").into(), cell(ports), cell(addresses)]
}
