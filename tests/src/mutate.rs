//! Makes broken inputs of good ones, the same ones for the same number each time.

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

/// A stream of broken inputs.
#[derive(Clone, Debug)]
pub struct Mutations<'a> {
    seeds: &'a [Vec<u8>],
    state: u64,
}

impl<'a> Mutations<'a> {
    /// Mutations of `seeds`, of which there must be some; `number` chooses which.
    pub fn new(seeds: &'a [Vec<u8>], number: u64) -> Self {
        Self { seeds, state: number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    /// A number below `limit`, or 0.
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap_or(0) % limit.max(1)
    }

    fn seed(&mut self) -> &'a [u8] {
        let index = self.below(self.seeds.len());
        self.seeds.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    /// A part of `text` of up to `limit` bytes.
    fn part(&mut self, text: &[u8], limit: usize) -> std::ops::Range<usize> {
        let start = self.below(text.len() + 1);
        let len = self.below(limit.min(text.len() - start) + 1);
        start..start + len
    }

    fn mutate(&mut self, text: &mut Vec<u8>) {
        let at = self.below(text.len() + 1);
        match self.below(7) {
            0 => {
                let piece = PIECES.get(self.below(PIECES.len())).copied().unwrap_or_default();
                text.splice(at..at, piece.bytes());
            }
            1 => {
                let piece = PIECES.get(self.below(PIECES.len())).copied().unwrap_or_default();
                let part = self.part(text, 12);
                text.splice(part, piece.bytes());
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
                let byte = self.below(256);
                if let Some(place) = text.get_mut(at) {
                    *place = u8::try_from(byte).unwrap_or_default();
                }
            }
        }
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut text = self.seed().to_vec();
        for _ in 0..=self.below(4) {
            self.mutate(&mut text);
        }
        Some(text)
    }
}
