//! Encryption of the connection by `sslmode`, `sslrootcert`, `sslcert` and `sslkey` (`lib/pq`, `ssl.go`).

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, InconsistentKeys, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

use super::dsn::{Host, Settings, SslMode};
use super::failure::SqlError;

/// How one connection is encrypted.
pub(super) struct Encryption {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    /// Whether the server's name is checked.
    is_full: bool,
}

/// What of the server's certificate is checked.
#[derive(Debug)]
enum Check {
    /// Nothing: whoever answers is believed.
    Nothing,
    /// That an authority we know has signed it, whatever name it is for.
    Authority(Arc<WebPkiServerVerifier>),
}

impl Encryption {
    /// Decides on the encryption; files are read.
    ///
    /// # Errors
    /// When a certificate or key cannot be read.
    pub(super) fn new(
        mode: SslMode,
        host: &Host,
        settings: &Settings,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Encryption, SqlError> {
        let provider = Arc::new(ring::default_provider());
        let home = environment("HOME").map(|home| PathBuf::from(home).join(".postgresql"));
        let roots = roots(mode, settings, home.as_deref())?;
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions(settings)?)
            .map_err(|error| SqlError::message(error.to_string()))?;
        let verifier = |roots: RootCertStore| {
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| SqlError::message(error.to_string()))
        };
        let builder = match (mode, roots) {
            (SslMode::VerifyFull, roots) => {
                builder.with_webpki_verifier(verifier(roots.unwrap_or_else(system_roots))?)
            }
            (SslMode::VerifyCa, roots) => {
                let check = Check::Authority(verifier(roots.unwrap_or_else(system_roots))?);
                builder.dangerous().with_custom_certificate_verifier(Arc::new(check))
            }
            // For older servers' sake a known authority is asked for as soon as there is a file of them.
            (_, Some(roots)) => {
                let check = Check::Authority(verifier(roots)?);
                builder.dangerous().with_custom_certificate_verifier(Arc::new(check))
            }
            (_, None) => builder.dangerous().with_custom_certificate_verifier(Arc::new(Check::Nothing)),
        };
        let mut config = match own_certificate(settings, home.as_deref())? {
            Some(own) => builder.with_client_cert_resolver(Arc::new(certified(own, &provider)?)),
            None => builder.with_no_client_auth(),
        };
        if settings.is_direct(mode)? {
            config.alpn_protocols.push(b"postgresql".to_vec());
        }
        let name = ServerName::try_from(host.name.clone())
            .map_err(|_| SqlError::message(format!("tls: {:?} is no name of a server", host.name)))?;
        Ok(Encryption { config: Arc::new(config), name, is_full: mode == SslMode::VerifyFull })
    }

    /// Returns whether the server's name is checked, and not only who has signed its certificate.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }
}

/// Returns the versions of TLS that the settings allow; older ones than 1.2 are not spoken.
fn versions(settings: &Settings) -> Result<Vec<&'static SupportedProtocolVersion>, SqlError> {
    let (lowest, highest) = settings.tls_versions()?;
    let known = [(2, &rustls::version::TLS12), (3, &rustls::version::TLS13)];
    let allowed = known.into_iter().filter(|(minor, _)| {
        lowest.is_none_or(|lowest| *minor >= lowest) && highest.is_none_or(|highest| *minor <= highest)
    });
    let allowed: Vec<_> = allowed.map(|(_, version)| version).collect();
    match allowed.is_empty() {
        true => Err(SqlError::message("tls: no supported versions satisfy MinVersion and MaxVersion")),
        false => Ok(allowed),
    }
}

/// Joins a certificate with its key. One that cannot be read here, as those of X.509 version 1, is left to the server.
fn certified((chain, key): OwnCertificate, provider: &CryptoProvider) -> Result<SingleCertAndKey, SqlError> {
    let key = provider.key_provider.load_private_key(key);
    let key = key.map_err(|error| SqlError::message(format!("tls: failed to parse private key: {error}")))?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(SqlError::message("tls: private key does not match public key"))
        }
        _ => Ok(SingleCertAndKey::from(certified)),
    }
}

