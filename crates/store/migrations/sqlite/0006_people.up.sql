-- What says who somebody is lies sealed in "contact"; the marks are keyed hashes, by which an address is found again.
create table people (
    id blob not null primary key,
    contact blob not null,
    email_mark integer constraint people_email_unique unique,
    mobile_mark integer constraint people_mobile_unique unique,
    email_verified_at integer,
    mobile_verified_at integer,
    password_hash text,
    is_admin integer not null,
    created_at integer not null,
    updated_at integer not null,
    deactivated_at integer
) strict;

create table businesses (
    id blob not null primary key,
    name text not null,
    created_at integer not null
) strict;

create table members (
    business_id blob not null references businesses (id),
    person_id blob not null references people (id),
    role text not null constraint members_role_known
        check (role in ('read_only', 'front_desk', 'manager', 'owner')),
    created_at integer not null,
    primary key (business_id, person_id)
) strict, without rowid;

create index members_of_person on members (person_id);

create table invitations (
    id blob not null primary key,
    business_id blob not null references businesses (id),
    email_mark integer not null,
    contact blob not null,
    role text not null constraint invitations_role_known
        check (role in ('read_only', 'front_desk', 'manager', 'owner')),
    token_hash blob not null constraint invitations_token_unique unique,
    invited_by blob not null,
    created_at integer not null,
    expires_at integer not null,
    constraint invitations_once unique (business_id, email_mark)
) strict;

-- A session is a family of refresh tokens: only the one of its generation is good, an older one ends it.
create table sessions (
    id blob not null primary key,
    person_id blob not null references people (id),
    acts_for blob,
    seen blob not null,
    refresh_generation integer not null,
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null,
    revoked_at integer,
    revoked_why text
) strict;

create index sessions_of_person on sessions (person_id);
create index sessions_by_end on sessions (expires_at);

create table known_devices (
    person_id blob not null references people (id),
    device_hash blob not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    primary key (person_id, device_hash)
) strict, without rowid;

-- What was mailed to somebody and proves, brought back, that the address is theirs. Used once.
create table email_tokens (
    token_hash blob not null primary key,
    purpose text not null constraint email_tokens_purpose_known
        check (purpose in ('register', 'change_email', 'reset_password')),
    person_id blob,
    email_mark integer not null,
    payload blob not null,
    created_at integer not null,
    expires_at integer not null
) strict;

create index email_tokens_of_email on email_tokens (email_mark, purpose);
create index email_tokens_by_end on email_tokens (expires_at);

create table api_keys (
    id blob not null primary key,
    business_id blob not null references businesses (id),
    name text not null,
    shown text not null,
    secret_hash blob not null constraint api_keys_secret_unique unique,
    scopes integer not null,
    created_by blob not null,
    created_at integer not null,
    expires_at integer,
    revoked_at integer
) strict;

create index api_keys_of_business on api_keys (business_id);

create table signing_keys (
    kid text not null primary key,
    algorithm text not null,
    private_part blob not null,
    public_part blob not null,
    created_at integer not null,
    retired_at integer
) strict;

-- What other processes may still take for valid. They read it twice a second.
create table revocations (
    id blob not null primary key,
    kind text not null constraint revocations_kind_known
        check (kind in ('session', 'person', 'api_key', 'token')),
    subject blob not null,
    created_at integer not null,
    expires_at integer not null
) strict;

create index revocations_by_time on revocations (created_at);
create index revocations_of_subject on revocations (subject);
create index revocations_by_end on revocations (expires_at);
