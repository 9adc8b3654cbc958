//! Services, Endpoints, EndpointSlices (`core/validation`, `discovery/validation`).

use super::causes::Causes;
use super::container::PROTOCOLS;
use super::meta;
use super::place::Place;
use super::shape;
use crate::names;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::IpAddr;

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const KUBELET_PORT: i64 = 10_250;
const MAX_AFFINITY_SECONDS: i64 = 86_400;

pub(super) fn service(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let kind = spec.text("type");
    if !spec.has_some("ports") && !is_headless(&spec) && kind != "ExternalName" {
        causes.required(&spec.child("ports"), "");
    }
    of_type(&spec, kind, causes);
    ports(&spec, causes);
    meta::labels(&spec.child("selector"), causes);
    session_affinity(&spec, causes);
    addresses(&spec, causes);
    for ip in spec.items("externalIPs") {
        match ip.as_text().parse::<IpAddr>() {
            Ok(address) => special(&ip, address, causes),
            Err(_) => causes.problems(&ip, &names::ip(ip.as_text())),
        }
    }
    causes.required_one_of(&spec.child("type"), &TYPES);
    port_pairs(&spec, kind, causes);
    load_balancer(&spec, kind, causes);
    traffic(&spec, kind, causes);
}

fn is_headless(spec: &Place<'_, '_>) -> bool {
    spec.text("clusterIP") == "None"
}

fn of_type(spec: &Place<'_, '_>, kind: &str, causes: &mut Causes) {
    match kind {
        "LoadBalancer" => {
            for port in spec.items("ports").filter(|port| port.number("port") == Some(KUBELET_PORT)) {
                let detail =
                    format!("may not expose port {KUBELET_PORT} externally since it is used by kubelet");
                causes.invalid_as(&port, &KUBELET_PORT.into(), &detail);
            }
            not_headless(spec, kind, causes);
        }
        "NodePort" => not_headless(spec, kind, causes),
        "ExternalName" => external_name(spec, causes),
        _ => {}
    }
}

fn not_headless(spec: &Place<'_, '_>, kind: &str, causes: &mut Causes) {
    if is_headless(spec) {
        let detail = format!("may not be set to 'None' for {kind} services");
        let message = format!("Invalid value: \"None\": {detail}");
        causes.push("FieldValueInvalid", "spec.clusterIPs[0]".into(), message);
    }
}

fn external_name(spec: &Place<'_, '_>, causes: &mut Causes) {
    // The server keeps clusterIP and clusterIPs alike.
    if spec.has_some("clusterIPs") || !spec.text("clusterIP").is_empty() {
        causes.forbidden(&spec.child("clusterIPs"), "may not be set for ExternalName services");
    }
    for field in ["ipFamilies", "ipFamilyPolicy"] {
        if spec.has(field) {
            causes.forbidden(&spec.child(field), "may not be set for ExternalName services");
        }
    }
    let name = spec.child("externalName");
    let cname = name.as_text().strip_suffix('.').unwrap_or(name.as_text());
    if cname.is_empty() {
        causes.required(&name, "");
    }
    if !cname.is_empty() {
        for problem in names::dns1123_subdomain(cname) {
            causes.invalid_as(&name, &cname.into(), &problem);
        }
    }
}

fn ports(spec: &Place<'_, '_>, causes: &mut Causes) {
    let mut names = HashSet::new();
    let need_names = spec.count("ports") > 1;
    for port in spec.items("ports") {
        let name = port.child("name");
        if !name.as_text().is_empty() {
            causes.problems(&name, &names::dns1123_label(name.as_text()));
            if !names.insert(name.as_text()) {
                causes.duplicate(&name);
            }
        } else if need_names {
            causes.required(&name, "");
        }
        causes.port_number(&port.child("port"));
        causes.required_one_of(&port.child("protocol"), &PROTOCOLS);
        causes.port(&port.child("targetPort"));
        if let Some(protocol) = port.given("appProtocol") {
            causes.problems(&protocol, &names::qualified_name(protocol.as_text()));
        }
    }
}

