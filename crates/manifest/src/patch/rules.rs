//! How lists and structs of built-in kinds merge.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The table made by `tables/derive_merge_keys.py`.
const TABLE: &str = include_str!("../../tables/merge_keys.txt");

/// How one struct's members merge; empty for structs without special rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules(Option<usize>);

/// How one member merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rule<'a> {
    /// A list merges item by item.
    pub(super) merges: bool,
    /// A map is replaced as a whole.
    pub(super) replaces: bool,
    /// What is not named goes.
    pub(super) retains_keys: bool,
    /// The member that identifies an item.
    pub(super) key: &'a str,
    /// The struct's number.
    target: Option<usize>,
}

impl Rule<'_> {
    /// Returns the rules below this member.
    pub(super) fn below(&self) -> Rules {
        Rules(self.target)
    }
}

#[derive(Default)]
struct Table {
    kinds: HashMap<&'static str, Option<usize>>,
    structs: HashMap<usize, HashMap<&'static str, Rule<'static>>>,
}

fn table() -> &'static Table {
    static PARSED: OnceLock<Table> = OnceLock::new();
    PARSED.get_or_init(|| {
        let mut table = Table::default();
        for line in TABLE.lines() {
            let mut cells = line.split('\t');
            let (tag, first, second) = (cells.next(), cells.next().unwrap_or(""), cells.next().unwrap_or(""));
            match (tag, first.parse()) {
                (Some("K"), _) => drop(table.kinds.insert(first, second.parse().ok())),
                (Some("T"), Ok(number)) => {
                    drop(table.structs.insert(number, second.split(' ').map(member).collect()))
                }
                _ => {}
            }
        }
        table
    })
}

fn member(cell: &'static str) -> (&'static str, Rule<'static>) {
    let (name, rule) = cell.split_once('=').unwrap_or((cell, ""));
    let mut parts = rule.split(':');
    let (strategies, key, target) =
        (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let has = |word| strategies.split(',').any(|strategy| strategy == word);
    let rule = Rule {
        merges: has("merge"),
        replaces: has("replace"),
        retains_keys: has("retainKeys"),
        key,
        target: target.parse().ok(),
    };
    (name, rule)
}

impl Rules {
    /// Returns the rules of a built-in kind; `None` for all others, which have no strategic patches.
    pub fn of(api_version: &str, kind: &str) -> Option<Rules> {
        table().kinds.get(format!("{api_version} {kind}").as_str()).map(|number| Rules(*number))
    }

    pub(super) fn member(self, name: &str) -> Rule<'static> {
        let found = self.0.and_then(|number| table().structs.get(&number)?.get(name));
        found.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Rules;

    #[test]
    fn containers_merge_by_name() {
        let rules = Rules::of("apps/v1", "Deployment").unwrap();
        let pod = rules.member("spec").below().member("template").below().member("spec").below();
        assert_eq!((pod.member("containers").merges, pod.member("containers").key), (true, "name"));
        assert!(pod.member("volumes").retains_keys);
        assert!(!pod.member("tolerations").merges);
        assert_eq!(Rules::of("example.com/v1", "Widget"), None);
    }
}
