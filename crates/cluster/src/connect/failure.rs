//! Why a connection failed, in Go's words.

use std::error::Error as StdError;
use std::fs;
use std::io;
use std::net::ToSocketAddrs;

use http::Uri;

use crate::transport::{Stage, TransportError};

/// Words a failure of sending a request to a server as Go's `net` and `crypto/tls` do, where the cause is known;
/// otherwise joins the causes.
pub(super) fn sending(error: &(dyn StdError + 'static), server: &str) -> TransportError {
    let mut is_connected = false;
    for cause in causes(error) {
        if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            is_connected = true;
            if error.is_incomplete_message() {
                return TransportError::at(Stage::Answering, "EOF");
            }
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return TransportError::new(tls::describe(error));
        }
        let error = cause.downcast_ref::<io::Error>();
        if let Some(error) = error.and_then(|error| describe_io(error, server, is_connected)) {
            return error;
        }
    }
    let last = causes(error).last().map_or_else(String::new, ToString::to_string);
    if last.contains("failed to lookup address") {
        return TransportError::new(describe_lookup(server));
    }
    TransportError::new(last)
}

/// Words a failure of reading an answer.
pub(super) fn reading(error: &(dyn StdError + 'static)) -> TransportError {
    let ends_early = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
    if causes(error).filter_map(|cause| cause.downcast_ref()).any(ends_early) {
        return TransportError::at(Stage::Reading, "unexpected EOF");
    }
    let last = causes(error).last().map_or_else(String::new, ToString::to_string);
    TransportError::at(Stage::Reading, last)
}

/// Returns an error and what caused it, and so on.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

fn describe_io(error: &io::Error, server: &str, is_connected: bool) -> Option<TransportError> {
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Some(TransportError::new(tls::describe(error)));
    }
    let address = address(server).unwrap_or_default();
    let dial = |text: &str| Some(TransportError::new(format!("dial tcp {address}: {text}")));
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Some(TransportError::at(Stage::Answering, "EOF")),
        io::ErrorKind::ConnectionReset if is_connected => {
            let text = format!("read tcp {address}: read: connection reset by peer");
            Some(TransportError::at(Stage::Answering, text))
        }
        io::ErrorKind::ConnectionRefused => dial("connect: connection refused"),
        io::ErrorKind::ConnectionReset => dial("connect: connection reset by peer"),
        io::ErrorKind::HostUnreachable => dial("connect: no route to host"),
        io::ErrorKind::NetworkUnreachable => dial("connect: network is unreachable"),
        io::ErrorKind::TimedOut => dial("i/o timeout"),
        _ => None,
    }
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

    use super::sending;

    #[test]
    fn a_refused_connection_names_the_address() {
        let error = io::Error::from(io::ErrorKind::ConnectionRefused);
        let text = sending(&error, "https://127.0.0.1:1").to_string();
        assert_eq!(text, "dial tcp 127.0.0.1:1: connect: connection refused");
    }
}
