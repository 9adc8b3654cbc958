//! Killed in the middle of writing: the file opens again, and nothing that was acknowledged is lost.

use crate::server::{CORE, Server, options};
use pintle_sandbox::Sandbox;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Set for the process that writes: the file, and the number to begin with.
const WRITER: &str = "PINTLE_CRASH_WRITER";
/// How often the writer is killed.
const KILLS: &str = "PINTLE_CRASH_KILLS";

/// What the machine must do for this test to mean anything.
const WORKS: &str = "files, processes and pipes work";

/// The last acknowledged step of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Made,
    Changed,
    Gone,
}

// Not a test of its own: the process that is killed runs it.
#[test]
fn writer() {
    let Ok(what) = std::env::var(WRITER) else { return };
    let (start, file) = what.split_once(' ').expect(WORKS);
    write_for_ever(Path::new(file), start.parse().expect(WORKS));
}

// Every object is made, changed and, two later, deleted; each step is told once it is on disk.
fn write_for_ever(file: &Path, start: u64) {
    let server = Server(Sandbox::open(file, options()).expect(WORKS));
    let (maps, mut out) = (format!("{CORE}/configmaps"), std::io::stdout());
    let mut told = |server: &Server, step: &str, number: u64| {
        server.0.flush().expect(WORKS);
        writeln!(out, "{step} {number}").and_then(|()| out.flush()).expect(WORKS);
    };
    for number in start.. {
        server.create(&maps, &json!({"metadata": {"name": format!("c{number}")}, "data": {"a": "1"}}));
        told(&server, "made", number);
        assert_eq!(server.merge(&format!("{maps}/c{number}"), &json!({"data": {"a": "2"}})).0, 200);
        told(&server, "changed", number);
        if number >= start + 2 {
            server.send("DELETE", &format!("{maps}/c{}", number - 2), "", "");
            told(&server, "gone", number - 2);
        }
    }
}

fn start_writer(file: &Path, number: u64) -> Child {
    Command::new(std::env::current_exe().expect(WORKS))
        .args(["--exact", "crash::writer", "--nocapture"])
        .env(WRITER, format!("{number} {}", file.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect(WORKS)
}

// Lets the writer write for a while, kills it, and reads what it told.
fn told_until_killed(mut writer: Child, patience: Duration) -> BTreeMap<u64, Step> {
    let mut lines = BufReader::new(writer.stdout.take().expect(WORKS));
    let mut text = String::new();
    while !text.contains("made ") && lines.read_line(&mut text).expect(WORKS) > 0 {}
    std::thread::sleep(patience);
    writer.kill().expect(WORKS);
    writer.wait().expect(WORKS);
    lines.read_to_string(&mut text).expect(WORKS);
    let mut steps = BTreeMap::new();
    // The last line may be cut off.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for line in whole.lines() {
        let step = match line.split_once(' ') {
            Some(("made", number)) => (number, Step::Made),
            Some(("changed", number)) => (number, Step::Changed),
            Some(("gone", number)) => (number, Step::Gone),
            _ => continue,
        };
        if let Ok(number) = step.0.parse() {
            steps.insert(number, step.1);
        }
    }
    steps
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let kills: u64 = std::env::var(KILLS).ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let file = std::env::temp_dir().join(format!("pintle-crash-{}.redb", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let mut next = 0;
    for kill in 0..kills {
        // From at once to some dozens of commits later.
        let patience = Duration::from_micros(kill.wrapping_mul(7919) % 40_000);
        let steps = told_until_killed(start_writer(&file, next), patience);
        assert!(!steps.is_empty(), "kill {kill}: nothing was written");
        let server = Server(Sandbox::open(&file, options()).unwrap());
        for (number, step) in &steps {
            let (code, object) = server.send("GET", &format!("{CORE}/configmaps/c{number}"), "", "");
            // The step after the one that was told may be on disk already.
            let kept = match step {
                Step::Gone => code == 404,
                Step::Changed => code == 404 || object["data"]["a"] == "2",
                Step::Made => code == 200,
            };
            assert!(kept, "kill {kill}: c{number} is {code} {object}");
        }
        next = steps.keys().last().map_or(next, |last| last + 2);
    }
    std::fs::remove_file(&file).unwrap();
}