fn session_affinity(spec: &Place<'_, '_>, causes: &mut Causes) {
    let (affinity, config) = (spec.child("sessionAffinity"), spec.child("sessionAffinityConfig"));
    causes.required_one_of(&affinity, &["ClientIP", "None"]);
    if affinity.as_text() == "None" && !config.value().is_null() {
        causes.forbidden(&config, "must not be set when session affinity is None");
    }
    if affinity.as_text() != "ClientIP" {
        return;
    }
    let client = config.child("clientIP");
    let timeout = client.child("timeoutSeconds");
    let needed = "when session affinity type is ClientIP";
    if config.value().is_null() {
        causes.required(&config, needed);
    } else if client.value().is_null() {
        causes.required(&client, needed);
    } else if timeout.value().is_null() {
        causes.required(&timeout, needed);
    } else if !timeout.value().as_i64().is_some_and(|n| n > 0 && n <= MAX_AFFINITY_SECONDS) {
        let detail = format!("must be greater than 0 and less than {MAX_AFFINITY_SECONDS}");
        causes.invalid(&timeout, &detail);
    }
}

/// Families and cluster IPs, and how they fit together (`ValidateServiceClusterIPsRelatedFields`). Looked at before
/// anything is allocated, too.
pub(super) fn addresses(spec: &Place<'_, '_>, causes: &mut Causes) {
    if spec.text("type") == "ExternalName" {
        return;
    }
    let mut seen = HashSet::new();
    for family in spec.items("ipFamilies") {
        if !matches!(family.as_text(), "IPv4" | "IPv6") {
            causes.unsupported(&family, &["IPv4", "IPv6"]);
        }
        if !seen.insert(family.as_text()) {
            causes.duplicate(&family);
        }
    }
    let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    causes.one_of(&spec.child("ipFamilyPolicy"), &policies);
    cluster_ips(spec, causes);
}

fn cluster_ips(spec: &Place<'_, '_>, causes: &mut Causes) {
    let list = spec.child("clusterIPs");
    let ips: Vec<Place<'_, '_>> = spec.items("clusterIPs").collect();
    let primary = spec.child("clusterIP");
    if ips.is_empty() {
        // The server would make the list from this one.
        let ip = primary.as_text();
        if !matches!(ip, "" | "None") {
            for problem in names::ip(ip) {
                let message = format!("Invalid value: {ip:?}: {problem}");
                causes.push("FieldValueInvalid", format!("{}[0]", list.path()), message);
            }
        }
        return;
    }
    if primary.as_text().is_empty() {
        causes.invalid(&list, "must be empty when `clusterIP` is not specified");
    } else if primary.as_text() != ips[0].as_text() {
        causes.invalid(&list, "first value must match `clusterIP`");
    }
    let mut seen = HashSet::new();
    for (index, ip) in ips.iter().enumerate() {
        if ip.as_text() == "None" && index == 0 {
            if ips.len() > 1 {
                causes.invalid(&list, "'None' must be the first and only value");
            }
            continue;
        }
        causes.problems(ip, &names::ip(ip.as_text()));
        if !seen.insert(ip.as_text()) {
            causes.duplicate(ip);
        }
    }
    if ips.len() > 2 {
        causes.invalid(&list, "may only hold up to 2 values");
    }
}

