//! Why a request failed, in Go's words.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use value::url::{self, Url};

/// The addresses that names stood for.
#[derive(Debug, Default)]
pub(super) struct Dialled(pub(super) Mutex<HashMap<String, IpAddr>>);

/// Words a failure of sending a request as Go's `net`, `net/http` and `crypto/tls` do.
pub(super) fn describe(
    error: &(dyn StdError + 'static),
    target: &Url,
    proxy: Option<&str>,
    dialled: &Dialled,
) -> String {
    let proxy = proxy.and_then(|proxy| url::parse(proxy.as_bytes()).ok());
    let (server, prefix) = match &proxy {
        Some(proxy) => (proxy, "proxyconnect tcp: "),
        None => (target, ""),
    };
    let host = String::from_utf8_lossy(server.hostname()).into_owned();
    let mut last = error.to_string();
    for cause in causes(error) {
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return tls::describe(error);
        }
        if let Some(text) =
            cause.downcast_ref::<io::Error>().and_then(|error| describe_io(error, server, dialled))
        {
            return format!("{prefix}{text}");
        }
        if let Some(error) = cause.downcast_ref::<hyper::Error>()
            && let Some(text) = describe_hyper(error)
        {
            return text.to_owned();
        }
        last = cause.to_string();
    }
    if last.contains("failed to lookup address") {
        return format!("{prefix}{}", lookup_failure(&host, &last));
    }
    match &proxy {
        Some(proxy) => describe_proxy(&last, target, proxy, dialled),
        None => last,
    }
}

/// Words what a proxy refused. Go shows the proxy's own words for a tunnel, which do not come through here.
fn describe_proxy(text: &str, target: &Url, proxy: &Url, dialled: &Dialled) -> String {
    if let Some(reason) = text.strip_prefix("SOCKS error: ") {
        let (from, to) = (address(proxy, dialled), address(target, &Dialled::default()));
        return format!("socks connect tcp {from}->{to}: unknown error {reason}");
    }
    match text.strip_prefix("tunnel error: ") {
        Some("proxy authorization required") => "Proxy Authentication Required".to_owned(),
        Some("unsuccessful") => format!("the proxy {} refused to open a tunnel", address(proxy, dialled)),
        _ => text.to_owned(),
    }
}

/// Words what cut an answer off.
pub(super) fn describe_body(error: &(dyn StdError + 'static)) -> String {
    let mut last = error.to_string();
    for cause in causes(error) {
        if let Some(error) = cause.downcast_ref::<hyper::Error>()
            && (error.is_incomplete_message() || error.is_closed())
        {
            return "unexpected EOF".to_owned();
        }
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::UnexpectedEof => return "unexpected EOF".to_owned(),
                io::ErrorKind::ConnectionReset => return "read: connection reset by peer".to_owned(),
                _ => {}
            }
        }
        last = cause.to_string();
    }
    if last.contains("end of file before message length reached") {
        "unexpected EOF".to_owned()
    } else {
        last
    }
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        // What an `io::Error` holds is not its source but what its source would come from.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match held {
            Some(held) => Some(held as &(dyn StdError + 'static)),
            None => error.source(),
        };
        Some(error)
    })
}

fn describe_io(error: &io::Error, server: &Url, dialled: &Dialled) -> Option<String> {
    let address = || address(server, dialled);
    Some(match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("dial tcp {}: connect: connection refused", address()),
        io::ErrorKind::HostUnreachable => format!("dial tcp {}: connect: no route to host", address()),
        io::ErrorKind::NetworkUnreachable => {
            format!("dial tcp {}: connect: network is unreachable", address())
        }
        io::ErrorKind::TimedOut => format!("dial tcp {}: i/o timeout", address()),
        io::ErrorKind::ConnectionReset => {
            format!("read tcp {}: read: connection reset by peer", address())
        }
        io::ErrorKind::UnexpectedEof => "EOF".to_owned(),
        _ => return None,
    })
}

fn describe_hyper(error: &hyper::Error) -> Option<&'static str> {
    if error.is_incomplete_message() {
        return Some("EOF");
    }
    error.is_parse().then_some("net/http: HTTP/1.x transport connection broken: malformed HTTP response")
}

/// Returns the address that was dialled, `ip:port`.
fn address(server: &Url, dialled: &Dialled) -> String {
    let host = String::from_utf8_lossy(server.hostname()).into_owned();
    let known = dialled.0.lock().unwrap_or_else(PoisonError::into_inner);
    let ip = host.parse::<IpAddr>().ok().or_else(|| known.get(&host.to_lowercase()).copied());
    let host = match ip {
        Some(IpAddr::V6(ip)) => format!("[{ip}]"),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        None => host,
    };
    let text = String::from_utf8_lossy(&server.host);
    let port =
        text.rsplit(':').next().filter(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    let default = match &*server.scheme {
        b"https" => "443",
        b"socks5" | b"socks5h" => "1080",
        _ => "80",
    };
    format!("{host}:{}", port.filter(|_| text.contains(':')).unwrap_or(default))
}

/// Go names the server it asked.
fn lookup_failure(host: &str, text: &str) -> String {
    let reason = if text.contains("Temporary failure") { "server misbehaving" } else { "no such host" };
    let resolver = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    match resolver.lines().find_map(|line| line.strip_prefix("nameserver")) {
        Some(asked) => format!("dial tcp: lookup {host} on {}:53: {reason}", asked.trim()),
        None => format!("dial tcp: lookup {host}: {reason}"),
    }
}
