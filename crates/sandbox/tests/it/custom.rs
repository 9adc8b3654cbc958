//! CustomResourceDefinitions.

use crate::server::Server;
use serde_json::{Value, json};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS: &str = "/apis/example.com/v1/namespaces/default/widgets";

fn definition() -> Value {
    json!({
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "properties": {
                        "size": {"type": "integer", "default": 3}, "name": {"type": "string"}}},
                    "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}]},
    })
}

#[test]
fn a_definition_serves_its_kind_at_once() {
    let server = Server::new();
    assert_eq!(server.code(WIDGETS), 404);
    server.create(DEFINITIONS, &definition());
    let made = server.get(&format!("{DEFINITIONS}/widgets.example.com"));
    assert_eq!(made["status"]["conditions"][1]["type"], "Established");
    assert_eq!(server.get("/apis/example.com/v1")["resources"][0]["kind"], "Widget");
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"},
        "spec": {"name": "x", "bogus": 1}, "status": {"a": 1}});
    let made = server.create(WIDGETS, &widget);
    assert_eq!(made["spec"], json!({"name": "x", "size": 3}));
    assert!(made.get("status").is_none());
    assert_eq!(server.get(WIDGETS)["items"][0]["kind"], "Widget");
}

#[test]
fn objects_go_with_their_definition() {
    let server = Server::new();
    server.create(DEFINITIONS, &definition());
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}});
    server.create(WIDGETS, &widget);
    server.send("DELETE", &format!("{DEFINITIONS}/widgets.example.com"), "", "");
    assert_eq!(server.code(WIDGETS), 404);
    server.create(DEFINITIONS, &definition());
    assert_eq!(server.get(WIDGETS)["items"], json!([]));
}

#[test]
fn the_status_has_its_own_door() {
    let server = Server::new();
    server.create(DEFINITIONS, &definition());
    let widget = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}});
    server.create(WIDGETS, &widget);
    let (code, object) =
        server.merge(&format!("{WIDGETS}/w/status"), &json!({"status": {"ok": true}, "spec": {"size": 9}}));
    assert_eq!(code, 200);
    assert_eq!((&object["status"]["ok"], &object["spec"]), (&json!(true), &Value::Null));
    assert_eq!(object["metadata"]["generation"], 1);
}

// A definition whose `spec` has these properties.
fn with_spec(spec: &Value) -> Value {
    let mut definition = definition();
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"] = spec.clone();
    definition
}

fn refused(server: &Server, path: &str, object: &Value) -> Vec<String> {
    let (code, answer) = server.send("POST", path, "application/json", &object.to_string());
    assert_eq!(code, 422, "{answer}");
    let causes = answer["details"]["causes"].as_array().expect("a refusal has causes");
    let text = |cause: &Value, field: &str| cause[field].as_str().unwrap_or_default().to_owned();
    causes.iter().map(|c| format!("{}: {}", text(c, "field"), text(c, "message"))).collect()
}

fn widget(spec: &Value) -> Value {
    json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec})
}

#[test]
fn objects_must_have_the_shape_of_the_schema() {
    let server = Server::new();
    server.create(
        DEFINITIONS,
        &with_spec(&json!({"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "maxLength": 3}, "n": {"type": "integer", "minimum": 1},
            "e": {"type": "string", "enum": ["x", "y"]}, "at": {"type": "string", "format": "date-time"},
            "port": {"x-kubernetes-int-or-string": true},
            "l": {"type": "array", "x-kubernetes-list-type": "set", "maxItems": 3, "items": {"type": "string"}},
            "one": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        }})),
    );
    let causes = |spec: Value| refused(&server, WIDGETS, &widget(&spec));
    assert_eq!(causes(json!({})), ["spec.name: Required value"]);
    assert_eq!(
        causes(json!({"name": "long", "n": 0, "e": "z", "at": "soon", "port": 1.5})),
        [
            "spec.at: Invalid value: \"soon\": spec.at in body must be of type date-time: \"soon\"",
            "spec.e: Unsupported value: \"z\": supported values: \"x\", \"y\"",
            "spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1",
            "spec.name: Too long: may not be more than 3 bytes",
            "spec.port: Invalid value: \"number\": spec.port in body must be of type integer,string: \"number\"",
        ]
    );
    assert_eq!(causes(json!({"name": "a", "l": ["x", "x"]})), ["spec.l[1]: Duplicate value: \"x\""]);
    assert_eq!(
        causes(json!({"name": "a", "one": {}}))[0],
        "<nil>: Invalid value: \"\": \"spec.one\" must validate one and only one schema (oneOf). Found none valid"
    );
}

#[test]
fn what_a_change_leaves_alone_is_not_checked_again() {
    let server = Server::new();
    server.create(
        DEFINITIONS,
        &with_spec(&json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})),
    );
    server.create(WIDGETS, &widget(&json!({"name": "long", "other": "a"})));
    let narrow = json!([{"op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec",
        "value": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 2}, "other": {"type": "string"}}}}]);
    let path = format!("{DEFINITIONS}/widgets.example.com");
    assert_eq!(server.send("PATCH", &path, "application/json-patch+json", &narrow.to_string()).0, 200);
    assert_eq!(server.merge(&format!("{WIDGETS}/w"), &json!({"spec": {"other": "b"}})).0, 200);
    assert_eq!(server.merge(&format!("{WIDGETS}/w"), &json!({"spec": {"name": "longer"}})).0, 422);
}

