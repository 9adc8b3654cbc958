//! What is wrong with a server's certificate, in the words of Go's `crypto/x509`.

use rustls::CertificateError;
use rustls::pki_types::{ServerName, UnixTime};
use value::time::{Time, Zone};

/// Words what is wrong with a certificate, without the `x509: ` before it.
pub fn describe_certificate(reason: &CertificateError) -> String {
    const EXPIRED: &str = "certificate has expired or is not yet valid";
    match reason {
        CertificateError::UnknownIssuer => "certificate signed by unknown authority".to_owned(),
        CertificateError::Expired | CertificateError::NotValidYet => EXPIRED.to_owned(),
        CertificateError::ExpiredContext { time, not_after } => {
            format!("{EXPIRED}: current time {} is after {}", shown(*time), shown(*not_after))
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            format!("{EXPIRED}: current time {} is before {}", shown(*time), shown(*not_before))
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            describe_name(expected, presented)
        }
        other => other.to_string(),
    }
}

fn shown(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or_default();
    Time { seconds, nanoseconds: 0, zone: Zone::Utc }.format("2006-01-02T15:04:05Z07:00")
}

/// Words a name that a certificate has not (Go: `HostnameError`). The names come as `DnsName("a")` and
/// `IpAddress(1.2.3.4)`.
fn describe_name(expected: &ServerName<'_>, presented: &[String]) -> String {
    let of_kind = |kind: &str| {
        let names = presented.iter().filter_map(|name| name.strip_prefix(kind)?.strip_suffix(')'));
        names.map(|name| name.trim_matches(['(', '"'])).collect::<Vec<_>>().join(", ")
    };
    let (wanted, names) = match expected {
        ServerName::IpAddress(address) => {
            (std::net::IpAddr::from(*address).to_string(), of_kind("IpAddress"))
        }
        other => (other.to_str().into_owned(), of_kind("DnsName")),
    };
    match (names.is_empty(), expected) {
        (false, _) => format!("certificate is valid for {names}, not {wanted}"),
        (true, ServerName::IpAddress(_)) => {
            format!("cannot validate certificate for {wanted} because it doesn't contain any IP SANs")
        }
        (true, _) => format!("certificate is not valid for any names, but wanted to match {wanted}"),
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;
    use rustls::pki_types::ServerName;

    use super::describe_certificate;

    fn check(wanted: &'static str, presented: &[&str], expected: &str) {
        let wanted = ServerName::try_from(wanted).unwrap();
        let presented = presented.iter().map(ToString::to_string).collect();
        let reason = CertificateError::NotValidForNameContext { expected: wanted, presented };
        assert_eq!(describe_certificate(&reason), expected);
    }

    #[test]
    fn names_that_a_certificate_has_not_are_told_beside_those_it_has() {
        let presented = ["DnsName(\"a\")", "IpAddress(1.2.3.4)", "DnsName(\"b\")"];
        check("c", &presented, "certificate is valid for a, b, not c");
        check("::1", &presented, "certificate is valid for 1.2.3.4, not ::1");
        check("::1", &[], "cannot validate certificate for ::1 because it doesn't contain any IP SANs");
        check("c", &[], "certificate is not valid for any names, but wanted to match c");
    }
}
