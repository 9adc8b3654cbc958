//! Why a connection failed, in Go's words.

use std::error::Error as StdError;
use std::fs;
use std::io;
use std::net::ToSocketAddrs;

use http::Uri;

use super::certificate::describe_certificate;

/// Words a failure of sending a request to a server as Go's `net` and `crypto/tls` do, where the cause is known;
/// otherwise joins the causes.
pub(super) fn describe(error: &(dyn StdError + 'static), server: &str) -> String {
    let mut cause = Some(error);
    let mut last = error.to_string();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && let Some(text) = describe_io(error, server)
        {
            return text;
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return describe_tls(error);
        }
        last = error.to_string();
        cause = error.source();
    }
    if last.contains("failed to lookup address") {
        return describe_lookup(server);
    }
    last
}

fn describe_io(error: &io::Error, server: &str) -> Option<String> {
    if let Some(inner) = error.get_ref() {
        return inner.downcast_ref::<rustls::Error>().map(describe_tls);
    }
    let text = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset by peer",
        io::ErrorKind::HostUnreachable => "no route to host",
        io::ErrorKind::NetworkUnreachable => "network is unreachable",
        io::ErrorKind::TimedOut => "i/o timeout",
        _ => return None,
    };
    let address = address(server).unwrap_or_default();
    Some(match error.kind() {
        io::ErrorKind::TimedOut => format!("dial tcp {address}: {text}"),
        _ => format!("dial tcp {address}: connect: {text}"),
    })
}

fn describe_tls(error: &rustls::Error) -> String {
    let rustls::Error::InvalidCertificate(reason) = error else { return format!("tls: {error}") };
    format!("tls: failed to verify certificate: x509: {}", describe_certificate(reason))
}

/// Go names the resolver it asked.
fn describe_lookup(server: &str) -> String {
    let host = server.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    let resolver = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let asked = resolver.lines().find_map(|line| line.strip_prefix("nameserver"));
    match asked {
        Some(address) => format!("dial tcp: lookup {host} on {}:53: no such host", address.trim()),
        None => format!("dial tcp: lookup {host}: no such host"),
    }
}

/// Returns the address that was dialled, `ip:port`.
fn address(server: &str) -> Option<String> {
    let uri: Uri = server.parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    let address = (host, port).to_socket_addrs().ok()?.next()?;
    Some(address.to_string())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::describe;

    #[test]
    fn a_refused_connection_names_the_address() {
        let error = io::Error::from(io::ErrorKind::ConnectionRefused);
        let text = describe(&error, "https://127.0.0.1:1");
        assert_eq!(text, "dial tcp 127.0.0.1:1: connect: connection refused");
    }
}
