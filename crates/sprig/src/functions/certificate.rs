//! Sprig's `certificate` as templates see it: the fields `Cert` and `Key`.

use std::any::Any;

use value::{Error, Kind, Map, Member, Object, Type, Value};

use crate::crypto::Certificate;

/// Go's type of certificates.
pub(super) const CERTIFICATE: Type = Type::Named("sprig.certificate", Kind::Struct);

/// A certificate and its key in PEM.
pub(super) struct CertificateObject(pub(super) Certificate);

impl Object for CertificateObject {
    fn object_type(&self) -> Type {
        CERTIFICATE
    }

    fn member(&self, name: &str) -> Option<Member> {
        match name {
            "Cert" => Some(Member::Field(Value::from(self.0.cert.as_str()))),
            "Key" => Some(Member::Field(Value::from(self.0.key.as_str()))),
            _ => None,
        }
    }

    fn call(&self, name: &str, _: &[Value]) -> Result<Value, Error> {
        Err(Error::message(format!("can't evaluate field {name} in type {CERTIFICATE}")))
    }

    fn print(&self) -> String {
        format!("{{{} {}}}", self.0.cert, self.0.key)
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let Certificate { cert, key } = &self.0;
        Some(vec![("Cert", Value::from(cert.as_str())), ("Key", Value::from(key.as_str()))])
    }

    fn as_plain(&self) -> Value {
        let fields = [("Cert", self.0.cert.as_str()), ("Key", self.0.key.as_str())];
        Value::Map(fields.into_iter().map(|(name, text)| (name, Value::from(text))).collect::<Map>())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
