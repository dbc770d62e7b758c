//! The implementations in Redis. [`Link`] sends commands and knows whether Redis is reachable, [`supervisor`]
//! reconnects, [`listener`] receives messages of other processes. The rest is one file per part; each command is one
//! round trip.

pub mod cache;
pub mod codes;
pub mod limits;
mod link;
mod listener;
pub mod locks;
pub mod notices;
pub mod sessions;
mod supervisor;

use std::sync::Arc;

use redis::{Client, IntoConnectionInfo, ProtocolVersion, TlsCertificates};
use tokio::task::JoinHandle;

use crate::limits::LocalLimits;
use crate::options::{Options, RedisUrl, Unusable};
pub use link::Away;
use link::Link;

/// Challenges of this process that are kept for outages of Redis.
const OWN_CODES_MAX: usize = 10_000;

pub struct Redis {
    pub shared: Arc<Shared>,
    tasks: [JoinHandle<()>; 2],
}

/// The data shared by the handles and the two tasks.
pub struct Shared {
    client: Client,
    options: Options,
    pub link: Link,
    codes: codes::Codes,
    sessions: sessions::Sessions,
    notices: notices::Notices,
    cache: cache::Cache,
    pub local_limits: LocalLimits,
}

impl Redis {
    pub fn start(url: &RedisUrl, options: Options) -> Result<Self, Unusable> {
        let client = client(url, &options).map_err(|error| Unusable(error.to_string()))?;
        let (notices, wanted) = notices::Notices::new();
        let shared = Arc::new(Shared {
            client,
            link: Link::new(options.response_timeout),
            codes: codes::Codes::new(OWN_CODES_MAX),
            sessions: sessions::Sessions::default(),
            notices,
            cache: cache::Cache::default(),
            local_limits: LocalLimits::default(),
            options,
        });
        let tasks = [
            tokio::spawn(supervisor::supervise(Arc::clone(&shared))),
            tokio::spawn(listener::listen(Arc::clone(&shared), wanted)),
        ];
        Ok(Self { shared, tasks })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    /// A key: the prefix, the kind and the name.
    fn key(&self, about: &str, whose: impl AsRef<[u8]>) -> Vec<u8> {
        let whose = whose.as_ref();
        let mut key = Vec::with_capacity(self.options.key_prefix.len() + about.len() + 1 + whose.len());
        key.extend_from_slice(self.options.key_prefix.as_bytes());
        key.extend_from_slice(about.as_bytes());
        key.push(b':');
        key.extend_from_slice(whose);
        key
    }
}

fn client(url: &RedisUrl, options: &Options) -> redis::RedisResult<Client> {
    let url = url.as_str();
    let info = url.into_connection_info()?;
    // Pub/sub works differently in the other protocol version.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
    let info = info.set_redis_settings(settings);
    if url.starts_with("rediss://") {
        // Fails if the program has already installed one, which is then the same.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let root_cert = options.root_certificate.clone();
        return Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert });
    }
    Client::open(info)
}
