//! A mail server on 127.0.0.1, based on aiosmtpd: an independent implementation of SMTP.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::unavailable;

/// A Python that has aiosmtpd.
const PYTHON: &str = "HOLDFAST_TEST_AIOSMTPD";

/// Accepts emails and prints each as a line. The recipient determines what happens.
const PROGRAM: &str = r#"
import asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP

class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("never"):
            return "550 5.1.1 no such user here: " + address
        if address.startswith("later"):
            return "451 4.7.1 try again later: " + address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode()
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "text": text, "tls": session.ssl is not None}
        print(json.dumps(mail), flush=True)
        if envelope.rcpt_tos[0].startswith("cut"):
            server.transport.abort()
        return "250 OK"

async def main():
    context = None
    if len(sys.argv) > 1:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), tls_context=context), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"#;

/// Stopped when it is dropped. It refuses an email to `never…`, defers one to `later…`, and accepts one to `cut…`
/// without responding.
#[derive(Debug)]
pub struct SmtpServer {
    process: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl SmtpServer {
    /// Starts a server. Without aiosmtpd, reports that the test is skipped.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with STARTTLS, with the certificate and key in a PEM file.
    pub fn start_with_tls(certificate_and_key: &str) -> Option<Self> {
        Self::start_with(&[certificate_and_key])
    }

    fn start_with(arguments: &[&str]) -> Option<Self> {
        let Some(python) = std::env::var_os(PYTHON) else {
            unavailable("HOLDFAST_TEST_AIOSMTPD names no Python with aiosmtpd; `cargo xtask test` does");
            return None;
        };
        let mut command = Command::new(python);
        command.args(["-c", PROGRAM]).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the Python that HOLDFAST_TEST_AIOSMTPD names starts");
        let stdout = process.stdout.take().expect("the program's output is ours");
        let mut server = Self { process, lines: BufReader::new(stdout), port: 0 };
        server.port = server.line().trim().parse().expect("the program tells its port first");
        Some(server)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the next email: `from`, `to`, `text` and whether it used `tls`.
    pub fn mail(&mut self) -> Value {
        serde_json::from_str(&self.line()).expect("the program writes a mail as JSON")
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("the program's output can be read");
        assert!(!line.is_empty(), "the program runs");
        line
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // It may have exited.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
