//! Ingresses, IngressClasses, NetworkPolicies (`networking/validation`).

use super::causes::Causes;
use super::place::Place;
use super::selectors::label_selector;
use crate::names;
use serde_json::Value;
use std::net::IpAddr;

const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

/// The class may be told in one way only. Old Ingresses that tell it twice may be changed.
pub(super) fn ingress_class_twice(object: &Value, causes: &mut Causes) {
    let metadata = Place::of(object, "metadata");
    let annotations = metadata.child("annotations");
    let class = annotations.child(CLASS_ANNOTATION);
    if !class.value().is_null() && Place::of(object, "spec").has("ingressClassName") {
        causes.invalid(&class, "can not be set when the class field is also set");
    }
}

pub(super) fn ingress(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    if !spec.has_some("rules") && !spec.has("defaultBackend") {
        let rules = spec.child("rules");
        causes.invalid_as(&spec, rules.value(), "either `defaultBackend` or `rules` must be specified");
    }
    if let Some(default) = spec.given("defaultBackend") {
        backend(&default, causes);
    }
    for rule in spec.items("rules") {
        host(&rule.child("host"), causes);
        if let Some(http) = rule.given("http") {
            paths(&http, causes);
        }
    }
    for tls in spec.items("tls") {
        for host in tls.items("hosts") {
            let is_wildcard = host.as_text().contains('*');
            let rule = if is_wildcard { names::wildcard_subdomain } else { names::dns1123_subdomain };
            causes.problems(&host, &rule(host.as_text()));
        }
        causes.optional_name(&tls.child("secretName"), names::dns1123_subdomain);
    }
    if let Some(class) = spec.given("ingressClassName") {
        causes.problems(&class, &names::dns1123_subdomain(class.as_text()));
    }
}

fn host(host: &Place<'_, '_>, causes: &mut Causes) {
    let name = host.as_text();
    if name.is_empty() {
        return;
    }
    if name.parse::<IpAddr>().is_ok() {
        causes.invalid(host, "must be a DNS name, not an IP address");
    }
    let rule = if name.contains('*') { names::wildcard_subdomain } else { names::dns1123_subdomain };
    causes.problems(host, &rule(name));
}

fn paths(http: &Place<'_, '_>, causes: &mut Causes) {
    if !http.has_some("paths") {
        causes.required(&http.child("paths"), "");
    }
    for path in http.items("paths") {
        let kind = path.child("pathType");
        if kind.value().is_null() {
            causes.required(&kind, "pathType must be specified");
            continue;
        }
        path_text(&path.child("path"), &kind, causes);
        backend(&path.child("backend"), causes);
    }
}

const BAD_SEQUENCES: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDS: [&str; 2] = ["/..", "/."];

fn path_text(path: &Place<'_, '_>, kind: &Place<'_, '_>, causes: &mut Causes) {
    let text = path.as_text();
    match kind.as_text() {
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                causes.invalid_text(path, "must be an absolute path");
            }
            for sequence in BAD_SEQUENCES.iter().filter(|sequence| text.contains(**sequence)) {
                causes.invalid(path, &format!("must not contain '{sequence}'"));
            }
            for end in BAD_ENDS.iter().filter(|end| text.ends_with(**end)) {
                causes.invalid(path, &format!("cannot end with '{end}'"));
            }
        }
        "ImplementationSpecific" => {
            if !text.is_empty() && !text.starts_with('/') {
                causes.invalid(path, "must be an absolute path");
            }
        }
        _ => causes.unsupported(kind, &["Exact", "ImplementationSpecific", "Prefix"]),
    }
}

fn backend(backend: &Place<'_, '_>, causes: &mut Causes) {
    match (backend.given("service"), backend.given("resource")) {
        (Some(_), Some(_)) => {
            causes.invalid_as(backend, &"".into(), "cannot set both resource and service backends");
        }
        (None, Some(resource)) => local_object(&resource, causes),
        (Some(service), None) => service_backend(backend, &service, causes),
        (None, None) => causes.invalid_as(backend, &"".into(), "resource or service backend is required"),
    }
}

fn local_object(reference: &Place<'_, '_>, causes: &mut Causes) {
    causes.optional_name(&reference.child("apiGroup"), names::dns1123_subdomain);
    causes.required_name(&reference.child("kind"), names::path_segment);
    causes.required_name(&reference.child("name"), names::path_segment);
}

