//! The flags that every command has.

use crate::flags::{Flag, Kind, array, boolean, string};

/// The global flags: Helm's, klog's hidden ones, and ours.
pub(crate) const FLAGS: &[Flag] = &[
    Flag::of("burst-limit", Kind::Int, "100", "most requests to the API server in one burst"),
    string("color", "auto", "colour the output: never, auto or always"),
    string("colour", "auto", "the same as --color"),
    string("content-cache", "$HOME/.cache/helm/content", "directory that keeps downloaded charts"),
    boolean("debug", "say more about what is being done"),
    string("kube-apiserver", "", "address and port of the Kubernetes API server"),
    array("kube-as-group", "group to act as; may be repeated"),
    string("kube-as-user", "", "user to act as"),
    string("kube-ca-file", "", "file with the certificate authority of the API server"),
    string("kube-context", "", "context of the kubeconfig to use"),
    boolean("kube-insecure-skip-tls-verify", "do not check the API server's certificate (insecure)"),
    string("kube-tls-server-name", "", "name that the API server's certificate must carry"),
    string("kube-token", "", "bearer token for the API server"),
    string("kubeconfig", "", "path of the kubeconfig file"),
    string("namespace", "", "namespace to work in").short('n'),
    Flag::of("qps", Kind::Float32, "0", "requests per second to the API server, bursts apart"),
    string(
        "registry-config",
        "$HOME/.config/helm/registry/config.json",
        "file with the logins of OCI registries",
    ),
    string("repository-cache", "$HOME/.cache/helm/repository", "directory that keeps repository indexes"),
    string(
        "repository-config",
        "$HOME/.config/helm/repositories.yaml",
        "file with the names and addresses of chart repositories",
    ),
    Flag::of("sandbox", Kind::String, "", "work on the embedded sandbox cluster, or on the one of that name")
        .bare("default"),
    boolean("add-dir-header", "").hidden(),
    boolean("alsologtostderr", "").hidden(),
    string("log-backtrace-at", ":0", "").hidden(),
    string("log-dir", "", "").hidden(),
    string("log-file", "", "").hidden(),
    Flag::of("log-file-max-size", Kind::Uint, "1800", "").hidden(),
    boolean("logtostderr", "").hidden(),
    boolean("one-output", "").hidden(),
    boolean("skip-headers", "").hidden(),
    boolean("skip-log-headers", "").hidden(),
    string("stderrthreshold", "2", "").hidden(),
    Flag::of("v", Kind::Int, "0", "").short('v').hidden(),
    string("vmodule", "", "").hidden(),
];
