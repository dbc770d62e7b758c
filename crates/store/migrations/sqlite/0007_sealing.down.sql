-- What was sealed cannot be opened here: what bookings say about people is lost on the way down, and so are recorded
-- answers.
delete from idempotency_keys;
alter table idempotency_keys drop column answer_people;

alter table bookings add column guest_name text;
alter table bookings add column guest_email text;
alter table bookings add column guest_phone text;
alter table bookings add column guest_companions text;
alter table bookings add column special_requests text;
alter table bookings add column internal_notes text;
alter table bookings add column metadata text;
drop index bookings_of_phone;
drop index bookings_of_email;
alter table bookings drop column phone_mark;
alter table bookings drop column email_mark;
alter table bookings drop column private;

drop table answers_unsealed;
drop table bookings_unsealed;
drop table person_keys;
drop table installation_keys;
