//! `cargo xtask bench`: the whole process of `template` against real Helm, in turn on the same machine.
//!
//! Each figure is a ratio of medians, Helm's over ours: CPU seconds, wall seconds and peak memory. Runs are started by
//! a small process of their own, because a child's peak memory begins with its parent's.

pub(crate) mod cases;
mod repository;
mod sandbox;
mod served;
mod umbrella;
mod wire;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What the command line says.
struct Options {
    helm: PathBuf,
    pintle: PathBuf,
    shared: PathBuf,
    runs: usize,
    only: String,
}

/// One measured command line.
pub(crate) struct Case {
    /// What the table calls it.
    pub(crate) name: String,
    /// Where it runs.
    pub(crate) directory: PathBuf,
    /// The arguments, the same for both programs.
    pub(crate) arguments: Vec<String>,
}

/// One run of a program.
#[derive(Clone, Copy)]
struct Figures {
    cpu_seconds: f64,
    wall_seconds: f64,
    peak_kilobytes: f64,
}

/// Runs the benchmarks and prints a table.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let options = read_options(arguments)?;
    let scratch = scratch_folder();
    let cases = cases::all(&options.shared, &scratch)?;
    println!(
        "{:<44} {:>7} {:>7} {:>7} {:>10} {:>10} {:>9}",
        "case", "cpu", "wall", "memory", "ours ms", "ours cpu", "ours MB"
    );
    for case in cases.iter().filter(|case| case.name.contains(&options.only)) {
        let [helm, ours] = measure(case, &options)?;
        println!(
            "{:<44} {:>7.1} {:>7.1} {:>7.1} {:>10.2} {:>10.2} {:>9.1}",
            case.name,
            helm.cpu_seconds / ours.cpu_seconds,
            helm.wall_seconds / ours.wall_seconds,
            helm.peak_kilobytes / ours.peak_kilobytes,
            ours.wall_seconds * 1e3,
            ours.cpu_seconds * 1e3,
            ours.peak_kilobytes / 1024.0,
        );
    }
    if "sandbox".contains(&options.only) {
        sandbox::run(&options, &scratch)?;
    }
    if "served".contains(&options.only) {
        served::run(&options, &scratch)?;
    }
    std::fs::remove_dir_all(&scratch).map_err(|error| format!("remove {}: {error}", scratch.display()))
}

/// Returns where this process keeps what it measures.
pub(crate) fn scratch_folder() -> PathBuf {
    std::env::temp_dir().join(format!("pintle-bench-{}", std::process::id()))
}

fn read_options(arguments: &[String]) -> Result<Options, String> {
    let root = crate::tidy::workspace_root();
    let mut options = Options {
        helm: root.join("target/oracle/helm"),
        pintle: root.join("target/release/pintle"),
        shared: root.join("../shared"),
        runs: 11,
        only: String::new(),
    };
    let mut rest = arguments.iter();
    while let Some(flag) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--helm" => options.helm = value.into(),
            "--pintle" => options.pintle = value.into(),
            "--shared" => options.shared = value.into(),
            "--runs" => options.runs = value.parse().map_err(|error| format!("--runs {value}: {error}"))?,
            "--only" => options.only.clone_from(value),
            _ => {
                return Err(format!(
                    "unknown option {flag}; there are --helm, --pintle, --shared, --runs, --only"
                ));
            }
        }
    }
    // The cases run in folders of their own.
    for path in [&mut options.helm, &mut options.pintle, &mut options.shared] {
        *path = std::path::absolute(&*path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for program in [&options.helm, &options.pintle] {
        if !program.exists() {
            return Err(format!("{} is not there; see --helm and --pintle", program.display()));
        }
    }
    Ok(options)
}

/// Returns the medians of both programs, run in turn after one warm-up.
fn measure(case: &Case, options: &Options) -> Result<[Figures; 2], String> {
    let mut helm = Vec::new();
    let mut ours = Vec::new();
    for run in 0..=options.runs {
        let figures = [one(&options.helm, case)?, one(&options.pintle, case)?];
        if run > 0 {
            helm.push(figures[0]);
            ours.push(figures[1]);
        }
    }
    Ok([medians(&helm), medians(&ours)])
}

fn medians(runs: &[Figures]) -> Figures {
    let median = |figure: fn(&Figures) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Figures {
        cpu_seconds: median(|run| run.cpu_seconds),
        wall_seconds: median(|run| run.wall_seconds),
        peak_kilobytes: median(|run| run.peak_kilobytes),
    }
}

/// Runs a program once in a process of its own and reads what that process measured.
fn one(program: &Path, case: &Case) -> Result<Figures, String> {
    let myself = std::env::current_exe().map_err(|error| format!("find this program: {error}"))?;
    let output = Command::new(myself)
        .arg("measure")
        .arg(program)
        .args(&case.arguments)
        .current_dir(&case.directory)
        // Sandboxes are kept here, and what is remembered of clusters.
        .env("PINTLE_SANDBOX_HOME", scratch_folder().join("sandboxes"))
        .env("HELM_CACHE_HOME", scratch_folder().join("cache"))
        .env("KUBECACHEDIR", scratch_folder().join("cache"))
        .output()
        .map_err(|error| format!("start the measuring process: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [cpu_seconds, wall_seconds, peak_kilobytes] => Ok(Figures {
            cpu_seconds: *cpu_seconds,
            wall_seconds: *wall_seconds,
            peak_kilobytes: *peak_kilobytes,
        }),
        _ => Err(format!(
            "{} {:?}: {}",
            program.display(),
            case.arguments,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// Runs a program, its output thrown away, and prints CPU seconds, wall seconds and peak kilobytes.
pub(crate) fn measure_here(arguments: &[String]) -> Result<(), String> {
    let (program, rest) = arguments.split_first().ok_or("measure needs a program")?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("run {program}: {error}"))?;
    let wall = start.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{program} {rest:?} ended with {status}"));
    }
    let usage =
        getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("read the child's usage: {error}"))?;
    let cpu = (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6;
    println!("{cpu} {wall} {}", usage.max_rss());
    Ok(())
}
