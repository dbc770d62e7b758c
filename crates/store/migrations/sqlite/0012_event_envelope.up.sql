-- An event is about any noun: a subject of a kind, at a version of the payload's form.
alter table outbox rename to outbox_before;

create table outbox (
    writer integer not null,
    number integer not null,
    position integer not null,
    subject_kind text not null,
    subject_id blob not null,
    sequence integer not null,
    kind text not null,
    version integer not null,
    payload text,
    created_at integer not null,
    primary key (writer, number, position)
) strict, without rowid;

insert into outbox (writer, number, position, subject_kind, subject_id, sequence, kind, version, payload, created_at)
select writer, number, position, 'booking', booking_id, sequence, kind, 1, payload, created_at
from outbox_before order by writer, number, position;
drop table outbox_before;

-- How far each reader of the outbox has read each writer's commits.
create table outbox_cursors (
    name text not null,
    writer integer not null,
    number integer not null,
    primary key (name, writer)
) strict, without rowid;
