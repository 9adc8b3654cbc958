//! All functions in one list.

use std::rc::Rc;

use gotmpl::Function;
use value::Ambient;

use super::asking::Asking;
use super::{
    certificates, conversion, dates, defaults, dicts, durations, encoding, hashes, lists, math, merge, paths,
    random, reflection, regexes, semver, string_lists, strings, urls,
};

/// The functions of their arguments alone, chapter by chapter.
const PURE: &[&[Function]] = &[
    strings::FUNCTIONS,
    string_lists::FUNCTIONS,
    math::FUNCTIONS,
    conversion::FUNCTIONS,
    defaults::FUNCTIONS,
    encoding::FUNCTIONS,
    lists::FUNCTIONS,
    dicts::FUNCTIONS,
    merge::FUNCTIONS,
    reflection::FUNCTIONS,
    paths::FUNCTIONS,
    urls::FUNCTIONS,
    semver::FUNCTIONS,
    dates::FUNCTIONS,
    durations::FUNCTIONS,
    certificates::FUNCTIONS,
    hashes::FUNCTIONS,
    regexes::FUNCTIONS,
];

/// The functions that ask the world.
const ASKING: &[&[Asking]] = &[random::FUNCTIONS, dates::ASKING, certificates::ASKING, hashes::ASKING];

/// Returns every Sprig function that Helm has; those that need the clock or chance ask `ambient` when called.
///
/// # Compatibility
/// Without `env` and `expandenv`, which Helm removes; `getHostByName` gives an empty string, as Helm has it by default.
pub fn functions(ambient: Rc<dyn Ambient>) -> Vec<Function> {
    let pure = PURE.iter().flat_map(|table| table.iter().cloned());
    let asking = ASKING.iter().flat_map(|table| table.iter()).map(|row| row.bind(&ambient));
    pure.chain(asking).chain(regexes::functions()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_name_is_given_twice() {
        let mut names = HashSet::new();
        let asking = ASKING.iter().flat_map(|table| table.iter()).map(|row| row.name);
        for name in PURE.iter().flat_map(|table| table.iter()).map(|row| row.name).chain(asking) {
            assert!(names.insert(name), "{name}");
        }
    }
}
