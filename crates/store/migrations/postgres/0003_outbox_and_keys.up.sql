-- One row for each batch a writer committed. If the answer to a commit is lost, inserting the row again tells whether
-- it happened.
create table commits (
    writer bigint not null,
    number bigint not null,
    created_at bigint not null,
    primary key (writer, number)
);

-- A payload that is null is that of the row before it: two events of one change.
create table outbox (
    writer bigint not null,
    number bigint not null,
    position bigint not null,
    booking_id uuid not null,
    sequence bigint not null,
    kind text not null,
    payload text,
    created_at bigint not null,
    primary key (writer, number, position)
);

-- Rows are appended as they come; only the short unique index is filled out of order.
create table idempotency_keys (
    caller uuid not null,
    operation text not null,
    key text not null,
    request_hash bytea not null,
    answer_status bigint not null,
    answer_body bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (caller, operation, key)
);

create index idempotency_keys_end on idempotency_keys (expires_at);
