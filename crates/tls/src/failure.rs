//! What ends a handshake or a connection.

use rustls::{AlertDescription, Error};

use crate::describe_certificate;

/// Words a failure of TLS as Go's `crypto/tls` does.
pub fn describe(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(reason) => {
            format!("tls: failed to verify certificate: x509: {}", describe_certificate(reason))
        }
        Error::AlertReceived(alert) => format!("remote error: tls: {}", describe_alert(*alert)),
        Error::InvalidMessage(_) => "http: server gave HTTP response to HTTPS client".to_owned(),
        other => format!("tls: {other}"),
    }
}

fn describe_alert(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::HandshakeFailure => "handshake failure".to_owned(),
        AlertDescription::BadCertificate => "bad certificate".to_owned(),
        AlertDescription::CertificateRequired => "certificate required".to_owned(),
        AlertDescription::UnknownCA => "unknown certificate authority".to_owned(),
        AlertDescription::CertificateExpired => "expired certificate".to_owned(),
        AlertDescription::CertificateUnknown => "unknown certificate".to_owned(),
        AlertDescription::ProtocolVersion => "protocol version not supported".to_owned(),
        AlertDescription::InternalError => "internal error".to_owned(),
        AlertDescription::AccessDenied => "access denied".to_owned(),
        AlertDescription::UnrecognisedName => "unrecognized name".to_owned(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, CertificateError, Error};

    use super::describe;

    #[test]
    fn failures_say_who_refused() {
        let certificate = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let expected = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
        assert_eq!(describe(&certificate), expected);
        let alert = Error::AlertReceived(AlertDescription::UnknownCA);
        assert_eq!(describe(&alert), "remote error: tls: unknown certificate authority");
    }
}
