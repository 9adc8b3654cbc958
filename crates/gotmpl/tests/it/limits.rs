//! Inputs that are too deep or too large end in errors.

use pintle_gotmpl::{MissingKey, Options, TemplateSet};

use crate::functions;

fn on_a_large_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1 << 30).spawn(run).unwrap().join().unwrap();
}

#[test]
fn parentheses_nest_as_deep_as_in_go() {
    on_a_large_stack(|| {
        let mut set = functions::set(MissingKey::Zero);
        let error = set.parse("main", "{{".to_owned() + &"(".repeat(5_000_000)).unwrap_err();
        assert_eq!(error.to_string(), "template: main:1: max expression depth exceeded");
        let text = format!("{{{{{}1{}}}}}", "(".repeat(10_000), ")".repeat(10_000));
        set.parse("main", text).unwrap();
        let mut out = Vec::new();
        set.execute("main", &functions::data(), &mut out).unwrap();
        assert_eq!(out, b"1");
    });
}

#[test]
fn control_structures_nest_to_a_limit() {
    on_a_large_stack(|| {
        let mut set = functions::set(MissingKey::Zero);
        let error = set.parse("main", "{{if 1}}".repeat(1_000_000)).unwrap_err();
        assert_eq!(error.to_string(), "template: main:1: max control structure depth exceeded");
        let text = "{{if 1}}".repeat(10_000) + "x" + &"{{end}}".repeat(10_000);
        set.parse("main", text).unwrap();
        let mut out = Vec::new();
        set.execute("main", &functions::data(), &mut out).unwrap();
        assert_eq!(out, b"x");
    });
}

#[test]
fn endless_inclusion_ends_when_the_stack_is_used_up() {
    on_a_large_stack(|| {
        let options = Options { stack_size: 8 << 20, ..Options::default() };
        let mut set = TemplateSet::new("gotpl", functions::functions(), options);
        set.parse("main", "{{include \"main\" .}}").unwrap();
        let error = set.execute("main", &functions::data(), &mut Vec::new()).unwrap_err();
        let last = error.links().last().unwrap().to_string();
        assert!(last.ends_with("exceeded maximum stack size"), "{last}");
    });
}

#[test]
fn many_variables_and_definitions_take_linear_time() {
    let mut text = String::new();
    for n in 0..50_000 {
        text += &format!("{{{{$v{n} := {n}}}}}{{{{define \"d{n}\"}}}}x{{{{end}}}}");
    }
    text += "{{$v0}}{{$v49999}}";
    let mut set = functions::set(MissingKey::Zero);
    set.parse("main", text).unwrap();
    let mut out = Vec::new();
    set.execute("main", &functions::data(), &mut out).unwrap();
    assert_eq!(out, b"049999");
}

#[test]
fn texts_that_are_not_utf8_pass_through() {
    let mut set = functions::set(MissingKey::Zero);
    set.parse("main", &b"\xff{{\"\\xfe\"}}{{/* \xfd */}}\xf0"[..]).unwrap();
    let mut out = Vec::new();
    set.execute("main", &functions::data(), &mut out).unwrap();
    assert_eq!(out, b"\xff\xfe\xf0");
}
