drop table outbox_cursors;

-- Events of other nouns have no place there.
delete from outbox where subject_kind <> 'booking';
alter table outbox drop column version;
alter table outbox drop column subject_kind;
alter table outbox rename column subject_id to booking_id;
