//! Errors keep their parts.

use pintle_gotmpl::{CallError, ExecErrorKind, MissingKey, Problem};

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
