//! Semantic versions and UUIDs.

use crate::schema::text;

/// Checks `1.2.3-rc.1+build` (semver.org).
pub(crate) fn semver(version: &str) -> Result<(), String> {
    let (version, build) = match version.split_once('+') {
        Some((version, build)) => (version, Some(build)),
        None => (version, None),
    };
    match build {
        Some("") => return Err("build is empty".to_owned()),
        Some(build) => build.split('.').try_for_each(|part| identifier(part, "build identifier"))?,
        None => {}
    }
    let (core, release) = match version.split_once('-') {
        Some((core, release)) => (core, Some(release)),
        None => (version, None),
    };
    for part in release.into_iter().flat_map(|release| release.split('.')) {
        identifier(part, "pre-release identifier")?;
        if part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("pre-release numeric identifier starts with zero".to_owned());
        }
    }
    core_numbers(core)
}

fn identifier(part: &str, what: &str) -> Result<(), String> {
    if part.is_empty() {
        return Err(format!("{what} is empty"));
    }
    match part.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
        Some(found) => Err(format!("invalid character {} in {what}", text::quote_char(found))),
        None => Ok(()),
    }
}

fn core_numbers(core: &str) -> Result<(), String> {
    let numbers: Vec<&str> = core.split('.').collect();
    if numbers.len() != 3 {
        return Err("versionCore must have 3 numbers separated by dot".to_owned());
    }
    for (number, name) in numbers.into_iter().zip(["major", "minor", "patch"]) {
        if number.is_empty() {
            return Err(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return Err(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}

/// Checks the five groups of hexadecimal digits.
pub(crate) fn uuid(text: &str) -> Result<(), String> {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    if groups.len() != lengths.len() {
        return Err("must have 5 elements".to_owned());
    }
    for (at, (group, length)) in groups.into_iter().zip(lengths).enumerate() {
        if group.len() != length {
            return Err(format!("element {} must be {length} characters long", at + 1));
        }
        if let Some(found) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("non-hex character {}", text::quote_char(found)));
        }
    }
    Ok(())
}
