//! Services (`ValidateService`).

use super::pod::{port_number, port_or_name};
use crate::dig::Dig;
use crate::failure::Cause;
use crate::names;
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn service(object: &Value, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    let text = |field: &str| spec.get(field).and_then(Value::as_str).unwrap_or_default();
    let ports = spec.get("ports").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let kind = text("type");
    let headless = text("clusterIP") == "None";
    if ports.is_empty() && !headless && kind != "ExternalName" {
        causes.push(Cause::required("spec.ports", ""));
    }
    if matches!(kind, "NodePort" | "LoadBalancer") && headless {
        let why = format!("may not be set to 'None' for {kind} services");
        causes.push(Cause::invalid("spec.clusterIPs[0]", &"None".into(), &why));
    }
    if kind == "ExternalName" {
        let name = text("externalName");
        if name.is_empty() {
            causes.push(Cause::required("spec.externalName", ""));
        } else {
            let problems = names::dns1123_subdomain(name.trim_end_matches('.'));
            causes.extend(problems.iter().map(|p| Cause::invalid("spec.externalName", &name.into(), p)));
        }
    }
    self::ports(ports, causes);
    let kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    if !kinds.contains(&kind) {
        causes.push(Cause::unsupported("spec.type", &kind.into(), &kinds));
    }
    if !matches!(text("sessionAffinity"), "None" | "ClientIP") {
        let allowed = ["ClientIP", "None"];
        causes.push(Cause::unsupported("spec.sessionAffinity", &text("sessionAffinity").into(), &allowed));
    }
    for (index, port) in ports.iter().enumerate() {
        let number = port.get("nodePort").and_then(Value::as_i64).unwrap_or(0);
        let field = format!("spec.ports[{index}].nodePort");
        if kind == "ClusterIP" && number != 0 {
            causes.push(Cause::forbidden(field, "may not be used when `type` is 'ClusterIP'"));
        } else if number != 0 && !(30_000..=32_767).contains(&number) {
            let why = "provided port is not in the valid range. The range of valid ports is 30000-32767";
            causes.push(Cause::invalid(field, &number.into(), why));
        }
    }
    for (index, ip) in spec.get("clusterIPs").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let valid = ip.as_str().is_some_and(|t| t == "None" || t.parse::<std::net::IpAddr>().is_ok());
        if !valid {
            let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            causes.push(Cause::invalid(format!("spec.clusterIPs[{index}]"), ip, why));
        }
    }
    let selector = object.at("/spec/selector");
    causes.extend(super::meta::label_causes(selector, "spec.selector"));
}

fn ports(ports: &[Value], causes: &mut Vec<Cause>) {
    let (mut names, mut pairs) = (HashSet::new(), HashSet::new());
    for (index, port) in ports.iter().enumerate() {
        let here = format!("spec.ports[{index}]");
        let name = port.get("name").and_then(Value::as_str).unwrap_or_default();
        if name.is_empty() {
            if ports.len() > 1 {
                causes.push(Cause::required(format!("{here}.name"), ""));
            }
        } else {
            let problems = names::dns1123_label(name);
            let problems = problems.iter().map(|p| Cause::invalid(format!("{here}.name"), &name.into(), p));
            causes.extend(problems);
            if !names.insert(name) {
                causes.push(Cause::duplicate(format!("{here}.name"), &name.into()));
            }
        }
        port_number(port.get("port"), &format!("{here}.port"), causes);
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or_default();
        let protocols = ["SCTP", "TCP", "UDP"];
        if !protocols.contains(&protocol) {
            causes.push(Cause::unsupported(format!("{here}.protocol"), &protocol.into(), &protocols));
        }
        port_or_name(port.get("targetPort"), &format!("{here}.targetPort"), causes);
        let number = port.get("port").and_then(Value::as_i64).unwrap_or(0);
        if !pairs.insert((number, protocol)) {
            // The struct as Go encodes it, with only the key filled in.
            let shown = format!(
                "{{\"Name\":\"\",\"Protocol\":{protocol:?},\"AppProtocol\":null,\"Port\":{number},\"TargetPort\":0,\
                 \"NodePort\":0}}"
            );
            causes.push(Cause {
                reason: "FieldValueDuplicate",
                field: here,
                message: format!("Duplicate value: {shown}"),
            });
        }
    }
}