/// Returns the authorities of a file; `None` when no file is named and there is none at home.
fn roots(mode: SslMode, settings: &Settings, home: Option<&Path>) -> Result<Option<RootCertStore>, SqlError> {
    let named = settings.get("sslrootcert");
    if named == Some("system") {
        return match mode {
            SslMode::VerifyFull => Ok(Some(system_roots())),
            _ => Err(SqlError::message(format!(
                "pq: weak sslmode {:?} may not be used with sslrootcert=system (use \"verify-full\")",
                settings.get("sslmode").unwrap_or_default()
            ))),
        };
    }
    let pem = match named {
        Some(text) if settings.get("sslinline") == Some("true") => text.as_bytes().to_vec(),
        named => {
            let at_home = || home.map(|home| home.join("root.crt")).filter(|path| path.exists());
            let Some(path) = named.map(PathBuf::from).or_else(at_home) else { return Ok(None) };
            let is_weak = matches!(mode, SslMode::Require | SslMode::Prefer);
            match std::fs::read(&path) {
                Ok(pem) => pem,
                Err(error) if is_weak && error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(unreadable(&path, &error)),
            }
        }
    };
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
    match store.is_empty() {
        true => Err(SqlError::message("pq: couldn't parse pem from sslrootcert")),
        false => Ok(Some(store)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> SqlError {
    failed("open", path, error)
}

fn failed(operation: &str, path: &Path, error: &io::Error) -> SqlError {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    SqlError::message(format!("{operation} {}: {reason}", path.display()))
}

/// A key that others may read is refused; what belongs to root may be read by its group (`lib/pq`,
/// ssl_permissions.go).
#[cfg(unix)]
fn check_key(path: &Path) -> Result<(), SqlError> {
    use std::os::unix::fs::MetadataExt as _;
    let about = std::fs::metadata(path).map_err(|error| failed("stat", path, &error))?;
    let mode = about.mode();
    if mode & 0o177 == 0 || (about.uid() == 0 && mode & 0o137 == 0) {
        return Ok(());
    }
    Err(SqlError::message(
        "pq: private key has world access; permissions should be u=rw,g=r (0640) if owned by root, or u=rw (0600), or \
         less",
    ))
}

#[cfg(not(unix))]
fn check_key(path: &Path) -> Result<(), SqlError> {
    std::fs::metadata(path).map(drop).map_err(|error| failed("stat", path, &error))
}

fn system_roots() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    store
}

type OwnCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Returns the client's certificate and key, where there is one.
fn own_certificate(settings: &Settings, home: Option<&Path>) -> Result<Option<OwnCertificate>, SqlError> {
    let (certificate, key) = if settings.get("sslinline") == Some("true") {
        let text = |name| settings.get(name).map(|text| text.as_bytes().to_vec());
        let Some(pair) = text("sslcert").zip(text("sslkey")) else { return Ok(None) };
        pair
    } else {
        let path = |name, file: &str| {
            settings.get(name).map(PathBuf::from).or_else(|| home.map(|home| home.join(file)))
        };
        let Some(certificate) = path("sslcert", "postgresql.crt").filter(|path| path.exists()) else {
            return Ok(None);
        };
        let key = path("sslkey", "postgresql.key").unwrap_or_default();
        check_key(&key)?;
        let read = |path: &Path| std::fs::read(path).map_err(|error| unreadable(path, &error));
        (read(&certificate)?, read(&key)?)
    };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&certificate).flatten().collect();
    if chain.is_empty() {
        return Err(SqlError::message("tls: failed to find any PEM data in certificate input"));
    }
    let key = PrivateKeyDer::from_pem_slice(&key);
    let key =
        key.map_err(|error| SqlError::message(format!("tls: failed to find the key of sslkey: {error}")))?;
    Ok(Some((chain, key)))
}

impl ServerCertVerifier for Check {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Check::Authority(verifier) = self else { return Ok(ServerCertVerified::assertion()) };
        match verifier.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if matches!(self, Check::Nothing) {
            // Whoever is believed without a look at the certificate need not prove that it is theirs; and one of X.509
            // version 1 could not be read.
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &algorithms().signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if matches!(self, Check::Nothing) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &algorithms().signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().signature_verification_algorithms.supported_schemes()
    }
}

fn algorithms() -> CryptoProvider {
    ring::default_provider()
}

impl<S> TlsConnect<S> for Encryption
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let connector = TlsConnector::from(self.config);
            connector.connect(self.name, stream).await.map(Encrypted)
        })
    }
}

/// An encrypted stream. Passwords are not bound to it, which servers do not demand by themselves.
pub(super) struct Encrypted<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
