//! Passwords from `~/.pgpass` (PostgreSQL, "The Password File").

use std::fs;
use std::path::PathBuf;

use super::dsn::{Host, Settings};

/// Returns the password for a server, database and user; `None` where the file has none or may be read by others.
pub(super) fn password(
    settings: &Settings,
    host: &Host,
    database: &str,
    user: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let named = settings.get("passfile").map(PathBuf::from);
    let path = named.or_else(|| Some(PathBuf::from(environment("HOME")?).join(".pgpass")))?;
    if !is_private(&path) {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let server = if host.name.starts_with('/') { "localhost" } else { host.name.as_str() };
    let wanted = [server, &host.port.to_string(), database, user];
    text.lines().find_map(|line| entry(line, wanted))
}

#[cfg(unix)]
fn is_private(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(path: &std::path::Path) -> bool {
    path.is_file()
}

/// Reads one line; the password is what follows four fields that match.
fn entry(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let last = fields.last_mut()?;
        match letter {
            '\\' => last.extend(letters.next()),
            ':' => fields.push(String::new()),
            letter => last.push(letter),
        }
    }
    let password = fields.get(4)?.clone();
    let matches = |(field, wanted): (&String, &str)| field == "*" || field == wanted;
    fields.iter().zip(wanted).all(matches).then_some(password)
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn fields_match_themselves_or_a_star() {
        let wanted = ["h", "5432", "d", "u"];
        assert_eq!(entry("h:5432:d:u:p\\:w", wanted).as_deref(), Some("p:w"));
        assert_eq!(entry("*:*:*:u:x", wanted).as_deref(), Some("x"));
        assert_eq!(entry("#:*:*:u:x", wanted), None);
        assert_eq!(entry("h:1:d:u:x", wanted), None);
        assert_eq!(entry("h", wanted), None);
    }
}
