-- What says who somebody is lies sealed in "contact"; the marks are keyed hashes, by which an address is found again.
create table people (
    id uuid not null primary key,
    contact bytea not null,
    email_mark bigint constraint people_email_unique unique,
    mobile_mark bigint constraint people_mobile_unique unique,
    email_verified_at bigint,
    mobile_verified_at bigint,
    password_hash text,
    is_admin bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deactivated_at bigint
);

create table businesses (
    id uuid not null primary key,
    name text not null,
    created_at bigint not null
);

create table members (
    business_id uuid not null references businesses (id),
    person_id uuid not null references people (id),
    role text not null constraint members_role_known
        check (role in ('read_only', 'front_desk', 'manager', 'owner')),
    created_at bigint not null,
    primary key (business_id, person_id)
);

create index members_of_person on members (person_id);

create table invitations (
    id uuid not null primary key,
    business_id uuid not null references businesses (id),
    email_mark bigint not null,
    contact bytea not null,
    role text not null constraint invitations_role_known
        check (role in ('read_only', 'front_desk', 'manager', 'owner')),
    token_hash bytea not null constraint invitations_token_unique unique,
    invited_by uuid not null,
    created_at bigint not null,
    expires_at bigint not null,
    constraint invitations_once unique (business_id, email_mark)
);

-- A session is a family of refresh tokens: only the one of its generation is good, an older one ends it.
create table sessions (
    id uuid not null primary key,
    person_id uuid not null references people (id),
    acts_for uuid,
    seen bytea not null,
    refresh_generation bigint not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    revoked_why text
);

create index sessions_of_person on sessions (person_id);
create index sessions_by_end on sessions (expires_at);

create table known_devices (
    person_id uuid not null references people (id),
    device_hash bytea not null,
    first_seen_at bigint not null,
    last_seen_at bigint not null,
    primary key (person_id, device_hash)
);

-- What was mailed to somebody and proves, brought back, that the address is theirs. Used once.
create table email_tokens (
    token_hash bytea not null primary key,
    purpose text not null constraint email_tokens_purpose_known
        check (purpose in ('register', 'change_email', 'reset_password')),
    person_id uuid,
    email_mark bigint not null,
    payload bytea not null,
    created_at bigint not null,
    expires_at bigint not null
);

create index email_tokens_of_email on email_tokens (email_mark, purpose);
create index email_tokens_by_end on email_tokens (expires_at);

create table api_keys (
    id uuid not null primary key,
    business_id uuid not null references businesses (id),
    name text not null,
    shown text not null,
    secret_hash bytea not null constraint api_keys_secret_unique unique,
    scopes bigint not null,
    created_by uuid not null,
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint
);

create index api_keys_of_business on api_keys (business_id);

create table signing_keys (
    kid text not null primary key,
    algorithm text not null,
    private_part bytea not null,
    public_part bytea not null,
    created_at bigint not null,
    retired_at bigint
);

-- What other processes may still take for valid. They read it twice a second.
create table revocations (
    id uuid not null primary key,
    kind text not null constraint revocations_kind_known
        check (kind in ('session', 'person', 'api_key', 'token')),
    subject uuid not null,
    created_at bigint not null,
    expires_at bigint not null
);

create index revocations_by_time on revocations (created_at);
create index revocations_of_subject on revocations (subject);
create index revocations_by_end on revocations (expires_at);
