-- What identifies a guest stands in the columns guest_name to guest_companions and nowhere else.
create table bookings (
    id blob not null primary key,
    reference_number integer not null constraint bookings_reference_unique unique,
    order_id blob,
    venue_id blob not null,
    guest_id blob not null,
    status text not null constraint bookings_status_known check (status in
        ('PENDING', 'CONFIRMED', 'CHECKED_IN', 'COMPLETED', 'CANCELLED', 'NO_SHOW', 'EXPIRED')),
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
    guest_name text,
    guest_email text,
    guest_phone text,
    guest_companions text,
    special_requests text,
    internal_notes text,
    source text,
    metadata text,
    constraint bookings_hold_has_end check (status <> 'PENDING' or expires_at is not null)
) strict, without rowid;

create index bookings_of_guest on bookings (guest_id, id);
create index bookings_of_venue on bookings (venue_id, starts_on, id);
create index bookings_of_order on bookings (order_id) where order_id is not null;
create index bookings_holds on bookings (expires_at) where status = 'PENDING';

create table booking_lines (
    booking_id blob not null,
    line integer not null,
    offering_id blob not null,
    kind text not null,
    detail text not null,
    base_minor integer not null,
    primary key (booking_id, line)
) strict, without rowid;

create table claims (
    booking_id blob not null,
    claim integer not null,
    line integer not null,
    pool_id blob not null,
    slot_first integer not null,
    slot_last integer not null,
    units integer not null,
    released_at integer,
    primary key (booking_id, claim),
    constraint claims_units_positive check (units > 0),
    constraint claims_run_forward check (slot_first <= slot_last)
) strict, without rowid;

create table booking_history (
    booking_id blob not null,
    version integer not null,
    from_status text,
    to_status text not null,
    changed_by text not null,
    reason text,
    created_at integer not null,
    primary key (booking_id, version)
) strict, without rowid;
