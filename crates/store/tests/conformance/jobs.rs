//! Jobs are written with the change that requests them, claimed by one runner at a time, and taken over from a runner
//! that has died.

use domain::ids::JobId;
use domain::time::Instant;
use store::jobs::{self, Claimed, Ended, Found, NewJob, Runner, State, Verdict};
use store::seam::{Connection, Param};
use store::{StoreError, error};
use testkit::{TestDatabase, on_both_databases};

use super::sample::{NOW, id};

const HELD_MS: i64 = 1_000;
const ATTEMPTS_MAX: i64 = 3;

fn job(number: u64) -> JobId {
    JobId(id(0x0e, number))
}

fn runner(number: u64) -> Runner {
    Runner(id(0x0f, number))
}

fn new_job(number: u64, run_at: Instant) -> NewJob {
    let payload = format!("payload {number}").into_bytes();
    NewJob { id: job(number), kind: "send_mail", payload, run_at, attempts_max: ATTEMPTS_MAX }
}

fn in_transaction<T>(
    connection: &mut Connection,
    write: impl FnOnce(&mut Connection) -> error::Result<T>,
) -> error::Result<T> {
    connection.begin()?;
    let written = write(connection).and_then(|value| connection.commit().map(|()| value));
    if written.is_err() {
        connection.rollback();
    }
    written
}

fn enqueue(connection: &mut Connection, new: &[NewJob]) {
    in_transaction(connection, |connection| jobs::enqueue(connection, new, NOW)).unwrap();
}

fn claim(connection: &mut Connection, by: Runner, now: Instant, count_max: usize) -> Vec<Claimed> {
    in_transaction(connection, |connection| jobs::claim(connection, by, (now, count_max), |_| HELD_MS))
        .unwrap()
}

fn settle(connection: &mut Connection, by: Runner, claimed: &Claimed, verdict: Verdict, now: Instant) {
    let ended = Ended { job: claimed.id, attempt: claimed.attempt, verdict };
    in_transaction(connection, |connection| jobs::settle(connection, by, &[ended], now)).unwrap();
}

fn found(connection: &mut Connection, number: u64) -> Found {
    jobs::by_id(connection, job(number)).unwrap().unwrap()
}

fn ids(claimed: &[Claimed]) -> Vec<JobId> {
    claimed.iter().map(|job| job.id).collect()
}

fn again(at: Instant, in_doubt: bool) -> Verdict {
    Verdict::Again { at, in_doubt, reason: "the server was busy".to_owned() }
}

fn dead() -> Verdict {
    Verdict::Dead { reason: "refused".to_owned() }
}

/// Whether the named constraint refuses an invalid write.
fn is_refused(connection: &mut Connection, sql: &'static str, constraint: &str) -> bool {
    let refused = in_transaction(connection, |connection| connection.execute(sql, &[]));
    matches!(refused, Err(StoreError::Constraint(refused)) if refused.name() == constraint)
}

