//! The generator's cost per exchange, against a minimal server: `cargo run --release -p bench --example cost --
//! [at-once|in-bursts] [CONNECTIONS] [SECONDS]`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use bench::{Load, Stop, Verdict, Workload, allow_open_files, run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// About the size of a booking request, with its key and token.
const REQUEST: &[u8] = include_bytes!("request.http");
const ANSWER: &[u8] = include_bytes!("answer.http");
/// About the time that a server needs to collect and commit a batch.
const BURST_EVERY: Duration = Duration::from_millis(3);

struct Fixed;

impl Workload for Fixed {
    fn write_request(&self, _number: u64, _connection: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(REQUEST);
    }

    fn judge(&self, _number: u64, status: u16, _body: &[u8]) -> Verdict {
        if status == 201 { Verdict::Sold } else { Verdict::Error }
    }
}

#[expect(clippy::print_stdout, reason = "a report on the terminal")]
fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let bursts = arguments.next().is_some_and(|mode| mode == "in-bursts");
    let connections = arguments.next().map_or(Ok(256), |text| text.parse())?;
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    allow_open_files();
    let load =
        Load::new(start_server(bursts)?, connections, Stop::After(Duration::from_secs(seconds)), Fixed);
    let tally = run(&load, |progress| println!("{progress:?}"))?;
    println!("{tally:#?}");
    println!("{:?} of the generator's processor time per request", cost(&tally));
    Ok(())
}

fn cost(tally: &bench::Tally) -> Duration {
    let requests = u32::try_from(tally.requests).unwrap_or(u32::MAX).max(1);
    Duration::from_secs_f64(tally.generator_cpu_seconds) / requests
}

fn start_server(bursts: bool) -> Result<SocketAddr> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr().context("bound")?;
    thread::spawn(move || runtime.block_on(accept(listener, bursts)));
    Ok(address)
}

async fn accept(listener: TcpListener, bursts: bool) {
    let burst = Arc::new(Notify::new());
    tokio::spawn(signal_bursts(Arc::clone(&burst)));
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, bursts.then(|| Arc::clone(&burst))));
    }
}

async fn signal_bursts(burst: Arc<Notify>) {
    let mut every = tokio::time::interval(BURST_EVERY);
    loop {
        every.tick().await;
        burst.notify_waiters();
    }
}

/// Treats every read as a whole request, which it is.
async fn serve(mut stream: TcpStream, burst: Option<Arc<Notify>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = vec![0; 4096];
    while stream.read(&mut received).await? > 0 {
        if let Some(burst) = &burst {
            burst.notified().await;
        }
        stream.write_all(ANSWER).await?;
    }
    Ok(())
}
