//! Security contexts of Pods and containers (`core/validation`, `ValidateSecurityContext`).

use super::causes::Causes;
use super::place::Place;
use super::pod::Use;
use super::volume::descending_problems;
use std::collections::HashSet;

const MAX_ID: i64 = i32::MAX as i64;

/// The security context of a container, if there is one.
pub(super) fn container(context: &Place<'_, '_>, causes: &mut Causes) {
    for field in ["runAsUser", "runAsGroup"] {
        causes.in_range(&context.child(field), 0, MAX_ID);
    }
    causes.one_of(&context.child("procMount"), &["Default", "Unmasked"]);
    seccomp(context, causes);
    escalation(context, causes);
}

fn escalation(context: &Place<'_, '_>, causes: &mut Causes) {
    if context.child("allowPrivilegeEscalation").value().as_bool() != Some(false) {
        return;
    }
    let mut add = |other: &str| {
        let detail = format!("cannot set `allowPrivilegeEscalation` to false and {other}");
        causes.invalid_struct(context, "core.v1", "SecurityContext", &detail);
    };
    if context.is_true("privileged") {
        add("`privileged` to true");
    }
    let capabilities = context.child("capabilities");
    if capabilities.items("add").any(|capability| capability.as_text() == "CAP_SYS_ADMIN") {
        add("`capabilities.Add` CAP_SYS_ADMIN");
    }
}

fn seccomp(context: &Place<'_, '_>, causes: &mut Causes) {
    let Some(profile) = context.given("seccompProfile") else { return };
    let (kind, file) = (profile.child("type"), profile.child("localhostProfile"));
    if kind.as_text().is_empty() {
        causes.required(&kind, "type is required when seccompProfile is set");
    } else {
        causes.one_of(&kind, &["Localhost", "RuntimeDefault", "Unconfined"]);
    }
    if kind.as_text() != "Localhost" {
        if !file.value().is_null() {
            let detail = "can only be set when seccomp type is Localhost";
            let shown = super::shape::text(profile.value(), "core.v1", "SeccompProfile");
            causes.push("FieldValueInvalid", file.path(), format!("Invalid value: {shown}: {detail}"));
        }
    } else if file.as_text().is_empty() {
        causes.required(&file, "must be set when seccomp type is Localhost");
    } else {
        for problem in descending_problems(file.as_text()) {
            causes.invalid(&file, problem);
        }
    }
}

/// The security context of a Pod, with what the Pod spec itself says about its host.
pub(super) fn pod(spec: &Place<'_, '_>, of: Use<'_>, causes: &mut Causes) {
    let context = spec.child("securityContext");
    if spec.is_true("hostNetwork") {
        host_ports(spec, of, causes);
    }
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        causes.in_range(&context.child(field), 0, MAX_ID);
    }
    for group in context.items("supplementalGroups") {
        causes.in_range(&group, 0, MAX_ID);
    }
    causes.one_of(&context.child("supplementalGroupsPolicy"), &["Merge", "Strict"]);
    if spec.is_true("shareProcessNamespace") && spec.is_true("hostPID") {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        causes.invalid_as(&context.child("shareProcessNamespace"), &true.into(), detail);
    }
    sysctls(&context, causes);
    causes.one_of(&context.child("fsGroupChangePolicy"), &["Always", "OnRootMismatch"]);
    seccomp(&context, causes);
}

fn host_ports(spec: &Place<'_, '_>, of: Use<'_>, causes: &mut Causes) {
    for container in spec.items("containers") {
        for port in container.items("ports") {
            let inside = port.number("containerPort").unwrap_or(0);
            let outside = port.number("hostPort").unwrap_or(0);
            if (of.is_pod || outside != 0) && inside != outside {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                causes.invalid_as(&port.child("hostPort"), &outside.into(), detail);
            }
        }
    }
}

fn sysctls(context: &Place<'_, '_>, causes: &mut Causes) {
    let mut names = HashSet::new();
    for sysctl in context.items("sysctls") {
        let name = sysctl.child("name");
        if name.as_text().is_empty() {
            causes.required(&name, "");
        } else if !is_sysctl(name.as_text()) {
            let detail = "must have at most 253 characters and match regex \
                          ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
            causes.invalid(&name, detail);
        } else if !names.insert(name.as_text()) {
            causes.duplicate(&name);
        }
    }
}

fn is_sysctl(name: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        let fits = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        is_edge(bytes.first()) && is_edge(bytes.last()) && bytes.iter().all(fits)
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_part)
}
