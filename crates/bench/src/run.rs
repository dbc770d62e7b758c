//! A whole run: first the connections, then the clock, then the generator threads.

use std::net::TcpStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use crate::generator::Generator;
use crate::load::{Load, Workload};
use crate::opening::{allow_open_files, open_connections};
use crate::record::{Progress, Published, Record, Tally};
use crate::supply::Supply;

const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Applies a load and counts the outcomes, calling `progress` on this thread about once a second. It blocks until the
/// end; from asynchronous code, call it on a separate thread.
///
/// A failed exchange is an error in the tally, not an error of the run. With
/// [`Stop::Requests`](crate::Stop::Requests) exactly that many requests are counted, unless every exchange fails for
/// [`Load::give_up_after`]: then the clients give up and there are fewer.
///
/// # Errors
/// When the connections cannot all be opened within ten seconds, or a workload panics.
pub fn run<W: Workload>(load: &Load<W>, mut progress: impl FnMut(Progress)) -> Result<Tally> {
    ensure!(load.connections > 0, "a load needs at least one connection");
    allow_open_files();
    let streams = open_connections(load.address, load.connections)?;
    let started = Instant::now();
    let supply = Supply::new(load.stop, started);
    let shares = deal(streams, load.threads);
    let published: Vec<_> = shares.iter().map(|_| Published::default()).collect();
    let record = thread::scope(|scope| {
        let (working, finished) = channel::<()>();
        let mut generators = Vec::new();
        for (share, published) in shares.into_iter().zip(&published) {
            let (supply, working) = (&supply, working.clone());
            generators.push(scope.spawn(move || {
                // Dropped when the thread ends, for whatever reason.
                let _working = working;
                Generator::new(load, supply, share.into_iter())?.run(published)
            }));
        }
        drop(working);
        report_until_finished(&finished, || progress(Published::progress(&published, started)));
        merge(generators.into_iter().map(thread::ScopedJoinHandle::join))
    })?;
    Ok(record.into_tally(load.connections, started))
}

/// Distributes the connections over the threads, each with its number.
fn deal(streams: Vec<TcpStream>, threads: usize) -> Vec<Vec<(usize, TcpStream)>> {
    let mut shares: Vec<Vec<_>> = (0..threads.max(1)).map(|_| Vec::new()).collect();
    for (numbered, share) in streams.into_iter().enumerate().zip((0..shares.len()).cycle()) {
        shares.get_mut(share).expect("cycles over the shares").push(numbered);
    }
    shares
}

/// The channel carries nothing: when all senders are dropped, all threads have ended.
fn report_until_finished(finished: &Receiver<()>, mut report: impl FnMut()) {
    while let Ok(()) | Err(RecvTimeoutError::Timeout) = finished.recv_timeout(PROGRESS_EVERY) {
        report();
    }
}

fn merge(results: impl Iterator<Item = thread::Result<std::io::Result<Record>>>) -> Result<Record> {
    let mut merged = Record::default();
    for result in results {
        let result = result.map_err(|_| anyhow!("a generator thread panicked"))?;
        merged.merge(result.context("a generator thread cannot wait for its connections")?);
    }
    Ok(merged)
}
