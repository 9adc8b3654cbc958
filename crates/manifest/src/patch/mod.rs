//! Patches a client makes: JSON merge patches and strategic merge patches.

mod merge;
mod rules;
mod strategic;

pub use self::merge::{merge_patch, three_way_merge_patch};
pub use self::rules::Rules;
pub use self::strategic::strategic_patch;
