alter table bookings rename column segment to run;
alter table bookings rename column email_index to email_mark;
alter table bookings rename column phone_index to phone_mark;
alter table people rename column email_index to email_mark;
alter table people rename column mobile_index to mobile_mark;
alter table invitations rename column email_index to email_mark;
alter table email_tokens rename column email_index to email_mark;

alter table pools drop constraint pools_kind_known;
update pools set kind = 'whole' where kind = 'quantity';
alter table pools add constraint pools_kind_known check (kind in ('nightly', 'timed', 'whole', 'seated'));
