-- A blind index finds a sealed address or number again; a segment is a stretch of bookings made one after the other.
alter table bookings rename column run to segment;
alter table bookings rename column email_mark to email_index;
alter table bookings rename column phone_mark to phone_index;
alter table people rename column email_mark to email_index;
alter table people rename column mobile_mark to mobile_index;
alter table invitations rename column email_mark to email_index;
alter table email_tokens rename column email_mark to email_index;

alter table pools rename to pools_before;

create table pools (
    id blob not null primary key,
    venue_id blob not null references venues (id),
    name text not null,
    kind text not null constraint pools_kind_known check (kind in ('nightly', 'timed', 'quantity', 'seated')),
    capacity integer not null constraint pools_capacity_not_negative check (capacity >= 0),
    tick_minutes integer,
    tick_origin integer,
    seat_map text,
    created_at integer not null
) strict;

insert into pools (id, venue_id, name, kind, capacity, tick_minutes, tick_origin, seat_map, created_at)
    select id, venue_id, name, case kind when 'whole' then 'quantity' else kind end, capacity, tick_minutes,
        tick_origin, seat_map, created_at from pools_before;
drop table pools_before;
create index pools_of_venue on pools (venue_id);
