//! Semantic versions and constraints as github.com/Masterminds/semver reads them: versions with parts missing,
//! a `v` in front and leading zeros; constraints with ranges, wildcards, `,` and `||`.

mod constraint;
mod version;

pub use constraint::{Constraints, Violation};
pub use version::{Error, Version};
