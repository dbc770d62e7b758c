//! One statement's text into each database's own.

use tokio_postgres::types::Type;

/// What PostgreSQL calls a lock on the rows a query finds, the longest first.
const LOCKS: [&str; 3] = [" for update skip locked", " for update", " for share"];

/// `$1` becomes `?1`: SQLite takes `$1` for a name and numbers names by their first appearance. Row locks go.
pub(super) fn for_sqlite(sql: &str) -> String {
    let numbered = replace_params(sql, |number| format!("?{number}"));
    LOCKS.iter().fold(numbered, |text, lock| text.replace(lock, ""))
}

/// A statement with a `values ($1, …)` becomes one that inserts all rows from arrays. Anything else cannot be
/// rewritten and is `None`: it is sent once per row.
pub(super) fn insert_from_arrays(sql: &str, types: &[Type]) -> Option<String> {
    let start = sql.find("values (")?;
    let open = start + "values (".len();
    let close = open + closing(sql.get(open..)?)?;
    let row = replace_params(sql.get(open..close)?, |number| format!("k.c{number}"));
    let tail = sql.get(close + 1..)?;
    Some(format!("{}select {row} from {}{tail}", sql.get(..start)?, unnest(types, "")))
}

/// An `update … set … where …` becomes one that changes all rows from arrays. The rows must differ in what `where`
/// looks for: a row that two of them name is changed by one of them only.
pub(super) fn update_from_arrays(sql: &str, types: &[Type]) -> Option<String> {
    let (change, condition) = sql.strip_prefix("update ")?.split_once(" where ")?;
    let own = |text| replace_params(text, |number| format!("k.c{number}"));
    Some(format!("update {} from {} where {}", own(change), unnest(types, ""), own(condition)))
}

/// A query becomes one that runs for every key, in the order of the keys, and tells which key each row is for.
///
/// `offset 0` and row locks keep the planner from merging the query into the join: merged, a small or unknown table
/// would be joined by hashing, in whatever order its rows lie, and the plan would be kept when the table has grown.
pub(super) fn query_from_arrays(sql: &str, types: &[Type]) -> String {
    let inner = replace_params(sql, |number| format!("k.c{number}"));
    let keys = unnest(types, ", ord");
    let locks = LOCKS.iter().any(|lock| inner.ends_with(lock));
    let fence = if locks { "" } else { " offset 0" };
    format!("select k.ord, r.* from {keys} cross join lateral ({inner}{fence}) as r")
}

fn unnest(types: &[Type], ordinality: &str) -> String {
    let arrays: Vec<String> =
        (1..).zip(types).map(|(number, of)| format!("${number}::{}[]", of.name())).collect();
    let names: Vec<String> = (1..=types.len()).map(|number| format!("c{number}")).collect();
    let with = if ordinality.is_empty() { "" } else { " with ordinality" };
    format!("unnest({}){with} as k({}{ordinality})", arrays.join(", "), names.join(", "))
}

/// The place of the parenthesis that closes the one before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (place, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(place),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn replace_params(sql: &str, write: impl Fn(&str) -> String) -> String {
    let mut rewritten = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = after.split_at(digits);
        rewritten.push_str(before);
        rewritten.push_str(&write(number));
        rest = tail;
    }
    rewritten.push_str(rest);
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_gets_numbered_parameters_and_no_locks() {
        assert_eq!(
            for_sqlite("select a from t where b = $2 and c = $1 for update"),
            "select a from t where b = ?2 and c = ?1"
        );
        assert_eq!(for_sqlite("select a from t limit $1 for update skip locked"), "select a from t limit ?1");
    }

    #[test]
    fn an_update_becomes_one_over_arrays() {
        assert_eq!(
            update_from_arrays(
                "update t set a = $3 where b = $1 and c = $2",
                &[Type::UUID, Type::INT8, Type::INT8]
            )
            .unwrap(),
            "update t set a = k.c3 from unnest($1::uuid[], $2::int8[], $3::int8[]) as k(c1, c2, c3) \
             where b = k.c1 and c = k.c2"
        );
        assert_eq!(update_from_arrays("delete from t where a = $1", &[Type::INT8]), None);
    }

    #[test]
    fn an_insert_becomes_one_over_arrays() {
        let sql = "insert into t (a, b, c) values ($1, coalesce($2, 0), 7) on conflict (a) do nothing";
        assert_eq!(
            insert_from_arrays(sql, &[Type::UUID, Type::INT8]).unwrap(),
            "insert into t (a, b, c) select k.c1, coalesce(k.c2, 0), 7 from unnest($1::uuid[], $2::int8[]) as k(c1, c2) \
             on conflict (a) do nothing"
        );
        assert_eq!(insert_from_arrays("update t set a = $1", &[Type::INT8]), None);
    }

    #[test]
    fn a_query_becomes_one_over_keys() {
        assert_eq!(
            query_from_arrays("select a from t where b = $1 for update", &[Type::TEXT]),
            "select k.ord, r.* from unnest($1::text[]) with ordinality as k(c1, ord) \
             cross join lateral (select a from t where b = k.c1 for update) as r"
        );
        assert!(
            query_from_arrays("select a from t", &[Type::TEXT]).contains("(select a from t offset 0) as r")
        );
    }
}
