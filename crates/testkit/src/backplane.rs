//! A separate backplane for one test, in memory or in Redis.

use backplane::{Backplane, Options};

use crate::{STATE_WAIT_MAX, redis};

/// State that no other test shares.
#[derive(Debug)]
pub struct TestBackplane {
    backplane: Backplane,
    /// The server, and the prefix of its keys.
    redis: Option<(String, String)>,
}

impl TestBackplane {
    pub fn memory() -> Self {
        Self { backplane: Backplane::memory(), redis: None }
    }

    /// Uses the server in `HOLDFAST_TEST_REDIS`, and waits until it is reachable. Without it, reports that the test
    /// is skipped.
    pub async fn redis() -> Option<Self> {
        let server = redis::server_or_skip()?;
        let key_prefix = redis::key_prefix();
        let backplane = connect(&server, &key_prefix).await;
        Some(Self { backplane, redis: Some((server, key_prefix)) })
    }

    pub fn backplane(&self) -> &Backplane {
        &self.backplane
    }

    /// The same state as seen by another process; memory has only one process.
    pub async fn elsewhere(&self) -> Backplane {
        match &self.redis {
            None => self.backplane.clone(),
            Some((server, key_prefix)) => connect(server, key_prefix).await,
        }
    }
}

async fn connect(server: &str, key_prefix: &str) -> Backplane {
    let options = Options {
        key_prefix: key_prefix.to_owned(),
        response_timeout: STATE_WAIT_MAX,
        connect_timeout: STATE_WAIT_MAX,
        ..Options::default()
    };
    let url = server.parse().expect("HOLDFAST_TEST_REDIS is a URL of Redis");
    let backplane = Backplane::redis(&url, options).expect("the system has certificates to trust");
    backplane.wait_until_up().await;
    backplane
}
