-- A key leads its index: keys that grow with time (UUIDv7, ULIDs, order numbers) fill it from the end, whoever sent them.
alter table idempotency_keys rename to idempotency_keys_before;

create table idempotency_keys (
    caller blob not null,
    operation text not null,
    key text not null,
    request_hash blob not null,
    answer_status integer not null,
    answer_body blob not null,
    created_at integer not null,
    expires_at integer not null,
    answer_people blob,
    primary key (key, caller, operation)
) strict;

insert into idempotency_keys select * from idempotency_keys_before order by rowid;
drop table idempotency_keys_before;
create index idempotency_keys_end on idempotency_keys (expires_at);

-- SQLite builds a table of what stands in `in (…)` anew at every insert, which cost as much as two rows.
alter table bookings rename to bookings_before;

create table bookings (
    id blob not null primary key,
    reference_number integer not null constraint bookings_reference_unique unique,
    order_id blob,
    venue_id blob not null,
    guest_id blob not null,
    status text not null constraint bookings_status_known check (status = 'CONFIRMED' or status = 'PENDING'
        or status = 'CHECKED_IN' or status = 'COMPLETED' or status = 'CANCELLED' or status = 'NO_SHOW' or status = 'EXPIRED'),
    version integer not null,
    starts_on integer not null,
    party_size integer not null,
    currency text not null,
    base_minor integer not null,
    tax_minor integer not null,
    discount_minor integer not null,
    total_minor integer not null,
    created_at integer not null,
    updated_at integer not null,
    confirmed_at integer,
    checked_in_at integer,
    completed_at integer,
    cancelled_at integer,
    expires_at integer,
    cancelled_by text,
    cancellation_reason text,
    source text,
    run integer not null default 0,
    private blob,
    email_mark integer,
    phone_mark integer,
    constraint bookings_hold_has_end check (status <> 'PENDING' or expires_at is not null)
) strict, without rowid;

insert into bookings select * from bookings_before order by id;
drop table bookings_before;

create index bookings_of_guest on bookings (guest_id, id);
create index bookings_of_order on bookings (order_id) where order_id is not null;
create index bookings_holds on bookings (expires_at) where status = 'PENDING';
create index bookings_of_venue on bookings (run, venue_id, starts_on, id);
create index bookings_of_email on bookings (run, email_mark) where email_mark is not null;
create index bookings_of_phone on bookings (run, phone_mark) where phone_mark is not null;
