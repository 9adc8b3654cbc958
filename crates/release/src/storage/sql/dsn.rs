//! Connection strings in the forms that Helm's driver takes (`lib/pq`, `connector.go`): a URL, or `key=value` pairs;
//! what they do not say is taken from `PG…` variables. Pure: the environment is passed in.

use std::collections::BTreeMap;
use std::time::Duration;

use super::failure::SqlError;

/// Settings by name. Names that are none of the driver's are parameters of the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    given: BTreeMap<String, String>,
}

/// Whether the connection is encrypted, and what is checked then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disable,
    /// Only if the server does without it.
    Allow,
    /// Only if the server can.
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const SSL_MODES: [(&str, SslMode); 6] = [
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-full", SslMode::VerifyFull),
    ("verify-ca", SslMode::VerifyCa),
];

/// The driver's own settings and the variables they are taken from.
const OWN: &[(&str, &str)] = &[
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("options", "PGOPTIONS"),
    ("application_name", "PGAPPNAME"),
    ("fallback_application_name", ""),
    ("sslmode", "PGSSLMODE"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslinline", ""),
    ("sslsni", "PGSSLSNI"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    // Of no consequence for this driver.
    ("binary_parameters", ""),
    ("disable_prepared_binary_result", ""),
    ("client_encoding", "PGCLIENTENCODING"),
    ("datestyle", "PGDATESTYLE"),
];

/// One server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// A name, an address, or a folder of sockets (an absolute path).
    pub(super) name: String,
    pub(super) port: u16,
}

impl Settings {
    /// Reads a connection string.
    ///
    /// # Errors
    /// In the driver's words.
    pub(super) fn parse(
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Settings, SqlError> {
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let own = if is_url { url_pairs(text)? } else { pairs(text)? };
        let variables = OWN.iter().filter(|(_, variable)| !variable.is_empty());
        let mut given: BTreeMap<String, String> = variables
            .filter_map(|(name, variable)| Some(((*name).to_owned(), environment(variable)?)))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        given.extend(own);
        let settings = Settings { given };
        let mode = settings.ssl_mode()?;
        settings.is_direct(mode)?;
        settings.tls_versions()?;
        settings.hosts()?;
        settings.connect_timeout()?;
        Ok(settings)
    }

    /// Returns a setting; an empty one counts as none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Returns the servers to try, in order.
    pub(super) fn hosts(&self) -> Result<Vec<Host>, SqlError> {
        let names: Vec<&str> =
            self.get("hostaddr").or_else(|| self.get("host")).unwrap_or("localhost").split(',').collect();
        let ports: Vec<&str> = self.get("port").unwrap_or("5432").split(',').collect();
        if ports.len() > 1 && ports.len() != names.len() {
            let text = format!("pq: could not match {} port numbers to {} hosts", ports.len(), names.len());
            return Err(SqlError::message(text));
        }
        let host = |(at, name): (usize, &&str)| {
            let port = ports.get(at).or(ports.first()).copied().unwrap_or_default();
            let name = if name.is_empty() { "localhost" } else { name };
            Ok(Host { name: name.to_owned(), port: parse_port(port)? })
        };
        names.iter().enumerate().map(host).collect()
    }

    /// Returns how the connection is encrypted; `require` unless something else is said.
    pub(super) fn ssl_mode(&self) -> Result<SslMode, SqlError> {
        let default = if self.get("sslrootcert") == Some("system") { "verify-full" } else { "require" };
        let word = self.get("sslmode").unwrap_or(default);
        let known = SSL_MODES.iter().find(|(own, _)| *own == word);
        known.map(|(_, mode)| *mode).ok_or_else(|| {
            SqlError::message(format!(
                "pq: wrong value for \"sslmode\": {word:?} is not supported; supported values are disable, allow, \
                 prefer, require, verify-full, or verify-ca"
            ))
        })
    }

    /// Returns whether TLS begins at once, and not after a word with the server.
    pub(super) fn is_direct(&self, mode: SslMode) -> Result<bool, SqlError> {
        match self.get("sslnegotiation").unwrap_or("postgres") {
            "postgres" => Ok(false),
            "direct" if matches!(mode, SslMode::Disable | SslMode::Allow | SslMode::Prefer) => {
                Err(SqlError::message(format!(
                    "pq: weak sslmode {:?} may not be used with sslnegotiation=direct (use \"require\", \"verify-ca\", \
                     or \"verify-full\")",
                    self.get("sslmode").unwrap_or_default()
                )))
            }
            "direct" => Ok(true),
            word => Err(SqlError::message(format!(
                "pq: wrong value for \"sslnegotiation\": {word:?} is not supported; supported values are postgres, or \
                 direct"
            ))),
        }
    }

    /// Returns the lowest and the highest version of TLS as minor versions of TLS 1, where they are limited.
    pub(super) fn tls_versions(&self) -> Result<(Option<u8>, Option<u8>), SqlError> {
        let read = |name: &str| match self.get(name) {
            None => Ok(None),
            Some("TLSv1.0") => Ok(Some(0)),
            Some("TLSv1.1") => Ok(Some(1)),
            Some("TLSv1.2") => Ok(Some(2)),
            Some("TLSv1.3") => Ok(Some(3)),
            Some(word) => Err(SqlError::message(format!(
                "pq: wrong value for {name:?}: {word:?} is not supported; supported values are TLSv1.0, TLSv1.1, \
                 TLSv1.2, or TLSv1.3"
            ))),
        };
        Ok((read("ssl_min_protocol_version")?, read("ssl_max_protocol_version")?))
    }

    /// Returns how long one attempt to connect may take; `None` for no limit.
    pub(super) fn connect_timeout(&self) -> Result<Option<Duration>, SqlError> {
        let Some(text) = self.get("connect_timeout") else { return Ok(None) };
        let seconds: i64 =
            text.parse().map_err(|_| wrong("connect_timeout", "ParseInt", text, "invalid syntax"))?;
        Ok(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs))
    }

    /// Returns what the server is told about the session beyond user, database and name.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_own = |name: &str| OWN.iter().any(|(own, _)| *own == name);
        self.given
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(move |(name, _)| !is_own(name))
    }
}

