-- Keys that belong to the installation, each sealed under a key made from the secret.
create table installation_keys (
    name text not null primary key,
    wrapped bytea not null,
    created_at bigint not null
);

-- One data key for each person that anything is known of, sealed likewise. Without its row, whatever was sealed for the
-- person cannot be read any more, wherever it lies.
create table person_keys (
    person_id uuid not null primary key,
    wrapped bytea not null,
    created_at bigint not null
);

-- What bookings say about people is one column, sealed; the marks find it again by e-mail address or phone number.
alter table bookings add column private bytea;
alter table bookings add column email_mark bigint;
alter table bookings add column phone_mark bigint;

create index bookings_of_email on bookings (run, email_mark) where email_mark is not null;
create index bookings_of_phone on bookings (run, phone_mark) where phone_mark is not null;

-- What lay open moves here and is sealed from here when the program starts; then the table is empty for good.
create table bookings_unsealed (
    booking_id uuid not null primary key,
    guest_id uuid not null,
    guest_name text,
    guest_email text,
    guest_phone text,
    guest_companions text,
    special_requests text,
    internal_notes text,
    metadata text
);

insert into bookings_unsealed
select id, guest_id, guest_name, guest_email, guest_phone, guest_companions, special_requests, internal_notes, metadata from bookings
where guest_name is not null or guest_email is not null or guest_phone is not null or guest_companions is not null
or special_requests is not null or internal_notes is not null or metadata is not null;

alter table bookings drop column guest_name;
alter table bookings drop column guest_email;
alter table bookings drop column guest_phone;
alter table bookings drop column guest_companions;
alter table bookings drop column special_requests;
alter table bookings drop column internal_notes;
alter table bookings drop column metadata;

-- The ids of those whom a recorded answer is about, one after the other. The answer is sealed for them; where this is
-- null it is about nobody, or was sealed when the program started on an older database.
alter table idempotency_keys add column answer_people bytea;

-- Answers that still lie open, to be sealed when the program starts; then this is empty for good.
create table answers_unsealed (
    caller uuid not null,
    operation text not null,
    key text not null,
    primary key (caller, operation, key)
);

insert into answers_unsealed select caller, operation, key from idempotency_keys;
