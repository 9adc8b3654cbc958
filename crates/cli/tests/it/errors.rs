//! What is said when something is wrong.

use crate::shelf::Shelf;

fn check(line: &str, expected: &str) {
    let shelf = Shelf::new();
    shelf.chart(&[("templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")]);
    assert_eq!(shelf.fails(line), format!("{expected}\n"), "{line}");
}

#[test]
fn missing_releases_are_named_as_helm_names_them() {
    for (line, expected) in [
        ("status x", "Error: release: not found"),
        ("history x", "Error: release: not found"),
        ("get all x", "Error: release: not found"),
        ("rollback x", "Error: release: not found"),
        ("test x", "Error: release: not found"),
        ("upgrade x app", "Error: UPGRADE FAILED: \"x\" has no deployed releases"),
        ("uninstall x", "Error: uninstall: Release not loaded: x: release: not found"),
    ] {
        check(line, expected);
    }
}

#[test]
fn flags_and_arguments_are_checked() {
    for (line, expected) in [
        (
            "install",
            "Error: \"pintle install\" requires at least 1 argument\n\nUsage:  pintle install [NAME] [CHART] [flags]",
        ),
        (
            "status",
            "Error: \"pintle status\" requires 1 argument\n\nUsage:  pintle status RELEASE_NAME [flags]",
        ),
        (
            "get values",
            "Error: \"pintle get values\" requires 1 argument\n\nUsage:  pintle get values RELEASE_NAME [flags]",
        ),
        ("install app", "Error: INSTALLATION FAILED: must either provide a name or specify --generate-name"),
        (
            "uninstall x --cascade y",
            "Error: invalid cascade value (y). Must be \"background\", \"foreground\", or \"orphan\"",
        ),
        (
            "rollback x y",
            "Error: could not convert revision to a number: strconv.Atoi: parsing \"y\": invalid syntax",
        ),
        ("list -f [", "Error: error parsing regexp: missing closing ]: `[`"),
        ("list --all", "Error: unknown flag: --all"),
        (
            "install x app --dry-run=odd",
            "Error: invalid dry-run value (\"odd\"). Must be \"none\", \"server\", or \"client\"",
        ),
        (
            "upgrade x app --force-replace --force-conflicts",
            "Error: if any flags in the group [force-replace force-conflicts] are set none of the others can be; \
             [force-conflicts force-replace] were all set",
        ),
    ] {
        check(line, expected);
    }
}

#[test]
fn names_are_checked_and_the_check_is_logged() {
    let text = "release name \\\"A_\\\": invalid release name, must match regex \
        ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
        and the length must not be longer than 53";
    let plain = text.replace("\\\"", "\"").replace("\\\\", "\\");
    check(
        "install A_ app",
        &format!(
            "level=ERROR msg=\"release name check failed\" error=\"{text}\"\n\
             Error: INSTALLATION FAILED: release name check failed: {plain}"
        ),
    );
}

#[test]
fn an_unknown_driver_stops_every_command() {
    let shelf = Shelf::new();
    let ended = shelf.run_with("list", &[("HELM_DRIVER", "odd")]);
    assert_eq!((ended.code, ended.err.as_str()), (1, "level=INFO msg=\"unknown driver \\\"odd\\\"\"\n"));
}

#[test]
fn a_cluster_that_is_not_there_is_unreachable() {
    let shelf = Shelf::new();
    shelf.chart(&[]);
    let environment = [("PINTLE_SANDBOX", ""), ("HELM_KUBEAPISERVER", "http://127.0.0.1:1")];
    let ended = shelf.run_with("list", &environment);
    let reason = "kubernetes cluster unreachable: Get \"http://127.0.0.1:1/version\": dial tcp 127.0.0.1:1: connect: \
        connection refused";
    assert_eq!((ended.code, ended.err), (1, format!("Error: {reason}\n")));
    let ended = shelf.run_with("install x app", &environment);
    let quoted = reason.replace('"', "\\\"");
    assert_eq!(
        ended.err,
        format!(
            "level=ERROR msg=\"cluster reachability check failed: {quoted}\"\n\
             Error: INSTALLATION FAILED: cluster reachability check failed: {reason}\n"
        )
    );
}

#[test]
fn files_with_certificates_are_checked_whatever_the_chart() {
    let failed = |reason: &str| {
        format!("Error: missing registry client: can't create TLS config for client: {reason}")
    };
    let authority = "can't read CA file: \"nope\": open nope: no such file or directory";
    for command in ["template x app", "show all app", "package app", "install x app", "dependency update app"]
    {
        check(&format!("{command} --ca-file nope"), &failed(authority));
    }
    let pair = "unable to read cert file: \"no\": open no: no such file or directory";
    let both = failed(&format!("{pair}\n{authority}"));
    check("template x app --cert-file no --key-file no --ca-file nope", &both);
}

#[test]
fn folders_have_no_signature() {
    check("template x app --verify", "Error: unpacked charts cannot be verified");
}

#[test]
fn records_in_memory_are_listed_for_all_namespaces_by_a_cluster() {
    let shelf = Shelf::new();
    shelf.file("records.yaml", "[{name: web, namespace: default, version: 1, info: {status: deployed}}]\n");
    let environment = [
        ("PINTLE_SANDBOX", ""),
        ("HELM_DRIVER", "memory"),
        ("HELM_MEMORY_DRIVER_DATA", "records.yaml"),
        ("HELM_KUBEAPISERVER", "http://127.0.0.1:1"),
    ];
    assert_eq!(shelf.run_with("list -q", &environment).out, "web\n");
    let ended = shelf.run_with("list -q -A", &environment);
    assert!(ended.err.starts_with("Error: kubernetes cluster unreachable: "), "{}", ended.err);
    let told = shelf.run_with("list -q --debug", &environment).err;
    assert!(
        told.starts_with("level=DEBUG msg=\"creating release\" key=sh.helm.release.v1.web.v1\n"),
        "{told}"
    );
}

#[test]
fn a_burst_that_lets_nothing_through_makes_the_cluster_unreachable() {
    let shelf = Shelf::new();
    let kubeconfig = "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n\
                      contexts: [{name: c, context: {cluster: c}}]\ncurrent-context: c\n";
    shelf.file("kubeconfig", kubeconfig);
    let said = |flags: &str| {
        let line = format!("list --kubeconfig kubeconfig {flags}");
        shelf.run_with(&line, &[("PINTLE_SANDBOX", "")]).err
    };
    let unreachable = "Error: kubernetes cluster unreachable:";
    assert_eq!(
        said("--burst-limit=-1"),
        format!(
            "{unreachable} client rate limiter Wait returned an error: rate: Wait(n=1) exceeds limiter's burst -1\n"
        )
    );
    assert_eq!(
        said("--qps 5 --burst-limit 0"),
        format!(
            "{unreachable} burst is required to be greater than 0 when RateLimiter is not set and QPS is set to greater \
             than 0\n"
        )
    );
}
