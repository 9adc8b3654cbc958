//! `env`: the settings that environment and flags add up to.

use std::path::PathBuf;

use cluster::connect::Target;

use crate::commands::table::{Arguments, Command, Invocation};
use crate::connect::cluster_options;
use crate::errors::CommandError;
use crate::settings::Settings;
use crate::terminal;

pub(crate) static COMMAND: Command = Command {
    name: "env",
    aliases: &[],
    usage: "",
    summary: "Show the settings in use",
    description: "Shows every setting that comes from the environment or a global flag, as a line that a shell reads; with\n\
        the name of one, its value alone.",
    example: "env HELM_REPOSITORY_CONFIG",
    arguments: Arguments::AtMost(1),
    flags: &[],
    exclusive: &[],
    subcommands: &[],
    run: Some(run),
};

fn run(invocation: &Invocation) -> Result<(), CommandError> {
    let variables = variables(&invocation.settings);
    let text = match invocation.flags.arguments.first() {
        Some(name) => {
            let found = variables.iter().find(|(known, _)| known == name);
            format!("{}\n", found.map_or("", |(_, text)| text))
        }
        None => variables.iter().map(|(name, text)| format!("{name}=\"{text}\"\n")).collect(),
    };
    terminal::print(&text);
    Ok(())
}

/// Returns the variables sorted by name (Helm: cli/environment.go, EnvVars).
pub(crate) fn variables(settings: &Settings) -> Vec<(&'static str, String)> {
    let files = &settings.files;
    let mut variables = vec![
        ("HELM_BIN", program()),
        ("HELM_BURST_LIMIT", settings.burst_limit.to_string()),
        ("HELM_CACHE_HOME", files.cache_home.clone()),
        ("HELM_CONFIG_HOME", files.config_home.clone()),
        ("HELM_CONTENT_CACHE", files.content_cache.clone()),
        ("HELM_DATA_HOME", files.data_home.clone()),
        ("HELM_DEBUG", settings.is_debug.to_string()),
        ("HELM_KUBEAPISERVER", settings.kube_api_server.clone()),
        ("HELM_KUBEASGROUPS", settings.kube_as_groups.join(",")),
        ("HELM_KUBEASUSER", settings.kube_as_user.clone()),
        ("HELM_KUBECAFILE", settings.kube_ca_file.clone()),
        ("HELM_KUBECONTEXT", settings.kube_context.clone()),
        ("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", settings.is_insecure.to_string()),
        ("HELM_KUBETLS_SERVER_NAME", settings.kube_tls_server_name.clone()),
        ("HELM_KUBETOKEN", settings.kube_token.clone()),
        ("HELM_MAX_HISTORY", settings.max_history.to_string()),
        ("HELM_NAMESPACE", namespace(settings)),
        ("HELM_PLUGINS", files.plugins.clone()),
        ("HELM_QPS", decimals(settings.qps)),
        ("HELM_REGISTRY_CONFIG", files.registry_config.clone()),
        ("HELM_REPOSITORY_CACHE", files.repository_cache.clone()),
        ("HELM_REPOSITORY_CONFIG", files.repository_config.clone()),
    ];
    // Helm: KUBECONFIG of the environment is not shown, the flag is.
    if !settings.kubeconfig.is_empty() {
        variables.push(("KUBECONFIG", settings.kubeconfig.clone()));
    }
    variables
}

/// Returns a number with two decimals, as Go writes it.
fn decimals(number: f32) -> String {
    match number {
        number if number.is_nan() => "NaN".to_owned(),
        f32::INFINITY => "+Inf".to_owned(),
        f32::NEG_INFINITY => "-Inf".to_owned(),
        number => format!("{number:.2}"),
    }
}

/// Returns the program as it was called.
fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    called.to_string_lossy().into_owned()
}

/// Returns the namespace that the flag, the environment or the kubeconfig's context names.
fn namespace(settings: &Settings) -> String {
    if !settings.namespace.is_empty() {
        return settings.namespace.clone();
    }
    Target::load(&cluster_options(settings)).map_or_else(|_| "default".to_owned(), |target| target.namespace)
}
