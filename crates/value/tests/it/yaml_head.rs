//! Heads of manifests.

use pintle_value::yaml;

#[test]
fn a_head_has_what_names_the_object() {
    let head = yaml::head(
        b"# c\napiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  namespace: ns\n  annotations:\n    \"a\": 1\n    b: |\n      p\n      q\n    c:\n  labels: {name: no}\ndata:\n  kind: no\n  x: |-\n    abc\n",
    )
    .expect("recorded cases are well-formed");
    assert_eq!((&*head.api_version, &*head.kind), ("v1", "Secret"));
    let metadata = head.metadata.expect("recorded cases are well-formed");
    assert_eq!((&*metadata.name, &*metadata.namespace), ("x", "ns"));
    let annotations: Vec<_> = metadata.annotations.iter().map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(annotations, [("a", "1"), ("b", "p\nq\n"), ("c", "")]);
}

#[test]
fn names_of_fields_count_in_any_letter_case_and_aliases_are_followed() {
    let head = yaml::head(b"x: &n 1.5\nKIND: a\nkind: b\nMetadata:\n  NAME: *n\n")
        .expect("recorded cases are well-formed");
    assert_eq!(head.kind, "b");
    assert_eq!(head.metadata.expect("recorded cases are well-formed").name, "1.5");
}

#[test]
fn empty_documents_have_an_empty_head() {
    for text in ["", "# c\n", "---\n", "null", "metadata:\n"] {
        assert_eq!(
            yaml::head(text.as_bytes()).expect("recorded cases are well-formed"),
            yaml::Head::default()
        );
    }
}

#[test]
fn fields_of_another_type_are_errors_in_gos_words() {
    for (text, complaint) in [
        ("[a]", "array into Go value of type util.SimpleHead"),
        ("kind: [a]\napiVersion: {}", "object into Go struct field .apiVersion of type string"),
        ("metadata: {name: [a]}", "array into Go struct field .metadata.name of type string"),
        (
            "metadata: {annotations: {a/b: {}}}",
            "object into Go struct field .metadata.annotations.a~1b of type string",
        ),
        (
            "metadata: {annotations: 1}",
            "number into Go struct field .metadata.annotations of type map[string]string",
        ),
        (
            "metadata: x",
            "string into Go struct field .metadata of type struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }",
        ),
    ] {
        let error = yaml::head(text.as_bytes()).expect_err("the text is refused").to_string();
        assert_eq!(
            error,
            format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {complaint}")
        );
    }
}
