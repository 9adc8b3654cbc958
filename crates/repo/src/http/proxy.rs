//! Which requests go through a proxy, by Go's rules (golang.org/x/net/http/httpproxy).

use std::net::IpAddr;

use value::url::{self, Url};

/// The proxies that the environment names.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    http: Option<String>,
    https: Option<String>,
    exceptions: Vec<Exception>,
}

#[derive(Debug, PartialEq)]
enum Exception {
    All,
    Address(IpAddr, Option<String>),
    Network(IpAddr, u32),
    /// A domain with its dot, and whether the domain itself is meant too.
    Domain(String, bool, Option<String>),
}

impl Proxies {
    /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, or their lower-case forms.
    pub(super) fn read(environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let variable = |upper: &str| {
            environment(upper).or_else(|| environment(&upper.to_lowercase())).filter(|text| !text.is_empty())
        };
        // In a CGI script the variable could come from a header.
        let is_cgi = environment("REQUEST_METHOD").is_some();
        Proxies {
            http: variable("HTTP_PROXY").filter(|_| !is_cgi).map(complete),
            https: variable("HTTPS_PROXY").map(complete),
            exceptions: exceptions(&variable("NO_PROXY").unwrap_or_default()),
        }
    }

    /// Returns whether there is a proxy at all.
    pub(super) fn is_any(&self) -> bool {
        self.http.is_some() || self.https.is_some()
    }

    /// Returns the proxy for a URL.
    pub(super) fn of(&self, target: &str) -> Option<String> {
        let url = url::parse(target.as_bytes()).ok()?;
        let is_https = url.scheme == b"https";
        let proxy = if is_https { &self.https } else { &self.http };
        proxy.clone().filter(|_| self.applies_to(&url, if is_https { "443" } else { "80" }))
    }

    fn applies_to(&self, url: &Url, default_port: &str) -> bool {
        let host = String::from_utf8_lossy(url.hostname()).trim_end_matches('.').to_lowercase();
        let written = String::from_utf8_lossy(&url.host);
        let port = written.rsplit(':').next().filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
        let port = port.filter(|port| !port.is_empty() && written.contains(':')).unwrap_or(default_port);
        let address = host.parse::<IpAddr>().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return false;
        }
        !self.exceptions.iter().any(|exception| exception.matches(&host, address, port))
    }
}

impl Exception {
    fn matches(&self, host: &str, address: Option<IpAddr>, port: &str) -> bool {
        let fits = |wanted: &Option<String>| wanted.as_deref().is_none_or(|wanted| wanted == port);
        match self {
            Exception::All => true,
            Exception::Address(own, wanted) => address == Some(*own) && fits(wanted),
            Exception::Network(network, bits) => {
                address.is_some_and(|address| prefix(address, *bits) == prefix(*network, *bits))
            }
            Exception::Domain(domain, with_itself, wanted) => {
                let is_below = host.ends_with(domain.as_str());
                let is_itself = *with_itself && domain.get(1..) == Some(host);
                address.is_none() && (is_below || is_itself) && fits(wanted)
            }
        }
    }
}

/// Returns the first bits of an address, and how long addresses of its kind are.
fn prefix(address: IpAddr, bits: u32) -> (u32, u128) {
    let (length, number) = match address {
        IpAddr::V4(address) => (32, u128::from(address.to_bits())),
        IpAddr::V6(address) => (128, address.to_bits()),
    };
    (length, number.checked_shr(u32::saturating_sub(length, bits)).unwrap_or(0))
}

/// What is not known to be something else is an HTTP proxy; names are looked up by a SOCKS proxy, whatever it is called
/// (Go: httpproxy.parseProxy, http.Transport.dialConn).
fn complete(text: String) -> String {
    match text.split_once("://") {
        Some(("http" | "https" | "socks5h", _)) => text,
        Some(("socks5", rest)) => format!("socks5h://{rest}"),
        Some((_, rest)) => format!("http://{rest}"),
        None => format!("http://{text}"),
    }
}

fn exceptions(list: &str) -> Vec<Exception> {
    let mut exceptions = Vec::new();
    for item in list.split(',') {
        let item = item.trim().to_lowercase();
        if item.is_empty() {
            continue;
        }
        if item == "*" {
            return vec![Exception::All];
        }
        if let Some((address, bits)) = item.split_once('/')
            && let (Ok(address), Ok(bits)) = (address.parse(), bits.parse())
        {
            exceptions.push(Exception::Network(address, bits));
            continue;
        }
        let (host, port) = match item.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port.to_owned())),
            _ => (item.as_str(), None),
        };
        let host = host.trim_matches(['[', ']']);
        if let Ok(address) = host.parse() {
            exceptions.push(Exception::Address(address, port));
            continue;
        }
        // Both `.example.com` and `*.example.com` leave the domain itself out.
        let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
        let (domain, with_itself) = match host.starts_with('.') {
            true => (host.to_owned(), false),
            false => (format!(".{host}"), true),
        };
        exceptions.push(Exception::Domain(domain, with_itself, port));
    }
    exceptions
}

#[cfg(test)]
mod tests {
    use super::Proxies;

    #[test]
    fn hosts_are_left_out_by_gos_rules() {
        let environment = |name: &str| match name {
            "HTTP_PROXY" => Some("proxy:3128".to_owned()),
            "no_proxy" => Some("example.com, .below.org,10.0.0.0/8,h:81".to_owned()),
            _ => None,
        };
        let proxies = Proxies::read(&environment);
        for (url, is_proxied) in [
            ("http://other.com/", true),
            ("https://other.com/", false),
            ("http://example.com/", false),
            ("http://a.example.com/", false),
            ("http://below.org/", true),
            ("http://a.below.org/", false),
            ("http://10.1.2.3/", false),
            ("http://11.1.2.3/", true),
            ("http://h/", true),
            ("http://h:81/", false),
            ("http://localhost:1/", false),
            ("http://127.0.0.1:1/", false),
        ] {
            assert_eq!(proxies.of(url).is_some(), is_proxied, "{url}");
        }
        assert_eq!(proxies.of("http://other.com/").as_deref(), Some("http://proxy:3128"));
    }
}
