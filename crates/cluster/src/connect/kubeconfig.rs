//! Which cluster, as whom, in which namespace: kubeconfig files and the flags that overrule them
//! (client-go's `tools/clientcmd`).

use std::fs;
use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use serde_json::{Map, Value, json};
use value::yaml::{self, Duplicates};

use super::limit::{Limit, Rate};
use super::validation;

/// What flags and environment say about the cluster.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The one file to read (`--kubeconfig`); it must be there.
    pub file: Option<PathBuf>,
    /// Otherwise the files to read and merge, first wins; those that are not there are left out.
    pub files: Vec<PathBuf>,
    /// `--kube-context`.
    pub context: Option<String>,
    /// `--kube-apiserver`.
    pub server: Option<String>,
    /// `--kube-token`.
    pub token: Option<String>,
    /// `--kube-ca-file`.
    pub ca_file: Option<PathBuf>,
    /// `--kube-as-user`.
    pub as_user: Option<String>,
    /// `--kube-as-group`.
    pub as_groups: Vec<String>,
    /// `--kube-insecure-skip-tls-verify`.
    pub insecure_skip_tls_verify: bool,
    /// `--kube-tls-server-name`.
    pub tls_server_name: Option<String>,
    /// Whether this runs in a pod (`KUBERNETES_SERVICE_HOST` and `_PORT` are set).
    pub in_cluster: bool,
    /// How many requests the server may get; any number without it.
    pub rate: Option<Rate>,
}

/// The chosen cluster and user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Target {
    /// The context's namespace, `default` without one.
    pub namespace: String,
    /// The server's address.
    pub server: String,
    /// A kubeconfig of just this cluster, user and context.
    pub(crate) config: Value,
    /// Whether nothing is configured and the pod's own account is to be used.
    pub(crate) in_cluster: bool,
    /// How many requests the server gets.
    pub(crate) limit: Option<Limit>,
}

/// Where the server is when nothing says otherwise (client-go's `localhost:8080`).
const DEFAULT_SERVER: &str = "http://localhost:8080";

impl Target {
    /// Reads the files and decides.
    ///
    /// # Errors
    /// With client-go's text, when a file or a name is wrong.
    pub fn load(options: &Options) -> Result<Target, String> {
        select(merged(options)?, options)
    }
}

/// Returns the contexts that the files name, each with its cluster, sorted by name.
///
/// # Errors
/// With client-go's text, when a file is wrong.
pub fn contexts(options: &Options) -> Result<Vec<(String, String)>, String> {
    let config = merged(options)?;
    let items = config["contexts"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut contexts: Vec<_> =
        items.map(|item| (text(&item["name"]), text(&item["context"]["cluster"]))).collect();
    contexts.sort();
    Ok(contexts)
}

fn merged(options: &Options) -> Result<Value, String> {
    let mut merged = json!({"clusters": [], "users": [], "contexts": []});
    if let Some(file) = &options.file {
        let config =
            read(file)?.ok_or_else(|| format!("stat {}: no such file or directory", file.display()))?;
        merge(&mut merged, config);
        return Ok(merged);
    }
    for file in &options.files {
        if let Some(config) = read(file)? {
            merge(&mut merged, config);
        }
    }
    Ok(merged)
}

fn read(file: &Path) -> Result<Option<Value>, String> {
    let failed = |text: String| format!("error loading config file \"{}\": {text}", file.display());
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(format!("open {}: {error}", file.display()))),
    };
    let mut config =
        yaml::to_json(&bytes, Duplicates::LastWins).map_err(|error| failed(error.inner_text()))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    for (list, member) in [
        ("clusters", "/cluster/certificate-authority"),
        ("users", "/user/client-certificate"),
        ("users", "/user/client-key"),
        ("users", "/user/tokenFile"),
        ("users", "/user/exec/command"),
    ] {
        let items = config.get_mut(list).and_then(Value::as_array_mut);
        for path in items.into_iter().flatten().filter_map(|item| item.pointer_mut(member)) {
            // A command without a separator is looked for in PATH.
            if !member.ends_with("command") || path.as_str().is_some_and(|text| text.contains(MAIN_SEPARATOR))
            {
                make_absolute(path, folder);
            }
        }
    }
    Ok(Some(config))
}

