//! Errors keep their parts.

use pintle_gotmpl::{CallError, ExecErrorKind, MissingKey, Options, Problem, TemplateSet};
use value::{Map, Str, Value};

use crate::functions;

#[test]
fn links_go_from_the_outermost_execution_inwards() {
    let mut set = functions::set(MissingKey::Zero);
    set.parse("lib", "{{define \"t\"}}\n {{ include \"none\" . }}{{end}}").unwrap();
    set.parse("main", "x\n{{ include \"t\" . }}").unwrap();
    let error = set.execute("main", &functions::data(), &mut Vec::new()).unwrap_err();
    let links: Vec<_> = error.links().collect();
    assert_eq!(links.len(), 3);
    let ExecErrorKind::At(first) = links[0].kind() else { panic!("{}", links[0]) };
    assert_eq!((first.location.name.as_str(), first.location.line, first.location.column), ("main", 2, 3));
    assert!(
        matches!(&first.problem, Problem::Call { function, error: CallError::Execution(_) } if function == "include")
    );
    let ExecErrorKind::At(second) = links[1].kind() else { panic!("{}", links[1]) };
    assert_eq!((second.location.line, second.context.as_str()), (2, "include \"none\" ."));
    assert_eq!(second.executing, "t");
    assert!(matches!(links[2].kind(), ExecErrorKind::NoTemplate { .. }));
    assert_eq!(links[2].to_string(), "template: no template \"none\" associated with template \"gotpl\"");
}

#[test]
fn a_parse_error_has_name_line_and_message() {
    let mut set = functions::set(MissingKey::Zero);
    let error = set.parse("a/b.yaml", "\n\n{{ nofunc }}").unwrap_err();
    let problem = error.problem();
    assert_eq!((problem.name.as_str(), problem.line), ("a/b.yaml", 3));
    assert_eq!(problem.message, "function \"nofunc\" not defined");
}

#[test]
fn nothing_of_a_text_with_an_error_is_added() {
    let mut set = functions::set(MissingKey::Zero);
    assert!(set.parse("main", "{{define \"a\"}}x{{end}}{{").is_err());
    assert!(!set.contains("a"));
}

#[test]
fn output_before_an_error_is_kept() {
    let mut set = functions::set(MissingKey::Zero);
    set.parse("main", "before{{ .s.x }}after").unwrap();
    let mut out = Vec::new();
    assert!(set.execute("main", &functions::data(), &mut out).is_err());
    assert_eq!(out, b"before");
}

#[test]
fn of_many_texts_the_first_with_an_error_counts() {
    // So many that two threads share them.
    let filler = "{{ .a }} and text\n".repeat(2000);
    let names: Vec<String> = (0..20).map(|number| format!("t{number}")).collect();
    let text = |number: usize| match number {
        7 | 13 => format!("{filler}{{{{ nope{number} }}}}"),
        _ => format!("{filler}{number}"),
    };
    let texts: Vec<(&str, Str)> =
        names.iter().enumerate().map(|(number, name)| (&**name, Str::from(text(number)))).collect();
    let mut set = TemplateSet::new("set", [], Options::default());
    let error = set.parse_all(&texts).unwrap_err();
    assert_eq!(error.to_string(), "template: t7:2001: function \"nope7\" not defined");

    let good: Vec<(&str, Str)> =
        texts.into_iter().filter(|(name, _)| !matches!(*name, "t7" | "t13")).collect();
    let mut set = TemplateSet::new("set", [], Options::default());
    set.parse_all(&good).unwrap();
    let mut out = Vec::new();
    set.execute("t19", &Value::Map([("a", Value::string("x"))].into_iter().collect()), &mut out).unwrap();
    assert!(out.starts_with(b"x and text\nx and") && out.ends_with(b"text\n19"));
}

#[test]
fn a_constant_with_a_field_is_wrong_on_the_line_of_what_follows_it() {
    let error = |text: &str| {
        TemplateSet::new("set", [], Options::default()).parse("t", text).unwrap_err().to_string()
    };
    assert_eq!(error("{{ \"a\".b }}"), "template: t:1: unexpected . after term \"\\\"a\\\"\"");
    // Go has read the space behind it, which begins on the same line.
    assert_eq!(error("{{ nil.b\n\n}}"), "template: t:1: unexpected . after term \"nil\"");
    assert_eq!(error("{{ nil.b\n-}}"), "template: t:2: unexpected . after term \"nil\"");
    let unterminated = "template: t:2: unterminated quoted string in action started at t:1";
    assert_eq!(error("{{ \"a\"\n\" }}"), unterminated);
}

#[test]
fn actions_that_are_written_alike_fail_each_at_its_own_place() {
    let failing = "{{ include \"gone\" .s }}";
    let place_of = |set: &TemplateSet, name: &str| {
        let error = set.execute(name, &functions::data(), &mut Vec::new()).unwrap_err();
        let ExecErrorKind::At(link) = error.kind() else { panic!("{error}") };
        let location = &link.location;
        (location.name.clone(), location.line, location.column, link.context.clone())
    };
    let mut set = functions::set(MissingKey::Zero);
    set.parse_all(&[
        ("one", format!("{{{{define \"a\"}}}}\n{failing}{{{{end}}}}\n\n  {failing}").into()),
        (
            "two",
            format!("x{{{{define \"b\"}}}}{{{{if true}}}}\n\n\n   {failing}{{{{end}}}}{{{{end}}}}").into(),
        ),
        ("three", "{{with include \"gone\" 1}}{{end}}".into()),
        ("four", "\n{{ $x := 1 }}{{with include \"gone\" 1}}{{end}}".into()),
        ("five", "{{template \"b\" .}}".into()),
        ("six", "\n {{template \"b\" .}}".into()),
    ])
    .unwrap();
    let context = || String::from("include \"gone\" .s");
    assert_eq!(place_of(&set, "a"), ("one".into(), 2, 3, context()));
    assert_eq!(place_of(&set, "one"), ("one".into(), 4, 5, context()));
    assert_eq!(place_of(&set, "b"), ("two".into(), 4, 6, context()));
    assert_eq!(place_of(&set, "three"), ("three".into(), 1, 7, "include \"gone\" 1".into()));
    assert_eq!(place_of(&set, "four"), ("four".into(), 2, 20, "include \"gone\" 1".into()));
    assert_eq!(place_of(&set, "five"), ("two".into(), 4, 6, context()));
    assert_eq!(place_of(&set, "six"), ("two".into(), 4, 6, context()));
}

#[test]
fn actions_that_are_written_alike_read_and_make_their_own_variables() {
    let mut set = functions::set(MissingKey::Zero);
    let used = "{{ $b := $a }}{{ $b }}{{range $i, $v := .list}}{{ $i }}{{ $v }}{{end}}{{ $b }};";
    let text = format!(
        "{{{{ $a := 1 }}}}{used}{{{{ $c := 2 }}}}{{{{ $a = 3 }}}}{used}{{{{if $c}}}}{{{{ $a := 4 }}}}{used}{{{{end}}}}{used}"
    );
    set.parse("main", text).unwrap();
    let data = Map::from_iter([(Str::from("list"), Value::list(vec!["x".into(), "y".into()]))]).into();
    let mut out = Vec::new();
    set.execute("main", &data, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "10x1y1;30x1y3;40x1y4;30x1y3;");
}
