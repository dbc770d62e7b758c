//! The whole server inside the test's process, so that the test can access its lanes.

use std::net::SocketAddr;
use std::sync::Arc;

use api::JsonRender;
use api::middleware::{Middleware, MiddlewareSettings};
use api::server::Server;
use app::lanes::Fault;
use app::{App, Settings};
use engine::{Subject, Unit};
use store::{Connection, Database, StoreError};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::shop::SECRET;

/// Completes pending requests when it is dropped.
pub struct House {
    pub app: Arc<App>,
    pub address: SocketAddr,
    pub runtime: Runtime,
    database: Database,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl House {
    pub fn open(database: &Database) -> Self {
        let alone = Settings::alone(database.clone(), SECRET.as_bytes().to_vec());
        let settings = Settings { lanes: 1, readers: 2, ..alone };
        let app = App::start(settings, Arc::new(JsonRender)).unwrap();
        let runtime = Runtime::new().unwrap();
        let router = api::router::router(Arc::clone(&app));
        let (stop, stopped) = oneshot::channel();
        let (address, serving) = runtime.block_on(async {
            let listener = api::server::listen(([127, 0, 0, 1], 0).into()).unwrap();
            let address = listener.local_addr().unwrap();
            let middleware = Arc::new(Middleware::new(MiddlewareSettings::default(), 1));
            let serving = tokio::spawn(Server::new(router, middleware).serve(listener, async {
                let _ = stopped.await;
            }));
            (address, serving)
        });
        Self { app, address, runtime, database: database.clone(), stop: Some(stop), serving: Some(serving) }
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Works on the lane's own connection.
    pub fn on_lane<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Fault> {
        let mut work = Some(work);
        let once = move |unit: &mut Unit<'_>| match work.take() {
            Some(work) => work(unit.connection),
            None => Err(StoreError::Statement("it was run before".to_owned())),
        };
        self.runtime.block_on(self.app.engine.save(Subject::NONE, once))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            let _ = self.runtime.block_on(serving);
        }
    }
}
