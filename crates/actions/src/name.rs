//! Names of releases.

/// Helm's limit: release names end up in names of objects, which have 63 characters and need room.
const LONGEST: usize = 53;

/// Why a name will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty.
    #[error("no name provided")]
    Missing,
    /// It has other characters, or too many.
    #[error(
        "invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ \
         and the length must not be longer than 53"
    )]
    Invalid,
}

/// Checks the name of a release (`chartutil.ValidateReleaseName`).
///
/// # Errors
/// When it is empty, longer than 53 bytes or no dotted sequence of DNS labels.
pub fn check_release_name(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Missing);
    }
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_label = |label: &str| {
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_inner)
    };
    if name.len() > LONGEST || !name.split('.').all(is_label) {
        return Err(NameError::Invalid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NameError, check_release_name};

    #[test]
    fn names_are_dotted_dns_labels() {
        for name in ["a", "a-b.c9", &"a".repeat(53)] {
            assert_eq!(check_release_name(name), Ok(()), "{name}");
        }
        for name in ["-a", "a-", "a..b", "A", "a_b", "ä", &"a".repeat(54)] {
            assert_eq!(check_release_name(name), Err(NameError::Invalid), "{name}");
        }
        assert_eq!(check_release_name(""), Err(NameError::Missing));
    }
}
