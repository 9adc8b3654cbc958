//! What is wrong with the chosen cluster and user, in the words of client-go (tools/clientcmd/validation.go).

use std::fs::File;
use std::io;

use serde_json::{Map, Value};

type Members = Map<String, Value>;

/// Checks a cluster and a user, each with its name in the kubeconfig. Files they name are opened.
///
/// # Errors
/// All mistakes in one text.
pub(super) fn check(cluster: (&str, &Members), user: (&str, &Members)) -> Result<(), String> {
    let mut mistakes = Vec::new();
    check_credentials(user.0, user.1, &mut mistakes);
    check_exec(user.0, user.1, &mut mistakes);
    check_methods(user.0, user.1, &mut mistakes);
    check_cluster(cluster.0, cluster.1, &mut mistakes);
    match mistakes.as_slice() {
        [] => check_insecure(cluster.1),
        [one] => Err(format!("invalid configuration: {one}")),
        many => Err(format!("invalid configuration: [{}]", many.join(", "))),
    }
}

fn text<'m>(members: &'m Members, name: &str) -> &'m str {
    members.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn has(members: &Members, name: &str) -> bool {
    match members.get(name) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        _ => false,
    }
}

/// Says why a file cannot be read, as Go does.
pub(super) fn unreadable(path: &str) -> Option<String> {
    let error = File::open(path).err()?;
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotADirectory => "not a directory".to_owned(),
        _ => error.to_string(),
    };
    Some(format!("open {path}: {reason}"))
}

fn check_credentials(name: &str, user: &Members, mistakes: &mut Vec<String>) {
    let (file, data) = (has(user, "client-certificate"), has(user, "client-certificate-data"));
    let (key_file, key_data) = (has(user, "client-key"), has(user, "client-key-data"));
    if !file && !data {
        return;
    }
    if file && data {
        mistakes.push(format!(
            "client-cert-data and client-cert are both specified for {name}. client-cert-data will override."
        ));
    }
    if key_file && key_data {
        mistakes.push(format!(
            "client-key-data and client-key are both specified for {name}; client-key-data will override"
        ));
    }
    if !key_file && !key_data {
        mistakes.push(format!(
            "client-key-data or client-key must be specified for {name} to use the clientCert authentication method."
        ));
    }
    for (member, what) in [("client-certificate", "client-cert"), ("client-key", "client-key")] {
        let path = text(user, member);
        if let Some(reason) = unreadable(path).filter(|_| !path.is_empty()) {
            mistakes.push(format!("unable to read {what} {path} for {name} due to {reason}"));
        }
    }
}

fn check_exec(name: &str, user: &Members, mistakes: &mut Vec<String>) {
    let Some(exec) = user.get("exec").and_then(Value::as_object) else { return };
    let mut miss = |what: &str| {
        mistakes.push(format!("{what} must be specified for {name} to use exec authentication plugin"));
    };
    if !has(exec, "command") {
        miss("command");
    }
    if !has(exec, "apiVersion") {
        miss("apiVersion");
    }
    let variables = exec.get("env").and_then(Value::as_array).into_iter().flatten();
    variables
        .filter(|variable| variable["name"].as_str().unwrap_or_default().is_empty())
        .for_each(|_| miss("env variable name"));
    // Older versions of the API are interactive where there is a terminal.
    let is_old = ["v1alpha1", "v1beta1"].iter().any(|version| text(exec, "apiVersion").ends_with(version));
    match text(exec, "interactiveMode") {
        "Never" | "IfAvailable" | "Always" => {}
        "" if is_old => {}
        "" => miss("interactiveMode"),
        other => mistakes.push(format!("invalid interactiveMode for {name}: {other:?}")),
    }
}

fn check_methods(name: &str, user: &Members, mistakes: &mut Vec<String>) {
    if has(user, "token") && (has(user, "username") || has(user, "password")) {
        mistakes.push(format!(
            "more than one authentication method found for {name}; found [token basicAuth], only one is allowed"
        ));
    }
    let asks_for_more = ["as-uid", "as-groups", "as-user-extra"].iter().any(|member| has(user, member));
    if asks_for_more && !has(user, "as") {
        mistakes
            .push(format!("requesting uid, groups or user-extra for {name} without impersonating a user"));
    }
}

