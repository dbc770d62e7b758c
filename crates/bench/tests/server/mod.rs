//! A server that behaves as a test requires.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

pub enum Reply {
    Answer(Vec<u8>),
    /// Byte by byte.
    Trickle(Vec<u8>),
    AnswerAndClose(Vec<u8>),
    Close,
    Silence,
}

pub struct Server {
    pub address: SocketAddr,
    pub requests: Arc<AtomicU64>,
    pub connections: Arc<AtomicU64>,
}

/// Decides how to respond to a request, by its number in the order of arrival and its body.
type Behaviour = dyn Fn(u64, &[u8]) -> Reply + Send + Sync;

impl Server {
    /// Serves on a separate thread until the test process ends.
    pub fn start(behaviour: impl Fn(u64, &[u8]) -> Reply + Send + Sync + 'static) -> Server {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(async { listen() }).unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server { address, requests: Arc::default(), connections: Arc::default() };
        let (requests, connections) = (Arc::clone(&server.requests), Arc::clone(&server.connections));
        let behaviour: Arc<Behaviour> = Arc::new(behaviour);
        thread::spawn(move || {
            runtime.block_on(async {
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(serve(stream, Arc::clone(&requests), Arc::clone(&behaviour)));
                }
            });
        });
        server
    }
}

/// With room for all waiting connections, because a refused one retries only after a second.
fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    socket.listen(4096)
}

async fn serve(mut stream: TcpStream, requests: Arc<AtomicU64>, behaviour: Arc<Behaviour>) {
    stream.set_nodelay(true).unwrap();
    while let Some(body) = read_request(&mut stream).await {
        let number = requests.fetch_add(1, Ordering::SeqCst);
        let written = match behaviour(number, &body) {
            Reply::Answer(bytes) => stream.write_all(&bytes).await,
            Reply::Trickle(bytes) => trickle(&mut stream, &bytes).await,
            Reply::AnswerAndClose(bytes) => return drop(stream.write_all(&bytes).await),
            Reply::Close => return,
            Reply::Silence => return std::future::pending().await,
        };
        if written.is_err() {
            return;
        }
    }
}

async fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// The body of the next request. Checks that nothing was pipelined after it.
async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut received = Vec::new();
    loop {
        if stream.read_buf(&mut received).await.ok()? == 0 {
            return None;
        }
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(received[..end].to_vec()).unwrap();
        let length: usize = head.split("content-length: ").nth(1).unwrap().trim().parse().unwrap();
        let body = &received[end + 4..];
        assert!(body.len() <= length, "pipelined");
        if body.len() == length {
            return Some(body.to_vec());
        }
    }
}

pub fn with_length(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Text\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
