//! What was parsed ahead is as if it were parsed in its turn.

use std::thread;

use pintle_gotmpl::{Ahead, Options, TemplateSet, Texts};
use value::{Str, Value};

const LONG: &str = "a text that is held outside of its place";

/// Executes a template of a set made from texts, those before `count` and `extra` ones parsed ahead, perhaps with help.
fn outcome(
    texts: &[(&str, Str)],
    extra: &[Str],
    count: usize,
    helped: bool,
    name: &str,
) -> Result<String, String> {
    let mut set = TemplateSet::new("test", Vec::new(), Options::default());
    let place = Texts::default();
    thread::scope(|scope| {
        let mut ahead = Ahead::new(&place, scope, &[]);
        let first = texts.iter().map(|(_, text)| text).take(count);
        extra.iter().chain(first).for_each(|text| ahead.add(text.clone()));
        match helped {
            true => ahead.get_help(),
            false => while ahead.parse_next() {},
        }
        set.parse_rest(texts, Some(ahead)).map_err(|error| error.to_string())
    })?;
    let mut out = Vec::new();
    set.execute(name, &Value::Nil, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

fn check(texts: &[(&str, &str)], name: &str) -> Result<String, String> {
    let texts: Vec<(&str, Str)> = texts.iter().map(|(name, text)| (*name, Str::from(*text))).collect();
    let extra = [
        Str::from(format!("{LONG} {{{{ if }}}} {{{{ \"x\" }}}}")),
        Str::from(format!("{LONG} {{{{ \"y\" }}}}")),
    ];
    let plain = outcome(&texts, &[], 0, false, name);
    for (count, helped) in (0..=texts.len()).flat_map(|count| [(count, false), (count, true)]) {
        assert_eq!(outcome(&texts, &extra, count, helped, name), plain, "{count} of {texts:?}, {helped}");
    }
    plain
}

#[test]
fn templates_are_found_by_the_names_they_get() {
    let texts = [
        ("a", "{{define \"greet\"}}good {{\"morning\"}} to all of you{{end}}{{template \"greet\"}}, says a"),
        ("b", "{{template \"a\"}} and b says {{\"good evening, all\"}} to you"),
        ("c", "short"),
        ("d", ""),
        ("e", "{{block \"inner\" .}}something within a block{{end}} {{template \"b\"}}{{template \"c\"}}"),
    ];
    assert_eq!(
        check(&texts, "e").unwrap(),
        "something within a block good morning to all of you, says a and b says good evening, all to youshort"
    );
}

#[test]
fn later_definitions_win_as_ever() {
    let define = |text: &str| format!("{{{{define \"x\"}}}}{text} is what it says{{{{end}}}}");
    let (first, second, blank) = (define("first"), define("second"), define("{{/* */}}"));
    let user = "{{template \"x\"}}: so it is called from here";
    let texts = [("a", &*first), ("b", &*second), ("c", &*blank), ("d", user)];
    assert_eq!(check(&texts, "d").unwrap(), " is what it says: so it is called from here");
    let texts = [("b", &*second), ("a", &*first), ("d", user)];
    assert_eq!(check(&texts, "d").unwrap(), "first is what it says: so it is called from here");
}

#[test]
fn a_text_that_is_wanted_twice_has_two_names() {
    let text = Str::from(format!("{LONG} {{{{define \"x\"}}}}of both{{{{end}}}}"));
    let texts = [("a", text.clone()), ("b", text)];
    for (count, name) in [(0, "a"), (0, "b"), (1, "a"), (1, "b"), (2, "a"), (2, "b")] {
        assert_eq!(outcome(&texts, &[], count, false, name).unwrap(), format!("{LONG} "));
        assert_eq!(outcome(&texts, &[], count, true, name).unwrap(), format!("{LONG} "));
    }
}

#[test]
fn errors_are_those_of_the_first_text_under_its_name() {
    let texts = [
        ("good", "{{\"this one is good, whatever comes\"}}"),
        ("bad", "\n{{if}} has no condition here"),
        ("worse", "{{end}} of nothing that began"),
    ];
    assert_eq!(check(&texts, "good").unwrap_err(), "template: bad:2: missing value for if");
}

#[test]
fn a_text_that_defines_its_own_name_is_wrong() {
    let texts = [
        ("other", "something else that is long enough"),
        ("own", "{{define \"own\"}}inner{{end}} and a text around it"),
    ];
    assert_eq!(
        check(&texts, "other").unwrap_err(),
        "template: own:1: template: multiple definition of template \"own\""
    );
    let blank = [("own", "{{define \"own\"}}the inner text counts then{{end}}\n   \n")];
    assert_eq!(check(&blank, "own").unwrap(), "the inner text counts then");
}

#[test]
fn other_functions_need_other_parsing() {
    let text = Str::from(format!("{LONG} {{{{ shout }}}}"));
    let place = Texts::default();
    let shout = pintle_gotmpl::pure("shout", &[], |_| Ok(Value::from("HEY")));
    let mut set = TemplateSet::new("test", [shout], Options::default());
    thread::scope(|scope| {
        let mut ahead = Ahead::new(&place, scope, &[]);
        ahead.add(text.clone());
        assert!(ahead.parse_next());
        set.parse_rest(&[("a", text)], Some(ahead)).unwrap();
    });
    let mut out = Vec::new();
    set.execute("a", &Value::Nil, &mut out).unwrap();
    assert_eq!(out, format!("{LONG} HEY").as_bytes());
}

#[test]
fn a_library_that_comes_again_is_defined_by_the_last() {
    let library =
        "{{- define \"lib.fail\" -}}{{ .a.b }}{{- end -}}\n{{- define \"lib.ok\" -}}good{{- end -}}\n";
    let user = "{{template \"lib.ok\" .}}: a text that uses the library";
    let texts = [("x/lib", library), ("user", user), ("y/lib", library)];
    assert_eq!(check(&texts, "user").unwrap(), "good: a text that uses the library");
    // Its own part is there under every name, and what fails is told under the last.
    assert_eq!(check(&texts, "x/lib").unwrap(), check(&texts, "y/lib").unwrap());
    let fails = "{{template \"lib.fail\" 1}}: a text that uses the library";
    let error = check(&[("x/lib", library), ("y/lib", library), ("user", fails)], "user").unwrap_err();
    assert!(error.starts_with("template: y/lib:1:"), "{error}");
    let named = "{{define \"x/lib\"}}of one that is named so{{end}}\n\n";
    assert_eq!(check(&[("x/lib", named), ("y/lib", named)], "x/lib").unwrap(), "of one that is named so");
    let other = [("y/lib", named), ("x/lib", named)];
    assert_eq!(check(&other, "x/lib").unwrap(), "of one that is named so");
    let wrong = "{{define \"lib\"}}{{ nothing }}{{end}} which is wrong";
    let error = check(&[("x/lib", wrong), ("y/lib", wrong)], "x/lib").unwrap_err();
    assert_eq!(error, "template: x/lib:1: function \"nothing\" not defined");
}