#[test]
fn rules_are_run_on_objects_and_changes() {
    let server = Server::new();
    server.create(
        DEFINITIONS,
        &with_spec(&json!({"type": "object", "properties": {
            "min": {"type": "integer"}, "max": {"type": "integer"},
            "fixed": {"type": "string", "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "is fixed", "reason": "FieldValueForbidden"}]},
            "names": {"type": "array", "items": {"type": "string"}}, "wait": {"type": "string", "format": "duration"},
        }, "x-kubernetes-validations": [
            {"rule": "!has(self.wait) || self.wait < duration('1h')", "message": "waits too long"},
            {"rule": "!has(self.min) || self.min <= self.max", "messageExpression": "'at most ' + string(self.max)"},
            {"rule": "!has(self.names) || self.names.all(n, n.startsWith('a'))"},
        ]})),
    );
    let causes = |spec: Value| refused(&server, WIDGETS, &widget(&spec));
    assert_eq!(causes(json!({"wait": "90m"})), ["spec: Invalid value: waits too long"]);
    assert_eq!(causes(json!({"min": 2, "max": 1})), ["spec: Invalid value: at most 1"]);
    assert_eq!(
        causes(json!({"names": ["ab", "b"]})),
        ["spec: Invalid value: failed rule: !has(self.names) || self.names.all(n, n.startsWith('a'))"]
    );
    server.create(WIDGETS, &widget(&json!({"fixed": "a"})));
    let (code, answer) = server.merge(&format!("{WIDGETS}/w"), &json!({"spec": {"fixed": "b"}}));
    assert_eq!((code, &answer["details"]["causes"][0]["message"]), (422, &json!("Forbidden: is fixed")));
}

#[test]
fn bad_definitions_are_refused() {
    let server = Server::new();
    let causes = |spec: Value| refused(&server, DEFINITIONS, &with_spec(&spec));
    let at = "spec.validation.openAPIV3Schema.properties[spec]";
    assert_eq!(
        causes(json!({"properties": {}})),
        [format!("{at}.type: Required value: must not be empty for specified object fields")]
    );
    let rule = json!({"type": "object", "properties": {"a": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.b > 1"}]});
    let found = causes(rule);
    assert!(
        found[0].ends_with("ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^"),
        "{found:?}"
    );
    let text = json!({"type": "object", "x-kubernetes-validations": [{"rule": "'a'"}]});
    assert!(causes(text)[0].ends_with("cel expression must evaluate to a bool"));
    let default = json!({"type": "object", "properties": {"a": {"type": "string", "default": 5}}});
    assert_eq!(
        causes(default),
        [format!(
            "{at}.properties[a].default: Invalid value: \"integer\":  in body must be of type string: \"integer\""
        )]
    );
    let mut nameless = definition();
    nameless["metadata"]["name"] = json!("other.example.com");
    assert_eq!(
        refused(&server, DEFINITIONS, &nameless),
        ["metadata.name: Invalid value: \"other.example.com\": must be spec.names.plural+\".\"+spec.group"]
    );
}

#[test]
fn a_name_that_is_taken_is_given_when_it_is_free() {
    let server = Server::new();
    server.create(DEFINITIONS, &definition());
    let mut second = definition();
    second["metadata"]["name"] = json!("gadgets.example.com");
    second["spec"]["names"] = json!({"plural": "gadgets", "kind": "Widget"});
    server.create(DEFINITIONS, &second);
    let condition =
        || server.get(&format!("{DEFINITIONS}/gadgets.example.com"))["status"]["conditions"][0].clone();
    assert_eq!(
        (&condition()["reason"], &condition()["status"]),
        (&json!("ListKindConflict"), &json!("False"))
    );
    server.send("DELETE", &format!("{DEFINITIONS}/widgets.example.com"), "", "");
    assert_eq!(condition()["reason"], "NoConflicts");
    assert_eq!(server.code("/apis/example.com/v1/namespaces/default/gadgets"), 200);
}

#[test]
fn objects_are_kept_in_the_storage_version() {
    let server = Server::new();
    let mut both = definition();
    let mut second = both["spec"]["versions"][0].clone();
    second["name"] = json!("v2");
    second["storage"] = json!(false);
    second["schema"]["openAPIV3Schema"]["properties"]["spec"] =
        json!({"type": "object", "properties": {"size": {"type": "integer"}, "extra": {"type": "string"}}});
    both["spec"]["versions"].as_array_mut().unwrap().push(second);
    server.create(DEFINITIONS, &both);
    let made = server.create(
        "/apis/example.com/v2/namespaces/default/widgets",
        &json!({"apiVersion": "example.com/v2", "kind": "Widget", "metadata": {"name": "w"},
            "spec": {"size": 1, "extra": "gone"}}),
    );
    assert_eq!((&made["apiVersion"], &made["spec"]), (&json!("example.com/v2"), &json!({"size": 1})));
    assert_eq!(server.get(&format!("{WIDGETS}/w"))["apiVersion"], "example.com/v1");
}
