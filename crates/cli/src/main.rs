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
use std::process::ExitCode;
use std::thread;

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

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let program = arguments.next().unwrap_or_default();
    let program =
        Path::new(&program).file_name().map_or("pintle".into(), |name| name.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.collect();
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        // What panicked is said once, below, in words for users.
        std::panic::set_hook(Box::new(|_| ()));
    }
    let work = move || dispatch::run(&program, &arguments);
    let outcome = match thread::Builder::new().stack_size(STACK_BYTES).spawn(work.clone()) {
        Ok(thread) => thread.join(),
        Err(_) => match thread::Builder::new().stack_size(SMALL_STACK_BYTES).spawn(work) {
            Ok(thread) => thread.join(),
            Err(error) => Ok(Outcome::Failed(format!("start the working thread: {error}"))),
        },
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed(text)) => {
            terminal::error_line(&format!("Error: {text}"));
            ExitCode::FAILURE
        }
        Ok(Outcome::Reported) => ExitCode::FAILURE,
        Err(payload) => {
            let what = payload.downcast_ref::<String>().map(String::as_str);
            let what =
                what.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no reason is known");
            terminal::error_line(&format!(
                "Error: a mistake in this program: {what}\nPlease report it with the command; RUST_BACKTRACE=1 shows where it happened."
            ));
            ExitCode::FAILURE
        }
    }
}
