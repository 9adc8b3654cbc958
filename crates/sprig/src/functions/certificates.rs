//! Private keys and certificates.

use gotmpl::{CallError, Function, pure};
use value::{Ambient, List, Type, Value, gofmt};

use super::arguments::{Outcome, any, int, list, text};
use super::asking::{Asking, asking};
use super::certificate::{CERTIFICATE, CertificateObject};
use crate::Error;
use crate::crypto::{self, Certificate, Subject};

const LIST: Type = Type::AnyList;

pub(super) const FUNCTIONS: &[Function] =
    &[pure("buildCustomCert", &[Type::String, Type::String], |arguments| {
        given(crypto::build_custom(&lossy(arguments, 0), &lossy(arguments, 1)))
    })];

pub(super) const ASKING: &[Asking] = &[
    asking("genPrivateKey", &[Type::String], |ambient, arguments| {
        // A kind that is unknown comes back in the answer, byte by byte.
        let kind = text(arguments, 0);
        let key = crypto::generate_private_key(&value::spell(kind.as_bytes()), &mut &*ambient);
        Ok(Value::string(&*value::unspell(&key)))
    }),
    asking("genCA", &[Type::String, Type::Int], |ambient, arguments| {
        let request = Request::of_authority(arguments);
        given(crypto::generate_authority(&request.subject(), ambient.now(), &mut &*ambient))
    }),
    asking("genCAWithKey", &[Type::String, Type::Int, Type::String], |ambient, arguments| {
        let request = Request::of_authority(arguments);
        let key = lossy(arguments, 2);
        given(crypto::generate_authority_with_key(&request.subject(), &key, ambient.now(), &mut &*ambient))
    }),
    asking("genSelfSignedCert", &[Type::String, LIST, LIST, Type::Int], |ambient, arguments| {
        let request = Request::of_server(arguments)?;
        given(crypto::generate_self_signed(&request.subject(), ambient.now(), &mut &*ambient))
    }),
    asking(
        "genSelfSignedCertWithKey",
        &[Type::String, LIST, LIST, Type::Int, Type::String],
        self_signed_with_key,
    ),
    asking("genSignedCert", &[Type::String, LIST, LIST, Type::Int, CERTIFICATE], |ambient, arguments| {
        let (request, authority) = (Request::of_server(arguments)?, certificate(arguments, 4));
        given(crypto::generate_signed(&request.subject(), &authority, ambient.now(), &mut &*ambient))
    }),
    asking(
        "genSignedCertWithKey",
        &[Type::String, LIST, LIST, Type::Int, CERTIFICATE, Type::String],
        signed_with_key,
    ),
];

fn lossy(arguments: &[Value], index: usize) -> String {
    text(arguments, index).to_string_lossy()
}

fn given(certificate: Result<Certificate, Error>) -> Outcome {
    certificate
        .map(|certificate| Value::object(CertificateObject(certificate)))
        .map_err(|error| CallError::message(error.to_string()))
}

fn certificate(arguments: &[Value], index: usize) -> Certificate {
    let object = any(arguments, index).downcast::<CertificateObject>();
    object.map(|object| object.0.clone()).unwrap_or(Certificate { cert: String::new(), key: String::new() })
}

fn self_signed_with_key(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let request = Request::of_server(arguments)?;
    let key = lossy(arguments, 4);
    given(crypto::generate_self_signed_with_key(&request.subject(), &key, ambient.now(), &mut &*ambient))
}

fn signed_with_key(ambient: &dyn Ambient, arguments: &mut [Value]) -> Outcome {
    let (request, authority, key) =
        (Request::of_server(arguments)?, certificate(arguments, 4), lossy(arguments, 5));
    let (now, chance) = (ambient.now(), &mut &*ambient);
    given(crypto::generate_signed_with_key(&request.subject(), &authority, &key, now, chance))
}

/// What a certificate is asked for, in owned texts.
struct Request {
    common_name: String,
    ips: Vec<String>,
    dns_names: Vec<String>,
    days: i64,
}

impl Request {
    fn of_authority(arguments: &[Value]) -> Self {
        Request {
            common_name: lossy(arguments, 0),
            ips: Vec::new(),
            dns_names: Vec::new(),
            days: int(arguments, 1),
        }
    }

    fn of_server(arguments: &[Value]) -> Result<Self, CallError> {
        Ok(Request {
            common_name: lossy(arguments, 0),
            ips: texts(&list(arguments, 1), "error parsing ip")?,
            dns_names: texts(&list(arguments, 2), "error processing alternate dns name")?,
            days: int(arguments, 3),
        })
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            common_name: &self.common_name,
            ips: &self.ips,
            dns_names: &self.dns_names,
            days: self.days,
        }
    }
}

fn texts(list: &List, what: &str) -> Result<Vec<String>, CallError> {
    let text = |item: &Value| match item {
        Value::String(text) => Ok(text.to_string_lossy()),
        other => {
            let mut printed = Vec::new();
            gofmt::print(other, &mut printed);
            let printed = String::from_utf8_lossy(&printed).into_owned();
            Err(CallError::message(format!("{what}: {printed} is not a string")))
        }
    };
    list.iter().map(text).collect()
}