fn parse_port(text: &str) -> Result<u16, SqlError> {
    if text.is_empty() {
        return Ok(5432);
    }
    match text.parse::<u64>() {
        Ok(number) => {
            u16::try_from(number).map_err(|_| wrong("port", "ParseUint", text, "value out of range"))
        }
        Err(_) => Err(wrong("port", "ParseUint", text, "invalid syntax")),
    }
}

/// Go's `strconv.NumError` inside the driver's message.
fn wrong(name: &str, function: &str, text: &str, reason: &str) -> SqlError {
    SqlError::message(format!("pq: wrong value for {name:?}: strconv.{function}: parsing {text:?}: {reason}"))
}

/// Splits `key=value key='va\'lue'`.
fn pairs(text: &str) -> Result<Vec<(String, String)>, SqlError> {
    let mut letters = text.chars().peekable();
    let mut found = Vec::new();
    loop {
        skip_blanks(&mut letters);
        if letters.peek().is_none() {
            return Ok(found);
        }
        let mut key = String::new();
        while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace() && *letter != '=') {
            key.push(letter);
        }
        skip_blanks(&mut letters);
        if letters.next() != Some('=') {
            let text = format!("missing \"=\" after {key:?} in connection info string");
            return Err(SqlError::message(text));
        }
        skip_blanks(&mut letters);
        let value = match letters.next_if_eq(&'\'') {
            Some(_) => quoted(&mut letters)?,
            None => plain(&mut letters)?,
        };
        found.push((key, value));
    }
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_blanks(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
}

fn quoted(letters: &mut Letters<'_>) -> Result<String, SqlError> {
    let open = || SqlError::message("unterminated quoted string literal in connection string");
    let mut value = String::new();
    loop {
        match letters.next().ok_or_else(open)? {
            '\'' => return Ok(value),
            '\\' => value.extend(letters.next()),
            letter => value.push(letter),
        }
    }
}

fn plain(letters: &mut Letters<'_>) -> Result<String, SqlError> {
    let mut value = String::new();
    while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
        match letter {
            '\\' => {
                let next = letters.next();
                value.push(next.ok_or_else(|| SqlError::message("missing character after backslash"))?);
            }
            letter => value.push(letter),
        }
    }
    Ok(value)
}

