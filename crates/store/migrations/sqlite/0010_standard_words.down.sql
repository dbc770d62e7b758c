alter table bookings rename column segment to run;
alter table bookings rename column email_index to email_mark;
alter table bookings rename column phone_index to phone_mark;
alter table people rename column email_index to email_mark;
alter table people rename column mobile_index to mobile_mark;
alter table invitations rename column email_index to email_mark;
alter table email_tokens rename column email_index to email_mark;

alter table pools rename to pools_before;

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

insert into pools (id, venue_id, name, kind, capacity, tick_minutes, tick_origin, seat_map, created_at)
    select id, venue_id, name, case kind when 'quantity' then 'whole' else kind end, capacity, tick_minutes,
        tick_origin, seat_map, created_at from pools_before;
drop table pools_before;
create index pools_of_venue on pools (venue_id);
