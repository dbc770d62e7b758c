drop table outbox_cursors;

alter table outbox rename to outbox_after;

create table outbox (
    writer integer not null,
    number integer not null,
    position integer not null,
    booking_id blob not null,
    sequence integer not null,
    kind text not null,
    payload text,
    created_at integer not null,
    primary key (writer, number, position)
) strict, without rowid;

-- Events of other nouns have no place there.
insert into outbox (writer, number, position, booking_id, sequence, kind, payload, created_at)
select writer, number, position, subject_id, sequence, kind, payload, created_at
from outbox_after where subject_kind = 'booking' order by writer, number, position;
drop table outbox_after;
