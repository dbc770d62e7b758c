//! `holdfast serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use api::JsonRender;
use app::App;
use tokio::net::TcpListener;

use super::DEFAULT_FILE;
use crate::cli::Serve;
use crate::settings;

pub fn run(asked: &Serve) -> anyhow::Result<ExitCode> {
    let app = start(asked, DEFAULT_FILE)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = listen(asked)?;
        println!("listening on http://{}", listener.local_addr()?);
        serve(app, listener).await
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn start(asked: &Serve, fallback: &str) -> anyhow::Result<Arc<App>> {
    let database = asked.place.or(fallback);
    let shown = database.to_string();
    let settings = settings::app(database, asked.lanes)?;
    App::start(settings, Arc::new(JsonRender)).with_context(|| format!("cannot use the database {shown}"))
}

pub fn listen(asked: &Serve) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(asked.host, asked.port);
    api::server::listen(address).with_context(|| format!("cannot listen on {address}"))
}

/// Serves until the process is asked to stop, then finishes what is under way.
pub async fn serve(app: Arc<App>, listener: TcpListener) -> anyhow::Result<()> {
    let sweeper = tokio::spawn(app::expiry::run(Arc::clone(&app)));
    let router = api::routes::router(Arc::clone(&app));
    api::server::serve(listener, router, stop_signal()).await;
    sweeper.abort();
    let _ = sweeper.await;
    // The last handle of the lanes: what they have taken is committed before this returns.
    tokio::task::spawn_blocking(move || drop(app)).await.context("the lanes did not stop cleanly")
}

async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupted.await;
        return;
    };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
}
