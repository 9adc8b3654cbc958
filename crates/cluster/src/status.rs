//! What an API server says when it refuses: `Status` objects, in client-go's words.

use http::{Method, StatusCode};
use serde_json::Value;

use crate::protobuf;

/// A refusal of the API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiStatus {
    /// HTTP status code.
    pub code: u16,
    /// `reason` (`NotFound`, `Conflict`), empty when the server gave none.
    pub reason: String,
    /// `message`, as the server wrote it.
    pub message: String,
    /// Whether the words are the client's own, because the answer was no `Status`.
    pub is_generic: bool,
}

impl ApiStatus {
    /// Reads the body of a response with an error code; other bodies than `Status` get client-go's generic words
    /// (`apierrors.NewGenericServerResponse`).
    pub fn from_response(code: StatusCode, body: &[u8], method: &Method, what: &str) -> ApiStatus {
        match reason_and_message(body) {
            None => generic(code, String::from_utf8_lossy(body).trim(), method, what),
            Some((reason, message)) => {
                let message = if message.is_empty() { "unknown".to_owned() } else { message };
                ApiStatus { code: code.as_u16(), reason, message, is_generic: false }
            }
        }
    }

    /// Says the same in client-go's generic words, which it has for all that it does not decode
    /// (`Request.newUnstructuredResponseError`).
    #[must_use]
    pub fn into_generic(self, method: &Method) -> ApiStatus {
        match StatusCode::from_u16(self.code) {
            Ok(code) if !self.is_generic => generic(code, "unknown", method, ""),
            _ => self,
        }
    }

    /// Returns whether the object (or resource) does not exist.
    pub fn is_not_found(&self) -> bool {
        self.has_reason("NotFound", 404)
    }

    /// Returns whether the object exists already.
    pub fn is_already_exists(&self) -> bool {
        self.reason == "AlreadyExists"
    }

    /// Returns whether the request collided with another change or field manager.
    pub fn is_conflict(&self) -> bool {
        self.has_reason("Conflict", 409)
    }

    /// Returns whether the user may not do this.
    pub fn is_forbidden(&self) -> bool {
        self.has_reason("Forbidden", 403)
    }

    fn has_reason(&self, reason: &str, code: u16) -> bool {
        self.reason == reason || (self.reason.is_empty() && self.code == code)
    }
}

/// Takes them out of a `Status`, in whichever form it was asked for.
fn reason_and_message(body: &[u8]) -> Option<(String, String)> {
    if let Some((kind, status)) = protobuf::open(body) {
        let is_status = kind == "Status";
        return is_status.then(|| Some((protobuf::text(status, 4)?, protobuf::text(status, 3)?))).flatten();
    }
    let parsed = serde_json::from_slice::<Value>(body).ok().filter(|parsed| parsed["kind"] == "Status")?;
    let text = |name: &str| parsed[name].as_str().unwrap_or_default().to_owned();
    Some((text("reason"), text("message")))
}

fn generic(code: StatusCode, text: &str, method: &Method, what: &str) -> ApiStatus {
    let (reason, message) = match code.as_u16() {
        409 if method == Method::POST => ("AlreadyExists", "the server reported a conflict"),
        409 => ("Conflict", "the server reported a conflict"),
        404 => ("NotFound", "the server could not find the requested resource"),
        300..400 => ("", "the server redirects the request, as login pages do, in place of answering it"),
        400 => ("BadRequest", "the server rejected our request for an unknown reason"),
        401 => ("Unauthorized", "the server has asked for the client to provide credentials"),
        403 if !text.is_empty() => ("Forbidden", text),
        403 => ("Forbidden", "the server does not allow access to the requested resource"),
        406 => {
            ("NotAcceptable", "the server was unable to respond with a content type that the client supports")
        }
        415 => ("UnsupportedMediaType", "the server was unable to process the content of the request"),
        405 => ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
        422 => ("Invalid", "the server rejected our request due to an error in our request"),
        503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
        504 => (
            "Timeout",
            "the server was unable to return a response in the time allotted, but may still be processing the request",
        ),
        429 => (
            "TooManyRequests",
            "the server has received too many requests and has asked us to try again later",
        ),
        500.. => ("InternalError", "an error on the server"),
        _ => ("", "unknown"),
    };
    let mut message = message.to_owned();
    if code.as_u16() >= 500 && !matches!(code.as_u16(), 503 | 504) {
        let unexpected = if text.is_empty() { "unknown" } else { text };
        message = format!("{message} (\"{unexpected}\") has prevented the request from succeeding");
    }
    if !what.is_empty() {
        message = format!("{message} ({} {what})", method.as_str().to_lowercase());
    }
    ApiStatus { code: code.as_u16(), reason: reason.to_owned(), message, is_generic: true }
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};

    use super::ApiStatus;

    #[test]
    fn a_status_object_speaks_for_itself() {
        let body = br#"{"kind":"Status","message":"pods \"x\" not found","reason":"NotFound","code":404}"#;
        let status = ApiStatus::from_response(StatusCode::NOT_FOUND, body, &Method::GET, "pods x");
        assert!(status.is_not_found());
        assert_eq!(status.message, "pods \"x\" not found");
    }

    #[test]
    fn other_bodies_get_generic_words() {
        let status =
            ApiStatus::from_response(StatusCode::NOT_FOUND, b"404 page not found\n", &Method::GET, "pods x");
        assert_eq!(status.message, "the server could not find the requested resource (get pods x)");
    }
}
