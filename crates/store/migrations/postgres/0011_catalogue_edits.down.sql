-- Seats of a map that was changed are counted up from 0 again: their slots are lost.
alter table offerings drop column withdrawn_at;
alter table offerings drop column on_sale_until;
alter table offerings drop column on_sale_from;
alter table offerings drop column length_rule;
alter table offerings drop column version;
alter table pools drop column withdrawn_at;
alter table pools drop column seat_slots;
alter table pools drop column version;
drop index venues_changed;
alter table venues drop column withdrawn_at;
alter table venues drop column opening_exceptions;
alter table venues drop column version;
alter table venues drop column catalogue_version;
