create table installation (
    id bigint not null primary key check (id = 1),
    reference_key_1 bigint not null,
    reference_key_2 bigint not null,
    created_at bigint not null
);

create table catalogue_state (
    id bigint not null primary key check (id = 1),
    version bigint not null
);

insert into catalogue_state (id, version) values (1, 0);

create table venues (
    id uuid not null primary key,
    business_id uuid not null,
    code text constraint venues_code_unique unique,
    kind text not null,
    name text not null,
    time_zone text not null,
    currency text not null,
    opening_hours text,
    created_at bigint not null
);

create table pools (
    id uuid not null primary key,
    venue_id uuid not null references venues (id),
    name text not null,
    kind text not null constraint pools_kind_known check (kind in ('nightly', 'timed', 'whole', 'seated')),
    capacity bigint not null constraint pools_capacity_not_negative check (capacity >= 0),
    tick_minutes bigint,
    tick_origin bigint,
    seat_map text,
    created_at bigint not null
);

create index pools_of_venue on pools (venue_id);

create table offerings (
    id uuid not null primary key,
    venue_id uuid not null references venues (id),
    code text constraint offerings_code_unique unique,
    kind text not null,
    name text not null,
    unit_price_minor bigint not null constraint offerings_price_not_negative check (unit_price_minor >= 0),
    hold_minutes bigint,
    party_min bigint not null,
    party_max bigint not null,
    duration_minutes bigint not null,
    turn_minutes bigint not null,
    starts_at bigint,
    recipes text not null,
    active bigint not null,
    created_at bigint not null
);

create index offerings_of_venue on offerings (venue_id);

-- A row that is missing stands for the pool's capacity and nothing taken. No foreign key: this table is written with
-- every booking, and "holdfast verify" checks what the key would.
create table slots (
    pool_id uuid not null,
    slot bigint not null,
    capacity bigint not null,
    own_capacity bigint not null,
    taken bigint not null,
    holds_until bigint,
    primary key (pool_id, slot),
    constraint slots_taken_not_negative check (taken >= 0),
    constraint slots_taken_within_capacity check (taken <= capacity)
) with (fillfactor = 60);
