//! Payloads of jobs are sealed: phone numbers, addresses and links must not be readable while jobs wait or after they
//! have failed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use domain::ids::JobId;
use store::Vault;
use store::vault::AadContext;

use super::{Job, Kind};

/// A payload that this program cannot have written in this form.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the job's payload")]
pub(super) struct Unreadable;

/// The first byte of payloads that were stored before payloads were sealed.
const OPEN: u8 = b'{';

pub(super) fn seal(vault: &Vault, id: JobId, job: &Job) -> Vec<u8> {
    vault.seal_installation(aad_context(id), &write(job))
}

pub(super) fn open(vault: &Vault, id: JobId, kind: Kind, payload: &[u8]) -> Result<Job, Unreadable> {
    if payload.first() == Some(&OPEN) {
        return read(kind, payload);
    }
    let opened = vault.open_installation(aad_context(id), payload).map_err(|_| Unreadable)?;
    read(kind, &opened)
}

fn aad_context(id: JobId) -> AadContext {
    AadContext { column: "jobs.payload", row: id.0 }
}

fn write(job: &Job) -> Vec<u8> {
    match job {
        Job::SendCode(job) => json(job),
        Job::SendSms(job) => json(job),
        Job::SendMail(job) => json(job),
    }
}

fn read(kind: Kind, payload: &[u8]) -> Result<Job, Unreadable> {
    match kind {
        Kind::SendCode => parsed(payload).map(Job::SendCode),
        Kind::SendSms => parsed(payload).map(Job::SendSms),
        Kind::SendMail => parsed(payload).map(Job::SendMail),
    }
}

fn json(job: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(job).expect("a job is texts, numbers and ids")
}

/// The parser's text is not used, because it may quote the payload.
fn parsed<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(payload).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use domain::time::Instant;
    use uuid::Uuid;

    use super::super::{SendCode, SendMail, SendSms};
    use super::*;

    fn jobs() -> [Job; 3] {
        let number = || "+15005550001".parse().unwrap();
        let subject = "Willkommen".to_owned();
        let (text, html) = ("Grüße".to_owned(), Some("<p>Grüße</p>".to_owned()));
        let to = "guest@example.org".parse().unwrap();
        [
            Job::SendCode(SendCode { challenge: Uuid::from_u128(7), to: number(), not_after: Instant(9) }),
            Job::SendSms(SendSms { to: number(), body: "naïve".to_owned() }),
            Job::SendMail(SendMail { to, subject, text, html }),
        ]
    }

    #[test]
    fn each_kind_reads_what_it_writes() {
        let kinds = jobs().map(|job| {
            let written = write(&job);
            let read = read(job.kind(), &written).ok().unwrap();
            assert_eq!(write(&read), written);
            read.kind()
        });
        assert_eq!(kinds, Kind::ALL);
    }

    #[test]
    fn a_code_is_not_in_what_is_stored() {
        let [code, ..] = jobs();
        let text = String::from_utf8(write(&code)).unwrap();
        assert_eq!(
            text,
            r#"{"challenge":"00000000-0000-0000-0000-000000000007","to":"+15005550001","not_after":"1970-01-01T00:00:00.009Z"}"#
        );
    }

    #[test]
    fn what_is_not_a_job_is_unreadable() {
        for bytes in [&b""[..], b"{}", b"[1]", b"{\"to\":\"+1\",\"body\":\"x\"}", b"\xff"] {
            for kind in Kind::ALL {
                assert!(read(kind, bytes).is_err());
            }
        }
    }
}
