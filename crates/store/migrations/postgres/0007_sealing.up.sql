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
