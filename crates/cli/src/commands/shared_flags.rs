//! Flags that several commands share.

use crate::flags::{Flag, Kind, Parsed, array, boolean, slice, string};

/// Where values come from.
pub(crate) const VALUES: &[Flag] = &[
    slice("values", "values file, URL, or - for standard input; may be repeated, the last wins").short('f'),
    array("set", "set values: key1=val1,key2.sub=val2"),
    array("set-string", "set values that stay strings"),
    array("set-file", "set values from files: key=path"),
    array("set-json", "set values from JSON: key={\"a\":1} or {\"key\":{\"a\":1}}"),
    array("set-literal", "set one value that is taken literally"),
];

/// Where a chart comes from.
pub(crate) const CHART_SOURCE: &[Flag] = &[
    string("version", "", "version or range of the chart; the latest by default"),
    boolean("verify", "check the chart's signature before using it"),
    KEYRING,
    string("repo", "", "URL of the chart repository"),
    USERNAME,
    PASSWORD,
    CERT_FILE,
    KEY_FILE,
    INSECURE,
    PLAIN_HTTP,
    CA_FILE,
    boolean("pass-credentials", "send credentials to every host that the repository points to"),
];

/// The file of public keys; the home folder is put in when it is read.
pub(crate) const KEYRING: Flag =
    string("keyring", "$HOME/.gnupg/pubring.gpg", "file with the public keys to check signatures with");

/// Returns the file that `--keyring` names; without it GnuPG's (Helm: cmd/helpers.go, defaultKeyring).
pub(crate) fn keyring(flags: &Parsed) -> String {
    let variable = |name| std::env::var(name).ok();
    match variable("GNUPGHOME").filter(|_| !flags.is_given("keyring")) {
        Some(home) => chart::clean(&format!("{home}/pubring.gpg")),
        None => flags.path("keyring", &variable("HOME").unwrap_or_default()),
    }
}

const USERNAME: Flag = string("username", "", "user for the chart repository");
const PASSWORD: Flag = string("password", "", "password for the chart repository");
const CERT_FILE: Flag = string("cert-file", "", "client certificate for the chart repository");
const KEY_FILE: Flag = string("key-file", "", "key of the client certificate");
const INSECURE: Flag =
    boolean("insecure-skip-tls-verify", "do not check the repository's certificate (insecure)");
const PLAIN_HTTP: Flag = boolean("plain-http", "use HTTP without TLS for an OCI registry (insecure)");
const CA_FILE: Flag = string("ca-file", "", "certificate authority of the chart repository");

/// How to reach a server; a part of [`CHART_SOURCE`] that some commands take alone.
pub(crate) const SERVER: &[Flag] = &[USERNAME, PASSWORD, CERT_FILE, KEY_FILE, INSECURE, PLAIN_HTTP, CA_FILE];

/// What `install`, `upgrade` and `template` have in common.
pub(crate) const RENDERING: &[Flag] = &[
    boolean("create-namespace", "create the release's namespace where it is missing"),
    boolean("dependency-update", "fetch missing dependencies first"),
    string("description", "", "description to store with the revision"),
    boolean("devel", "accept pre-release versions too"),
    boolean("disable-openapi-validation", "do not check manifests against the cluster's OpenAPI schema"),
    boolean("enable-dns", "let templates look up host names"),
    boolean("force-conflicts", "take over fields that another manager owns"),
    boolean("force-replace", "replace objects in place of patching them"),
    boolean("force", "the same as --force-replace").deprecated("use --force-replace instead"),
    Flag::of("labels", Kind::Pairs, "[]", "labels for the stored release: a=b,c=d").short('l'),
    boolean("no-hooks", "run no hooks"),
    Flag::of("post-renderer", Kind::PostRenderer, "", "post-renderer plugin to run the manifests through"),
    Flag::of(
        "post-renderer-args",
        Kind::PostRendererArguments,
        "[]",
        "argument for the post-renderer; may be repeated",
    ),
    boolean("rollback-on-failure", "undo the operation when it fails"),
    boolean("atomic", "the same as --rollback-on-failure").deprecated("use --rollback-on-failure instead"),
    boolean("skip-crds", "do not install the chart's CRDs"),
    boolean("skip-schema-validation", "do not check values against values.schema.json"),
    boolean("take-ownership", "take over existing objects of another owner"),
    TIMEOUT,
    WAIT,
    boolean("wait-for-jobs", "with --wait, wait for Jobs to complete too"),
];

/// How a release that does not exist yet gets its name; `install` and `template`.
pub(crate) const NAMING: &[Flag] = &[
    boolean("generate-name", "make up a name from the chart's").short('g'),
    string("name-template", "", "template that names the release"),
    boolean("replace", "reuse the name of an uninstalled release that is still in the history"),
];

/// How long to wait for one step on the cluster.
pub(crate) const TIMEOUT: Flag =
    Flag::of("timeout", Kind::Duration, "5m0s", "longest time for each step on the cluster");

/// What to wait for.
pub(crate) const WAIT: Flag = Flag::of(
    "wait",
    Kind::Wait,
    "hookOnly",
    "wait until objects are ready: watcher (the meaning of a bare --wait), legacy or hookOnly",
)
.bare("watcher");

/// How a release is changed.
pub(crate) const CHANGING: &[Flag] = &[
    boolean("hide-notes", "do not print the notes"),
    boolean("hide-secret", "leave Secrets out of what a dry run prints"),
    boolean("render-subchart-notes", "render the notes of subcharts too"),
    OUTPUT,
    PROGRESS,
];

/// What `rollback` and `upgrade` have in common.
pub(crate) const REVISING: &[Flag] = &[
    boolean("cleanup-on-fail", "delete objects that were created before a failure"),
    Flag::of("history-max", Kind::Int, "10", "most revisions to keep; 0 for all"),
    string("server-side", "auto", "apply on the server: true, false, or auto for as it was done before"),
];

/// How an operation tells of its progress; Helm has no such flag.
pub(crate) const PROGRESS: Flag = string(
    "progress",
    "auto",
    "tell of progress on standard error: auto (a live tree on a terminal), plain, json or none",
);

/// The format of tables.
pub(crate) const OUTPUT: Flag =
    Flag::of("output", Kind::Format, "table", "print as table, json or yaml").short('o');

/// Which revision of a release.
pub(crate) const REVISION: Flag =
    Flag::of("revision", Kind::Int, "0", "revision of the release; the last by default");

/// Returns the `--dry-run` flag with its default.
pub(crate) const fn dry_run(default: &'static str) -> Flag {
    string("dry-run", default, "only show what would be done: none, client or server").bare("unset")
}
