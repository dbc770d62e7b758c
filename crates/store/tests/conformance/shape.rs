//! The schema in the same words for both databases, so that they can be compared line by line.

use store::Connection;
use store::seam::Row;
use testkit::TestDatabase;

/// Tables, columns, keys, constraints and indexes, one line each, sorted.
pub fn of(connection: &mut Connection) -> Vec<String> {
    let mut lines = if connection.is_shared() { of_postgres(connection) } else { of_sqlite(connection) };
    lines.sort();
    lines
}

fn query(connection: &mut Connection, sql: &'static str) -> Vec<String> {
    let line = |row: &Row<'_>| row.text(0);
    connection.all(sql, &[], line).unwrap()
}

fn of_postgres(connection: &mut Connection) -> Vec<String> {
    [
        "select 'column ' || table_name || '.' || column_name || ' ' || data_type || \
         case is_nullable when 'NO' then ' not null' else '' end \
         from information_schema.columns where table_schema = 'public'",
        "select 'primary key ' || conrelid::regclass || ' ' || (select string_agg(a.attname, ', ' order by k.place) \
         from unnest(c.conkey) with ordinality as k(number, place) \
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) \
         from pg_constraint c where contype = 'p' and connamespace = 'public'::regnamespace",
        "select 'foreign key ' || conrelid::regclass || ' to ' || confrelid::regclass \
         from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace",
        // SQLite keeps no name of an unnamed check, and invents none.
        "select 'constraint ' || conrelid::regclass || ' ' || conname from pg_constraint where contype in ('c', 'u') \
         and connamespace = 'public'::regnamespace and conname not like '%\\_check'",
        "select 'index ' || x.indrelid::regclass || ' ' || i.relname || ' (' || (select string_agg(a.attname, ', ' \
         order by k.place) from unnest(x.indkey) with ordinality as k(number, place) \
         join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number) || ')' || \
         case when x.indpred is null then '' else ' partial' end \
         from pg_index x join pg_class i on i.oid = x.indexrelid where i.relnamespace = 'public'::regnamespace \
         and not exists (select 1 from pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u'))",
    ]
    .into_iter()
    .flat_map(|sql| query(connection, sql))
    .collect()
}

fn of_sqlite(connection: &mut Connection) -> Vec<String> {
    let lines = [
        "select 'column ' || t.name || '.' || c.name || ' ' || lower(c.type) || iif(c.\"notnull\", ' not null', '') \
         from sqlite_schema t join pragma_table_info(t.name) c where t.type = 'table'",
        "select 'primary key ' || t.name || ' ' || (select group_concat(name, ', ' order by pk) \
         from pragma_table_info(t.name) where pk > 0) from sqlite_schema t where t.type = 'table'",
        "select 'foreign key ' || t.name || ' to ' || f.\"table\" \
         from sqlite_schema t join pragma_foreign_key_list(t.name) f where t.type = 'table'",
        "select 'index ' || t.name || ' ' || x.name || ' (' || (select group_concat(name, ', ' order by seqno) \
         from pragma_index_info(x.name)) || ')' || iif(x.partial, ' partial', '') \
         from sqlite_schema t join pragma_index_list(t.name) x where t.type = 'table' and x.origin = 'c'",
    ];
    let lines = lines.into_iter().flat_map(|sql| query(connection, sql)).map(|line| in_common_words(&line));
    let lines: Vec<String> = lines.collect();
    let tables = query(connection, "select sql from sqlite_schema where type = 'table'");
    lines.into_iter().chain(tables.iter().flat_map(|sql| constraints_of(sql))).collect()
}

/// SQLite does not list its constraints, but keeps the statement that created the table.
fn constraints_of(sql: &str) -> Vec<String> {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let table = words[2];
    let named = words.windows(2).filter(|pair| pair[0] == "constraint");
    named.map(|pair| format!("constraint {table} {}", pair[1])).collect()
}

/// Columns of bytes that are no ids.
const BYTES: [&str; 16] = [
    "answer_body",
    "answer_people",
    "contact",
    "device_hash",
    "hash",
    "payload",
    "private",
    "private_part",
    "public_part",
    "request_hash",
    "seal",
    "sealed",
    "secret_hash",
    "seen",
    "token_hash",
    "wrapped",
];

/// A type of SQLite stands for one of PostgreSQL's; ids have 16 bytes there.
fn in_common_words(line: &str) -> String {
    let bytes = BYTES.iter().any(|column| line.contains(&format!(".{column} ")));
    let blob = if bytes { " bytea" } else { " uuid" };
    line.replace(" integer", " bigint").replace(" blob", blob)
}

#[test]
fn both_databases_have_one_shape() {
    let Some(postgres) = TestDatabase::postgres() else { return };
    let sqlite = of(&mut TestDatabase::sqlite().writer());
    let postgres = of(&mut postgres.writer());
    let only = |one: &[String], other: &[String]| {
        one.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(only(&sqlite, &postgres), Vec::<String>::new(), "only on SQLite");
    assert_eq!(only(&postgres, &sqlite), Vec::<String>::new(), "only on PostgreSQL");
    assert!(sqlite.len() > 100, "the shape is told in full: {sqlite:#?}");
}

#[test]
fn every_sqlite_table_is_strict() {
    let mut connection = TestDatabase::sqlite().writer();
    let lax = query(
        &mut connection,
        "select name from pragma_table_list where schema = 'main' and type = 'table' and strict = 0 \
         and name not in ('sqlite_schema', 'schema_migrations')",
    );
    assert_eq!(lax, Vec::<String>::new());
}
