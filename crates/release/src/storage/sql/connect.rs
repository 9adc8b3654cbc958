//! The connection to a database, driven on the calling thread.

use std::future::Future;
use std::io;
use std::net::ToSocketAddrs;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row};

use super::dsn::{Host, Settings, SslMode};
use super::failure::SqlError;
use super::schema;
use super::tls::Encryption;

/// A connection. Statements block the calling thread, which has nothing else to do: a command works step by step.
pub struct Database {
    runtime: Runtime,
    client: Client,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Database {
    /// Connects and makes the tables that are missing. `environment` looks variables up.
    ///
    /// # Errors
    /// In the words of Helm's driver: a wrong connection string, no server, no such user or database.
    pub fn connect(
        connection: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Database, SqlError> {
        let settings = Settings::parse(connection, environment)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| SqlError::message(format!("start a runtime: {error}")))?;
        let client = runtime.block_on(reach(&settings, environment))?;
        let database = Database { runtime, client };
        schema::ensure(&database)?;
        Ok(database)
    }

    pub(super) fn query(
        &self,
        statement: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, SqlError> {
        Ok(self.drive(self.client.query(statement, values))?)
    }

    /// Returns how many rows were changed.
    pub(super) fn execute(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, SqlError> {
        Ok(self.drive(self.client.execute(statement, values))?)
    }

    pub(super) fn batch(&self, statements: &str) -> Result<(), SqlError> {
        Ok(self.drive(self.client.batch_execute(statements))?)
    }

    /// Does everything or nothing.
    pub(super) fn transaction<T, E: From<SqlError>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.batch("BEGIN")?;
        let outcome = work();
        match &outcome {
            Ok(_) => self.batch("COMMIT")?,
            // A connection that is gone has rolled back already.
            Err(_) => drop(self.batch("ROLLBACK")),
        }
        outcome
    }

    fn drive<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

/// Tries the hosts in order.
async fn reach(
    settings: &Settings,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Client, SqlError> {
    let hosts = settings.hosts()?;
    let mut failures = Vec::new();
    for host in &hosts {
        match reach_host(host, settings, environment).await {
            Ok(client) => return Ok(client),
            Err(error) if hosts.len() == 1 => return Err(error),
            Err(error) => failures.push(format!("connecting to {}:{}: {error}", host.name, host.port)),
        }
    }
    let text = format!("pq: could not connect to any of the hosts:\n{}", failures.join("\n"));
    Err(SqlError::message(text))
}

async fn reach_host(
    host: &Host,
    settings: &Settings,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Client, SqlError> {
    let config = config(host, settings, environment);
    // SSL is neither necessary nor possible on a socket in the file system.
    let mode = if is_socket(host) { SslMode::Disable } else { settings.ssl_mode()? };
    match mode {
        SslMode::Disable => converse(host, settings, &config, None).await,
        SslMode::Allow => match converse(host, settings, &config, None).await {
            Ok(client) => Ok(client),
            Err(_) => {
                let encryption = Encryption::new(SslMode::Require, host, settings, environment)?;
                converse(host, settings, &config, Some(encryption)).await
            }
        },
        SslMode::Prefer => {
            let encryption = Encryption::new(mode, host, settings, environment)?;
            match converse(host, settings, &config, Some(encryption)).await {
                Ok(client) => Ok(client),
                Err(_) => converse(host, settings, &config, None).await,
            }
        }
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            let encryption = Encryption::new(mode, host, settings, environment)?;
            converse(host, settings, &config, Some(encryption)).await
        }
    }
}

fn is_socket(host: &Host) -> bool {
    host.name.starts_with('/') || host.name.starts_with('@')
}

fn config(host: &Host, settings: &Settings, environment: &dyn Fn(&str) -> Option<String>) -> Config {
    let mut config = Config::new();
    let os_user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| environment(name));
    let user = settings.get("user").map(str::to_owned).or_else(os_user).unwrap_or_default();
    config.user(&user);
    if settings.get("sslnegotiation") == Some("direct") {
        config.ssl_negotiation(tokio_postgres::config::SslNegotiation::Direct);
    }
    if let Some(database) = settings.get("dbname") {
        config.dbname(database);
    }
    let database = settings.get("dbname").unwrap_or(&user);
    let known = || super::passfile::password(settings, host, database, &user, environment);
    if let Some(password) = settings.get("password").map(str::to_owned).or_else(known) {
        config.password(password);
    }
    let name = settings.get("application_name").or_else(|| settings.get("fallback_application_name"));
    if let Some(name) = name {
        config.application_name(name);
    }
    // What is none of the driver's is a parameter of the session.
    let parameters: Vec<String> = settings
        .parameters()
        .map(|(name, value)| format!("-c {}={}", escaped(name), escaped(value)))
        .collect();
    let options: Vec<&str> =
        settings.get("options").into_iter().chain(parameters.iter().map(String::as_str)).collect();
    if !options.is_empty() {
        config.options(options.join(" "));
    }
    config
}

/// Blanks and backslashes in `options` (PostgreSQL, "Connection Parameters").
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(' ', "\\ ")
}

/// Opens a connection and says hello.
async fn converse(
    host: &Host,
    settings: &Settings,
    config: &Config,
    encryption: Option<Encryption>,
) -> Result<Client, SqlError> {
    let limit = settings.connect_timeout()?;
    let talk = async {
        #[cfg(unix)]
        if is_socket(host) {
            let path = format!("{}/.s.PGSQL.{}", host.name, host.port);
            let stream = tokio::net::UnixStream::connect(&path).await;
            let stream = stream.map_err(|error| SqlError::dial(&format!("unix {path}"), &error))?;
            return greet(stream, config, None).await;
        }
        greet(dial(host).await?, config, encryption).await
    };
    match limit {
        None => talk.await,
        Some(limit) => {
            let late = io::Error::from(io::ErrorKind::TimedOut);
            let address = format!("tcp {}:{}", host.name, host.port);
            tokio::time::timeout(limit, talk).await.map_err(|_| SqlError::dial(&address, &late))?
        }
    }
}

async fn dial(host: &Host) -> Result<TcpStream, SqlError> {
    let Host { name, port } = host;
    let unknown = || SqlError::message(format!("dial tcp: lookup {name}: no such host"));
    let addresses = (name.as_str(), *port).to_socket_addrs().map_err(|_| unknown())?;
    let mut failure = None;
    // Go tries the older protocol's addresses first where both are there, and tells the first failure.
    let (mut addresses, others): (Vec<_>, Vec<_>) = addresses.partition(|address| address.is_ipv4());
    addresses.extend(others);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // Without it statements are slower, nothing else.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => {
                failure.get_or_insert(SqlError::dial(&format!("tcp {address}"), &error));
            }
        }
    }
    Err(failure.unwrap_or_else(unknown))
}

async fn greet<S>(stream: S, config: &Config, encryption: Option<Encryption>) -> Result<Client, SqlError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut config = config.clone();
    match encryption {
        None => {
            config.ssl_mode(tokio_postgres::config::SslMode::Disable);
            let (client, connection) = config.connect_raw(stream, NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        }
        Some(encryption) => {
            config.ssl_mode(tokio_postgres::config::SslMode::Require);
            let checks_name = encryption.is_full();
            let connected = config.connect_raw(stream, encryption).await;
            let (client, connection) = connected.map_err(|error| {
                if let Some(error) = SqlError::of_tls(&error, checks_name) {
                    return error;
                }
                let text = error.to_string();
                let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                match source.contains("server does not support TLS")
                    || text.contains("server does not support TLS")
                {
                    true => SqlError::message("pq: SSL is not enabled on the server"),
                    false => error.into(),
                }
            })?;
            tokio::spawn(connection);
            Ok(client)
        }
    }
}
