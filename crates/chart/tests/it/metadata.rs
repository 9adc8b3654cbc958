//! `Chart.yaml`: types, rules, and what templates see.

use crate::load;

fn error(chart: &str) -> String {
    load(&[("Chart.yaml", chart)], &mut Vec::new()).err().unwrap().full_text()
}

#[test]
fn rules_are_checked_in_helms_order() {
    for (chart, text) in [
        ("{}", "validation: chart.metadata.name is required"),
        ("{name: a/b, version: 1}", "validation: chart.metadata.name \"a/b\" is invalid"),
        ("{name: ..}", "validation: chart.metadata.name \"..\" is not allowed"),
        ("{name: c}", "validation: chart.metadata.version is required"),
        ("{name: c, version: x}", "validation: chart.metadata.version \"x\" is invalid"),
        ("{name: c, version: 1, type: x}", "validation: chart.metadata.type must be application or library"),
        (
            "{name: c, version: 1, maintainers: [~]}",
            "validation: maintainers must not contain empty or null nodes",
        ),
        (
            "{name: c, version: 1, dependencies: [{name: a, alias: 'b c'}]}",
            "validation: dependency \"a\" has disallowed characters in the alias",
        ),
        (
            "{name: c, version: 1, dependencies: [{name: a}, {name: b, alias: a}]}",
            "validation: more than one dependency with name or alias \"a\"",
        ),
    ] {
        assert_eq!(error(chart), text);
    }
    assert_eq!(
        chart::from_files(Vec::new(), &mut Vec::new()).err().unwrap().to_string(),
        "Chart.yaml file is missing"
    );
}

#[test]
fn mismatched_types_are_named_as_go_does() {
    let text = |chart| {
        let text = error(chart);
        let prefix =
            "cannot load Chart.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ";
        text.strip_prefix(prefix).unwrap_or(&text).to_owned()
    };
    assert_eq!(text("[]"), "array into Go value of type v2.Metadata");
    assert_eq!(text("{name: [c]}"), "array into Go struct field .name of type string");
    assert_eq!(text("{keywords: a}"), "string into Go struct field .keywords of type []string");
    assert_eq!(text("{deprecated: 'true'}"), "string into Go struct field .deprecated of type bool");
    assert_eq!(text("{maintainers: [x]}"), "string into .maintainers.0 of type v2.Maintainer");
    assert_eq!(
        text("{dependencies: [{tags: 1}]}"),
        "number into Go struct field .dependencies.0.tags of type []string"
    );
    assert_eq!(
        text("{annotations: {a/b: [1]}}"),
        "array into Go struct field .annotations.a~1b of type string"
    );
}

#[test]
fn scalars_become_text_and_names_ignore_case() {
    let chart = "{name: 5, VERSION: 1.20, appVersion: 20240101, keywords: [true, 1], annotations: {a: 1e3}}";
    let chart = load(&[("Chart.yaml", chart)], &mut Vec::new()).unwrap();
    let map = chart.metadata.to_map();
    for key in ["Home", "Icon", "Condition", "Tags", "KubeVersion", "Type", "Description"] {
        map.remove(key);
    }
    assert_eq!(
        crate::json(&map),
        r#"{"APIVersion":"v1","Annotations":{"a":"1000"},"AppVersion":"20240101","Dependencies":[],"Deprecated":false,"Keywords":["true","1"],"Maintainers":[],"Name":"5","Sources":[],"Version":"1.2"}"#
    );
}

#[test]
fn requirements_count_in_every_version_and_warn_in_the_second() {
    let requirements = ("requirements.yaml", "dependencies: [{name: a, version: 1}]");
    let mut warnings = Vec::new();
    let v1 = load(&[("Chart.yaml", "{apiVersion: v1, name: c, version: 1}"), requirements], &mut warnings)
        .unwrap();
    assert_eq!((v1.metadata.dependencies().count(), v1.files.len(), warnings.len()), (1, 1, 0));
    let v2 = load(&[requirements], &mut warnings).unwrap();
    assert_eq!((v2.metadata.dependencies().count(), v2.files.len(), warnings.len()), (1, 0, 1));
    assert_eq!(
        warnings[0].to_string(),
        "level=INFO msg=\"Warning: Dependencies are handled in Chart.yaml since apiVersion \\\"v2\\\". \
         We recommend migrating dependencies to Chart.yaml.\""
    );
}
