//! The order of the user's sources, and the texts when one is wrong.

use chart::{Sources, gather};

fn text(sources: &Sources, files: &[(&str, &str)]) -> String {
    let mut read = |path: &str| {
        let found = files.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| format!("open {path}: nothing").into())
    };
    gather(sources, &mut read).map_or_else(|error| error.full_text(), |map| crate::json(&map))
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

#[test]
fn the_order_of_the_flags_is_fixed() {
    let sources = Sources {
        files: list(&["a.yaml", "b.yaml"]),
        json: list(&["{\"j\":1,\"x\":\"j\"}", "k=[1,2],l=null,m="]),
        set: list(&["x=s"]),
        strings: list(&["y=1"]),
        file_contents: list(&["z=text"]),
        literals: list(&["w=a,b"]),
    };
    let files = [("a.yaml", "x: a\nt: {a: 1}\n---\nu: 1"), ("b.yaml", "t: {b: 2}"), ("text", "t\n")];
    assert_eq!(
        text(&sources, &files),
        r#"{"j":1,"k":[1,2],"l":null,"m":null,"t":{"a":1,"b":2},"u":1,"w":"a,b","x":"s","y":"1","z":"t\n"}"#
    );
}

#[test]
fn what_is_wrong_is_said_with_its_source() {
    let file =
        |text_in_file| text(&Sources { files: list(&["f"]), ..Sources::default() }, &[("f", text_in_file)]);
    assert_eq!(
        file("[1]"),
        "failed to parse f: cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: \
         json: cannot unmarshal array into Go value of type map[string]interface {}"
    );
    assert_eq!(
        file("a: 1\n--- b\n"),
        "failed to parse f: error reading yaml document: invalid Yaml document separator: b"
    );
    let set = |flag: &str| text(&Sources { set: list(&[flag]), ..Sources::default() }, &[]);
    assert_eq!(set("a"), "failed parsing --set data: key \"a\" has no value");
    let json = |flag: &str| text(&Sources { json: list(&[flag]), ..Sources::default() }, &[]);
    assert_eq!(json("{\"a\":"), "failed parsing --set-json data JSON: {\"a\":");
    assert_eq!(json("a=01"), "failed parsing --set-json data a=01");
    let contents = Sources { file_contents: list(&["a=x"]), ..Sources::default() };
    assert_eq!(text(&contents, &[]), "failed parsing --set-file data: open x: nothing");
}

#[test]
fn a_change_of_one_alias_does_not_reach_the_other() {
    let sources = Sources { files: list(&["f"]), set: list(&["a.k=2"]), ..Sources::default() };
    assert_eq!(text(&sources, &[("f", "a: &x {k: 1}\nb: *x")]), r#"{"a":{"k":2},"b":{"k":1}}"#);
}
