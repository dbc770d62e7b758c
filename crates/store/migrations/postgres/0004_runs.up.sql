-- The bookings of one run were made one after the other. See store::runs.
alter table bookings add column run bigint not null default 0;

drop index bookings_of_venue;
create index bookings_of_venue on bookings (run, venue_id, starts_on, id);