fn port_pairs(spec: &Place<'_, '_>, kind: &str, causes: &mut Causes) {
    let number = |port: &Place<'_, '_>, field: &str| port.number(field).unwrap_or(0);
    if kind == "ClusterIP" {
        for port in spec.items("ports").filter(|port| number(port, "nodePort") != 0) {
            causes.forbidden(&port.child("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }
    }
    let mut taken = HashSet::new();
    for port in spec.items("ports").filter(|port| number(port, "nodePort") != 0) {
        if !taken.insert((port.text("protocol"), number(&port, "nodePort"))) {
            causes.duplicate(&port.child("nodePort"));
        }
    }
    let mut taken = HashSet::new();
    for port in spec.items("ports") {
        if !taken.insert((port.text("protocol"), number(&port, "port"))) {
            let key = json!({"protocol": port.text("protocol"), "port": number(&port, "port")});
            let shown = shape::text(&key, "core.v1", "ServicePort");
            causes.push("FieldValueDuplicate", port.path(), format!("Duplicate value: {shown}"));
        }
    }
}

const ONLY_LOAD_BALANCER: &str = "may only be used when `type` is 'LoadBalancer'";

fn load_balancer(spec: &Place<'_, '_>, kind: &str, causes: &mut Causes) {
    let ranges = spec.child("loadBalancerSourceRanges");
    if spec.has_some("loadBalancerSourceRanges") && kind != "LoadBalancer" {
        causes.forbidden(&ranges, ONLY_LOAD_BALANCER);
    }
    for range in spec.items("loadBalancerSourceRanges") {
        causes.problems(&range, &names::cidr(range.as_text().trim()));
    }
    for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        if spec.has(field) && kind != "LoadBalancer" {
            causes.forbidden(&spec.child(field), ONLY_LOAD_BALANCER);
        }
    }
    causes.optional_name(&spec.child("loadBalancerClass"), names::qualified_name);
}

const POLICIES: [&str; 2] = ["Cluster", "Local"];

fn traffic(spec: &Place<'_, '_>, kind: &str, causes: &mut Causes) {
    let policy = spec.child("externalTrafficPolicy");
    let is_external =
        matches!(kind, "LoadBalancer" | "NodePort") || kind == "ClusterIP" && spec.has_some("externalIPs");
    if is_external {
        causes.one_of(&policy, &POLICIES);
    } else if !policy.as_text().is_empty() {
        causes.invalid(&policy, "may only be set for externally-accessible services");
    }
    let health = spec.child("healthCheckNodePort");
    let has_health = kind == "LoadBalancer" && policy.as_text() == "Local";
    if !has_health && health.value().as_i64().is_some_and(|port| port != 0) {
        let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        causes.invalid(&health, detail);
    }
    causes.one_of(&spec.child("internalTrafficPolicy"), &POLICIES);
    let ways = ["PreferClose", "PreferSameNode", "PreferSameZone"];
    causes.one_of(&spec.child("trafficDistribution"), &ways);
}

/// What of a Service may not change.
pub(super) fn service_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "spec"), Place::of(new, "spec"));
    let either_external = [&was, &is].iter().any(|spec| spec.text("type") == "ExternalName");
    let first = |spec: &Place<'_, '_>| spec.value().pointer("/clusterIPs/0").cloned();
    let old_ip = first(&was);
    if !either_external && old_ip.is_some() && first(&is) != old_ip {
        let shown = crate::failure::shown(is.child("clusterIPs").value());
        let message = format!("Invalid value: {shown}: may not change once set");
        causes.push("FieldValueInvalid", "spec.clusterIPs[0]".into(), message);
    }
    let (class, old_class) = (is.child("loadBalancerClass"), was.child("loadBalancerClass"));
    let both_balance = [&was, &is].iter().all(|spec| spec.text("type") == "LoadBalancer");
    if both_balance && class.value() != old_class.value() {
        causes.invalid_text(&class, "may not change once set");
    }
}

/// Addresses of load balancers in the status.
pub(super) fn status(object: &Value, causes: &mut Causes) {
    let status = Place::of(object, "status");
    let balancer = status.child("loadBalancer");
    for ingress in balancer.items("ingress") {
        causes.optional_name(&ingress.child("ip"), names::ip);
        let host = ingress.child("hostname");
        causes.optional_name(&host, names::dns1123_subdomain);
        if host.as_text().parse::<IpAddr>().is_ok() {
            causes.invalid(&host, "must be a DNS name, not an IP address");
        }
    }
}

