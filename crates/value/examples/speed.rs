//! Measures how fast YAML is read and written: `cargo run --release -p pintle-value --example speed [FILE]`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads, takes the time and reports"
)]

use std::hint::black_box;
use std::time::Instant;

use pintle_value::{json, yaml};

fn main() {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path).unwrap_or_default(),
        None => definitions(5_000_000),
    };
    let options = yaml::Options::default();
    measure("head", text.len(), || {
        _ = black_box(yaml::head(&text));
    });
    measure("check", text.len(), || {
        _ = black_box(yaml::check(&text));
    });
    measure("read", text.len(), || {
        _ = black_box(yaml::read(&text, &options));
    });
    measure("to_json", text.len(), || {
        _ = black_box(yaml::to_json(&text, yaml::Duplicates::LastWins));
    });
    let Ok(value) = yaml::read(&text, &options) else {
        return;
    };
    let written = yaml::write(&value).map_or(0, |out| out.len());
    measure("write", written, || {
        _ = black_box(yaml::write(&value));
    });
    measure("write_pretty", written, || {
        _ = black_box(yaml::write_pretty(&value));
    });
    let encoded = json::write(&value).unwrap_or_default();
    measure("json::write", encoded.len(), || {
        _ = black_box(json::write(&value));
    });
    measure("json::read", encoded.len(), || {
        _ = black_box(json::read(&encoded));
    });
}

/// Prints the best of a few runs.
fn measure(name: &str, bytes: usize, run: impl Fn()) {
    let mut best = f64::INFINITY;
    for _ in 0..9 {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name:14} {:8.2} ms {:8.0} MB/s", best * 1e3, bytes as f64 / best / 1e6);
}

/// Returns a text with the shape of a chart's custom resource definitions.
fn definitions(size: usize) -> Vec<u8> {
    let mut out = String::from(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\n  annotations:\n    helm.sh/resource-policy: keep\nspec:\n  versions:\n",
    );
    let mut number = 0;
    while out.len() < size {
        number += 1;
        out.push_str(&format!(
            "  - name: v{number}\n    schema:\n      openAPIV3Schema:\n        description: Thing {number} is the Schema for the things API, which says what is wanted of it.\n        type: object\n        properties:\n          apiVersion:\n            description: |-\n              APIVersion defines the versioned schema of this representation of an object.\n              Servers should convert recognized schemas to the latest internal value, and\n              may reject unrecognized values.\n            type: string\n          spec:\n            type: object\n            required:\n            - name\n            - replicas\n            properties:\n              name:\n                type: string\n                maxLength: 63\n                pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'\n              replicas:\n                default: {number}\n                format: int32\n                minimum: 0\n                type: integer\n              enabled:\n                description: If true, the thing\n                  is switched on.\n                type: boolean\n    served: true\n    storage: false\n",
        ));
    }
    out.into_bytes()
}
