//! Rewrites a statement for each database.

use tokio_postgres::types::Type;

/// PostgreSQL's row locks, longest first.
const LOCKS: [&str; 3] = [" for update skip locked", " for update", " for share"];

/// `$1` becomes `?1`, because SQLite treats `$1` as a name and numbers names by first appearance. Row locks are
/// removed.
pub(super) fn for_sqlite(sql: &str) -> String {
    let numbered = replace_params(sql, |number| format!("?{number}"));
    LOCKS.iter().fold(numbered, |text, lock| text.replace(lock, ""))
}

/// Rewrites `insert … values ($1, …)` to insert all rows from arrays. `None` for other statements, which are sent
/// once per row.
pub(super) fn insert_from_arrays(sql: &str, types: &[Type], shared: Shared) -> Option<String> {
    let start = sql.find("values (")?;
    let open = start + "values (".len();
    let close = open + closing(sql.get(open..)?)?;
    let row = replace_params(sql.get(open..close)?, |number| of_row(number, types, shared));
    let tail = sql.get(close + 1..)?;
    Some(format!("{}select {row} from {}{tail}", sql.get(..start)?, unnest(types, shared, "")))
}

/// Rewrites `update … set … where …` to change all rows from arrays. The rows must differ in the columns of `where`:
/// a row matched twice is changed by only one of them.
pub(super) fn update_from_arrays(sql: &str, types: &[Type]) -> Option<String> {
    let (change, condition) = sql.strip_prefix("update ")?.split_once(" where ")?;
    let own = |text| replace_params(text, |number| format!("k.c{number}"));
    let arrays = unnest(types, Shared::NONE, "");
    Some(format!("update {} from {arrays} where {}", own(change), own(condition)))
}

/// Rewrites a query to run for every key, in the order of the keys, and to return each row's key.
///
/// `offset 0` and row locks prevent the planner from merging the query into the join. Merged, a small or unanalysed
/// table would be joined by hashing, which loses the order, and the plan would be kept when the table has grown.
pub(super) fn query_from_arrays(sql: &str, types: &[Type]) -> String {
    let inner = replace_params(sql, |number| format!("k.c{number}"));
    let keys = unnest(types, Shared::NONE, ", ord");
    let locks = LOCKS.iter().any(|lock| inner.ends_with(lock));
    let fence = if locks { "" } else { " offset 0" };
    format!("select k.ord, r.* from {keys} cross join lateral ({inner}{fence}) as r")
}

/// The columns that have the same value in all inserted rows. Their value is sent once and not as an array, because
/// unpacking an array costs the server more than storing its values. Lookups keep their arrays, because the planner
/// might search for a single value separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shared(u64);

impl Shared {
    pub const NONE: Self = Self(0);

    /// All columns except the first, whose array determines the number of rows.
    pub const ALL_THAT_MAY: Self = Self(u64::MAX - 1);

    pub fn of(columns: impl Iterator<Item = bool>) -> Self {
        let bits = columns.take(64).enumerate().skip(1);
        Self(bits.filter(|(_, same)| *same).fold(0, |mask, (index, _)| mask | 1 << index))
    }

    /// Columns are counted from 0.
    pub fn has(self, column: usize) -> bool {
        column < 64 && self.0 & (1 << column) != 0
    }
}

fn of_row(number: &str, types: &[Type], shared: Shared) -> String {
    let column = number.parse().unwrap_or(0_usize).wrapping_sub(1);
    match types.get(column) {
        Some(of) if shared.has(column) => format!("${number}::{}", of.name()),
        _ => format!("k.c{number}"),
    }
}

fn unnest(types: &[Type], shared: Shared, ordinality: &str) -> String {
    let in_arrays = || types.iter().enumerate().filter(|(column, _)| !shared.has(*column));
    let arrays: Vec<String> =
        in_arrays().map(|(column, of)| format!("${}::{}[]", column + 1, of.name())).collect();
    let names: Vec<String> = in_arrays().map(|(column, _)| format!("c{}", column + 1)).collect();
    let with = if ordinality.is_empty() { "" } else { " with ordinality" };
    format!("unnest({}){with} as k({}{ordinality})", arrays.join(", "), names.join(", "))
}

/// The position of the closing parenthesis that matches the one before `text`.
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
            insert_from_arrays(sql, &[Type::UUID, Type::INT8], Shared::NONE).unwrap(),
            "insert into t (a, b, c) select k.c1, coalesce(k.c2, 0), 7 from unnest($1::uuid[], $2::int8[]) as k(c1, c2) \
             on conflict (a) do nothing"
        );
        assert_eq!(insert_from_arrays("update t set a = $1", &[Type::INT8], Shared::NONE), None);
    }

    #[test]
    fn what_all_rows_share_is_sent_once() {
        let shared = Shared::of([true, true, false].into_iter());
        assert!(!shared.has(0), "the first column says how many rows there are");
        let types = [Type::UUID, Type::INT8, Type::TEXT];
        assert_eq!(
            insert_from_arrays("insert into t (a, b, c) values ($1, $2, $3)", &types, shared).unwrap(),
            "insert into t (a, b, c) select k.c1, $2::int8, k.c3 from unnest($1::uuid[], $3::text[]) as k(c1, c3)"
        );
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
