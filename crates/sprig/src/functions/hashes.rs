//! Digests, passwords and encryption.

use gotmpl::{CallError, Function, pure};
use value::{Number, Str, Type, Value};

use super::arguments::{Outcome, any, bytes, text};
use super::asking::{Asking, asking};
use crate::crypto;

const TEXT: &[Type] = &[Type::String];
const TWO_TEXTS: &[Type] = &[Type::String, Type::String];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("sha1sum", TEXT, |arguments| Ok(Value::from(crypto::sha1sum(bytes(arguments, 0))))),
    pure("sha256sum", TEXT, |arguments| Ok(Value::from(crypto::sha256sum(bytes(arguments, 0))))),
    pure("sha512sum", TEXT, |arguments| Ok(Value::from(crypto::sha512sum(bytes(arguments, 0))))),
    pure("adler32sum", TEXT, |arguments| Ok(Value::from(crypto::adler32sum(bytes(arguments, 0))))),
    pure(
        "derivePassword",
        &[Type::Uint32, Type::String, Type::String, Type::String, Type::String],
        derive_password,
    ),
    pure("decryptAES", TWO_TEXTS, |arguments| {
        crypto::decrypt_aes(bytes(arguments, 0), bytes(arguments, 1))
            .map(|text| Str::from(text).into())
            .map_err(|error| CallError::message(error.to_string()))
    }),
];

pub(super) const ASKING: &[Asking] = &[
    asking("bcrypt", TEXT, |ambient, arguments| {
        Ok(Value::from(crypto::bcrypt(bytes(arguments, 0), &mut &*ambient)))
    }),
    asking("htpasswd", TWO_TEXTS, |ambient, arguments| {
        let user = text(arguments, 0);
        Ok(Value::from(crypto::htpasswd(&user.to_str_lossy(), bytes(arguments, 1), &mut &*ambient)))
    }),
    asking("encryptAES", TWO_TEXTS, |ambient, arguments| {
        Ok(Value::from(crypto::encrypt_aes(bytes(arguments, 0), bytes(arguments, 1), &mut &*ambient)))
    }),
];

fn derive_password(arguments: &mut [Value]) -> Outcome {
    let counter = match any(arguments, 0) {
        Value::Number(Number::Uint32(counter)) => *counter,
        _ => 0,
    };
    let kind = text(arguments, 1);
    let password = crypto::derive_password(
        counter,
        &kind.to_str_lossy(),
        bytes(arguments, 2),
        bytes(arguments, 3),
        bytes(arguments, 4),
    );
    Ok(Value::from(password))
}
