//! Where a server of ours may listen.

use std::net::TcpListener;

use anyhow::{Context as _, Result};

/// A port of this machine that no process listens on now.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot find a free port")?;
    Ok(listener.local_addr()?.port())
}