fn service_backend(backend: &Place<'_, '_>, service: &Place<'_, '_>, causes: &mut Causes) {
    causes.required_name(&service.child("name"), names::dns1123_label);
    let port = service.child("port");
    let (name, number) = (port.child("name"), port.child("number"));
    match (!name.as_text().is_empty(), number.value().as_i64().is_some_and(|n| n != 0)) {
        (true, true) => causes.invalid_as(backend, &"".into(), "cannot set both port name & port number"),
        (true, false) => causes.port(&name),
        (false, true) => causes.port_number(&number),
        (false, false) => causes.required(backend, "port name or number is required"),
    }
}

pub(super) fn ingress_class(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    let controller = spec.child("controller");
    let text = controller.as_text();
    if text.is_empty() {
        causes.required(&controller, "");
        return;
    }
    match text.split_once('/') {
        Some((domain, path)) if !domain.is_empty() && !path.is_empty() => {
            for problem in names::dns1123_subdomain(domain) {
                causes.invalid_as(&controller, &domain.into(), &problem);
            }
        }
        _ => causes.invalid(&controller, "must be a domain-prefixed path (such as \"acme.io/foo\")"),
    }
}

pub(super) fn ingress_class_changes(old: &Value, new: &Value, causes: &mut Causes) {
    let (was, is) = (Place::of(old, "spec"), Place::of(new, "spec"));
    causes.unchanged(&was.child("controller"), &is.child("controller"));
}

pub(super) fn network_policy(object: &Value, causes: &mut Causes) {
    let spec = Place::of(object, "spec");
    label_selector(&spec.child("podSelector"), causes);
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.items(list) {
            rule.items("ports").for_each(|port| policy_port(&port, causes));
            rule.items(peers).for_each(|peer| policy_peer(&peer, causes));
        }
    }
    if spec.count("policyTypes") > 2 {
        causes.invalid(&spec.child("policyTypes"), "may not specify more than two policyTypes");
        return;
    }
    for kind in spec.items("policyTypes") {
        if !matches!(kind.as_text(), "Ingress" | "Egress") {
            causes.unsupported(&kind, &["Egress", "Ingress"]);
        }
    }
}

fn policy_port(port: &Place<'_, '_>, causes: &mut Causes) {
    causes.one_of(&port.child("protocol"), &["TCP", "UDP", "SCTP"]);
    let (start, end) = (port.child("port"), port.child("endPort"));
    match start.value() {
        Value::Null if !end.value().is_null() => {
            causes.invalid(&end, "may not be specified when `port` is not specified");
        }
        Value::Null => {}
        Value::String(_) => {
            if !end.value().is_null() {
                causes.invalid(&end, "may not be specified when `port` is non-numeric");
            }
            causes.port(&start);
        }
        number => {
            causes.port_number(&start);
            if end.value().is_null() {
                return;
            }
            if end.value().as_i64() < number.as_i64() {
                // Kubernetes shows the other end of the range.
                causes.invalid_as(&end, number, "must be greater than or equal to `port`");
            }
            causes.port_number(&end);
        }
    }
}

fn policy_peer(peer: &Place<'_, '_>, causes: &mut Causes) {
    let mut count = 0;
    for field in ["podSelector", "namespaceSelector"] {
        if let Some(selector) = peer.given(field) {
            count += 1;
            label_selector(&selector, causes);
        }
    }
    let block = peer.given("ipBlock");
    if let Some(block) = &block {
        count += 1;
        ip_block(block, causes);
    }
    if count == 0 {
        causes.required(peer, "must specify a peer");
    } else if count > 1 && block.is_some() {
        causes.forbidden(peer, "may not specify both ipBlock and another peer");
    }
}

fn ip_block(block: &Place<'_, '_>, causes: &mut Causes) {
    let cidr = block.child("cidr");
    if cidr.as_text().is_empty() {
        causes.required(&cidr, "");
        return;
    }
    let Some(outer) = names::parse_cidr(cidr.as_text()) else {
        causes.problems(&cidr, &names::cidr(cidr.as_text()));
        return;
    };
    for except in block.items("except") {
        match names::parse_cidr(except.as_text()) {
            None => causes.problems(&except, &names::cidr(except.as_text())),
            Some(inner) if !is_strictly_within(inner, outer) => {
                causes.invalid(&except, "must be a strict subset of `cidr`");
            }
            Some(_) => {}
        }
    }
}

fn is_strictly_within((inner, inner_length): (IpAddr, u32), (outer, length): (IpAddr, u32)) -> bool {
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => u128::from(u32::from(ip)) << 96,
        IpAddr::V6(ip) => u128::from(ip),
    };
    let mask = if length == 0 { 0 } else { u128::MAX << (128 - length) };
    inner.is_ipv4() == outer.is_ipv4() && inner_length > length && bits(inner) & mask == bits(outer) & mask
}
