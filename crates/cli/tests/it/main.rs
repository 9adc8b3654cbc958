//! The commands from the command line: what goes to standard output and standard error, and the exit code.

mod errors;
mod hooks;
mod lifecycle;
mod shelf;
