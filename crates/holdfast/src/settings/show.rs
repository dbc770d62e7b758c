//! Output of the settings: their current values, and the table in `docs/settings.md`.

use serde_json::{Map, Value, json};

use super::setting::Seen;
use super::sources::Sources;
use super::table::ALL;

/// One line per setting: key, value and source.
pub fn lines(sources: &Sources) -> Vec<String> {
    let shown = |setting| sources.shown(setting).unwrap_or_else(|| "-".to_owned());
    let key_width = ALL.iter().map(|setting| setting.key.len()).max().unwrap_or(0);
    let width = ALL.iter().map(|setting| shown(setting).chars().count()).max().unwrap_or(0).min(48);
    let line = |setting| {
        let (_, source) = sources.given(setting);
        format!("{:key_width$}  {:width$}  {source}", setting.key, shown(setting))
    };
    ALL.iter().map(line).collect()
}

pub fn json(sources: &Sources) -> Value {
    let member = |setting| {
        let (_, source) = sources.given(setting);
        let value = json!({ "value": sources.shown(setting), "source": source.to_string() });
        (setting.key.to_owned(), value)
    };
    Value::Object(ALL.iter().map(member).collect::<Map<_, _>>())
}

/// `docs/settings.md`.
pub fn markdown() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(HEAD);
    for setting in ALL {
        let or_dash = |text: &str| if text.is_empty() { "–".to_owned() } else { format!("`{text}`") };
        let unit = if setting.unit.is_empty() { String::new() } else { format!(", {}", setting.unit) };
        let secret = if setting.seen == Seen::Open { "" } else { " Masked in output." };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {}{unit} | {} | {}{secret} |",
            setting.key,
            setting.variable(),
            (setting.words)(),
            or_dash(setting.default),
            setting.says
        );
    }
    text
}

const HEAD: &str = "# Settings

You can set each setting in four places. Later places override earlier ones:

1. a TOML file: `--config PATH`, or `holdfast.toml` in the working directory
2. the file `.env` in the working directory
3. environment variables
4. the command line: `--set KEY=VALUE`, or a dedicated option such as `--port`

A dot in a key means a table in the file: `limits.body_bytes` is `body_bytes` under `[limits]`. Lists are arrays in the
file and comma-separated elsewhere. An empty variable counts as not set. A rate is COUNT/SECONDS; `off` disables it.

`holdfast config check` lists every invalid or unknown setting and its location. `holdfast config show [--json]` shows each
setting's value and source, with secrets masked. With an invalid setting, nothing starts. A variable that begins with
`HOLDFAST_` and is not in this table is an error. On Kubernetes, a service named `holdfast` adds such variables to the pods
in its namespace; set `enableServiceLinks: false` in their specification.

In production the server does not start with the built-in secret, without `public_url`, or if SMS or mail would be kept in
the development inbox.

This page is generated from `crates/holdfast/src/settings/table.rs`.

| setting | variable | value | default | description |
|---|---|---|---|---|
";
