//! Places of values.

use pintle_value::yaml::Step::{Index, Key};
use pintle_value::yaml::{self, Step};

const TEXT: &str =
    "a: 1\nb:\n  # c\n  - x\n  - k: \"é z\"\n    1: {w: [p, q]}\n\nd: |\n  text\n  more\ne:\na: 2\n";

fn at<'t>(text: &'t str, path: &[Step<'_>]) -> Option<(Option<&'t str>, &'t str)> {
    let found = yaml::locate(text.as_bytes(), path)?;
    Some((found.key.map(|span| &text[span.range()]), &text[found.value.range()]))
}

#[test]
fn values_are_found_by_keys_and_indexes() {
    assert_eq!(at(TEXT, &[Key("b"), Index(0)]), Some((None, "x")));
    assert_eq!(at(TEXT, &[Key("b"), Index(1), Key("k")]), Some((Some("k"), "\"é z\"")));
    assert_eq!(at(TEXT, &[Key("b"), Index(1), Key("1"), Key("w"), Index(1)]), Some((None, "q")));
    assert_eq!(
        at(TEXT, &[Key("b"), Index(1), Key("1")]).expect("recorded cases are well-formed").0,
        Some("1")
    );
    assert_eq!(at(TEXT, &[Key("d")]), Some((Some("d"), "|\n  text\n  more")));
    assert_eq!(at(TEXT, &[Key("e")]), Some((Some("e"), "")));
}

#[test]
fn collections_are_found_as_a_whole() {
    assert_eq!(at(TEXT, &[Key("b")]).expect("recorded cases are well-formed").0, Some("b"));
    assert_eq!(at("a: {b: [c, d]}", &[Key("a"), Key("b")]), Some((Some("b"), "[c, d]")));
    assert!(at(TEXT, &[Key("b")]).expect("recorded cases are well-formed").1.starts_with("- x\n"));
    assert_eq!(at(TEXT, &[]).map(|(_, value)| value), Some(TEXT.trim_end()));
}

#[test]
fn the_last_of_equal_keys_is_found() {
    assert_eq!(at(TEXT, &[Key("a")]), Some((Some("a"), "2")));
}

#[test]
fn what_is_not_there_is_not_found() {
    for path in
        [&[Key("x")][..], &[Key("b"), Index(2)], &[Key("b"), Key("k")], &[Index(0)], &[Key("a"), Key("b")]]
    {
        assert_eq!(at(TEXT, path), None);
    }
    assert_eq!(at("a: 1\n@", &[Key("a")]), Some((Some("a"), "1")));
}
