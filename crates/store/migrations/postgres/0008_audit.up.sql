-- Who did what to what, from where. Rows are only ever added; each is chained to the one before it of its writer, by a
-- keyed hash over all of it as it stands here.
create table audit_log (
    writer bigint not null,
    number bigint not null,
    at bigint not null,
    act text not null,
    actor text not null,
    target text,
    business_id uuid,
    person_id uuid,
    sealed bytea,
    hash bytea not null,
    primary key (writer, number)
);

create index audit_log_by_time on audit_log (at, writer, number);
create index audit_log_of_business on audit_log (business_id, at, writer, number) where business_id is not null;

-- The last entry of each writer, with a mark that only the installation can make: without it the end of a chain could be
-- cut off and nobody would know.
create table audit_heads (
    writer bigint not null primary key,
    number bigint not null,
    at bigint not null,
    hash bytea not null,
    seal bytea not null
);
