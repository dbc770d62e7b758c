-- An event is about any noun: a subject of a kind, at a version of the payload's form.
alter table outbox rename column booking_id to subject_id;
alter table outbox add column subject_kind text not null default 'booking';
alter table outbox alter column subject_kind drop default;
alter table outbox add column version bigint not null default 1;
alter table outbox alter column version drop default;

-- How far each reader of the outbox has read each writer's commits.
create table outbox_cursors (
    name text not null,
    writer bigint not null,
    number bigint not null,
    primary key (name, writer)
);
