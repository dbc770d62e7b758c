//! The newest snapshot of the catalogue that this process knows.

use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::catalogue::{Catalogue, VenueCatalogue};

use crate::App;
use engine::Fault;

pub struct CatalogueCache {
    current: ArcSwap<Catalogue>,
}

impl CatalogueCache {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { current: ArcSwap::from_pointee(catalogue) }
    }

    pub fn snapshot(&self) -> Arc<Catalogue> {
        self.current.load_full()
    }

    /// Puts snapshots of venues in place that a change to this version has made. Whether this process has seen every
    /// change before it is not known: if not, [`refresh`] reads on from the last one it has.
    pub fn publish(&self, version: i64, venues: &[VenueCatalogue]) {
        self.put(venues, |known| if known + 1 == version { version } else { known });
    }

    /// Puts snapshots of venues in place that an open transaction has read. What it sees may still be undone, so that the
    /// version this process knows stays as it is.
    pub fn learn(&self, venues: &[VenueCatalogue]) {
        self.put(venues, |known| known);
    }

    /// Puts snapshots of all venues in place that have changed up to this version.
    pub fn catch_up(&self, version: i64, venues: &[VenueCatalogue]) {
        self.put(venues, |known| known.max(version));
    }

    fn put(&self, venues: &[VenueCatalogue], version: impl Fn(i64) -> i64) {
        self.current.rcu(|current| {
            let mut next = Catalogue::clone(current);
            next.version = version(current.version);
            for venue in venues {
                next.put(venue.clone());
            }
            next
        });
    }
}

/// Reads again what other processes have changed.
pub async fn refresh(app: &App) -> Result<(), Fault> {
    let known = app.catalogue.snapshot().version;
    let changes = app.readers.ask(move |connection| store::catalogue::changes(connection, known)).await?;
    if let Some((version, venues)) = changes {
        app.catalogue.catch_up(version, &venues);
    }
    Ok(())
}
