//! Which file of a crate a path leads to.

use std::collections::BTreeMap;

use super::super::source::Source;
use super::paths::{Path, paths_in};

/// Re-exports followed for one path; more would be a circle of re-exports.
const STEPS_MAX: usize = 8;

/// One file as a module of its crate.
pub struct Module<'a> {
    pub source: &'a Source,
    /// Its place below the crate's root, which is empty.
    place: Vec<String>,
    paths: Vec<Path>,
}

/// The modules of one crate, by their places.
#[derive(Default)]
pub struct Modules<'a>(BTreeMap<Vec<String>, Module<'a>>);

/// The modules of each crate, without its tests.
pub fn crates(sources: &[Source]) -> BTreeMap<&str, Modules<'_>> {
    let mut crates: BTreeMap<&str, Modules<'_>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let Some((name, file)) = source.path.split_once("/src/") else { continue };
        if source.is_in_tests() || file.ends_with("tests.rs") {
            continue;
        }
        let place = place_of(file);
        let module = Module { source, place: place.clone(), paths: paths_in(&source.text) };
        crates.entry(name).or_default().0.insert(place, module);
    }
    crates
}

fn place_of(file: &str) -> Vec<String> {
    let mut place: Vec<String> = file.trim_end_matches(".rs").split('/').map(ToOwned::to_owned).collect();
    if place.last().is_some_and(|name| ["lib", "main", "mod"].contains(&name.as_str())) {
        place.pop();
    }
    place
}

impl<'a> Modules<'a> {
    pub fn all(&self) -> impl Iterator<Item = &Module<'a>> {
        self.0.values()
    }

    /// The files that a module takes names from, but for those of the modules it is inside: these are read before it.
    pub fn used_by<'m>(&'m self, module: &'m Module<'a>) -> impl Iterator<Item = &'a Source> {
        let targets = module.paths.iter().filter_map(|path| {
            // A `use` of a module alone takes nothing from it yet; the paths that begin with its name do.
            let target = self.resolve(module, &path.segments, STEPS_MAX)?;
            (path.alias.is_none() || target.1).then_some(target.0)
        });
        targets.filter(|target| !module.place.starts_with(&target.place)).map(|target| target.source)
    }

    /// The module that defines what a path names, as seen from another, and whether it names something inside it.
    fn resolve(&self, from: &Module<'a>, path: &[String], steps: usize) -> Option<(&Module<'a>, bool)> {
        let (first, rest) = path.split_first()?;
        let mut place = from.place.clone();
        let mut rest = rest;
        match first.as_str() {
            "crate" => place.clear(),
            "self" => {}
            "super" => {
                place.pop();
            }
            name => return self.resolve_name(from, name, rest, steps),
        }
        while let [next, after @ ..] = rest {
            if next == "super" {
                place.pop();
                rest = after;
            } else {
                break;
            }
        }
        self.descend(place, rest, steps)
    }

    /// A path that begins with a child of the module or with a name that a `use` of it brings in.
    fn resolve_name(
        &self,
        from: &Module<'a>,
        name: &str,
        rest: &[String],
        steps: usize,
    ) -> Option<(&Module<'a>, bool)> {
        let child = [from.place.as_slice(), &[name.to_owned()]].concat();
        if self.0.contains_key(&child) {
            return self.descend(child, rest, steps);
        }
        let target = imported(from, name)?;
        self.resolve(from, &[target, rest].concat(), steps.checked_sub(1)?)
    }

    fn descend(
        &self,
        mut place: Vec<String>,
        mut rest: &[String],
        steps: usize,
    ) -> Option<(&Module<'a>, bool)> {
        while let [next, after @ ..] = rest {
            place.push(next.clone());
            if !self.0.contains_key(&place) {
                place.pop();
                break;
            }
            rest = after;
        }
        let module = self.0.get(&place)?;
        let Some(name) = rest.first() else { return Some((module, false)) };
        let re_exported = imported(module, name).and_then(|target| {
            self.resolve(module, &[target, rest.get(1..)?].concat(), steps.checked_sub(1)?)
        });
        Some(re_exported.unwrap_or((module, true)))
    }
}

/// The path behind a name that a `use` brings into a module, unless the path is that name alone.
fn imported<'m>(module: &'m Module<'_>, name: &str) -> Option<&'m [String]> {
    let path = module.paths.iter().find(|path| path.alias.as_deref() == Some(name))?;
    (path.segments != [name]).then_some(path.segments.as_slice())
}
