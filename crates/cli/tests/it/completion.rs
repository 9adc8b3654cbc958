//! The scripts of `completion` in real shells. A shell that is not installed is said to be skipped.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::shelf::Shelf;

/// Presses Tab in zsh: compadd is replaced by a function that writes what would be offered to a file.
const ZSH_DRIVER: &str = r#"
zmodload zsh/zpty zsh/zselect
zpty shell zsh -f -i
say() { zpty -w shell "$1" }
say "PROMPT= RPROMPT= fpath+=(/usr/share/zsh/functions/Completion/*(N/)); unsetopt beep"
say "autoload -Uz compinit && compinit -u -d $HOME/.zcompdump"
say "source <(pintle completion zsh)"
say 'compadd() { case "${@[1,(i)(-|--)]}" in *-(O|A|D)\ *) builtin compadd "$@"; return;; esac; local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $hits >> $OUT; builtin compadd "$@" }'
say '_pressed() { _main_complete; print -- "<end>" >> $OUT }'
say 'zle -C pressed list-choices _pressed; bindkey "^I" pressed; print -- ready > $OUT.ready'
for i in {1..1000}; do [[ -e $OUT.ready ]] && break; zselect -t 2; done
zpty -w -n shell "$LINE"$'\t'
for i in {1..1000}; do [[ -e $OUT && $(<$OUT) == *'<end>'* ]] && break; zselect -t 2; done
cat $OUT
"#;

const BASH_DRIVER: &str = r#"
source <(pintle completion bash)
COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_TYPE=37
_pintle_complete
((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
exit 0
"#;

const FISH_DRIVER: &str = r#"
pintle completion fish | source
complete -C "$LINE"
"#;

/// A shell, how it is started, and what makes it complete `$LINE`.
struct Driver {
    shell: &'static str,
    options: &'static [&'static str],
    script: &'static str,
}

const BASH: Driver = Driver { shell: "bash", options: &["--norc", "-c"], script: BASH_DRIVER };
const ZSH: Driver = Driver { shell: "zsh", options: &["-f", "-c"], script: ZSH_DRIVER };
const FISH: Driver = Driver { shell: "fish", options: &["--no-config", "-c"], script: FISH_DRIVER };

/// A folder with a repository, a kubeconfig, and two revisions of a release on a sandbox.
fn shelf() -> Shelf {
    let shelf = Shelf::new();
    shelf.chart(&[("templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")]);
    shelf.file(
        "config/repositories.yaml",
        "repositories:\n- {name: corner, url: 'https://example.com/charts'}\n",
    );
    shelf.file("cache/repository/corner-charts.txt", "shop\nstall\n");
    shelf.file(
        "cache/repository/corner-index.yaml",
        "apiVersion: v1\nentries:\n  shop:\n  - {name: shop, version: 2.0.0}\n  - {name: shop, version: 1.9.0}\n",
    );
    shelf.file(
        "kubeconfig",
        "contexts:\n- {name: east, context: {cluster: a}}\n- {name: west, context: {cluster: b}}\n",
    );
    shelf.ok("install demo app --namespace harbour --create-namespace");
    shelf.ok("upgrade demo app --namespace harbour");
    shelf
}

/// Presses Tab at the end of the line and returns what is offered, without descriptions.
fn offered(shelf: &Shelf, driver: &Driver, line: &str) -> Vec<String> {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_pintle")).parent().unwrap();
    let out = shelf.path("offered");
    let _ = std::fs::remove_file(&out);
    let _ = std::fs::remove_file(shelf.path("offered.ready"));
    let output = Command::new(driver.shell)
        .args(driver.options)
        .arg(driver.script)
        .current_dir(shelf.path(""))
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .envs([("LINE", line), ("TERM", "dumb"), ("LANG", "C.UTF-8"), ("PINTLE_SANDBOX", "1")])
        .envs([("HOME", shelf.path("")), ("OUT", out), ("KUBECONFIG", shelf.path("kubeconfig"))])
        .envs([("HELM_CONFIG_HOME", shelf.path("config")), ("HELM_CACHE_HOME", shelf.path("cache"))])
        .env("PINTLE_SANDBOX_HOME", shelf.path("sandbox"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words: Vec<String> = text
        .lines()
        .map(|line| line.split('\t').next().unwrap().trim().to_owned())
        .filter(|word| !word.is_empty() && word != "<end>")
        .map(|word| if word.starts_with("--") && word.contains('=') { after_sign(&word) } else { word })
        .collect();
    words.sort();
    words
}

fn after_sign(word: &str) -> String {
    word.split_once('=').map_or(word, |(_, value)| value).to_owned()
}

fn check(driver: &Driver) {
    if Command::new(driver.shell).arg("--version").output().is_err() {
        let _ = writeln!(std::io::stderr(), "skipped: {} is not installed", driver.shell);
        return;
    }
    let shelf = shelf();
    for (line, expected) in [
        ("pintle vers", &["version"][..]),
        ("pintle get ma", &["manifest"]),
        ("pintle list --out", &["--output"]),
        ("pintle list --output ", &["json", "table", "yaml"]),
        ("pintle list --output=j", &["json"]),
        ("pintle --kube-context ", &["east", "west"]),
        ("pintle --namespace har", &["harbour"]),
        ("pintle -n harbour status ", &["demo"]),
        ("pintle -n harbour rollback demo ", &["1", "2"]),
        ("pintle show chart corn", &["corner/"]),
        ("pintle show chart corner/", &["corner/shop", "corner/stall"]),
        ("pintle show chart corner/shop --version ", &["1.9.0", "2.0.0"]),
        ("pintle \"show\" chart 'corner/st", &["corner/stall"]),
    ] {
        // A quote that is left open is for the shell to go on with, and each does so in its own way.
        if line.contains('\'') && driver.shell != "bash" {
            continue;
        }
        assert_eq!(offered(&shelf, driver, line), expected, "{} {line:?}", driver.shell);
    }
}

#[test]
fn bash_completes_commands_flags_and_what_they_name() {
    check(&BASH);
}

#[test]
fn zsh_completes_commands_flags_and_what_they_name() {
    check(&ZSH);
}

#[test]
fn fish_completes_commands_flags_and_what_they_name() {
    check(&FISH);
}

#[test]
fn the_protocol_is_cobras() {
    let shelf = Shelf::new();
    let ended = shelf.run("__complete list --output ");
    let lines: Vec<&str> = ended.out.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(lines, ["json", "table", "yaml", ":4"]);
    assert_eq!(ended.err, "Completion ended with directive: ShellCompDirectiveNoFileComp\n");
    assert_eq!(shelf.run("__completeNoDesc get v").out, "values\n:4\n");
    let ended = shelf.run("__complete nope ");
    assert_eq!((ended.code, ended.out.as_str()), (0, ":0\n"));
}
