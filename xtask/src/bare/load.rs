//! Threads that keep the processors busy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Runs until it is dropped.
pub struct Load {
    enough: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    pub fn start(count: usize) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let spin = || {
            let enough = Arc::clone(&enough);
            thread::spawn(move || while !enough.load(Ordering::Relaxed) {})
        };
        let threads = (0..count).map(|_| spin()).collect();
        Self { enough, threads }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
