//! Settings on paper: what counts now, and the table of all in `docs/settings.md`.

use serde_json::{Map, Value, json};

use super::setting::Seen;
use super::sources::Sources;
use super::table::ALL;

/// One line a setting: its name, what counts, where that stands.
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
        let secret = if setting.seen == Seen::Open { "" } else { " Masked where it is shown." };
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

A setting is given, from the weakest to the strongest, in a TOML file (`--config PATH`, else `holdfast.toml` in the
working directory), in `.env` in the working directory, in the environment, or on the command line (`--set KEY=VALUE`, or
an option of its own such as `--port`). A dot in a key is a table in the file: `limits.body_bytes` stands under
`[limits]`. Lists are arrays in the file and separated by commas elsewhere. An empty variable counts as not set; `off`
switches a rate off.

`holdfast config check` names everything that is wrong or unknown, and where it stands; `holdfast config show [--json]`
tells what counts and where it comes from, with secrets masked. Nothing starts on a wrong setting. A variable that begins
with `HOLDFAST_` and is not in this table is wrong: on Kubernetes a service named `holdfast` puts such variables into its
neighbours' environment, unless their pods say `enableServiceLinks: false`.

In production a server does not start with the built-in secret, without `public_url`, or where SMS or mail would stay in
the development inbox.

This page is made from the table in `crates/holdfast/src/settings/table.rs`.

| in the file | in the environment | takes | default | what it is |
|---|---|---|---|---|
";
