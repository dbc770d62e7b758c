-- What is to be done outside the transaction that wrote the row. The payload is whatever the kind of job reads back;
-- what is personal in it is sealed before it comes here, and it goes when the job is done.
create table jobs (
    id blob not null primary key,
    kind text not null,
    payload blob not null,
    state text not null constraint jobs_state_known check (state in
        ('waiting', 'running', 'done', 'dead', 'unclear')),
    run_at integer not null,
    attempts integer not null,
    attempts_max integer not null,
    in_doubt integer not null constraint jobs_doubt_yes_or_no check (in_doubt in (0, 1)),
    locked_by blob,
    locked_until integer,
    last_error text,
    created_at integer not null,
    finished_at integer,
    constraint jobs_attempts_bounded check (attempts between 0 and attempts_max),
    constraint jobs_locked_while_running check
        ((state = 'running') = (locked_by is not null) and (state = 'running') = (locked_until is not null)),
    constraint jobs_finished_when_over check
        ((state in ('done', 'dead', 'unclear')) = (finished_at is not null))
) strict, without rowid;

create index jobs_due on jobs (run_at, id) where state = 'waiting';
create index jobs_locked on jobs (locked_until) where state = 'running';
create index jobs_finished on jobs (finished_at) where finished_at is not null;
create index jobs_given_up on jobs (id) where state in ('dead', 'unclear');
