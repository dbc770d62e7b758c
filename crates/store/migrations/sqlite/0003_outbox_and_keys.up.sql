-- One row for each batch a writer committed. If the answer to a commit is lost, inserting the row again tells whether
-- it happened.
create table commits (
    writer integer not null,
    number integer not null,
    created_at integer not null,
    primary key (writer, number)
) strict, without rowid;

-- A payload that is null is that of the row before it: two events of one change.
create table outbox (
    writer integer not null,
    number integer not null,
    position integer not null,
    booking_id blob not null,
    sequence integer not null,
    kind text not null,
    payload text,
    created_at integer not null,
    primary key (writer, number, position)
) strict, without rowid;

-- Rows are appended as they come; only the short unique index is filled out of order.
create table idempotency_keys (
    caller blob not null,
    operation text not null,
    key text not null,
    request_hash blob not null,
    answer_status integer not null,
    answer_body blob not null,
    created_at integer not null,
    expires_at integer not null,
    primary key (caller, operation, key)
) strict;

create index idempotency_keys_end on idempotency_keys (expires_at);
