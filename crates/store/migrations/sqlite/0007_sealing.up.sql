-- Keys that belong to the installation, each sealed under a key made from the secret.
create table installation_keys (
    name text not null primary key,
    wrapped blob not null,
    created_at integer not null
) strict, without rowid;

-- One data key for each person that anything is known of, sealed likewise. Without its row, whatever was sealed for the
-- person cannot be read any more, wherever it lies.
create table person_keys (
    person_id blob not null primary key,
    wrapped blob not null,
    created_at integer not null
) strict, without rowid;
