//! Schemas that are large without having much text, or go round in circles.

use super::{DEPTH, SIZE};
use crate::diagnostic::{Diagnostics, Format};
use crate::dialect::Dialect;
use crate::load::{Memory, load_with};
use crate::source::SourceMap;

/// Line and code of everything that is wrong with `text`.
fn faults(text: &str) -> Vec<String> {
    let files = Memory::new().with("", text);
    let (mut sources, mut diagnostics) = (SourceMap::new(), Diagnostics::new());
    let dialect = Dialect::strict();
    let tree = load_with(&files, &mut sources, "", dialect, &mut diagnostics).unwrap();
    let schema = crate::resolve(tree, dialect, &mut diagnostics);
    assert_eq!(schema.is_none(), diagnostics.has_errors());
    let report = diagnostics.render(&sources, Format::Short);
    let short = |line: &str| {
        let (line, code) = line.split_once(']').unwrap().0.split_once(": error[").unwrap();
        format!("{}: {code}", line.trim_start_matches(':'))
    };
    report.lines().map(short).collect()
}

fn lines(count: u32, line: impl Fn(u32) -> String) -> String {
    (0..count).map(|at| line(at) + "\n").collect()
}

fn list(count: u32, element: impl Fn(u32) -> String) -> String {
    (0..count).map(element).collect::<Vec<_>>().join(", ")
}

/// A struct of which each is the base of the one before.
fn bases(count: u32) -> String {
    lines(count, |at| format!("{{'struct': 'Ab{at}', 'base': 'Ab{}', 'data': {{}}}}", at + 1))
        + &format!("{{'struct': 'Ab{count}', 'data': {{}}}}\n")
}

/// Unions of which each has the next one for its branches `of`.
fn unions(count: u32, of: &[&str]) -> String {
    let union = |at: u32| {
        let branches: Vec<_> = of.iter().map(|of| format!("'{of}': 'Ab{}'", at + 1)).collect();
        let branches = branches.join(", ");
        format!(
            "{{'union': 'Ab{at}', 'base': {{'k{at}': 'Ee'}}, 'discriminator': 'k{at}', \
              'data': {{{branches}}}}}"
        )
    };
    "{'enum': 'Ee', 'data': ['a', 'b', 'c']}\n".to_owned()
        + &lines(count, union)
        + &format!("{{'struct': 'Ab{count}', 'data': {{}}}}\n")
}

#[test]
fn bases_nest_up_to_a_limit() {
    assert!(faults(&bases(DEPTH - 1)).is_empty());
    assert_eq!(faults(&bases(DEPTH)), ["1: object-too-deep"]);
    assert_eq!(faults(&bases(20 * DEPTH)), ["257: object-too-deep"]);
}

#[test]
fn bases_nest_up_to_a_limit_in_whatever_order_they_are_defined() {
    let mut reversed: Vec<_> = bases(20 * DEPTH).lines().rev().map(str::to_owned).collect();
    assert_eq!(faults(&reversed.join("\n")), ["257: object-too-deep"]);
    reversed.truncate(DEPTH as usize);
    assert!(faults(&reversed.join("\n")).is_empty());
}

#[test]
fn branches_nest_up_to_a_limit() {
    assert!(faults(&unions(DEPTH - 1, &["a"])).is_empty());
    assert_eq!(faults(&unions(DEPTH, &["a"])), ["2: object-too-deep"]);
    assert_eq!(faults(&unions(20 * DEPTH, &["a"])), ["258: object-too-deep"]);
}

#[test]
fn a_circle_of_bases_is_one_fault() {
    let circle = |count: u32| {
        lines(count, |at| {
            format!("{{'struct': 'Ab{at}', 'base': 'Ab{}', 'data': {{}}}}", (at + 1) % count)
        })
    };
    assert_eq!(faults(&circle(1)), ["1: contains-itself"]);
    assert_eq!(faults(&circle(DEPTH)), ["1: contains-itself"]);
    assert_eq!(faults(&circle(20 * DEPTH)), ["257: object-too-deep"]);
}

#[test]
fn branches_that_double_the_members_again_and_again_are_too_many() {
    assert!(faults(&unions(10, &["a", "b"])).is_empty());
    assert_eq!(faults(&unions(30, &["a", "b"])), ["17: objects-too-large"]);
}

#[test]
fn many_objects_may_not_all_have_many_members() {
    let root = u32::try_from(SIZE.isqrt()).unwrap();
    let members = list(root, |at| format!("'m{at}': 'int'"));
    let text = |count| {
        format!("{{'struct': 'Base', 'data': {{{members}}}}}\n")
            + &lines(count, |at| format!("{{'struct': 'Ab{at}', 'base': 'Base', 'data': {{}}}}"))
    };
    assert!(faults(&text(root - 10)).is_empty());
    assert_eq!(faults(&text(2 * root)).len(), 1);
}

#[test]
fn many_unions_may_not_all_have_many_branches() {
    let root = u32::try_from(SIZE.isqrt()).unwrap();
    let values = list(root, |at| format!("'v{at}'"));
    let text = |count| {
        format!("{{'enum': 'Ee', 'data': [{values}]}}\n")
            + &lines(count, |at| {
                format!(
                    "{{'union': 'Ab{at}', 'base': {{'k': 'Ee'}}, 'discriminator': 'k', 'data': {{}}}}"
                )
            })
    };
    assert!(faults(&text(root - 10)).is_empty());
    assert_eq!(faults(&text(2 * root)).len(), 1);
}
