//! What goes wrong with a database, in the words of Go and its driver.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use tokio_postgres::error::SqlState;

/// An error of the database or on the way to it. Never contains a password.
#[derive(Debug)]
pub struct SqlError {
    text: String,
    state: Option<SqlState>,
}

impl SqlError {
    pub(super) fn message(text: impl Into<String>) -> SqlError {
        SqlError { text: text.into(), state: None }
    }

    /// An error of connecting to an address (`tcp 127.0.0.1:5432`).
    pub(super) fn dial(address: &str, error: &io::Error) -> SqlError {
        let reason = match error.kind() {
            io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
            io::ErrorKind::NotFound => "connect: no such file or directory".to_owned(),
            io::ErrorKind::PermissionDenied => "connect: permission denied".to_owned(),
            io::ErrorKind::NetworkUnreachable => "connect: network is unreachable".to_owned(),
            io::ErrorKind::HostUnreachable => "connect: no route to host".to_owned(),
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "i/o timeout".to_owned(),
            _ => error.to_string(),
        };
        SqlError::message(format!("dial {address}: {reason}"))
    }

    /// An error of the handshake, if TLS is to blame (Go: crypto/tls, and `lib/pq` where it checks by itself).
    pub(super) fn of_tls(error: &(dyn StdError + 'static), checks_name: bool) -> Option<SqlError> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let inner = inner.map(|inner| -> &(dyn StdError + 'static) { inner });
            let found = inner.unwrap_or(error).downcast_ref::<rustls::Error>();
            if let Some(rustls::Error::InvalidCertificate(reason)) = found {
                let who = if checks_name { "tls: failed to verify certificate: " } else { "" };
                let text = tls::describe_certificate(reason);
                return Some(SqlError::message(format!("{who}x509: {text}")));
            }
            cause = error.source();
        }
        None
    }

    pub(super) fn is_unique_violation(&self) -> bool {
        self.state == Some(SqlState::UNIQUE_VIOLATION)
    }
}

impl From<tokio_postgres::Error> for SqlError {
    fn from(error: tokio_postgres::Error) -> SqlError {
        if let Some(database) = error.as_db_error() {
            let text = format!("pq: {} ({})", database.message(), database.code().code());
            return SqlError { text, state: Some(database.code().clone()) };
        }
        let mut text = "pq".to_owned();
        let mut cause: Option<&dyn StdError> = Some(&error);
        while let Some(error) = cause {
            let own = error.to_string();
            // Some causes are part of the text above them.
            if !text.contains(&own) {
                text = format!("{text}: {own}");
            }
            cause = error.source();
        }
        SqlError::message(text)
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for SqlError {}