/// Paths in a file are relative to the file.
fn make_absolute(path: &mut Value, folder: &Path) {
    if let Some(text) = path.as_str()
        && !text.is_empty()
    {
        *path = Value::from(folder.join(text).to_string_lossy().into_owned());
    }
}

/// The first file to name something wins.
fn merge(merged: &mut Value, next: Value) {
    for list in ["clusters", "users", "contexts"] {
        let known: Vec<Value> =
            merged[list].as_array().into_iter().flatten().map(|item| item["name"].clone()).collect();
        let new = next[list].as_array().into_iter().flatten().filter(|item| !known.contains(&item["name"]));
        let new: Vec<Value> = new.cloned().collect();
        if let Some(own) = merged[list].as_array_mut() {
            own.extend(new);
        }
    }
    if merged["current-context"].as_str().unwrap_or_default().is_empty() {
        merged["current-context"] = next["current-context"].clone();
    }
}

fn select(config: Value, options: &Options) -> Result<Target, String> {
    let current = config["current-context"].as_str().unwrap_or_default();
    let context_name = options.context.as_deref().unwrap_or(current);
    let context = match (find(&config, "contexts", "context", context_name), context_name) {
        (Some(context), _) => context.clone(),
        (None, "") => Value::Null,
        (None, name) if options.context.is_some() => return Err(format!("context {name:?} does not exist")),
        (None, name) => {
            let reason = "context was not found for specified context";
            return Err(format!("invalid configuration: {reason}: {name}"));
        }
    };
    let name = |member: &str| context[member].as_str().unwrap_or_default();
    // What a context names and is not there counts as empty.
    let part = |member: &str, list: &str| {
        let found = find(&config, list, member, name(member)).and_then(Value::as_object);
        found.cloned().unwrap_or_default()
    };
    let (mut cluster, mut user) = (part("cluster", "clusters"), part("user", "users"));
    overrule_cluster(&mut cluster, options);
    overrule_user(&mut user, options);
    validation::check((name("cluster"), &cluster), (name("user"), &user))?;
    settle_user(&mut user)?;
    let is_configured =
        cluster.get("server").and_then(Value::as_str).is_some_and(|server| !server.is_empty());
    if !is_configured {
        cluster.insert("server".to_owned(), Value::from(DEFAULT_SERVER));
    }
    let server = cluster["server"].as_str().unwrap_or_default().trim_end_matches('/').to_owned();
    let namespace =
        context["namespace"].as_str().filter(|text| !text.is_empty()).unwrap_or("default").to_owned();
    let config = json!({
        "clusters": [{"name": "cluster", "cluster": cluster}],
        "users": [{"name": "user", "user": user}],
        "contexts": [{"name": "context", "context": {
            "cluster": "cluster", "user": "user", "namespace": namespace}}],
        "current-context": "context",
    });
    let in_cluster = options.in_cluster && !is_configured;
    let limit = options.rate.map(Limit::of).transpose()?.flatten();
    Ok(Target { namespace, server, config, in_cluster, limit })
}

fn find<'a>(config: &'a Value, list: &str, entry: &str, name: &str) -> Option<&'a Value> {
    let mut items = config[list].as_array()?.iter();
    items.find(|item| item["name"] == name).map(|item| &item[entry])
}

