-- What identifies a guest stands in the columns guest_name to guest_companions and nowhere else.
create table bookings (
    id uuid not null primary key,
    reference_number bigint not null constraint bookings_reference_unique unique,
    order_id uuid,
    venue_id uuid not null,
    guest_id uuid not null,
    status text not null constraint bookings_status_known check (status in
        ('PENDING', 'CONFIRMED', 'CHECKED_IN', 'COMPLETED', 'CANCELLED', 'NO_SHOW', 'EXPIRED')),
    version bigint not null,
    starts_on bigint not null,
    party_size bigint not null,
    currency text not null,
    base_minor bigint not null,
    tax_minor bigint not null,
    discount_minor bigint not null,
    total_minor bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    confirmed_at bigint,
    checked_in_at bigint,
    completed_at bigint,
    cancelled_at bigint,
    expires_at bigint,
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
);

create index bookings_of_guest on bookings (guest_id, id);
create index bookings_of_venue on bookings (venue_id, starts_on, id);
create index bookings_of_order on bookings (order_id) where order_id is not null;
create index bookings_holds on bookings (expires_at) where status = 'PENDING';

create table booking_lines (
    booking_id uuid not null,
    line bigint not null,
    offering_id uuid not null,
    kind text not null,
    detail text not null,
    base_minor bigint not null,
    primary key (booking_id, line)
);

create table claims (
    booking_id uuid not null,
    claim bigint not null,
    line bigint not null,
    pool_id uuid not null,
    slot_first bigint not null,
    slot_last bigint not null,
    units bigint not null,
    released_at bigint,
    primary key (booking_id, claim),
    constraint claims_units_positive check (units > 0),
    constraint claims_run_forward check (slot_first <= slot_last)
);

create table booking_history (
    booking_id uuid not null,
    version bigint not null,
    from_status text,
    to_status text not null,
    changed_by text not null,
    reason text,
    created_at bigint not null,
    primary key (booking_id, version)
);
