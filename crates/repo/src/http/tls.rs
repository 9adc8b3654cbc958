//! TLS as Go's clients do it: which certificates are trusted, and in which order they are checked.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, InconsistentKeys, RootCertStore, SignatureScheme,
};

use super::client::TlsFiles;
use super::roots;
use crate::Error;

/// Returns the configuration for a server (Helm: tlsutil.NewTLSConfig).
///
/// # Errors
/// When a file cannot be read or has something else.
pub(super) fn config(files: &TlsFiles) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let refuse = |error: rustls::Error| {
        let reason = match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                "private key does not match public key".to_owned()
            }
            other => other.to_string(),
        };
        Error::refused(format!("unable to load cert from key pair: tls: {reason}"))
    };
    let has_pair = !files.cert_file.is_empty() && !files.key_file.is_empty();
    let pair =
        if has_pair || files.is_half_pair() { roots::pair(&files.cert_file, &files.key_file)? } else { None };
    let own = match files.ca_file.as_str() {
        "" => None,
        path => Some(roots::authorities(path)?).filter(|own| !own.is_empty()),
    };
    let trust = match (files.is_insecure, own) {
        (true, _) => Trust::Anyone,
        (false, Some(own)) => Trust::Own(own),
        (false, None) => Trust::System,
    };
    let verifier = Verifier { trust, provider: provider.clone(), checked: OnceLock::new() };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refuse)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match pair {
        Some((certs, key)) => builder.with_client_auth_cert(certs, key).map_err(refuse),
        None => Ok(builder.with_no_client_auth()),
    }
}

/// Checks the files for a client that is made before anything is asked of it.
///
/// # Errors
/// All that is wrong with them.
pub(super) fn check(files: &TlsFiles) -> Result<(), Error> {
    let has_pair = !files.cert_file.is_empty() || !files.key_file.is_empty();
    let pair = if has_pair { roots::pair(&files.cert_file, &files.key_file).err() } else { None };
    let own = if files.ca_file.is_empty() { None } else { roots::authorities(&files.ca_file).err() };
    let faults: Vec<String> = [pair, own].iter().flatten().map(Error::full_text).collect();
    if faults.is_empty() { config(files).map(drop) } else { Err(Error::refused(faults.join("\n"))) }
}

impl TlsFiles {
    /// Only one of certificate and key is named, while something else asks for a configuration of its own.
    fn is_half_pair(&self) -> bool {
        let is_named = !self.cert_file.is_empty() || !self.key_file.is_empty();
        is_named && (!self.ca_file.is_empty() || self.is_insecure)
    }
}

#[derive(Debug)]
enum Trust {
    System,
    Own(Vec<CertificateDer<'static>>),
    Anyone,
}

/// Checks a server's certificate in Go's order: dates, names, authority. A certificate that is itself trusted is taken,
/// though it says that it is an authority's.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    checked: OnceLock<(Option<Arc<WebPkiServerVerifier>>, Vec<CertificateDer<'static>>)>,
}

impl Verifier {
    /// Reads the system's certificates only when a server shows one.
    fn chain(&self) -> &(Option<Arc<WebPkiServerVerifier>>, Vec<CertificateDer<'static>>) {
        self.checked.get_or_init(|| {
            let roots = match &self.trust {
                Trust::Own(own) => own.clone(),
                Trust::System => rustls_native_certs::load_native_certs().certs,
                Trust::Anyone => Vec::new(),
            };
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(roots.iter().cloned());
            let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(store), self.provider.clone());
            (builder.build().ok(), roots)
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if matches!(self.trust, Trust::Anyone) {
            return Ok(ServerCertVerified::assertion());
        }
        check_dates(end_entity, now)?;
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        let (verifier, roots) = self.chain();
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let result = match verifier {
            Some(verifier) => {
                verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            None => Err(unknown()),
        };
        match result {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::Other(_),
            )) => {
                let is_trusted = roots.iter().any(|root| root.as_ref() == end_entity.as_ref());
                if is_trusted { Ok(ServerCertVerified::assertion()) } else { Err(unknown()) }
            }
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn check_dates(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), rustls::Error> {
    let Some((from, to)) = roots::validity(certificate) else { return Ok(()) };
    let unix = |seconds: i64| {
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    };
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let problem = if seconds < from {
        CertificateError::NotValidYetContext { time: now, not_before: unix(from) }
    } else if seconds > to {
        CertificateError::ExpiredContext { time: now, not_after: unix(to) }
    } else {
        return Ok(());
    };
    Err(rustls::Error::InvalidCertificate(problem))
}
