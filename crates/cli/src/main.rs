//! The `pintle` command, which a link called `helm` makes behave as Helm.

mod advice;
mod ambient;
mod clock;
mod commands;
mod connect;
mod errors;
mod flags;
mod go_struct;
mod logging;
mod lookup;
mod memory_records;
mod output;
mod plugins;
mod presence;
mod registry_log;
mod renderer;
mod reporters;
mod repositories;
mod schema_log;
mod schema_sources;
mod settings;
mod signals;
mod stored_chart;
mod template_output;
mod terminal;

use std::path::Path;
use std::process::{self, ExitCode};
use std::{panic, thread};

use commands::dispatch::{self, Outcome};

/// Rendering makes and drops millions of small values, which this allocator does faster: an umbrella of a
/// hundred charts went from 21.4 to 17.5 ms.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The stack of the thread that does all the work. Go's stacks grow up to 1 GB, and Helm's limits (1,000 nested
/// includes, 100,000 nested templates) are measured by that. Memory is only used where the stack is.
const STACK_BYTES: usize = 1 << 30;

/// A stack to fall back on where so much address space is not to be had.
const SMALL_STACK_BYTES: usize = 64 << 20;

/// The code to exit with when something failed.
const FAILURE: i32 = 1;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let program = arguments.next().unwrap_or_default();
    let program =
        Path::new(&program).file_name().map_or("pintle".into(), |name| name.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.collect();
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        // What panicked is said once, below, in words for users.
        panic::set_hook(Box::new(|_| ()));
    }
    let work = move || {
        let outcome = panic::catch_unwind(|| dispatch::run(&program, &arguments));
        // The process ends here: a thread that ends before it gives back piece by piece what the system takes at once.
        process::exit(report(outcome))
    };
    let spawned = thread::Builder::new().stack_size(STACK_BYTES).spawn(work.clone());
    match spawned.or_else(|_| thread::Builder::new().stack_size(SMALL_STACK_BYTES).spawn(work)) {
        // It has ended the process.
        Ok(thread) => drop(thread.join()),
        Err(error) => terminal::error_line(&format!("Error: start the working thread: {error}")),
    }
    ExitCode::FAILURE
}

/// Tells the user how it went, and returns the code to exit with.
fn report(outcome: thread::Result<Outcome>) -> i32 {
    match outcome {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::Failed(text)) => {
            terminal::error_line(&format!("Error: {text}"));
            FAILURE
        }
        Ok(Outcome::Reported) => FAILURE,
        Err(payload) => {
            let what = payload.downcast_ref::<String>().map(String::as_str);
            let what =
                what.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no reason is known");
            terminal::error_line(&format!(
                "Error: a mistake in this program: {what}\nPlease report it with the command; RUST_BACKTRACE=1 shows where it happened."
            ));
            FAILURE
        }
    }
}
