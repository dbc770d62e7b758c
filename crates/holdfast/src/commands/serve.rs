//! `holdfast serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use api::JsonRender;
use app::App;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::DEFAULT_FILE;
use crate::settings::Settings;

pub fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let app = start(settings, DEFAULT_FILE)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (listener, stop) = (listen(settings)?, StopSignal::new()?);
        println!("listening on http://{}", listener.local_addr()?);
        serve(app, listener, stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn start(settings: &Settings, fallback: &str) -> anyhow::Result<Arc<App>> {
    let settings = settings.app(fallback);
    let shown = settings.database.to_string();
    App::start(settings, Arc::new(JsonRender)).with_context(|| format!("cannot use the database {shown}"))
}

pub fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(settings.host, settings.port);
    api::server::listen(address).with_context(|| format!("cannot listen on {address}"))
}

/// Serves until the process is asked to stop, then finishes what is under way.
pub async fn serve(app: Arc<App>, listener: TcpListener, stop: StopSignal) -> anyhow::Result<()> {
    let sweeper = tokio::spawn(app::expiry::run(Arc::clone(&app)));
    let router = api::routes::router(Arc::clone(&app));
    api::server::serve(listener, router, stop.wait()).await;
    sweeper.abort();
    let _ = sweeper.await;
    // The last handle of the lanes: what they have taken is committed before this returns.
    tokio::task::spawn_blocking(move || drop(app)).await.context("the lanes did not stop cleanly")
}

/// Waits for what stops the process. The handlers stand before the first request can come.
pub struct StopSignal {
    interrupted: Signal,
    terminated: Signal,
}

impl StopSignal {
    pub fn new() -> anyhow::Result<Self> {
        let of = |kind| signal(kind).context("cannot listen to signals");
        Ok(Self { interrupted: of(SignalKind::interrupt())?, terminated: of(SignalKind::terminate())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}
