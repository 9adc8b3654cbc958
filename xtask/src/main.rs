//! Development tasks: layout checks, benchmarks, generated files.

fn main() {}
