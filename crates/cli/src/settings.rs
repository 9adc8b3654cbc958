//! What environment and global flags say, read once.

use std::env;
use std::path::PathBuf;

use crate::flags::Parsed;

/// Leaves room for the ending in file systems that take 255 bytes.
const LONGEST_SANDBOX_NAME: usize = 200;

/// The settings of one run (Helm: cli/environment.go).
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `--namespace` or `HELM_NAMESPACE`; empty when neither is given.
    pub(crate) namespace: String,
    /// `--kubeconfig`; empty when it is not given.
    pub(crate) kubeconfig: String,
    /// The files of `KUBECONFIG`, else the one in the user's home.
    pub(crate) kubeconfig_files: Vec<PathBuf>,
    /// Where kubectl and this program keep what clusters serve: `KUBECACHEDIR`, or `.kube/cache` in the user's home.
    pub(crate) kube_cache: PathBuf,
    /// `--kube-context` or `HELM_KUBECONTEXT`.
    pub(crate) kube_context: String,
    /// `--kube-apiserver` or `HELM_KUBEAPISERVER`.
    pub(crate) kube_api_server: String,
    /// `--kube-token` or `HELM_KUBETOKEN`.
    pub(crate) kube_token: String,
    /// `--kube-ca-file` or `HELM_KUBECAFILE`.
    pub(crate) kube_ca_file: String,
    /// `--kube-as-user` or `HELM_KUBEASUSER`.
    pub(crate) kube_as_user: String,
    /// `--kube-as-group` or `HELM_KUBEASGROUPS`.
    pub(crate) kube_as_groups: Vec<String>,
    /// `--kube-tls-server-name` or `HELM_KUBETLS_SERVER_NAME`.
    pub(crate) kube_tls_server_name: String,
    /// `--kube-insecure-skip-tls-verify` or `HELM_KUBEINSECURE_SKIP_TLS_VERIFY`.
    pub(crate) is_insecure: bool,
    /// `--debug` or `HELM_DEBUG`.
    pub(crate) is_debug: bool,
    /// `HELM_DRIVER`: where releases are stored.
    pub(crate) driver: String,
    /// `HELM_DRIVER_SQL_CONNECTION_STRING`: where the database is that stores releases with `HELM_DRIVER=sql`.
    pub(crate) sql_connection: String,
    /// The files of `HELM_MEMORY_DRIVER_DATA`, separated by colons.
    pub(crate) memory_files: String,
    /// `PINTLE_SPLIT_RECORDS`: whether records too large for one object are stored in several; so by default.
    pub(crate) splits_records: bool,
    /// The name of the sandbox to work on, from `--sandbox` or `PINTLE_SANDBOX`.
    pub(crate) sandbox: Option<String>,
    /// Where Helm and Pintle keep data (`HELM_DATA_HOME`, XDG, or the default).
    pub(crate) data_home: PathBuf,
    /// `--color`, `HELM_COLOR` or `NO_COLOR`: never, auto or always.
    pub(crate) color: String,
    /// `HELM_MAX_HISTORY`, 10 by default.
    pub(crate) max_history: i64,
    /// `--burst-limit` or `HELM_BURST_LIMIT`, 100 by default.
    pub(crate) burst_limit: i64,
    /// `--qps` or `HELM_QPS`, 0 by default.
    pub(crate) qps: f32,
    /// Where Helm's files are.
    pub(crate) files: Files,
}

/// Helm's own files and folders (helmpath/lazypath.go), as Helm spells them.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// `HELM_CACHE_HOME`.
    pub(crate) cache_home: String,
    /// `HELM_CONFIG_HOME`.
    pub(crate) config_home: String,
    /// `HELM_DATA_HOME`.
    pub(crate) data_home: String,
    /// `HELM_PLUGINS`: folders of plugins, separated as in `PATH`.
    pub(crate) plugins: String,
    /// `--registry-config` or `HELM_REGISTRY_CONFIG`.
    pub(crate) registry_config: String,
    /// `--repository-config` or `HELM_REPOSITORY_CONFIG`.
    pub(crate) repository_config: String,
    /// `--repository-cache` or `HELM_REPOSITORY_CACHE`.
    pub(crate) repository_cache: String,
    /// `--content-cache` or `HELM_CONTENT_CACHE`.
    pub(crate) content_cache: String,
}

