//! Signals to processes, by the system's own call: the program `kill` is not installed everywhere.

use std::fs;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

/// Sends SIGTERM: the program is asked to end, and the caller waits for it.
pub fn ask_to_stop(child: &Child) {
    kill_process(process_of(child), Signal::TERM)
        .expect("a child can be sent signals until it was waited for");
}

/// Processes that stand still until this is dropped.
#[derive(Debug)]
pub struct Frozen {
    processes: Vec<Pid>,
}

impl Frozen {
    pub(crate) fn freeze(processes: Vec<Pid>) -> Self {
        signal(&processes, Signal::STOP);
        Self { processes }
    }

    /// Stops these as well. They go on before those that were stopped first.
    pub(crate) fn freeze_too(&mut self, processes: Vec<Pid>) {
        signal(&processes, Signal::STOP);
        self.processes.splice(0..0, processes);
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        signal(&self.processes, Signal::CONT);
    }
}

pub(crate) fn process_of(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// The processes that a process has started and that still run.
pub(crate) fn children_of(process: Pid) -> Vec<Pid> {
    let number = process.as_raw_nonzero();
    let children = fs::read_to_string(format!("/proc/{number}/task/{number}/children"));
    let children = children.expect("Linux lists the children of a process");
    children.split_whitespace().filter_map(|child| Pid::from_raw(child.parse().ok()?)).collect()
}

fn signal(processes: &[Pid], signal: Signal) {
    for process in processes {
        // A process that has exited needs no signal.
        let _ = kill_process(*process, signal);
    }
}