/// Takes `postgres://user:password@host:port/database?key=value` apart.
fn url_pairs(text: &str) -> Result<Vec<(String, String)>, SqlError> {
    let (_, rest) = text.split_once("://").unwrap_or_default();
    let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = host_and_port(host);
    let unescape = |part: &str, plus: bool| {
        unescape(part, plus).map_err(|escape| {
            SqlError::message(format!("parse {:?}: invalid URL escape {escape:?}", without_password(text)))
        })
    };
    let mut found = Vec::new();
    for (name, part) in
        [("user", user), ("password", password), ("host", host), ("port", port), ("dbname", path)]
    {
        found.push((name.to_owned(), unescape(part, false)?));
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = unescape(name, true)?;
        // The first of several counts, as in Go's `Values.Get`.
        if !found.iter().skip(5).any(|(own, _)| *own == name) {
            found.push((name, unescape(value, true)?));
        }
    }
    found.retain(|(_, value)| !value.is_empty());
    Ok(found)
}

/// Several hosts with ports (`a:1,b:2`) become one list of each.
fn host_and_port(text: &str) -> (&str, &str) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && (!host.contains(':') || host.ends_with(']')) => {
            (host.trim_start_matches('[').trim_end_matches(']'), port)
        }
        _ => (text.trim_start_matches('[').trim_end_matches(']'), ""),
    }
}

fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, rest)) => format!("{scheme}://{}:***@{rest}", user.split(':').next().unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Returns what is escaped with `%`, or the escape that is none.
fn unescape(text: &str, plus: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'%' => {
                let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
                let escape = || format!("%{}", String::from_utf8_lossy(&after[..after.len().min(2)]));
                let (high, low) = digit(0).zip(digit(1)).ok_or_else(escape)?;
                bytes.push(u8::try_from(high * 16 + low).map_err(|_| escape())?);
                rest = &after[2..];
            }
            b'+' if plus => bytes.push(b' '),
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Settings, SslMode};

    fn parse(text: &str) -> Result<Settings, String> {
        let environment = |name: &str| (name == "PGUSER").then(|| "me".to_owned());
        Settings::parse(text, &environment).map_err(|error| error.to_string())
    }

    fn shown(text: &str) -> String {
        let settings = parse(text).unwrap();
        settings.given.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn both_forms_are_read() {
        assert_eq!(
            shown("postgres://a%40b:p%3Aw@h:1/d?sslmode=disable&search_path=x+y&a=1&a=2"),
            "a=1 dbname=d host=h password=p:w port=1 search_path=x y sslmode=disable user=a@b"
        );
        assert_eq!(shown("postgresql://[::1]:5/d"), "dbname=d host=::1 port=5 user=me");
        assert_eq!(
            shown("host = h  password='a \\' b' dbname=a\\ b user="),
            "dbname=a b host=h password=a ' b user="
        );
        assert_eq!(shown(""), "user=me");
    }

    #[test]
    fn mistakes_are_told_in_the_drivers_words() {
        assert_eq!(parse("foo").unwrap_err(), "missing \"=\" after \"foo\" in connection info string");
        assert_eq!(
            parse("mysql://x").unwrap_err(),
            "missing \"=\" after \"mysql://x\" in connection info string"
        );
        assert_eq!(
            parse("postgres://u:a%zz@h/").unwrap_err(),
            "parse \"postgres://u:***@h/\": invalid URL escape \"%zz\""
        );
        assert_eq!(parse("host='a").unwrap_err(), "unterminated quoted string literal in connection string");
        assert_eq!(
            parse("postgres://h:99999/").unwrap_err(),
            "pq: wrong value for \"port\": strconv.ParseUint: parsing \"99999\": value out of range"
        );
        assert_eq!(
            parse("sslmode=bogus").unwrap_err(),
            "pq: wrong value for \"sslmode\": \"bogus\" is not supported; supported values are disable, allow, prefer, \
             require, verify-full, or verify-ca"
        );
    }

    #[test]
    fn encryption_is_required_unless_something_else_is_said() {
        assert_eq!(parse("host=h").unwrap().ssl_mode().unwrap(), SslMode::Require);
        assert_eq!(parse("sslrootcert=system").unwrap().ssl_mode().unwrap(), SslMode::VerifyFull);
        assert_eq!(parse("sslmode=allow").unwrap().ssl_mode().unwrap(), SslMode::Allow);
    }

    #[test]
    fn several_hosts_share_a_port_or_have_their_own() {
        let hosts = |text: &str| {
            let hosts = parse(text).unwrap().hosts().unwrap().into_iter();
            hosts.map(|host| format!("{}:{}", host.name, host.port)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(hosts("host=a,b port=1"), "a:1 b:1");
        assert_eq!(hosts("host=a,b port=1,2"), "a:1 b:2");
        assert_eq!(
            parse("host=a,b port=1,2,3").unwrap_err(),
            "pq: could not match 3 port numbers to 2 hosts"
        );
    }
}
