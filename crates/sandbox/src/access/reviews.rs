//! Reviews: objects that are questions, answered and never stored.

use super::identity::Identity;
use super::rules::Attributes;
use crate::dig::Dig;
use crate::failure::Failure;
use crate::fields;
use crate::server::{Call, Reply, Server};
use crate::write::metadata;
use serde_json::{Value, json};
use std::sync::Arc;

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.at(path).and_then(Value::as_str).unwrap_or_default()
}

impl Server {
    /// Answers the kinds that are questions. `None` for all others.
    ///
    /// # Errors
    /// When the question lacks what it is about.
    pub(crate) fn review(&mut self, call: &Call<'_>, sent: &Value) -> Result<Option<Reply>, Failure> {
        let mut answer = sent.clone();
        answer["kind"] = call.kind.kind.clone().into();
        answer["apiVersion"] = call.kind.api_version().into();
        let status = match call.kind.kind.as_str() {
            "SelfSubjectAccessReview" => self.access(&self.who, sent),
            "SubjectAccessReview" | "LocalSubjectAccessReview" => self.access(&subject(sent), sent),
            "SelfSubjectRulesReview" => {
                let namespace = text(sent, "/spec/namespace");
                if namespace.is_empty() {
                    return Err(Failure::bad_request("no namespace on request"));
                }
                let (resources, paths) = self.rules_for(&self.who, namespace);
                json!({"incomplete": false, "resourceRules": resources, "nonResourceRules": paths})
            }
            "SelfSubjectReview" => json!({"userInfo": self.who.info()}),
            "TokenReview" => self.reviewed(text(sent, "/spec/token")),
            _ => return Ok(None),
        };
        if call.kind.kind == "SelfSubjectReview" {
            metadata(&mut answer).insert("creationTimestamp".into(), self.now.clone().into());
        } else {
            let blank = Server::blank(&call.kind);
            fields::create(&call.kind, &blank, &mut answer, &call.writer(false), &self.now);
        }
        answer["status"] = status;
        Ok(Some(Reply::Object { code: 201, object: Arc::new(answer) }))
    }

    fn access(&self, who: &Identity, review: &Value) -> Value {
        let of = |field: &str| text(review, &format!("/spec/resourceAttributes/{field}"));
        let path = review.at("/spec/nonResourceAttributes");
        let attributes = match path {
            Some(path) => {
                Attributes { verb: text(path, "/verb"), path: text(path, "/path"), ..Attributes::default() }
            }
            None => Attributes {
                verb: of("verb"),
                group: of("group"),
                resource: of("resource"),
                subresource: of("subresource"),
                name: of("name"),
                namespace: of("namespace"),
                path: "",
            },
        };
        match self.decide(who, &attributes) {
            Some(reason) if reason.is_empty() => json!({"allowed": true}),
            Some(reason) => json!({"allowed": true, "reason": reason}),
            None => json!({"allowed": false}),
        }
    }
}

fn subject(review: &Value) -> Identity {
    let groups = review.at("/spec/groups").and_then(Value::as_array);
    Identity {
        name: text(review, "/spec/user").into(),
        uid: text(review, "/spec/uid").into(),
        groups: groups.into_iter().flatten().filter_map(|g| g.as_str().map(str::to_owned)).collect(),
        extra: Vec::new(),
    }
}
