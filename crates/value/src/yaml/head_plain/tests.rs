//! The scan by lines says the same as the walk by events wherever it says anything.

use super::super::head::walk;
use super::super::input::Input;
use super::head;

/// Compares both ways; returns whether the scan by lines had an answer.
fn agrees(text: &str) -> bool {
    let input = Input::new(text.as_bytes());
    if input.fault.is_some() {
        return false;
    }
    let Some(found) = head(&input.text) else { return false };
    match walk(&input) {
        Ok(expected) => assert_eq!(found, expected, "{text}"),
        Err(error) => panic!("the walk refuses what the scan takes: {error}\n{text}"),
    }
    true
}

const MANIFEST: &str = r#"# Source: chart/templates/a.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "web"
  namespace: default
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    "helm.sh/hook-weight": '5'
    empty:
  labels: {}
spec:
  replicas: 1  # few
  selector:
    matchLabels:
      app: web
  template:
    spec:
      containers:
      - name: web
        args: ["--a", 'b', c]
        command:
        - /bin/sh
        - -c
        - |
          echo: "x"

            deeper # no comment
        env: []
      - name: other
        description: goes on
          and on

          and on
        nested:
          - - a
            - b: 1
              c: 2
          -
            d: 3
      volumes:
  folded: >-
    text
  quoted: "a \"b\" \n"
  last: 'it''s
    on "two" lines'
  more: "a \
    b\u003c"
  lit: |
   
    x
  below:
    {}
  also:
    text
"#;

#[test]
fn a_plain_manifest_is_read_line_by_line() {
    assert!(agrees(MANIFEST));
    assert!(agrees("a: 1"));
    assert!(agrees("  a: 1\n  b:\n  - x\n  -\n  - y\n"));
}

#[test]
fn what_is_not_plain_is_left_to_the_walk() {
    for text in [
        "",
        "# nothing\n",
        "--- \na: 1\n",
        "- a\n",
        "a: b: c\n",
        "a: &x b\n",
        "a: {b: c}\n",
        "a: |2\n   b\n",
        "a: 1\n b: 2\n",
        "a:\n  b: 1\n c: 2\n",
        "a: 'x\n",
        "a: \"x\\q\"\n",
        "a:\tb\n",
        "a: .inf\n",
        "Kind: x\n",
        "kind: 1\n",
        "a: x\n# c\n  y\n",
        "a: x # c\n  y\n",
    ] {
        assert!(!agrees(text), "{text}");
    }
}

/// Cuts, doubles, moves and changes pieces of the manifest by a small generator of numbers that is always the same.
#[test]
fn both_ways_agree_on_damaged_manifests() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    const PIECES: [&str; 34] = [
        " ", "  ", "\n", ":", ": ", "-", "- ", "#", " #", "'", "\"", "|", ">-", "[", "]", "{}", ",", "\t",
        "a", "0", "~", "null: ", "\n\n", "\u{e9}", "\\", "*", "&a ", "? ", "\n    {}", "\"x\n", "'x\n",
        "\\u00e9", "\\\n", ".x",
    ];
    let mut answered = 0;
    for _ in 0..30_000 {
        let mut text = MANIFEST.to_owned();
        for _ in 0..=random(3) {
            let mut at = random(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match random(4) {
                0 => text.insert_str(at, PIECES[random(PIECES.len())]),
                1 => drop(text.remove(at)),
                2 => {
                    let mut lines: Vec<&str> = text.lines().collect();
                    let (from, to) = (random(lines.len()), random(lines.len()));
                    let line = lines.remove(from);
                    lines.insert(to.min(lines.len()), line);
                    text = lines.join("\n");
                }
                _ => {
                    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                    let index = random(lines.len());
                    lines[index] = match random(2) {
                        0 => format!("{}{}", " ".repeat(random(4)), lines[index]),
                        _ => lines[index].trim_start_matches(' ').to_owned(),
                    };
                    text = lines.join("\n");
                }
            }
        }
        answered += usize::from(agrees(&text));
    }
    assert!(answered > 5_000, "{answered}");
}
