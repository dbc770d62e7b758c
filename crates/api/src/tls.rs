//! TLS in the server, if there is no proxy: one certificate chain, reloaded when it changes.
//!
//! TLS 1.2 and 1.3, HTTP/1.1, no client certificates. Deliberately absent: obtaining certificates. Tools such as
//! certbot do that, and write the files that are watched here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Interval for checking the files, in milliseconds.
const LOOK_MS: u64 = 5_000;

/// The certificate files, and the timeout of a handshake.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// The chain as PEM, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key as PEM.
    pub key: PathBuf,
    pub handshake_ms_max: u64,
}

/// Why a certificate is unusable.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {path} as PEM: {reason}", path = path.display())]
    File { path: PathBuf, reason: String },
    #[error("{path} contains no certificate", path = path.display())]
    Empty { path: PathBuf },
    #[error("cannot use the certificate and key: {0}")]
    Pair(#[from] rustls::Error),
}

/// The certificate in use.
pub struct Tls {
    settings: TlsSettings,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    pub fn load(settings: TlsSettings) -> Result<Self, TlsError> {
        let config = RwLock::new(read(&settings)?);
        Ok(Self { settings, config })
    }

    /// Reloads the files. If they are unusable, the previous certificate stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let read = read(&self.settings)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// Reloads the files whenever they change, for ever.
    pub async fn watch(&self) {
        let mut known = self.changed_at();
        let mut looks = tokio::time::interval(Duration::from_millis(LOOK_MS));
        loop {
            looks.tick().await;
            let now = self.changed_at();
            if now == known {
                continue;
            }
            // A key that is not written yet is read in the next check.
            match self.reload() {
                Ok(()) => {
                    known = now;
                    tracing::info!("TLS certificate reloaded");
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot use the new TLS certificate; keeping the old one");
                }
            }
        }
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        let at = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
        [at(&self.settings.certificate), at(&self.settings.key)]
    }

    /// The handshake. `None` if it fails or times out.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        let shaking = TlsAcceptor::from(config).accept(stream);
        let allowed = Duration::from_millis(self.settings.handshake_ms_max);
        match tokio::time::timeout(allowed, shaking).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::debug!(%error, "TLS handshake failed");
                None
            }
            Err(_) => {
                tracing::debug!("TLS handshake timed out");
                None
            }
        }
    }
}

fn read(settings: &TlsSettings) -> Result<Arc<ServerConfig>, TlsError> {
    let unreadable = |path: &Path, error: rustls::pki_types::pem::Error| TlsError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let path = &settings.certificate;
    let chain = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| unreadable(path, error))?;
    if chain.is_empty() {
        return Err(TlsError::Empty { path: path.clone() });
    }
    let key =
        PrivateKeyDer::from_pem_file(&settings.key).map_err(|error| unreadable(&settings.key, error))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