impl Files {
    /// Reads the environment and lets the global flags override it.
    pub(crate) fn read(flags: &Parsed) -> Files {
        let home = |helm, xdg, below| home(helm, xdg, below).to_string_lossy().into_owned();
        let data_home = home("HELM_DATA_HOME", "XDG_DATA_HOME", ".local/share");
        let config_home = home("HELM_CONFIG_HOME", "XDG_CONFIG_HOME", ".config");
        let cache_home = home("HELM_CACHE_HOME", "XDG_CACHE_HOME", ".cache");
        let variable = |name: &str, home: &str, below: &str| {
            env::var(name).unwrap_or_else(|_| chart::clean(&format!("{home}/{below}")))
        };
        let either = |flag: &str, name: &str, home: &str, below: &str| match flags.is_given(flag) {
            true => flags.string(flag).to_owned(),
            false => variable(name, home, below),
        };
        Files {
            plugins: variable("HELM_PLUGINS", &data_home, "plugins"),
            registry_config: either(
                "registry-config",
                "HELM_REGISTRY_CONFIG",
                &config_home,
                "registry/config.json",
            ),
            repository_config: either(
                "repository-config",
                "HELM_REPOSITORY_CONFIG",
                &config_home,
                "repositories.yaml",
            ),
            repository_cache: either("repository-cache", "HELM_REPOSITORY_CACHE", &cache_home, "repository"),
            content_cache: either("content-cache", "HELM_CONTENT_CACHE", &cache_home, "content"),
            cache_home: chart::clean(&cache_home),
            config_home: chart::clean(&config_home),
            data_home: chart::clean(&data_home),
        }
    }
}

impl Settings {
    /// Reads the environment and lets the global flags override it.
    pub(crate) fn read(flags: &Parsed) -> Settings {
        let text = |flag: &str, variable: &str| match flags.is_given(flag) {
            true => flags.string(flag).to_owned(),
            false => env::var(variable).unwrap_or_default(),
        };
        let boolean = |flag: &str, variable: &str| match flags.is_given(flag) {
            true => flags.bool(flag),
            false => env::var(variable).is_ok_and(|text| value::strconv::parse_bool(&text).unwrap_or(false)),
        };
        Settings {
            namespace: text("namespace", "HELM_NAMESPACE"),
            kubeconfig: flags.string("kubeconfig").to_owned(),
            kubeconfig_files: kubeconfig_files(),
            kube_cache: kube_cache(),
            kube_context: text("kube-context", "HELM_KUBECONTEXT"),
            kube_api_server: text("kube-apiserver", "HELM_KUBEAPISERVER"),
            kube_token: text("kube-token", "HELM_KUBETOKEN"),
            kube_ca_file: text("kube-ca-file", "HELM_KUBECAFILE"),
            kube_as_user: text("kube-as-user", "HELM_KUBEASUSER"),
            kube_as_groups: groups(flags),
            kube_tls_server_name: text("kube-tls-server-name", "HELM_KUBETLS_SERVER_NAME"),
            is_insecure: boolean("kube-insecure-skip-tls-verify", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY"),
            is_debug: boolean("debug", "HELM_DEBUG"),
            driver: env::var("HELM_DRIVER").unwrap_or_default(),
            sql_connection: env::var("HELM_DRIVER_SQL_CONNECTION_STRING").unwrap_or_default(),
            memory_files: env::var("HELM_MEMORY_DRIVER_DATA").unwrap_or_default(),
            splits_records: env::var("PINTLE_SPLIT_RECORDS")
                .map_or(true, |text| value::strconv::parse_bool(&text).unwrap_or(true)),
            sandbox: sandbox_name(flags),
            data_home: home("HELM_DATA_HOME", "XDG_DATA_HOME", ".local/share"),
            color: color(flags),
            max_history: number("HELM_MAX_HISTORY", 10),
            burst_limit: match flags.is_given("burst-limit") {
                true => flags.int("burst-limit"),
                false => number("HELM_BURST_LIMIT", 100),
            },
            qps: qps(flags),
            files: Files::read(flags),
        }
    }

    /// Returns the file of the named sandbox; `None` when the name could lead out of the folder of sandboxes.
    pub(crate) fn sandbox_store(&self, name: &str) -> Option<PathBuf> {
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.');
        if name.starts_with('.') || name.len() > LONGEST_SANDBOX_NAME || !name.bytes().all(is_plain) {
            return None;
        }
        let home = env::var_os("PINTLE_SANDBOX_HOME").map(PathBuf::from);
        let home = home.unwrap_or_else(|| self.data_home.join("pintle").join("sandbox"));
        Some(home.join(format!("{name}.redb")))
    }
}

fn kubeconfig_files() -> Vec<PathBuf> {
    match env::var_os("KUBECONFIG").filter(|text| !text.is_empty()) {
        Some(list) => env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect(),
        None => vec![PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".kube").join("config")],
    }
}

