//! What the dependencies may be: licences, sources and crates that must stay out (the rules of `deny.toml`, checked here
//! so that no further tool is needed; `cargo deny check licenses bans sources` checks them too).

use serde_json::Value;

/// Licences that may be linked into a program under Apache-2.0.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    // Root certificates as data; only on platforms without a certificate store.
    "CDLA-Permissive-2.0",
    "CC0-1.0",
];

/// Crates that must not come in by anyone, and why.
const BANNED: &[(&str, &str)] = &[
    ("aws-lc-rs", "there is one TLS provider, ring"),
    ("openssl", "there is one TLS stack, rustls"),
    ("native-tls", "there is one TLS stack, rustls"),
    ("chrono", "times are jiff's"),
];

/// Checks every package of the dependency graph.
pub(crate) fn check(metadata: &Value, problems: &mut Vec<String>) {
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        if let Some((_, reason)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            problems.push(format!("dependency `{name}` must stay out: {reason}"));
        }
        let Some(source) = package["source"].as_str() else { continue };
        if !source.starts_with("registry+") {
            problems.push(format!("dependency `{name}` comes from {source}, not from the registry"));
        }
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence) {
            problems.push(format!("dependency `{name}` has the licence `{licence}`"));
        }
    }
}

/// Returns whether one of the alternatives is made of allowed licences only.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" OR ").any(|choice| choice.split(" AND ").all(|licence| LICENCES.contains(&licence.trim())))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn one_allowed_alternative_is_enough() {
        assert!(is_allowed("MIT OR GPL-3.0"));
        assert!(is_allowed("MIT/Apache-2.0"));
        assert!(!is_allowed("LGPL-2.1"));
        assert!(!is_allowed("MIT AND GPL-3.0"));
    }
}
