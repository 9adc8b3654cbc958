//! Command lines that name no command, or flags in the wrong way; help, settings, plugins.

use crate::shelf::Shelf;

#[test]
fn unknown_commands_are_answered_with_similar_ones() {
    let shelf = Shelf::new();
    assert_eq!(
        shelf.fails("unistall"),
        "Error: unknown command \"unistall\" for \"pintle\"\n\nDid you mean this?\n\tinstall\n\tuninstall\n\n\
         Run 'pintle --help' for usage.\n"
    );
    assert_eq!(
        shelf.fails("xyzzy"),
        "Error: unknown command \"xyzzy\" for \"pintle\"\nRun 'pintle --help' for usage.\n"
    );
}

#[test]
fn a_dash_alone_names_no_command() {
    let shelf = Shelf::new();
    assert_eq!(shelf.fails("- list -x"), "Error: unknown shorthand flag: 'x' in -x\n");
}

#[test]
fn repositories_that_are_gone_are_told_beside_mistakes() {
    let shelf = Shelf::new();
    let url = "https://kubernetes-charts.storage.googleapis.com";
    shelf.file("gone.yaml", &format!("repositories: [{{name: stable, url: '{url}'}}]\n"));
    let environment = [("HELM_REPOSITORY_CONFIG", "gone.yaml")];
    for line in ["list --nope", "nope"] {
        let told = shelf.run_with(line, &environment).err;
        assert!(
            told.starts_with("WARNING: \"kubernetes-charts.storage.googleapis.com\" is deprecated"),
            "{told}"
        );
    }
}

#[test]
fn the_first_mistake_in_flags_is_told_even_beside_help() {
    let shelf = Shelf::new();
    assert_eq!(shelf.fails("template --help --nope"), "Error: unknown flag: --nope\n");
    assert_eq!(
        shelf.fails("create --help=false"),
        "Error: \"pintle create\" requires 1 argument\n\nUsage:  pintle create NAME [flags]\n"
    );
    assert_eq!(
        shelf.fails("list --color=bad --help"),
        "level=WARN msg=\"command failed\" error=\"invalid color mode \\\"bad\\\": must be one of: never, auto, always\"\n"
    );
    assert_eq!(shelf.run("list --help --color=bad").code, 0);
    assert!(shelf.fails("list --color bad --color").contains("invalid color mode"));
}

#[test]
fn help_is_found_in_three_ways() {
    let shelf = Shelf::new();
    let help = shelf.ok("help get values");
    assert!(help.contains("\nExample:\n  pintle get values "), "{help}");
    assert_eq!(help, shelf.ok("get values --help"));
    assert_eq!(help, shelf.ok("get values -h"));
    assert_eq!(shelf.ok("get"), shelf.ok("help get nope"));
    let ended = shelf.run("help nope");
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    assert!(
        ended.err.starts_with("Unknown help topic [`nope`]\nUsage:\n  pintle [command]\n"),
        "{}",
        ended.err
    );
}

#[test]
fn settings_come_from_flags_before_the_environment() {
    let shelf = Shelf::new();
    let show = |line: &str| {
        let environment = [("HELM_NAMESPACE", "one"), ("HELM_QPS", "2.5"), ("HELM_CACHE_HOME", "/c/../d")];
        shelf.run_with(line, &environment).out
    };
    assert_eq!(show("env HELM_NAMESPACE"), "one\n");
    assert_eq!(show("env -n two HELM_NAMESPACE"), "two\n");
    assert_eq!(show("env HELM_QPS"), "2.50\n");
    assert_eq!(show("env HELM_REPOSITORY_CACHE"), "/d/repository\n");
    assert_eq!(show("env NOPE"), "\n");
    let all = show("env");
    assert!(all.starts_with("HELM_BIN=\""), "{all}");
    assert!(all.lines().is_sorted());
}

#[test]
fn post_renderers_are_looked_up_among_the_plugins() {
    let shelf = Shelf::new();
    shelf.chart(&[]);
    assert_eq!(
        shelf.fails("template app --post-renderer nope"),
        "Error: invalid argument \"nope\" for \"--post-renderer\" flag: \
         plugin: {Name:nope Type:postrenderer/v1} not found\n"
    );
    let plugin = "apiVersion: v1\nname: pr\nversion: 1.0.0\ntype: postrenderer/v1\nruntime: subprocess\n\
        runtimeConfig:\n  platformCommand: [{command: cat}]\n";
    shelf.file("plugins/pr/plugin.yaml", plugin);
    let folder = shelf.path("plugins");
    let environment = [("HELM_PLUGINS", folder.to_str().unwrap())];
    let ended = shelf.run_with("template app --post-renderer pr --post-renderer pr", &environment);
    assert_eq!(
        ended.err,
        "Error: invalid argument \"pr\" for \"--post-renderer\" flag: cannot specify --post-renderer flag more than once\n"
    );
    let listed = shelf.run_with("plugin list", &environment).out;
    assert_eq!(
        listed,
        "NAME\tVERSION\tTYPE           \tAPIVERSION\tPROVENANCE\tSOURCE \n\
         pr  \t1.0.0  \tpostrenderer/v1\tv1        \tunknown   \tunknown\n"
    );
}

#[test]
fn what_is_to_come_says_so() {
    let shelf = Shelf::new();
    assert!(shelf.fails("plugin install x").ends_with(" not available yet\n"));
    assert_eq!(shelf.fails("push x http://y"), "Error: scheme \"http\" not supported\n");
    assert_eq!(shelf.fails("verify nope"), "Error: stat nope: no such file or directory\n");
}
