//! Paths by pattern, as Go's `filepath.Glob` finds them.

use std::fs;
use std::path::Path;

use chart::ignore::{is_pattern, path_match};

/// Returns what there is of a pattern, folder by folder in the order of names; nothing where nothing can be read.
///
/// # Errors
/// With Go's words, when the pattern is malformed.
pub(super) fn glob(pattern: &str) -> Result<Vec<String>, &'static str> {
    if !is_pattern(pattern) {
        return Err("syntax error in pattern");
    }
    if !has_wildcards(pattern) {
        let is_there = Path::new(pattern).symlink_metadata().is_ok();
        return Ok(is_there.then(|| pattern.to_owned()).into_iter().collect());
    }
    let (folder, name) = split(pattern);
    let folders = if has_wildcards(folder) { glob(folder)? } else { vec![folder.to_owned()] };
    Ok(folders.iter().flat_map(|folder| in_folder(folder, name)).collect())
}

fn has_wildcards(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '\\'])
}

/// Parts a path from its last name, without the slash between them.
fn split(pattern: &str) -> (&str, &str) {
    match pattern.rsplit_once('/') {
        None => (".", pattern),
        Some(("", name)) => ("/", name),
        Some(parts) => parts,
    }
}

fn in_folder(folder: &str, pattern: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| path_match(pattern, name)).collect();
    names.sort();
    // What lies in the current folder is named without it (Go: filepath.Join).
    names.into_iter().map(|name| chart::clean(&format!("{folder}/{name}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn each_part_of_a_path_may_be_a_pattern() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["b1/x/f", "b2/y/f", "c/z/f", "b3/w"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let root = folder.path().to_str().unwrap();
        let found = |pattern: &str| -> Vec<String> {
            let paths = glob(&format!("{root}/{pattern}")).unwrap().into_iter();
            paths.map(|path| path[root.len() + 1..].to_owned()).collect()
        };
        assert_eq!(found("b*/*/f"), ["b1/x/f", "b2/y/f"]);
        assert_eq!(found("[bc]/?/f"), ["c/z/f"]);
        assert_eq!(found("*/w"), ["b3/w"]);
        assert_eq!(found("c/z/f"), ["c/z/f"]);
        assert!(found("none/*").is_empty() && found("b3/w/*").is_empty() && found("none").is_empty());
        assert_eq!(glob("a[").unwrap_err(), "syntax error in pattern");
    }
}
