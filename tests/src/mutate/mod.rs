//! Makes broken inputs of good ones, the same ones for the same number each time.
//!
//! Some changes are to bytes, and mostly get stuck in the lexer or parser; the others know what the language is made
//! of, so that the stages behind have their share.

mod tokens;

use std::fs;
use std::ops::Range;
use std::path::Path;

use crate::values::Random;

/// What is put into texts: what the language is made of, and what it is not.
pub const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "'",
    "''",
    "\\",
    "#",
    "##\n",
    "\n",
    "\r",
    "\t",
    " ",
    "\0",
    "\u{202e}",
    "\u{feff}",
    "é",
    "\u{7f}",
    "true",
    "false",
    "null",
    "'a'",
    "'*a'",
    "'type'",
    "'data'",
    "'base'",
    "'if'",
    "'discriminator'",
    "'features'",
    "'returns'",
    "'boxed'",
    "'struct'",
    "'union'",
    "'enum'",
    "'alternate'",
    "'command'",
    "'event'",
    "'include'",
    "'pragma'",
    "'int'",
    "'str'",
    "'any'",
    "['int']",
    "'all'",
    "'not'",
    "# @a: b\n",
    "# @Ab:\n",
    "# Features:\n",
    "# Returns: x\n",
    "# Since: 1\n",
    "#   x\n",
    "# A. B\n",
    "{ 'struct': 'Ab', 'data': {} }\n",
    "{ 'include': 'a' }\n",
    "{ 'include': 'b' }\n",
    "{ 'pragma': { 'doc-required': true } }\n",
];

/// The largest input that is made, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Larger schemas are no seeds: an input should take moments.
const MAX_SEED_BYTES: usize = 20_000;

/// Every schema that the workspace has: those the tests read, and those that are pinned.
pub fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = Vec::new();
    for folder in ["cases", "build-script/schema", "../schema/snapshots"] {
        collect(&root.join(folder), &mut seeds);
    }
    seeds
}

/// Adds the schemas of `folder`, if there is one, in the order of their names.
fn collect(folder: &Path, seeds: &mut Vec<Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, seeds);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            seeds.extend(fs::read(&path).ok().filter(|text| text.len() < MAX_SEED_BYTES));
        }
    }
}

/// An input, and which of the seeds it was before it was broken.
#[derive(Clone, Debug)]
pub struct Input {
    /// Index of the seed.
    pub seed: usize,
    /// What was made of it.
    pub text: Vec<u8>,
}

/// The broken input of this number. Another `run` has other inputs.
pub fn input(seeds: &[Vec<u8>], run: u64, number: u64) -> Input {
    let mut mutator = Mutator { seeds, random: Random::new(run.rotate_left(32) ^ number) };
    // What differs in a few bits only must not begin alike.
    for _ in 0..4 {
        mutator.random.bits();
    }
    let seed = mutator.random.below(seeds.len());
    let mut text = seeds.get(seed).cloned().unwrap_or_default();
    // Mostly one change: what is broken in one place only gets further.
    let most = 1 + mutator.random.below(5);
    for _ in 0..=mutator.random.below(most) {
        mutator.change(&mut text);
        text.truncate(MAX_BYTES);
    }
    Input { seed, text }
}

struct Mutator<'a> {
    seeds: &'a [Vec<u8>],
    random: Random,
}

impl<'a> Mutator<'a> {
    fn seed(&mut self) -> &'a [u8] {
        let index = self.random.below(self.seeds.len());
        self.seeds.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    fn piece(&mut self) -> &'static str {
        PIECES.get(self.random.below(PIECES.len())).copied().unwrap_or_default()
    }

    /// A part of `text` of up to `limit` bytes.
    fn part(&mut self, text: &[u8], limit: usize) -> Range<usize> {
        let start = self.random.below(text.len() + 1);
        let len = self.random.below(limit.min(text.len() - start) + 1);
        start..start + len
    }

    fn change(&mut self, text: &mut Vec<u8>) {
        if self.random.once_in(3) {
            self.change_bytes(text);
        } else {
            self.change_structure(text);
        }
    }

    fn change_bytes(&mut self, text: &mut Vec<u8>) {
        let at = self.random.below(text.len() + 1);
        match self.random.below(7) {
            0 => drop(text.splice(at..at, self.piece().bytes())),
            1 => {
                let part = self.part(text, 12);
                text.splice(part, self.piece().bytes());
            }
            2 => drop(text.drain(self.part(text, 40))),
            3 => {
                let copy = text[self.part(text, 400)].to_vec();
                text.splice(at..at, copy);
            }
            4 => {
                let other = self.seed();
                let part = other[self.part(other, 400)].to_vec();
                text.splice(at..at, part);
            }
            5 => text.truncate(at),
            _ => {
                let byte = self.random.below(256);
                if let Some(place) = text.get_mut(at) {
                    *place = u8::try_from(byte).unwrap_or_default();
                }
            }
        }
    }
}
