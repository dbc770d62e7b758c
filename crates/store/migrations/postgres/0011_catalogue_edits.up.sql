-- The catalogue's version at the last change of anything of the venue: what other processes have to read again.
alter table venues add column catalogue_version bigint not null default 0;
alter table venues add column version bigint not null default 1
    constraint venues_version_positive check (version > 0);
alter table venues add column opening_exceptions text;
alter table venues add column withdrawn_at bigint;
create index venues_changed on venues (catalogue_version);

alter table pools add column version bigint not null default 1
    constraint pools_version_positive check (version > 0);
-- The slots of the seats in the order of the map, where they are not counted up from 0.
alter table pools add column seat_slots text;
alter table pools add column withdrawn_at bigint;

alter table offerings add column version bigint not null default 1
    constraint offerings_version_positive check (version > 0);
-- Which lengths a booking may ask for; null is any.
alter table offerings add column length_rule text;
alter table offerings add column on_sale_from bigint;
alter table offerings add column on_sale_until bigint
    constraint offerings_sale_forward check (on_sale_until > on_sale_from);
alter table offerings add column withdrawn_at bigint;
