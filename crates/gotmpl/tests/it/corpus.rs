//! Templates with their output and error as recorded from Go.

use pintle_gotmpl::MissingKey;
use value::go_lossy;

use crate::functions;

const TEMPLATES: &str = include_str!("../corpus/templates.txt");

#[derive(Default)]
struct Case {
    missing: MissingKey,
    lib: Vec<u8>,
    text: Vec<u8>,
    out: Vec<u8>,
    error: String,
}

#[test]
fn templates_give_what_go_gives() {
    let run = || {
        let mut failures = Vec::new();
        for section in TEMPLATES.split("\n>>> ").skip(1) {
            let (name, body) = section.split_once('\n').unwrap();
            let case = parse(body);
            let (out, error) = execute(&case);
            if out != case.out || error != case.error {
                failures.push(format!(
                    "{name}\n  got  {:?} {error}\n  want {:?} {}",
                    go_lossy(&out),
                    go_lossy(&case.out),
                    case.error
                ));
            }
        }
        assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    };
    std::thread::Builder::new().stack_size(1 << 30).spawn(run).unwrap().join().unwrap();
}

fn execute(case: &Case) -> (Vec<u8>, String) {
    let mut set = functions::set(case.missing);
    if !case.lib.is_empty() {
        set.parse("lib", case.lib.as_slice()).unwrap();
    }
    let mut out = Vec::new();
    if let Err(error) = set.parse("main", case.text.as_slice()) {
        return (out, error.to_string());
    }
    let error = set.execute("main", &functions::data(), &mut out).err();
    (out, error.map(|error| error.to_string()).unwrap_or_default())
}

fn parse(body: &str) -> Case {
    let mut case = Case { missing: MissingKey::Zero, ..Case::default() };
    for line in body.lines() {
        let Some((key, value)) = line.split_once(": ").or_else(|| line.split_once(':')) else { continue };
        match key {
            "missing" if value == "error" => case.missing = MissingKey::Error,
            "missing" => case.missing = MissingKey::Default,
            "lib" => case.lib = unescape(value),
            "text" => case.text = unescape(value),
            "out" => case.out = unescape(value),
            "error" => case.error = String::from_utf8(unescape(value)).unwrap(),
            other => panic!("unknown key {other}"),
        }
    }
    case
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next().unwrap() {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'x' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            other => out.push(other),
        }
    }
    out
}
