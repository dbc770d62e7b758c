create table installation (
    id integer not null primary key check (id = 1),
    reference_key_1 integer not null,
    reference_key_2 integer not null,
    created_at integer not null
) strict;

create table catalogue_state (
    id integer not null primary key check (id = 1),
    version integer not null
) strict;

insert into catalogue_state (id, version) values (1, 0);

create table venues (
    id blob not null primary key,
    business_id blob not null,
    code text constraint venues_code_unique unique,
    kind text not null,
    name text not null,
    time_zone text not null,
    currency text not null,
    opening_hours text,
    created_at integer not null
) strict;

create table pools (
    id blob not null primary key,
    venue_id blob not null references venues (id),
    name text not null,
    kind text not null constraint pools_kind_known check (kind in ('nightly', 'timed', 'whole', 'seated')),
    capacity integer not null constraint pools_capacity_not_negative check (capacity >= 0),
    tick_minutes integer,
    tick_origin integer,
    seat_map text,
    created_at integer not null
) strict;

create index pools_of_venue on pools (venue_id);

create table offerings (
    id blob not null primary key,
    venue_id blob not null references venues (id),
    code text constraint offerings_code_unique unique,
    kind text not null,
    name text not null,
    unit_price_minor integer not null constraint offerings_price_not_negative check (unit_price_minor >= 0),
    hold_minutes integer,
    party_min integer not null,
    party_max integer not null,
    duration_minutes integer not null,
    turn_minutes integer not null,
    starts_at integer,
    recipes text not null,
    active integer not null,
    created_at integer not null
) strict;

create index offerings_of_venue on offerings (venue_id);

-- A row that is missing stands for the pool's capacity and nothing taken. No foreign key: this table is written with
-- every booking, and "holdfast verify" checks what the key would.
create table slots (
    pool_id blob not null,
    slot integer not null,
    capacity integer not null,
    own_capacity integer not null,
    taken integer not null,
    holds_until integer,
    primary key (pool_id, slot),
    constraint slots_taken_not_negative check (taken >= 0),
    constraint slots_taken_within_capacity check (taken <= capacity)
) strict, without rowid;
