//! Manifests on their way through a post-renderer.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::shelf::{Ended, Shelf};

const CONFIG_MAPS: &str = "# about a\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  text: hello # behind\n---\n\
    apiVersion: v1\nkind: ConfigMap\nmetadata:\n    name: b\n---\n";

const HOOK: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations:\n    \
    helm.sh/hook: pre-install,pre-upgrade\ndata:\n  text: hello\n";

/// A program that does what its first argument says.
const SCRIPT: &str = r#"#!/bin/sh
word=$1
[ $# -gt 0 ] && shift
case "$word" in
  change) sed "s/hello/$*/" ;;
  see) cp /dev/stdin "$HELM_PLUGIN_DIR/seen"; cat "$HELM_PLUGIN_DIR/seen" ;;
  say) cat >/dev/null; printf "$1" ;;
  fail) echo trouble >&2; exit 3 ;;
  *) cat ;;
esac
"#;

const PLUGIN: &str = "apiVersion: v1\nname: NAME\nversion: 1.0.0\ntype: postrenderer/v1\nruntime: subprocess\n\
    runtimeConfig:\n  platformCommand:\n  - command: COMMAND\n";

fn shelf() -> Shelf {
    let shelf = Shelf::new();
    shelf.chart(&[
        ("templates/maps.yaml", CONFIG_MAPS),
        ("templates/hook.yaml", HOOK),
        ("templates/NOTES.txt", "hello\n"),
    ]);
    plugin(&shelf, "pr", "${HELM_PLUGIN_DIR}/run.sh");
    shelf.file("plugins/pr/run.sh", SCRIPT);
    fs::set_permissions(shelf.path("plugins/pr/run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    shelf
}

fn plugin(shelf: &Shelf, name: &str, command: &str) {
    let text = PLUGIN.replace("NAME", name).replace("COMMAND", command);
    shelf.file(&format!("plugins/{name}/plugin.yaml"), &text);
}

fn run(shelf: &Shelf, line: &str) -> Ended {
    let folder = shelf.path("plugins");
    shelf.run_with(line, &[("HELM_PLUGINS", folder.to_str().unwrap())])
}

fn check_output(arguments: &str, expected: &str) {
    let shelf = shelf();
    let ended = run(&shelf, format!("template demo app --post-renderer pr {arguments}").trim_end());
    assert_eq!((ended.err.as_str(), ended.out.as_str()), ("", expected));
}

fn check_error(name: &str, arguments: &str, expected: &str) {
    let shelf = shelf();
    plugin(&shelf, "nothing", "no-such-program");
    plugin(&shelf, "elsewhere", "x\n    os: plan9");
    plugin(&shelf, "folder", "/");
    let ended = run(&shelf, format!("template demo app --post-renderer {name} {arguments}").trim_end());
    let text = format!("Error: {expected}\n\nUse --debug flag to render out invalid YAML\n");
    assert_eq!((ended.code, ended.err), (1, text));
}

const DOCUMENTS: &str = "---\n# Source: app/templates/maps.yaml\n# about a\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n\
    data:\n  text: TEXT # behind\n\n---\n# Source: app/templates/maps.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  \
    name: b\n---\n# Source: app/templates/hook.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  \
    annotations:\n    helm.sh/hook: pre-install,pre-upgrade\ndata:\n  text: TEXT\n\n";

#[test]
fn manifests_and_hooks_come_back_in_their_files() {
    check_output("", &DOCUMENTS.replace("TEXT", "hello"));
    check_output("--post-renderer-args=change --post-renderer-args=bye", &DOCUMENTS.replace("TEXT", "bye"));
}

#[test]
fn one_stream_goes_out_with_the_files_in_annotations() {
    let shelf = shelf();
    run(&shelf, "template demo app --post-renderer pr --post-renderer-args see");
    let seen = fs::read_to_string(shelf.path("plugins/pr/seen")).unwrap();
    let documents: Vec<&str> = seen.split("---\n").collect();
    assert_eq!(documents.len(), 3, "{seen}");
    let annotation = "    postrenderer.helm.sh/postrender-filename: 'app/templates/hook.yaml'\n";
    assert!(documents[0].contains(&format!("pre-upgrade\n{annotation}data:\n")), "{seen}");
    assert!(documents[1].starts_with("# about a\n"), "{seen}");
    assert!(
        documents[2].ends_with(
            "  name: b\n  annotations:\n    postrenderer.helm.sh/postrender-filename: 'app/templates/maps.yaml'\n"
        ),
        "{seen}"
    );
}

#[test]
fn what_names_no_file_gets_one() {
    check_output(
        "--post-renderer-args=say --post-renderer-args=kind:\\tA\\n---\\nkind:\\tB\\n",
        "---\n# Source: generated-by-postrender-0.yaml\nkind: A\n\n---\n# Source: generated-by-postrender-1.yaml\nkind: B\n",
    );
    check_output(
        "--post-renderer-args=say --post-renderer-args={kind:\\tList,items:\\t[{kind:\\tA}]}",
        "---\n# Source: generated-by-postrender-0.yaml\n{kind: A}\n",
    );
}

#[test]
fn what_goes_wrong_is_told_in_helms_words() {
    let invoke = |name: &str, reason: &str| {
        format!(
            "error while running post render on files: failed to invoke post-renderer plugin \"{name}\": {reason}"
        )
    };
    check_error("pr", "--post-renderer-args=fail", &invoke("pr", "plugin \"pr\" exited with error"));
    check_error(
        "nothing",
        "",
        &invoke("nothing", "exec: \"no-such-program\": executable file not found in $PATH"),
    );
    let reason = "failed to prepare plugin command: no plugin command is applicable";
    check_error("elsewhere", "", &invoke("elsewhere", reason));
    check_error("folder", "", &invoke("folder", "fork/exec /: permission denied"));
    check_error(
        "pr",
        "--post-renderer-args=say --post-renderer-args=\\n",
        "error while running post render on files: post-renderer \"pr\" produced empty output",
    );
    let parsing =
        |reason: &str| format!("error while parsing post rendered output: error parsing YAML: {reason}");
    check_error(
        "pr",
        "--post-renderer-args=say --post-renderer-args=a:\\tb:\\tc",
        &parsing("MalformedYAMLError: yaml: mapping values are not allowed in this context"),
    );
    check_error(
        "pr",
        "--post-renderer-args=say --post-renderer-args=kind:\\tA\\n---x\\nkind:\\tB\\n",
        &parsing("invalid document separator: ---x"),
    );
    check_error(
        "pr",
        "--post-renderer-args=say --post-renderer-args=words",
        &parsing("wrong node kind: expected MappingNode but got ScalarNode: node contents:\nwords\n"),
    );
}

#[test]
fn releases_are_made_of_what_comes_back() {
    let shelf = shelf();
    let installed = run(
        &shelf,
        "install demo app --post-renderer pr --post-renderer-args change --post-renderer-args=one",
    );
    assert_eq!(installed.code, 0, "{installed:?}");
    assert!(installed.out.ends_with("NOTES:\nhello\n"), "{installed:?}");
    assert!(shelf.ok("get manifest demo").contains("  text: one # behind\n"));
    assert!(shelf.ok("get hooks demo").contains("  text: one\n"));
    let upgraded = run(
        &shelf,
        "upgrade demo app --post-renderer pr --post-renderer-args change --post-renderer-args=two",
    );
    assert_eq!(upgraded.code, 0, "{upgraded:?}");
    assert!(shelf.ok("get manifest demo").contains("  text: two # behind\n"));
    let failed = run(&shelf, "upgrade demo app --post-renderer pr --post-renderer-args fail");
    assert!(
        failed.err.starts_with("Error: UPGRADE FAILED: error while running post render on files: "),
        "{failed:?}"
    );
    assert_eq!(shelf.ok("history demo").lines().count(), 3);
}

#[test]
fn every_command_warns_of_plugins_that_cannot_be_read() {
    let shelf = shelf();
    shelf.file("plugins/broken/plugin.yaml", "apiVersion: v1\nname: broken\n");
    let ended = run(&shelf, "version --short");
    assert!(
        ended.err.starts_with("level=WARN msg=\"failed to load plugin (ignoring)\" plugin_yaml="),
        "{ended:?}"
    );
    assert!(ended.err.ends_with("plugin `version` is required\"\n"), "{ended:?}");
}
