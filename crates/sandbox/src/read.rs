//! Reading: one object, lists with selectors and pages.

use crate::convert;
use crate::failure::{Cause, Failure};
use crate::kinds::Kind;
use crate::selector::Selector;
use crate::server::{Call, Reply, Server};
use crate::store;
use serde_json::{Map, Value, json};
use std::num::IntErrorKind;
use std::sync::Arc;

/// Parses a resourceVersion; none is 0.
///
/// # Errors
/// 500 as the API server has it.
pub(crate) fn parse_version(text: &str) -> Result<u64, Failure> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        let all_digits = text.bytes().all(|b| b.is_ascii_digit());
        let problem = if all_digits { "value out of range" } else { "invalid syntax" };
        let why = format!("strconv.ParseUint: parsing {text:?}: {problem}");
        Failure::unexpected(format!("resourceVersion: Invalid value: {text:?}: {why}"))
    })
}

/// Reads a parameter that is a number; `None` if it is missing.
///
/// # Errors
/// 400 with Go's words.
pub(crate) fn number_parameter(call: &Call<'_>, name: &str) -> Result<Option<i64>, Failure> {
    let Some(text) = call.request.parameter(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|error: std::num::ParseIntError| {
        let out_of_range = matches!(error.kind(), IntErrorKind::PosOverflow | IntErrorKind::NegOverflow);
        let problem = if out_of_range { "value out of range" } else { "invalid syntax" };
        Failure::bad_request(format!("strconv.ParseInt: parsing {text:?}: {problem}"))
    })
}

impl Server {
    /// The stored object a call is about.
    pub(crate) fn find(&self, call: &Call<'_>) -> Result<Arc<Value>, Failure> {
        let name = call.name.as_deref().unwrap_or_default();
        let key = store::key(&call.kind.storage, &call.namespace, name);
        self.store.get(&key).cloned().ok_or_else(|| Failure::not_found(&call.kind, name))
    }

    pub(crate) fn get(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let version = parse_version(call.request.parameter("resourceVersion").unwrap_or_default())?;
        self.not_in_the_future(version)?;
        let object = self.find(call)?;
        check_singular(call)?;
        Ok(Reply::ok(convert::view(&call.kind, &object)))
    }

    pub(crate) fn selector(&self, call: &Call<'_>) -> Result<Selector, Failure> {
        let parameter = |name| call.request.parameter(name).unwrap_or_default();
        Selector::parse(parameter("labelSelector"), parameter("fieldSelector"), &call.kind)
    }

