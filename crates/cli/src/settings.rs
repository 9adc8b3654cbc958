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
    /// The files of `HELM_MEMORY_DRIVER_DATA`, separated by colons.
    pub(crate) memory_files: String,
    /// The name of the sandbox to work on, from `--sandbox` or `PINTLE_SANDBOX`.
    pub(crate) sandbox: Option<String>,
    /// Where Helm and Pintle keep data (`HELM_DATA_HOME`, XDG, or the default).
    pub(crate) data_home: PathBuf,
    /// `--color`, `HELM_COLOR` or `NO_COLOR`: never, auto or always.
    pub(crate) color: String,
    /// `HELM_MAX_HISTORY`, 10 by default.
    pub(crate) max_history: i64,
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
            memory_files: env::var("HELM_MEMORY_DRIVER_DATA").unwrap_or_default(),
            sandbox: sandbox_name(flags),
            data_home: home("HELM_DATA_HOME", "XDG_DATA_HOME", ".local/share"),
            color: color(flags),
            max_history: env::var("HELM_MAX_HISTORY").ok().and_then(|text| text.parse().ok()).unwrap_or(10),
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

fn groups(flags: &Parsed) -> Vec<String> {
    if flags.is_given("kube-as-group") {
        return flags.list("kube-as-group").to_vec();
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
