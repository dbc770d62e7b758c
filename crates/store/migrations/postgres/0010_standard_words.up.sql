-- A blind index finds a sealed address or number again; a segment is a stretch of bookings made one after the other.
alter table bookings rename column run to segment;
alter table bookings rename column email_mark to email_index;
alter table bookings rename column phone_mark to phone_index;
alter table people rename column email_mark to email_index;
alter table people rename column mobile_mark to mobile_index;
alter table invitations rename column email_mark to email_index;
alter table email_tokens rename column email_mark to email_index;

alter table pools drop constraint pools_kind_known;
update pools set kind = 'quantity' where kind = 'whole';
alter table pools add constraint pools_kind_known check (kind in ('nightly', 'timed', 'quantity', 'seated'));
