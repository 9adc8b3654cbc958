//! What manifests may look like: metadata of wrong types, objects that come twice, lists, and more.

use crate::shelf::Shelf;

fn chart(manifest: &str) -> Shelf {
    let shelf = Shelf::new();
    shelf.chart(&[("templates/all.yaml", manifest)]);
    shelf
}

/// Texts that Helm 4.3.1 printed.
#[test]
fn metadata_of_another_type_ends_it_before_anything_is_stored() {
    let shelf = chart("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {version: 1.0}}\n");
    let reason = "unable to decode \"\": json: cannot unmarshal number into Go struct field \
                  ObjectMeta.metadata.labels of type string\n";
    let begin = "unable to build kubernetes objects from release manifest";
    assert_eq!(shelf.fails("install web app"), format!("Error: INSTALLATION FAILED: {begin}: {reason}"));
    assert_eq!(
        shelf.fails("install web app --dry-run=server"),
        format!("Error: INSTALLATION FAILED: {begin}: {reason}")
    );
    assert!(shelf.fails("status web").contains("release: not found"));
    shelf.file("app/templates/all.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    shelf.ok("install web app");
    shelf.file(
        "app/templates/all.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: x}\n",
    );
    let refused = shelf.fails("upgrade web app");
    assert!(
        refused.contains("UPGRADE FAILED: ") && refused.contains("of type map[string]string"),
        "{refused}"
    );
    assert_eq!(shelf.ok("history web").lines().count(), 2);
}

#[test]
fn version_and_kind_that_are_no_texts_are_named() {
    for (manifest, reason) in [
        ("apiVersion: v1\nkind: 5\nmetadata: {name: a}\n", "kind isn't string type"),
        ("apiVersion: 5\nkind: X\nmetadata: {name: a}\n", "apiVersion isn't string type"),
        ("apiVersion: a/b/c\nkind: X\nmetadata: {name: a}\n", "unexpected GroupVersion string: a/b/c"),
    ] {
        let refused = chart(manifest).fails("install web app");
        assert!(refused.ends_with(&format!("error validating data: {reason}\n")), "{refused}");
    }
}

#[test]
fn an_object_that_comes_twice_does_not_hold_up_a_wait() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let shelf = chart(&format!("{map}---\n{map}"));
    shelf.ok("install web app --wait --timeout 5s");
    shelf.ok("upgrade web app --wait --timeout 5s");
}

#[test]
fn items_of_a_list_of_one_kind_need_not_name_it() {
    let shelf = chart(
        "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- apiVersion: v1\n  kind: Secret\n  \
         metadata: {name: b}\n",
    );
    let status = shelf.ok("install web app") + &shelf.ok("status web");
    assert!(status.contains("==> v1/ConfigMap") && status.contains("==> v1/Secret"), "{status}");
    let unknown =
        chart("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Nope, metadata: {name: a}}\n");
    let refused = unknown.fails("install web app");
    assert!(
        refused.ends_with("unable to recognize no matches for kind \"Nope\" in version \"v1\"\n"),
        "{refused}"
    );
}

#[test]
fn a_resource_version_in_a_manifest_is_left_out_when_the_client_creates() {
    let shelf = chart("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, resourceVersion: \"5\"}\n");
    shelf.ok("install web app --server-side=false");
}

#[test]
fn a_selector_is_read_only_if_there_is_something_to_select_from() {
    let shelf = chart("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    shelf.ok("list -l a=b=c");
    shelf.ok("install web app");
    shelf.fails("list -l a=b=c");
    shelf.ok("list -l a=b=c --filter nothing");
}
