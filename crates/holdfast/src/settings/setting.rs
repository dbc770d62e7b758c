//! What the list says of one setting.

/// How a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Open,
    /// Nothing of it.
    Hidden,
    /// All but its password.
    Url,
}

/// One setting, as the list describes it.
pub struct Setting {
    /// Its name in the file.
    pub key: &'static str,
    /// Its name in the environment, where it is not `HOLDFAST_` and the key.
    pub variable: Option<&'static str>,
    /// The value if the setting is absent; empty if there is none.
    pub default: &'static str,
    pub unit: &'static str,
    pub seen: Seen,
    pub words: fn() -> String,
    pub says: &'static str,
}

impl Setting {
    /// Its name in the environment.
    pub fn variable(&self) -> String {
        let derived = || format!("HOLDFAST_{}", self.key.to_uppercase().replace('.', "_"));
        self.variable.map_or_else(derived, str::to_owned)
    }
}
