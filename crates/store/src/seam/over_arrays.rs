//! The multi-row forms of a statement, prepared when they are needed.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_postgres::Statement;
use tokio_postgres::types::Type;

use super::rewrite::{Shared, insert_from_arrays, query_from_arrays, update_from_arrays};

/// Maximum number of prepared forms per statement. Beyond it, batches use arrays only.
const FORMS_MAX: usize = 32;

/// A statement's forms, by the columns that are not sent as arrays.
pub(super) struct OverArrays {
    types: Arc<[Type]>,
    prepared: HashMap<Shared, Statement>,
}

/// One form.
pub(super) struct Form {
    pub statement: Statement,
    /// The types of its columns.
    pub types: Arc<[Type]>,
    pub shared: Shared,
}

impl OverArrays {
    pub fn of(single: &Statement) -> Self {
        Self { types: single.params().into(), prepared: HashMap::new() }
    }

    /// The form for rows that share these columns, or the general form if there are already too many.
    pub fn affordable(&self, shared: Shared) -> Shared {
        let known = self.prepared.contains_key(&shared);
        if known || self.prepared.len() < FORMS_MAX { shared } else { Shared::NONE }
    }

    pub fn form(&self, shared: Shared) -> Option<Form> {
        let statement = self.prepared.get(&shared)?.clone();
        Some(Form { statement, types: Arc::clone(&self.types), shared })
    }

    pub fn keep(&mut self, shared: Shared, statement: Statement) {
        self.prepared.insert(shared, statement);
    }

    /// The text of a form, if the statement has one.
    pub fn text(&self, sql: &str, shared: Shared) -> Option<String> {
        if sql.starts_with("select") {
            return Some(query_from_arrays(sql, &self.types));
        }
        insert_from_arrays(sql, &self.types, shared).or_else(|| update_from_arrays(sql, &self.types))
    }
}
