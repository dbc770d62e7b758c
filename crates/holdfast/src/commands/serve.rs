//! `holdfast serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use api::JsonRender;
use api::middleware::Middleware;
use api::server::Server;
use api::tls::Tls;
use app::App;
use app::chance::SystemChance;
use backplane::{Backplane, Options};
use engine::supervisor::supervise;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::DEFAULT_FILE;
use crate::settings::Settings;

pub fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let runtime = runtime()?;
    let app = start(settings, &runtime, DEFAULT_FILE)?;
    runtime.block_on(async {
        let (listener, stop) = (listen(settings)?, StopSignal::new()?);
        println!("listening on {}://{}", scheme(settings), listener.local_addr()?);
        serve(app, settings, listener, stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

pub fn start(settings: &Settings, runtime: &Runtime, fallback: &str) -> anyhow::Result<Arc<App>> {
    start_with(settings, runtime, fallback, |_| {})
}

/// Like [`start`], with changed settings.
pub fn start_with(
    settings: &Settings,
    runtime: &Runtime,
    fallback: &str,
    adjust: impl FnOnce(&mut app::Settings),
) -> anyhow::Result<Arc<App>> {
    let mut asked = settings.app(fallback)?;
    if let Some(url) = &settings.redis {
        let _inside = runtime.enter();
        asked.backplane = Backplane::redis(url, Options::default()).context("cannot use Redis")?;
    }
    adjust(&mut asked);
    let shown = asked.database.to_string();
    App::start(asked, Arc::new(JsonRender)).with_context(|| format!("cannot use the database {shown}"))
}

pub fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(settings.host, settings.port);
    api::server::listen(address).with_context(|| format!("cannot listen on {address}"))
}

/// Serves until the process is asked to stop, then completes pending requests.
pub async fn serve(
    app: Arc<App>,
    settings: &Settings,
    listener: TcpListener,
    stop: StopSignal,
) -> anyhow::Result<()> {
    let supervised = supervised(&app);
    let jobs = app::jobs::Runner::start(Arc::clone(&app));
    let middleware = settings.middleware();
    let router = api::router::limited_router(Arc::clone(&app), &middleware.body);
    let [process, _] = SystemChance::from_system().key();
    let middleware = Middleware::new(middleware, process);
    let server = Server::new(router, Arc::new(middleware));
    match settings.tls() {
        None => server.serve(listener, stop.wait()).await,
        Some(tls) => {
            let tls = Arc::new(Tls::load(tls)?);
            let reloading = tokio::spawn(reload(Arc::clone(&tls), signal(SignalKind::hangup())?));
            server.with_tls(tls).serve(listener, stop.wait()).await;
            reloading.abort();
        }
    }
    jobs.stop().await;
    for task in supervised {
        task.abort();
        let _ = task.await;
    }
    // This is the last handle of the lanes: everything they have taken is committed before this returns.
    tokio::task::spawn_blocking(move || drop(app)).await.context("the lanes did not stop cleanly")
}

/// Starts what runs beside requests.
fn supervised(app: &Arc<App>) -> [JoinHandle<()>; 4] {
    let start = |name, task: fn(Arc<App>) -> BoxFuture<'static, ()>| {
        let (app, panics) = (Arc::clone(app), app.metrics.engine.task_panics.clone());
        supervise(name, panics, move || task(Arc::clone(&app)))
    };
    [
        start("expiry", |app| Box::pin(app::expiry::run(app))),
        start("revocations", |app| Box::pin(identity::revocations::follow(Arc::clone(&app.people)))),
        start("upkeep", |app| Box::pin(identity::upkeep::run(Arc::clone(&app.people)))),
        start("audit", |app| Box::pin(identity::audit::run(Arc::clone(&app.people)))),
    ]
}

/// The scheme of the server's URL.
pub fn scheme(settings: &Settings) -> &'static str {
    if settings.tls().is_some() { "https" } else { "http" }
}

/// Reloads the certificate on each SIGHUP.
async fn reload(tls: Arc<Tls>, mut asked: Signal) {
    while asked.recv().await.is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("TLS certificate reloaded"),
            Err(error) => tracing::warn!(%error, "cannot use the new TLS certificate; keeping the old one"),
        }
    }
}

/// Waits for a signal to stop. The handlers are installed before the first request.
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
