//! Defaults, nulls, globals, conditions, tags, aliases and imports.

use crate::compose;

const SUB: &str = "{apiVersion: v2, name: sub, version: 0.1.0}";

/// A chart `c` with a subchart `sub` that it declares in the given words.
fn with_sub(declared: &str, values: &str, sub_values: &str, set: &[&str]) -> crate::Outcome {
    let chart = format!(
        "{{apiVersion: v2, name: c, version: 0.1.0, dependencies: [{{name: sub, version: 0.1.0, {declared}}}]}}"
    );
    compose(
        &[
            ("Chart.yaml", &chart),
            ("values.yaml", values),
            ("charts/sub/Chart.yaml", SUB),
            ("charts/sub/values.yaml", sub_values),
        ],
        set,
    )
}

#[test]
fn null_deletes_a_default_and_stays_where_there_is_none() {
    let outcome = compose(&[("values.yaml", "a: {b: 1, c: 2}\nd: ~")], &["a.b=null,q=null,a.z=null"]);
    assert_eq!(outcome.values(), r#"{"a":{"c":2,"z":null},"q":null}"#);
}

#[test]
fn a_table_over_a_scalar_default_is_kept_with_a_warning() {
    let outcome = compose(&[("values.yaml", "a: 1\nb: {c: 1}")], &["a.x=1,b.c.d=2"]);
    assert_eq!(outcome.values(), r#"{"a":{"x":1},"b":{"c":{"d":2}}}"#);
    assert_eq!(
        outcome.log(),
        [
            r#"level=INFO msg="warning: skipped value for c.a: Not a table.""#,
            r#"level=INFO msg="warning: destination for c.b.c is a table. Ignoring non-table value (1)""#,
        ]
    );
}

#[test]
fn globals_flow_down_and_the_parents_win() {
    let outcome = with_sub("alias: ''", "global: {a: 1}", "global: {a: 2, b: 3}\nx: 1", &[]);
    assert_eq!(outcome.values(), r#"{"global":{"a":1},"sub":{"global":{"a":1,"b":3},"x":1}}"#);
}

#[test]
fn values_of_a_subchart_must_be_a_table() {
    let text = |set| with_sub("alias: ''", "", "x: 1", &[set]).error();
    assert_eq!(text("sub=5"), "chart dependencies processing failed: type mismatch on sub: %!t(int64=5)");
    assert_eq!(text("sub=null"), "chart dependencies processing failed: type mismatch on sub: %!t(<nil>)");
}

#[test]
fn a_condition_beats_tags_and_must_be_a_boolean() {
    let names = |values: &str| {
        let outcome = with_sub("condition: 'sub.run,x.run', tags: [t]", values, "", &[]);
        let composition = outcome.result.as_ref().unwrap();
        (composition.chart.dependencies.len(), outcome.log())
    };
    assert_eq!(names("tags: {t: false}").0, 0);
    assert_eq!(names("tags: {t: false}\nx: {run: true}").0, 1);
    assert_eq!(names("sub: {run: false}\nx: {run: true}").0, 0);
    let (count, log) = names("sub: {run: 'false'}");
    assert_eq!(count, 1);
    assert_eq!(log, [r#"level=WARN msg="returned non-bool value" path=sub.run chart=sub"#]);
}

#[test]
fn an_alias_names_chart_and_values() {
    let outcome = with_sub("alias: al", "al: {x: 1}", "x: 0", &[]);
    assert_eq!(outcome.values(), r#"{"al":{"global":{},"x":1}}"#);
    assert_eq!(outcome.result.unwrap().chart.dependencies[0].name(), "al");
}

#[test]
fn a_chart_whose_version_does_not_fit_is_undeclared_but_there() {
    let chart = "{apiVersion: v2, name: c, version: 0.1.0, \
                 dependencies: [{name: sub, version: '>2', condition: x}]}";
    let outcome = compose(
        &[("Chart.yaml", chart), ("charts/sub/Chart.yaml", SUB), ("charts/sub/values.yaml", "x: 1")],
        &[],
    );
    assert_eq!(outcome.values(), r#"{"sub":{"global":{},"x":1}}"#);
}

#[test]
fn imports_have_a_long_and_a_short_form_and_lose_to_the_parents_values() {
    let outcome = with_sub(
        "import-values: [e, {child: t, parent: u.v}, {child: none, parent: p}, other]",
        "k: parent",
        "exports: {e: {k: child, l: 1}}\nt: {m: 2}",
        &[],
    );
    let sub = r#""sub":{"exports":{"e":{"k":"child","l":1}},"global":{},"t":{"m":2}}"#;
    assert_eq!(outcome.values(), format!(r#"{{"k":"parent","l":1,{sub},"u":{{"v":{{"m":2}}}}}}"#));
    assert_eq!(
        outcome.log(),
        [
            r#"level=WARN msg="ImportValues missing table from chart" chart=sub error="\"none\" is not a table""#,
            r#"level=WARN msg="ImportValues missing table" error="\"other\" is not a table""#,
        ]
    );
}

#[test]
fn two_imports_into_one_key_change_the_childs_own_values() {
    let imports = "import-values: [{child: a, parent: p}, {child: b, parent: p}]";
    let outcome = with_sub(imports, "", "a: {x: 1}\nb: {z: 2}", &[]);
    assert_eq!(outcome.values(), r#"{"p":{"x":1,"z":2},"sub":{"a":{"x":1,"z":2},"b":{"z":2},"global":{}}}"#);
}

#[test]
fn imports_that_tie_a_ring_are_refused() {
    let imports = "import-values: [{child: a, parent: p}, {child: a, parent: p.q}]";
    let outcome = with_sub(imports, "", "a: {x: 1}", &[]);
    assert_eq!(outcome.error(), "chart dependencies processing failed: values are nested too deeply");
}

#[test]
fn the_users_values_are_not_changed() {
    let mut warnings = Vec::new();
    let chart = crate::load(&[("values.yaml", "a: {b: 1}")], &mut warnings).unwrap();
    let user = value::Map::new();
    user.insert("a", value::Value::Map(value::Map::new()));
    chart::compose(chart, &user, chart::SchemaCheck::Skip, &mut warnings).unwrap();
    assert_eq!(crate::json(&user), r#"{"a":{}}"#);
}

#[test]
fn missing_dependencies_are_listed() {
    let chart = "{apiVersion: v2, name: c, version: 0.1.0, dependencies: [{name: a}, {name: b}]}";
    let chart = crate::load(&[("Chart.yaml", chart)], &mut Vec::new()).unwrap();
    let text = chart::dependencies::check(&chart).unwrap_err().full_text();
    assert_eq!(text, "found in Chart.yaml, but missing in charts/ directory: a, b");
}