on_both_databases! {
    fn a_job_is_there_only_if_its_transaction_was_committed(database: &TestDatabase) {
        let mut connection = database.writer();
        connection.begin().unwrap();
        jobs::enqueue(&mut connection, &[new_job(1, NOW)], NOW).unwrap();
        connection.rollback();
        assert_eq!(jobs::by_id(&mut connection, job(1)).unwrap(), None);
        enqueue(&mut connection, &[new_job(1, NOW + 5)]);
        let expected = Found {
            id: job(1),
            kind: "send_mail".to_owned(),
            state: State::Waiting,
            run_at: NOW + 5,
            attempts: 0,
            attempts_max: ATTEMPTS_MAX,
            last_error: None,
            created_at: NOW,
            finished_at: None,
        };
        assert_eq!(found(&mut connection, 1), expected);
    }

    fn due_jobs_are_claimed_once_in_their_order(database: &TestDatabase) {
        let mut connection = database.writer();
        enqueue(
            &mut connection,
            &[new_job(1, NOW + 2), new_job(2, NOW), new_job(3, NOW + 1), new_job(4, NOW + 3)],
        );
        assert_eq!(claim(&mut connection, runner(1), NOW - 1, 9), []);
        assert!(!jobs::any_due(&mut connection, NOW - 1).unwrap());
        assert!(jobs::any_due(&mut connection, NOW).unwrap());
        let first = claim(&mut connection, runner(1), NOW + 2, 2);
        assert_eq!(ids(&first), [job(2), job(3)]);
        let expected = Claimed {
            id: job(2),
            kind: "send_mail".to_owned(),
            payload: b"payload 2".to_vec(),
            attempt: 1,
            attempts_max: ATTEMPTS_MAX,
            in_doubt: false,
            created_at: NOW,
        };
        assert_eq!(first[0], expected);
        assert_eq!(found(&mut connection, 2).state, State::Running);
        assert_eq!(ids(&claim(&mut connection, runner(2), NOW + 2, 2)), [job(1)]);
        assert_eq!(claim(&mut connection, runner(1), NOW + 2, 2), []);
        assert_eq!(claim(&mut connection, runner(1), NOW + 3, 0), []);
    }

    fn a_done_job_is_over_and_its_payload_gone(database: &TestDatabase) {
        let mut connection = database.writer();
        enqueue(&mut connection, &[new_job(1, NOW)]);
        let claimed = claim(&mut connection, runner(1), NOW, 1);
        settle(&mut connection, runner(1), &claimed[0], Verdict::Done, NOW + 7);
        let done = found(&mut connection, 1);
        assert_eq!((done.state, done.finished_at, done.attempts), (State::Done, Some(NOW + 7), 1));
        let bytes = connection.optional("select payload from jobs", &[], |row| row.bytes(0)).unwrap();
        assert_eq!(bytes, Some(Vec::new()));
        assert_eq!(claim(&mut connection, runner(1), NOW + HELD_MS * 10, 9), []);
    }

    fn a_job_that_failed_comes_back_when_it_is_due_and_knows_its_doubt(database: &TestDatabase) {
        let mut connection = database.writer();
        enqueue(&mut connection, &[new_job(1, NOW)]);
        for (attempt, in_doubt) in [(1, false), (2, true), (3, true)] {
            let at = NOW + attempt * 100;
            assert_eq!(claim(&mut connection, runner(1), at - 101, 1), []);
            let claimed = claim(&mut connection, runner(1), at - 100, 1);
            assert_eq!((claimed[0].attempt, claimed[0].in_doubt), (attempt, attempt == 3));
            assert_eq!(claimed[0].payload, b"payload 1");
            settle(&mut connection, runner(1), &claimed[0], again(at, in_doubt), at - 100);
            let waiting = found(&mut connection, 1);
            assert_eq!((waiting.state, waiting.run_at, waiting.finished_at), (State::Waiting, at, None));
            assert_eq!(waiting.last_error.as_deref(), Some("the server was busy"));
        }
    }

    fn a_job_of_a_dead_runner_is_taken_over_in_doubt(database: &TestDatabase) {
        let mut connection = database.writer();
        enqueue(&mut connection, &[new_job(1, NOW)]);
        let lost = claim(&mut connection, runner(1), NOW, 1);
        assert!(!jobs::any_due(&mut connection, NOW + HELD_MS - 1).unwrap());
        assert!(jobs::any_due(&mut connection, NOW + HELD_MS).unwrap());
        assert_eq!(claim(&mut connection, runner(2), NOW + HELD_MS - 1, 1), []);
        let taken = claim(&mut connection, runner(2), NOW + HELD_MS, 1);
        assert_eq!((taken[0].attempt, taken[0].in_doubt), (2, true));
        assert_eq!(taken[0].payload, lost[0].payload);
        // The first runner was only slow. Its outcome is ignored.
        settle(&mut connection, runner(1), &lost[0], Verdict::Done, NOW + HELD_MS);
        assert_eq!(found(&mut connection, 1).state, State::Running);
        settle(&mut connection, runner(2), &taken[0], Verdict::Done, NOW + HELD_MS);
        assert_eq!(found(&mut connection, 1).state, State::Done);
    }

    fn what_one_runner_says_of_an_earlier_attempt_does_not_count(database: &TestDatabase) {
        let mut connection = database.writer();
        enqueue(&mut connection, &[new_job(1, NOW)]);
        let first = claim(&mut connection, runner(1), NOW, 1);
        let second = claim(&mut connection, runner(1), NOW + HELD_MS, 1);
        settle(&mut connection, runner(1), &first[0], dead(), NOW);
        assert_eq!(found(&mut connection, 1).state, State::Running);
        settle(&mut connection, runner(1), &second[0], Verdict::Done, NOW);
        // Sent twice, because the answer to the first commit was lost.
        settle(&mut connection, runner(1), &second[0], dead(), NOW);
        assert_eq!(found(&mut connection, 1).state, State::Done);
    }

    fn a_job_whose_runners_all_died_is_unclear(database: &TestDatabase) {
        let mut connection = database.writer();
        enqueue(&mut connection, &[new_job(1, NOW)]);
        for attempt in 0..ATTEMPTS_MAX {
            assert_eq!(claim(&mut connection, runner(1), NOW + attempt * HELD_MS, 1).len(), 1, "{attempt}");
        }
        assert_eq!(claim(&mut connection, runner(1), NOW + ATTEMPTS_MAX * HELD_MS, 1), []);
        let unclear = found(&mut connection, 1);
        assert_eq!((unclear.state, unclear.attempts), (State::Unclear, ATTEMPTS_MAX));
        assert!(unclear.last_error.is_some() && unclear.finished_at.is_some());
    }

    fn what_was_given_up_can_be_tried_again(database: &TestDatabase) {
        let mut connection = database.writer();
        enqueue(&mut connection, &[new_job(1, NOW), new_job(2, NOW), new_job(3, NOW), new_job(4, NOW + 9)]);
        let claimed = claim(&mut connection, runner(1), NOW, 3);
        let unclear = Verdict::Unclear { reason: "no answer".to_owned() };
        for (job, verdict) in claimed.iter().zip([dead(), unclear, Verdict::Done]) {
            settle(&mut connection, runner(1), job, verdict, NOW);
        }
        let mut retry = |number, now| {
            in_transaction(&mut connection, |connection| jobs::retry(connection, job(number), now)).unwrap()
        };
        assert_eq!([1, 2, 3, 4, 5].map(|number| retry(number, NOW + 1)), [true, true, false, false, false]);
        let again = claim(&mut connection, runner(1), NOW + 1, 9);
        assert_eq!(ids(&again), [job(1), job(2)]);
        assert_eq!(again.iter().map(|job| job.attempt).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(again.iter().map(|job| job.in_doubt).collect::<Vec<_>>(), [false, true]);
    }

    fn jobs_are_listed_newest_first_and_counted(database: &TestDatabase) {
        let mut connection = database.writer();
        super::raw::jobs(&mut connection, 10);
        let listed = |connection: &mut Connection, state, before| {
            let found = jobs::list(connection, state, before, 3).unwrap();
            found.into_iter().map(|found| found.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(&mut connection, None, None), [job(9), job(8), job(7)]);
        assert_eq!(listed(&mut connection, None, Some(job(2))), [job(1), job(0)]);
        assert_eq!(listed(&mut connection, Some(State::Dead), None), [job(8), job(3)]);
        assert_eq!(listed(&mut connection, Some(State::Dead), Some(job(8))), [job(3)]);
        let counted = |counts: Vec<jobs::Count>| {
            let of = |state| counts.iter().find(|count| count.state == state).map_or(0, |count| count.jobs);
            State::ALL.map(of)
        };
        assert_eq!(counted(jobs::counts(&mut connection).unwrap()), [2, 2, 2, 2, 2]);
        assert_eq!(counted(jobs::open_counts(&mut connection).unwrap()), [2, 2, 0, 0, 0]);
    }

    fn finished_jobs_are_forgotten_a_few_at_a_time_oldest_first(database: &TestDatabase) {
        let mut connection = database.writer();
        // Numbers 2, 7 and 12 are done, 3, 8, 13 dead and 4, 9, 14 unclear, each finished at NOW + number.
        super::raw::jobs(&mut connection, 15);
        let mut purge = |done_before, given_up_before, count_max| {
            let any = jobs::any_finished(&mut connection, done_before, given_up_before).unwrap();
            let gone = in_transaction(&mut connection, |connection| {
                jobs::purge(connection, done_before, given_up_before, count_max)
            });
            (any, gone.unwrap())
        };
        assert_eq!(purge(NOW + 1, NOW + 1, 100), (false, 0));
        assert_eq!(purge(NOW + 7, NOW, 1), (true, 1));
        assert_eq!(purge(NOW + 7, NOW, 100), (true, 1));
        assert_eq!(purge(NOW + 8, NOW + 8, 100), (true, 3));
        let left = jobs::list(&mut connection, None, None, 100).unwrap();
        let over = left.iter().filter(|job| job.state.is_over()).map(|job| job.id).collect::<Vec<_>>();
        assert_eq!(over, [job(14), job(13), job(12), job(9)]);
        assert_eq!(left.len(), 10, "jobs that are not over stay");
    }

    fn the_schema_refuses_jobs_that_cannot_be(database: &TestDatabase) {
        let mut connection = database.writer();
        super::raw::jobs(&mut connection, 5);
        for (sql, constraint) in [
            ("update jobs set state = 'lost'", "jobs_state_known"),
            ("update jobs set attempts = attempts_max + 1", "jobs_attempts_bounded"),
            ("update jobs set in_doubt = 2", "jobs_doubt_yes_or_no"),
            ("update jobs set locked_by = null where state = 'running'", "jobs_locked_while_running"),
            ("update jobs set locked_until = 1 where state = 'waiting'", "jobs_locked_while_running"),
            ("update jobs set finished_at = null where state = 'dead'", "jobs_finished_when_over"),
            ("update jobs set finished_at = 1 where state = 'waiting'", "jobs_finished_when_over"),
        ] {
            assert!(is_refused(&mut connection, sql, constraint), "{sql}");
        }
    }
}

/// On SQLite there is one writer at a time, so only PostgreSQL can show it.
#[test]
fn what_one_runner_is_claiming_another_passes_over() {
    let Some(database) = TestDatabase::postgres() else { return };
    let (mut one, mut two) = (database.writer(), database.writer());
    enqueue(&mut one, &[new_job(1, NOW), new_job(2, NOW), new_job(3, NOW)]);
    one.begin().unwrap();
    let first = jobs::claim(&mut one, runner(1), (NOW, 2), |_| HELD_MS).unwrap();
    assert_eq!(ids(&first), [job(1), job(2)]);
    assert_eq!(ids(&claim(&mut two, runner(2), NOW, 9)), [job(3)]);
    one.commit().unwrap();
    assert_eq!(claim(&mut two, runner(2), NOW, 9), []);
}

#[test]
fn many_runners_at_once_claim_each_job_once() {
    let Some(database) = TestDatabase::postgres() else { return };
    let mut connection = database.writer();
    let new: Vec<NewJob> = (0..200).map(|number| new_job(number, NOW)).collect();
    enqueue(&mut connection, &new);
    let mut claimed: Vec<JobId> = std::thread::scope(|scope| {
        let claims = |number| {
            let mut connection = database.writer();
            let mut all = Vec::new();
            loop {
                let some = ids(&claim(&mut connection, runner(number), NOW, 7));
                if some.is_empty() && waiting(&mut connection) == 0 {
                    return all;
                }
                all.extend(some);
            }
        };
        let runners = [1, 2, 3, 4].map(|number| scope.spawn(move || claims(number)));
        runners.into_iter().flat_map(|runner| runner.join().unwrap()).collect()
    });
    claimed.sort_unstable();
    assert_eq!(claimed, (0..200).map(job).collect::<Vec<_>>());
}

fn waiting(connection: &mut Connection) -> i64 {
    let sql = "select count(*) from jobs where state = $1";
    connection.optional(sql, &[Param::Text("waiting")], |row| row.int(0)).unwrap().unwrap()
}