    // The API server waits three seconds for the version to come; nothing else writes here while it waits.
    fn not_in_the_future(&self, version: u64) -> Result<(), Failure> {
        let current = self.store.version();
        if version <= current {
            return Ok(());
        }
        let text = format!("Too large resource version: {version}, current: {current}");
        let causes = json!([{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]);
        Err(Failure::new(504, Some("Timeout"), format!("Timeout: {text}"))
            .with_details(json!({"causes": causes, "retryAfterSeconds": 1})))
    }

    pub(crate) fn list(&mut self, call: &Call<'_>) -> Result<Reply, Failure> {
        let selector = self.selector(call)?;
        let page = Page::parse(call)?;
        self.not_in_the_future(page.version)?;
        let prefix = store::prefix(&call.kind.storage, &call.namespace);
        let version = if page.exact { page.version } else { self.store.version() };
        let (mut items, mut next, mut remaining) = (Vec::new(), None, 0u64);
        let mut add = |key: &str, object: &Arc<Value>| {
            if key <= page.after.as_str() && !page.after.is_empty() {
                return;
            }
            // Whether what is left matches is seen when it is asked for.
            if page.limit.is_some_and(|limit| items.len() >= limit) {
                remaining += 1;
            } else if selector.matches(object) {
                next = Some(key.to_owned());
                items.push(list_item(&call.kind, object));
            }
        };
        if page.exact {
            let state = self.store.at(&prefix, version).map_err(|failure| page.too_old(failure))?;
            state.iter().for_each(|(key, object)| add(key, object));
        } else {
            self.store.scan(&prefix).for_each(|(key, object)| add(key, object));
        }
        let mut metadata = json!({"resourceVersion": version.to_string()});
        if remaining > 0 {
            metadata["continue"] = continue_token(version, &next.unwrap_or_default()).into();
            if selector.is_empty() {
                metadata["remainingItemCount"] = remaining.into();
            }
        }
        if call.kind.custom.is_some() && metadata.get("continue").is_none() {
            metadata["continue"] = "".into();
        }
        let list = json!({
            "kind": call.kind.list_kind(), "apiVersion": call.kind.api_version(), "metadata": metadata,
            "items": items,
        });
        check_plural(call)?;
        Ok(Reply::ok(Arc::new(list)))
    }
}

// Items of built-in kinds carry no type of their own.
fn list_item(kind: &Kind, object: &Arc<Value>) -> Value {
    let mut item = (*convert::view(kind, object)).clone();
    if kind.custom.is_none()
        && let Some(item) = item.as_object_mut()
    {
        item.remove("kind");
        item.remove("apiVersion");
    }
    item
}

fn check_singular(call: &Call<'_>) -> Result<(), Failure> {
    wrong_form(call, "PartialObjectMetadataList", format!("is not a list (*core.{})", call.kind.kind))
}

fn check_plural(call: &Call<'_>) -> Result<(), Failure> {
    wrong_form(call, "PartialObjectMetadata", format!("is a list (*core.{}List)", call.kind.kind))
}

fn wrong_form(call: &Call<'_>, form: &str, why: String) -> Result<(), Failure> {
    if call.accepted.form != crate::request::Form::Partial {
        return Ok(());
    }
    let first = call.request.accept.split(',').next().unwrap_or_default();
    if first.split(';').any(|p| p.trim().strip_prefix("as=") == Some(form)) {
        let text = format!("you requested {form}, but the requested object {why}");
        return Err(Failure::new(406, Some("NotAcceptable"), text));
    }
    Ok(())
}

struct Page {
    limit: Option<usize>,
    version: u64,
    exact: bool,
    after: String,
}

impl Page {
    fn parse(call: &Call<'_>) -> Result<Page, Failure> {
        let parameter = |name| call.request.parameter(name).unwrap_or_default();
        let limit = number_parameter(call, "limit")?;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
        let (version, matching, token) =
            (parameter("resourceVersion"), parameter("resourceVersionMatch"), parameter("continue"));
        let mut causes = Vec::new();
        let forbidden = |why: &str| Cause::forbidden("resourceVersionMatch", why);
        if !matching.is_empty() {
            if version.is_empty() {
                causes
                    .push(forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"));
            }
            if !token.is_empty() {
                causes.push(forbidden("resourceVersionMatch is forbidden when continue is provided"));
            }
            if !matches!(matching, "Exact" | "NotOlderThan") {
                let allowed = ["Exact", "NotOlderThan", ""];
                causes.push(Cause::unsupported("resourceVersionMatch", &matching.into(), &allowed));
            }
            if matching == "Exact" && version == "0" {
                let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
                causes.push(forbidden(why));
            }
        }
        if !causes.is_empty() {
            return Err(Failure::invalid_as("ListOptions", "meta.k8s.io", "", &causes));
        }
        if !token.is_empty() {
            if !version.is_empty() && version != "0" {
                return Err(Failure::bad_request(
                    "specifying resource version is not allowed when using continue",
                ));
            }
            return Page::of_token(token, limit, call);
        }
        let number = parse_version(version)?;
        let exact = matching == "Exact" || limit.is_some() && number != 0 && matching.is_empty();
        Ok(Page { limit, version: number, exact, after: String::new() })
    }

    fn of_token(token: &str, limit: Option<usize>, call: &Call<'_>) -> Result<Page, Failure> {
        let bad = |why: String| {
            Failure::bad_request(format!("invalid continue token: continue key is not valid: {why}"))
        };
        let standard = token.replace('-', "+").replace('_', "/");
        let standard = standard.trim_end_matches('=');
        let padded = format!("{standard}{}", "=".repeat((4 - standard.len() % 4) % 4));
        let bytes = crate::base64::decode(&padded)
            .map_err(|at| bad(format!("illegal base64 data at input byte {at}")))?;
        let decoded: Value = serde_json::from_slice(&bytes)
            .map_err(|e| bad(crate::go_json::error_text(&bytes).unwrap_or_else(|| e.to_string())))?;
        let text = |key: &str| decoded.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("v") != "meta.k8s.io/v1" {
            return Err(bad(format!("server does not recognize this encoded version {}", text("v"))));
        }
        let version = decoded.get("rv").and_then(Value::as_i64).unwrap_or(0);
        let start = text("start").to_owned();
        let after = if start.contains('\0') && start.matches('\0').count() >= 2 {
            start
        } else {
            format!("{}{start}", store::prefix(&call.kind.storage, &call.namespace))
        };
        // A negative version asks for the rest of the list as it is now.
        let exact = version > 0;
        Ok(Page { limit, version: u64::try_from(version).unwrap_or(0), exact, after })
    }

    fn too_old(&self, failure: Failure) -> Failure {
        if self.after.is_empty() {
            return failure;
        }
        let text = "The provided continue parameter is too old to display a consistent list result. You can start a \
                    new list without the continue parameter, or use the continue token in this response to retrieve \
                    the remainder of the results. Continuing with the provided token results in an inconsistent list \
                    - objects that were created, modified, or deleted between the time the first chunk was returned \
                    and now may show up in the list.";
        Failure::new(410, Some("Expired"), text).with_continue(token(-1, &self.after))
    }
}

fn continue_token(version: u64, after: &str) -> String {
    token(i64::try_from(version).unwrap_or(i64::MAX), after)
}

fn token(version: i64, after: &str) -> String {
    let mut fields = Map::new();
    fields.insert("v".into(), "meta.k8s.io/v1".into());
    fields.insert("rv".into(), version.into());
    fields.insert("start".into(), after.into());
    let text = crate::base64::encode(Value::Object(fields).to_string().as_bytes());
    text.trim_end_matches('=').replace('+', "-").replace('/', "_")
}
