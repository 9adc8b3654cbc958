//! Tokens of service accounts. They live as long as the server: nothing of them is on disk.

use super::identity::Identity;
use crate::dig::Dig;
use crate::failure::{Cause, Failure};
use crate::server::{Call, Reply, Server};
use crate::write::meta;
use crate::{decode, store, time};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const AUDIENCE: &str = "https://kubernetes.default.svc";
/// The least and the usual lifetime, in seconds.
const SHORTEST: i64 = 600;
const USUAL: i64 = 3600;
/// The longest, of 2^32 seconds.
const LONGEST: i64 = 1 << 32;

/// Tokens given out, and for whom.
#[derive(Debug, Default)]
pub(crate) struct Tokens(HashMap<String, Holder>);

#[derive(Debug, Clone)]
struct Holder {
    namespace: String,
    name: String,
    uid: String,
    end: SystemTime,
    audiences: Vec<String>,
}

impl Server {
    fn holder(&self, token: &str) -> Option<&Holder> {
        let holder = self.tokens.0.get(token)?;
        let account = self.store.get(&store::key("/serviceaccounts", &holder.namespace, &holder.name))?;
        (meta(account, "uid") == holder.uid && (self.options.clock)() < holder.end).then_some(holder)
    }

    /// The service account whose token that is, if it still exists.
    pub(crate) fn token_holder(&self, token: &str) -> Option<Identity> {
        let holder = self.holder(token)?;
        Some(Identity::service_account(&holder.namespace, &holder.name, &holder.uid))
    }

    /// `status` of a TokenReview.
    pub(super) fn reviewed(&self, token: &str) -> Value {
        if self.options.token.as_deref() == Some(token) {
            return json!({"authenticated": true, "user": Identity::administrator().info(), "audiences": [AUDIENCE]});
        }
        match (self.holder(token), self.token_holder(token)) {
            (Some(holder), Some(user)) => {
                json!({"authenticated": true, "user": user.info(), "audiences": holder.audiences})
            }
            _ => json!({"user": {}, "error": "invalid bearer token"}),
        }
    }

    /// The subresource `token` of a service account.
    pub(crate) fn request_token(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let account = self.find(call)?;
        let sent = decode::object(&call.request.body, false, &call.kind)?.value;
        let asked = sent.at("/spec/expirationSeconds").and_then(Value::as_i64);
        let seconds = asked.unwrap_or(USUAL);
        let why = match seconds {
            ..SHORTEST => Some("may not specify a duration less than 10 minutes"),
            SHORTEST..=LONGEST => None,
            _ => Some("may not specify a duration larger than 2^32 seconds"),
        };
        if let Some(why) = why {
            let cause = Cause::invalid("spec.expirationSeconds", &seconds.into(), why);
            return Err(Failure::invalid_as("TokenRequest", "authentication.k8s.io", "", &[cause]));
        }
        self.check_bound(call, &sent)?;
        let given = sent.at("/spec/audiences").and_then(Value::as_array);
        let given: Vec<String> =
            given.into_iter().flatten().filter_map(|a| a.as_str().map(str::to_owned)).collect();
        let audiences = if given.is_empty() { vec![AUDIENCE.to_owned()] } else { given.clone() };
        let lifetime = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        let end = (self.options.clock)() + lifetime;
        let holder = Holder {
            namespace: call.namespace.clone(),
            name: meta(&account, "name").into(),
            uid: meta(&account, "uid").into(),
            end,
            audiences: audiences.clone(),
        };
        let token = self.new_token(&holder);
        let mut spec_fields = json!({"f:expirationSeconds": {}});
        if !given.is_empty() {
            spec_fields["f:audiences"] = json!({});
        }
        let answer = json!({
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": holder.name, "namespace": holder.namespace, "uid": holder.uid, "creationTimestamp": self.now,
                "managedFields": [{
                    "manager": call.request.manager(), "operation": "Update", "apiVersion": "authentication.k8s.io/v1",
                    "time": self.now, "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": spec_fields}, "subresource": "token",
                }],
            },
            "spec": {
                "audiences": audiences, "expirationSeconds": seconds,
                "boundObjectRef": sent.at("/spec/boundObjectRef").cloned().unwrap_or_default(),
            },
            "status": {"token": token, "expirationTimestamp": time::seconds(end)},
        });
        self.tokens.0.insert(token, holder);
        Ok(Reply::Object { code: 201, object: Arc::new(answer) })
    }

    fn check_bound(&self, call: &Call<'_>, sent: &Value) -> Result<(), Failure> {
        let Some(bound) = sent.at("/spec/boundObjectRef").filter(|b| !b.is_null()) else { return Ok(()) };
        let text = |field: &str| bound.get(field).and_then(Value::as_str).unwrap_or_default();
        let storage = match text("kind") {
            "Pod" => "/pods",
            "Secret" => "/secrets",
            "Node" => "/nodes",
            other => {
                return Err(Failure::bad_request(format!(
                    "cannot bind token for serviceaccount to object type {other}"
                )));
            }
        };
        let kind = crate::kinds::stored(storage);
        let place = if kind.namespaced { call.namespace.as_str() } else { "" };
        match self.store.contains(&store::key(storage, place, text("name"))) {
            true => Ok(()),
            false => Err(Failure::not_found(kind, text("name"))),
        }
    }

    // In the form of a JSON Web Token; what makes it one's own is chance, not a signature that others could check.
    fn new_token(&self, holder: &Holder) -> String {
        let part = |bytes: &[u8]| {
            let text = crate::base64::encode(bytes);
            text.trim_end_matches('=').replace('+', "-").replace('/', "_")
        };
        let claims = json!({
            "aud": holder.audiences, "iss": AUDIENCE,
            "sub": format!("system:serviceaccount:{}:{}", holder.namespace, holder.name),
        });
        let chance: Vec<u8> = (0..4).flat_map(|_| (self.options.random)().to_le_bytes()).collect();
        let head = json!({"alg": "RS256", "kid": "sandbox"}).to_string();
        format!("{}.{}.{}", part(head.as_bytes()), part(claims.to_string().as_bytes()), part(&chance))
    }
}