// An address that no Service can be reached by (`ValidateNonSpecialIP`).
fn special(place: &Place<'_, '_>, address: IpAddr, causes: &mut Causes) {
    let is_link_local = match address {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
    };
    let is_link_local_multicast = match address {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] == 0xff02,
    };
    if address.is_unspecified() {
        causes.invalid(place, &format!("may not be unspecified ({})", place.as_text()));
    }
    if address.is_loopback() {
        causes.invalid(place, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    }
    if is_link_local {
        causes.invalid(place, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    }
    if is_link_local_multicast {
        causes.invalid(place, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    }
}

pub(super) fn endpoints(object: &Value, causes: &mut Causes) {
    for subset in Place::object(object).items("subsets") {
        if !subset.has_some("addresses") && !subset.has_some("notReadyAddresses") {
            causes.required(&subset, "must specify `addresses` or `notReadyAddresses`");
        }
        for list in ["addresses", "notReadyAddresses"] {
            subset.items(list).for_each(|address| endpoint_address(&address, causes));
        }
        let need_names = subset.count("ports") > 1;
        for port in subset.items("ports") {
            if need_names || !port.text("name").is_empty() {
                causes.required_name(&port.child("name"), names::dns1123_label);
            }
            causes.port_number(&port.child("port"));
            causes.required_one_of(&port.child("protocol"), &PROTOCOLS);
        }
    }
}

fn endpoint_address(address: &Place<'_, '_>, causes: &mut Causes) {
    let ip = address.child("ip");
    match ip.as_text().parse::<IpAddr>() {
        Ok(parsed) => special(&ip, parsed, causes),
        Err(_) => causes.problems(&ip, &names::ip(ip.as_text())),
    }
    causes.optional_name(&address.child("hostname"), names::dns1123_label);
    causes.optional_name(&address.child("nodeName"), names::dns1123_subdomain);
}

pub(super) fn endpoint_slice(object: &Value, causes: &mut Causes) {
    let kind = Place::of(object, "addressType");
    causes.required_one_of(&kind, &["FQDN", "IPv4", "IPv6"]);
    let root = Place::object(object);
    for endpoint in root.items("endpoints") {
        slice_endpoint(&endpoint, kind.as_text(), causes);
    }
    let mut seen = HashSet::new();
    for port in root.items("ports") {
        causes.optional_name(&port.child("name"), names::dns1123_label);
        if !seen.insert(port.text("name")) {
            causes.duplicate_text(&port.child("name"));
        }
        causes.required_one_of(&port.child("protocol"), &PROTOCOLS);
        if port.has("port") {
            causes.port_number(&port.child("port"));
        }
    }
}

fn slice_endpoint(endpoint: &Place<'_, '_>, kind: &str, causes: &mut Causes) {
    if !endpoint.has_some("addresses") {
        causes.required(&endpoint.child("addresses"), "must contain at least 1 address");
    }
    for address in endpoint.items("addresses") {
        let text = address.as_text();
        match (kind, text.parse::<IpAddr>()) {
            ("IPv4", Ok(ip @ IpAddr::V4(_))) | ("IPv6", Ok(ip @ IpAddr::V6(_))) => {
                special(&address, ip, causes);
            }
            ("IPv4" | "IPv6", Err(_)) => causes.problems(&address, &names::ip(text)),
            ("IPv4" | "IPv6", Ok(_)) => causes.invalid(&address, &format!("must be an {kind} address")),
            ("FQDN", _) => causes.problems(&address, &names::has_segments(text.trim_end_matches('.'), 2)),
            _ => {}
        }
    }
    causes.optional_name(&endpoint.child("nodeName"), names::dns1123_subdomain);
    causes.optional_name(&endpoint.child("hostname"), names::dns1123_label);
}
