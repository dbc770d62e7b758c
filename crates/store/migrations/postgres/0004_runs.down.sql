drop index bookings_of_venue;
create index bookings_of_venue on bookings (venue_id, starts_on, id);

alter table bookings drop column run;
