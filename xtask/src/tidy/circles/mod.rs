//! Files of one crate do not use each other in a circle, since none of them can be read alone then.
//!
//! A file may use what the modules around it define: they are read first. Tests are left out.

mod modules;
mod paths;

use std::collections::{BTreeMap, BTreeSet};

use self::modules::Modules;
use super::source::{Finding, Source};

/// Which files each file takes names from.
type Uses<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

pub fn circles(sources: &[Source]) -> Vec<Finding> {
    let crates = modules::crates(sources);
    crates.values().flat_map(|modules| circles_in(&uses(modules))).map(|circle| finding(&circle)).collect()
}

fn finding(circle: &[&str]) -> Finding {
    let others = circle.get(1..).unwrap_or_default().join(", ");
    Finding {
        path: circle.first().copied().unwrap_or_default().to_owned(),
        line: 1,
        message: format!("uses and is used by {others}: move what both need below them"),
    }
}

fn uses<'a>(modules: &Modules<'a>) -> Uses<'a> {
    let used = |module| modules.used_by(module).map(|source| source.path.as_str()).collect();
    modules.all().map(|module| (module.source.path.as_str(), used(module))).collect()
}

/// The largest sets of files that all lead to each other.
fn circles_in<'a>(uses: &Uses<'a>) -> Vec<Vec<&'a str>> {
    let reached: BTreeMap<_, _> = uses.keys().map(|file| (*file, reached_from(file, uses))).collect();
    let leads = |from: &str, to: &str| reached.get(from).is_some_and(|files| files.contains(to));
    let mut circles = BTreeSet::new();
    for file in reached.keys() {
        let members: Vec<_> =
            reached.keys().copied().filter(|other| leads(file, other) && leads(other, file)).collect();
        if members.len() > 1 {
            circles.insert(members);
        }
    }
    circles.into_iter().collect()
}

fn reached_from<'a>(file: &str, uses: &Uses<'a>) -> BTreeSet<&'a str> {
    let next = |file: &str| uses.get(file).into_iter().flatten().copied();
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = next(file).collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(next(file));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::super::source::given;
    use super::{circles_in, modules, uses};

    /// The circles of a crate with these files under `src`.
    fn check(files: &[(&str, &str)], expect: &[&[&str]]) {
        let sources: Vec<_> =
            files.iter().map(|(path, text)| given(&format!("crates/app/src/{path}.rs"), text)).collect();
        let crates = modules::crates(&sources);
        let circles = crates.values().flat_map(|modules| circles_in(&uses(modules)));
        let short =
            |path: &str| path.trim_start_matches("crates/app/src/").trim_end_matches(".rs").to_owned();
        let found: Vec<Vec<_>> = circles.map(|circle| circle.into_iter().map(short).collect()).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn files_that_use_each_other_are_a_circle() {
        check(
            &[
                ("a", "use crate::b::B;"),
                ("b", "use super::a::{self, C}; f(a::A)"),
                ("c", "use crate::a::A;"),
            ],
            &[&["a", "b"]],
        );
        check(
            &[("a", "crate::b::f()"), ("b", "use crate::c; c::f()"), ("c", "use crate::a::g;")],
            &[&["a", "b", "c"]],
        );
        check(&[("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "")], &[]);
    }

    #[test]
    fn a_child_may_use_what_the_modules_around_it_define() {
        check(
            &[("lib", "use a::A;"), ("a/mod", "mod b; b::f()"), ("a/b", "use super::A; use crate::App;")],
            &[],
        );
        check(&[("a/mod", "use crate::c::C;"), ("a/b", ""), ("c", "use crate::a::A;")], &[&["a/mod", "c"]]);
    }

    #[test]
    fn a_re_exported_name_counts_for_the_file_that_defines_it() {
        let through =
            [("a/mod", "pub use self::b::B;"), ("a/b", "use crate::c::f;"), ("c", "use crate::a::B;")];
        check(&through, &[&["a/b", "c"]]);
        check(
            &[("a/mod", "pub use self::b::B; use crate::c::C;"), ("a/b", ""), ("c", "use crate::a::B;")],
            &[],
        );
    }

    #[test]
    fn naming_a_module_is_no_use_of_it_and_tests_are_free() {
        check(&[("a", "use crate::b;"), ("b", "use crate::a::A;")], &[]);
        check(&[("a", "#[cfg(test)] mod tests { use crate::b::B; }"), ("b", "use crate::a::A;")], &[]);
    }
}