fn overrule_cluster(cluster: &mut Map<String, Value>, options: &Options) {
    let mut set = |member: &str, value: Value| cluster.insert(member.to_owned(), value);
    if let Some(server) = &options.server {
        set("server", Value::from(server.as_str()));
    }
    if let Some(name) = &options.tls_server_name {
        set("tls-server-name", Value::from(name.as_str()));
    }
    if options.insecure_skip_tls_verify {
        set("insecure-skip-tls-verify", Value::Bool(true));
    }
    if let Some(file) = &options.ca_file {
        set("certificate-authority", Value::from(file.to_string_lossy().into_owned()));
        cluster.remove("certificate-authority-data");
        cluster.remove("insecure-skip-tls-verify");
    }
}

fn overrule_user(user: &mut Map<String, Value>, options: &Options) {
    if let Some(token) = &options.token {
        user.insert("token".to_owned(), Value::from(token.as_str()));
        user.remove("tokenFile");
    }
    if let Some(name) = &options.as_user {
        user.insert("as".to_owned(), Value::from(name.as_str()));
    }
    if !options.as_groups.is_empty() {
        user.insert("as-groups".to_owned(), json!(options.as_groups));
    }
}

/// Leaves out what client-go does not look at, and makes sure that a file with a token can be read.
fn settle_user(user: &mut Map<String, Value>) -> Result<(), String> {
    let has = |member: &str| user.get(member).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if has("tokenFile") && !has("token") {
        let path = user["tokenFile"].as_str().unwrap_or_default();
        if let Some(reason) = validation::unreadable(path) {
            return Err(reason);
        }
    }
    if !has("client-certificate") && !has("client-certificate-data") {
        user.remove("client-key");
        user.remove("client-key-data");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Options, merge, select};

    fn sample() -> Value {
        json!({
            "clusters": [{"name": "c", "cluster": {"server": "https://a:1/"}}],
            "users": [{"name": "u", "user": {"token": "t", "tokenFile": "f"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "n"}}],
            "current-context": "x",
        })
    }

    #[test]
    fn the_current_context_is_taken() {
        let target = select(sample(), &Options::default()).unwrap();
        assert_eq!((target.namespace.as_str(), target.server.as_str()), ("n", "https://a:1"));
    }

    #[test]
    fn flags_overrule_files() {
        let options = Options {
            server: Some("https://b".to_owned()),
            token: Some("z".to_owned()),
            ..Options::default()
        };
        let target = select(sample(), &options).unwrap();
        assert_eq!(target.server, "https://b");
        assert_eq!(target.config["users"][0]["user"], json!({"token": "z"}));
    }

    #[test]
    fn wrong_names_are_told() {
        let options = Options { context: Some("nope".to_owned()), ..Options::default() };
        assert_eq!(select(sample(), &options).unwrap_err(), "context \"nope\" does not exist");
        let mut broken = sample();
        broken["current-context"] = json!("gone");
        assert_eq!(
            select(broken, &Options::default()).unwrap_err(),
            "invalid configuration: context was not found for specified context: gone"
        );
    }

    #[test]
    fn clusters_and_users_that_are_not_there_are_empty() {
        let mut broken = sample();
        broken["clusters"] = json!([]);
        broken["users"] = json!([]);
        let target = select(broken, &Options::default()).unwrap();
        assert_eq!((target.server.as_str(), target.namespace.as_str()), ("http://localhost:8080", "n"));
        assert_eq!(target.config["users"][0]["user"], json!({}));
    }

    #[test]
    fn nothing_at_all_means_localhost() {
        let target = select(json!({}), &Options::default()).unwrap();
        assert_eq!((target.namespace.as_str(), target.server.as_str()), ("default", "http://localhost:8080"));
    }

    #[test]
    fn the_first_file_wins() {
        let mut merged = sample();
        merge(
            &mut merged,
            json!({"clusters": [{"name": "c", "cluster": {"server": "z"}}, {"name": "d"}],
            "current-context": "y"}),
        );
        assert_eq!(merged["clusters"].as_array().unwrap().len(), 2);
        assert_eq!(merged["clusters"][0]["cluster"]["server"], "https://a:1/");
        assert_eq!(merged["current-context"], "x");
    }
}