fn check_cluster(name: &str, cluster: &Members, mistakes: &mut Vec<String>) {
    let proxy = text(cluster, "proxy-url");
    if let Some(reason) = wrong_proxy(proxy).filter(|_| !proxy.is_empty()) {
        mistakes.push(format!("invalid 'proxy-url' {proxy:?} for cluster {name:?}: {reason}"));
    }
    let file = text(cluster, "certificate-authority");
    if !file.is_empty() && has(cluster, "certificate-authority-data") {
        mistakes.push(format!(
            "certificate-authority-data and certificate-authority are both specified for {name}. \
             certificate-authority-data will override."
        ));
    }
    if let Some(reason) = unreadable(file).filter(|_| !file.is_empty()) {
        mistakes.push(format!("unable to read certificate-authority {file} for {name} due to {reason}"));
    }
}

fn wrong_proxy(url: &str) -> Option<String> {
    match url.split_once(':') {
        Some(("http" | "https" | "socks5", _)) => None,
        Some(("", _)) => Some(format!("could not parse: {url}")),
        other => {
            let scheme = other.map_or("", |(scheme, _)| scheme);
            Some(format!("unsupported scheme {scheme:?}, must be http, https, or socks5"))
        }
    }
}

/// Who names authorities wants the server checked (client-go: transport.go, TLSConfigFor).
fn check_insecure(cluster: &Members) -> Result<(), String> {
    let is_insecure = cluster.get("insecure-skip-tls-verify") == Some(&Value::Bool(true));
    let has_authority = has(cluster, "certificate-authority") || has(cluster, "certificate-authority-data");
    match is_insecure && has_authority {
        true => Err("specifying a root certificates file with the insecure flag is not allowed".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    fn told(cluster: &Value, user: &Value) -> String {
        let members = |value: &Value| value.as_object().unwrap().clone();
        check(("c", &members(cluster)), ("u", &members(user))).err().unwrap_or_default()
    }

    #[test]
    fn mistakes_of_users_are_named() {
        let check = |user: Value, expected: &str| assert_eq!(told(&json!({}), &user), expected, "{user}");
        check(json!({"token": "t", "client-key": "/nope"}), "");
        check(
            json!({"as-groups": ["g"]}),
            "invalid configuration: requesting uid, groups or user-extra for u without impersonating a user",
        );
        check(json!({"as": "a", "as-groups": ["g"]}), "");
        check(
            json!({"token": "t", "username": "n"}),
            "invalid configuration: more than one authentication method found for u; found [token basicAuth], only one is \
             allowed",
        );
        check(
            json!({"client-certificate": "/nope/c"}),
            "invalid configuration: [client-key-data or client-key must be specified for u to use the clientCert \
             authentication method., unable to read client-cert /nope/c for u due to open /nope/c: no such file or \
             directory]",
        );
        check(
            json!({"exec": {"command": "x"}}),
            "invalid configuration: [apiVersion must be specified for u to use exec authentication plugin, interactiveMode \
             must be specified for u to use exec authentication plugin]",
        );
        check(json!({"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1beta1"}}), "");
    }

    #[test]
    fn mistakes_of_clusters_are_named() {
        let check =
            |cluster: Value, expected: &str| assert_eq!(told(&cluster, &json!({})), expected, "{cluster}");
        check(
            json!({"insecure-skip-tls-verify": true, "certificate-authority-data": "YQ=="}),
            "specifying a root certificates file with the insecure flag is not allowed",
        );
        check(
            json!({"proxy-url": "ftp://x"}),
            "invalid configuration: invalid 'proxy-url' \"ftp://x\" for cluster \"c\": unsupported scheme \"ftp\", must be \
             http, https, or socks5",
        );
        check(
            json!({"certificate-authority": "/nope/c"}),
            "invalid configuration: unable to read certificate-authority /nope/c for c due to open /nope/c: no such file \
             or directory",
        );
    }
}
