//! The status of built-in kinds, where clients write it: addresses of load balancers.

use crate::dig::Dig;
use crate::failure::Cause;
use crate::kinds::Kind;
use serde_json::Value;
use std::net::IpAddr;

/// Problems of a changed status.
pub(super) fn causes(kind: &Kind, object: &Value) -> Vec<Cause> {
    match kind.storage.as_str() {
        "networking.k8s.io/ingresses" | "/services" => load_balancer(object),
        _ => Vec::new(),
    }
}

fn load_balancer(object: &Value) -> Vec<Cause> {
    let points = object.at("/status/loadBalancer/ingress").and_then(Value::as_array);
    let mut causes = Vec::new();
    for (index, point) in points.into_iter().flatten().enumerate() {
        let path = format!("status.loadBalancer.ingress[{index}]");
        let text = |field: &str| point.get(field).and_then(Value::as_str).unwrap_or_default();
        let (ip, host) = (text("ip"), text("hostname"));
        if !ip.is_empty() && ip.parse::<IpAddr>().is_err() {
            let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            causes.push(Cause::invalid(format!("{path}.ip"), &ip.into(), why));
        }
        if host.is_empty() {
            continue;
        }
        let problems = crate::names::dns1123_subdomain(host);
        let at = format!("{path}.hostname");
        causes.extend(problems.iter().map(|p| Cause::invalid(at.as_str(), &host.into(), p)));
        if host.parse::<IpAddr>().is_ok() {
            causes.push(Cause::invalid(at, &host.into(), "must be a DNS name, not an IP address"));
        }
    }
    causes
}