fn kube_cache() -> PathBuf {
    match env::var_os("KUBECACHEDIR").filter(|text| !text.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".kube").join("cache"),
    }
}

fn groups(flags: &Parsed) -> Vec<String> {
    if flags.is_given("kube-as-group") {
        // Helm reads the global flags twice, and a list keeps both (cmd/root.go, newRootCmdWithConfig).
        let groups = flags.list("kube-as-group");
        return [groups, groups].concat();
    }
    let text = env::var("HELM_KUBEASGROUPS").unwrap_or_default();
    let trimmed = text.trim_matches([',', ' ']);
    if trimmed.is_empty() { Vec::new() } else { trimmed.split(',').map(str::to_owned).collect() }
}

/// Reads which sandbox to use: `PINTLE_SANDBOX=1` is the default one, any other text its name.
fn sandbox_name(flags: &Parsed) -> Option<String> {
    let text = match flags.is_given("sandbox") {
        true => flags.string("sandbox").to_owned(),
        false => env::var("PINTLE_SANDBOX").ok()?,
    };
    match text.as_str() {
        "" | "0" | "false" => None,
        "1" | "true" => Some("default".to_owned()),
        name => Some(name.to_owned()),
    }
}

fn number(variable: &str, default: i64) -> i64 {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn qps(flags: &Parsed) -> f32 {
    let text = match flags.is_given("qps") {
        true => Some(flags.string("qps").to_owned()),
        false => env::var("HELM_QPS").ok(),
    };
    let number = text.and_then(|text| value::strconv::parse_float(&text).ok()).unwrap_or_default();
    // What is too large for the type is no number to Go.
    if number.is_finite() && (number as f32).is_infinite() { 0.0 } else { number as f32 }
}

fn color(flags: &Parsed) -> String {
    for flag in ["color", "colour"] {
        if flags.is_given(flag) {
            return flags.string(flag).to_owned();
        }
    }
    if env::var("NO_COLOR").is_ok_and(|text| !text.is_empty()) {
        return "never".to_owned();
    }
    match env::var("HELM_COLOR").map(|text| text.to_lowercase()) {
        Ok(mode) if matches!(mode.as_str(), "never" | "auto" | "always") => mode,
        _ => "auto".to_owned(),
    }
}

/// Returns Helm's folder below one of its home variables, the XDG variable, or the user's home (helmpath/lazypath.go).
fn home(helm: &str, xdg: &str, below_home: &str) -> PathBuf {
    let variable = |name: &str| env::var_os(name).filter(|text| !text.is_empty()).map(PathBuf::from);
    variable(helm).unwrap_or_else(|| {
        let base = variable(xdg).unwrap_or_else(|| variable("HOME").unwrap_or_default().join(below_home));
        base.join("helm")
    })
}
