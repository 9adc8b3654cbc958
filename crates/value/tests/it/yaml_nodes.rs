//! Documents that are read and written again with their comments, as yaml.v3 with kyaml's layout does it.

use pintle_value::yaml::nodes::{self, Content};

/// Checks what a document is after it has been read and written; nothing changes if no other text is expected.
fn check(text: &str, expected: impl Into<Option<&'static str>>) {
    let document = nodes::read(text.as_bytes()).expect("the text is YAML").expect("there is a document");
    let written = nodes::write(&[document]);
    assert_eq!(written, expected.into().unwrap_or(text), "of\n{text}");
}

#[test]
fn comments_above_behind_and_below_keep_their_places() {
    check("# about a\na: 1 # behind\n# above b\nb:\n  # above c\n  c: d\n", None);
    check("a: b\n# below a\n\nc: d\n", None);
    check("# of the document\n\n# of the key\na: b\n", None);
    check("a: # behind the key\n  b: c\ns: # here too\n- x\n- # behind the dash\n  k: v\n", None);
    check("list:\n- a # x\n# above b\n- b\n- c: d\n  e: f\n# above a map\n- g: h\n", None);
    check("a:\n  b: c\n  # of b\nd: e\n# the end\n", None);
    check("s: | # behind the sign\n  text\n# below\nt: >-\n  folded\n", None);
    check("f: [a, # first\n  b,\n  # own\n  c]\nm: {a: b, # x\n  c: d}\n", None);
}

#[test]
fn comments_at_other_columns_move() {
    check("a:\n  b:\n    c: d\n  # x\n# y\ne: f\n", "a:\n  b:\n    c: d\n    # x\n# y\ne: f\n");
    check("a:\n  b:\n    c: d\n  # x\n\ne: f\n", "a:\n  b:\n    c: d\n  # x\ne: f\n");
    check("kind: A\n # one\n", "kind: A\n# one\n");
    check(
        "kind: A\n# one\n\n# two\n\nb: c\n\n# three\n\nd: e\n",
        "kind: A\n# one\n\n# two\nb: c\n# three\nd: e\n",
    );
    check("kind: A\n#1\n\n#2\n\n#3\n", "kind: A\n#1\n\n#2\n\n#3\n");
}

#[test]
fn styles_anchors_and_tags_are_kept() {
    check("a: \"x: y\"\nb: ''\nc: 'it''s'\nd: \"\\ttab\"\n\"q\": 1\n", None);
    check("a: &x\n  b: c\nd: *x\ne: !!str 5\nf: !foo bar\n", None);
    check("m:\n  <<: *x\n".replace("*x", "{a: b}").as_str(), "m:\n  !!merge <<: {a: b}\n");
    check("keep: |+\n  x\n\nstrip: |-\n  y\nindented: |2\n    z\nnul:\nt: ~\nbig: 1e3\nyes: no\n", None);
    check("{a: b, c: [1, {d: e}], f: {}, g: []}\n", None);
}

#[test]
fn layout_becomes_kyamls() {
    check("a:\n    b:\n        - c\n        - d:\n            e\n", "a:\n  b:\n  - c\n  - d: e\n");
    check("a: one\n  two\n\n  three\n", "a: |-\n  one two\n  three\n");
    check("a: >\n  folded\n  text\n\n  more\nb: c\n", "a: >\n  folded text\n\n  more\n\nb: c\n");
    check("? a\n: b\n", "a: b\n");
    check("a: \"x\\\n  y\"\n", "a: \"xy\"\n");
    check("- - a\n  - b\n-   c: d\n    e: f\n", "- - a\n  - b\n- c: d\n  e: f\n");
    check("a: b", "a: b\n");
}

#[test]
fn documents_are_set_apart() {
    let read = |text: &str| nodes::read(text.as_bytes()).unwrap();
    let documents: Vec<_> = ["a: |+\n  x\n\n", "# c\nb: 1\n"].into_iter().filter_map(read).collect();
    assert_eq!(nodes::write(&documents), "a: |+\n  x\n\n---\n# c\nb: 1\n");
    assert_eq!(read(""), None);
    let comment = read("# only a comment\n");
    assert!(comment.is_none_or(|document| document.root.is_null()));
}

#[test]
fn nodes_know_their_lines() {
    let root = nodes::read(b"a:\n- b\n- c: d\n").unwrap().unwrap().root;
    let Content::Sequence { items, .. } = &root.get("a").unwrap().content else { panic!("a list") };
    assert_eq!((root.line, items[0].line, items[1].line), (1, 2, 3));
}

#[test]
fn errors_name_where_a_thing_began() {
    let error = |text: &str| nodes::read(text.as_bytes()).unwrap_err().inner_text();
    assert_eq!(error("a: b\nc: \"d\n\n"), "yaml: line 2: found unexpected end of stream");
    assert_eq!(error("a: b\nlong key\nb: 1\n"), "yaml: line 2: could not find expected ':'");
    assert_eq!(error("a: *b\n"), "yaml: unknown anchor 'b' referenced");
    // The scanner is two tokens ahead.
    assert_eq!(error("a: b\n}c: [d]\n"), "yaml: line 2: mapping values are not allowed in this context");
    assert_eq!(error("a: b\n- c\n"), "yaml: line 1: did not find expected key");
}

/// Documents with everything that reading and writing distinguish.
const SAMPLES: &[&str] = &[
    "# d\n\n# h\na: &x # l\n  - b: 'c' # m\n    # f\n\n    d: |+ # n\n      e\n\n  # g\n- *x\n",
    "a:\n  - - b # c\n    - {d: [e, # f\n      g], h: \"i\\\n    j\"}\n  # k\n# l\n\n? m\n: n\n<<: *o\n",
    "%YAML 1.1\n---\n!t &u a: >-\n  b\n\n   c\n# d\n...\n# e\n",
];

#[test]
fn changed_documents_are_read_or_refused_and_written_alike_twice() {
    let mut chance: u32 = 7;
    let mut next = move |below: usize| {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (chance >> 8) as usize % below.max(1)
    };
    let signs = b"#\n :-[]{},&*!|>'\"?%\t\r a\xC3";
    for round in 0..4000 {
        let mut bytes = SAMPLES[round % SAMPLES.len()].as_bytes().to_vec();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            match next(3) {
                0 => bytes[at] = signs[next(signs.len())],
                1 => bytes.insert(at, signs[next(signs.len())]),
                _ => drop(bytes.drain(at..(at + next(4)).min(bytes.len()))),
            }
        }
        let Ok(Some(document)) = nodes::read(&bytes) else { continue };
        let once = nodes::write(&[document]);
        let again = nodes::read(once.as_bytes()).unwrap().unwrap();
        assert_eq!(strip(&nodes::write(&[again])), strip(&once), "of {:?}", String::from_utf8_lossy(&bytes));
    }
}

/// Returns a text without comments' lines and empty lines, whose places may settle in two steps.
fn strip(text: &str) -> String {
    let is_kept = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    text.lines().filter(is_kept).map(|line| line.split(" #").next().unwrap_or(line)).collect()
}
