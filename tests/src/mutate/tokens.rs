//! Changes that know what the language is made of: strings, brackets, entries and definitions stay whole.

use std::ops::Range;

use super::{MAX_BYTES, Mutator};

impl Mutator<'_> {
    /// One change to a text whose parts are taken as they are.
    pub(super) fn change_structure(&mut self, text: &mut Vec<u8>) {
        let tokens = tokens_of(text);
        match self.random.below(9) {
            0 => self.swap(text, &tokens),
            1 => self.replace_string(text, &tokens),
            2 => self.rename(text, &tokens),
            3 => self.remove_value(text, &tokens),
            4 => self.replace_value(text, &tokens),
            5 => self.repeat_entry(text, &tokens),
            6 => self.wrap(text, &tokens),
            7 => self.adopt_definition(text),
            _ => self.multiply(text, &tokens),
        }
    }

    fn pick(&mut self, ranges: &[Range<usize>]) -> Option<Range<usize>> {
        ranges.get(self.random.below(ranges.len())).cloned()
    }

    fn pick_string(&mut self, text: &[u8], tokens: &[Range<usize>]) -> Option<Range<usize>> {
        let is_string = |token: &&Range<usize>| text[(*token).clone()].starts_with(b"'");
        let strings: Vec<_> = tokens.iter().filter(is_string).cloned().collect();
        self.pick(&strings)
    }

    /// A string, or whatever stands between a pair of brackets with these.
    fn pick_value(&mut self, text: &[u8], tokens: &[Range<usize>]) -> Option<Range<usize>> {
        let start = self.random.below(tokens.len());
        let is_start =
            |token: &Range<usize>| matches!(text[token.start], b'{' | b'[' | b'\'' | b't' | b'f');
        let at = (start..tokens.len()).find(|&at| is_start(&tokens[at]))?;
        Some(tokens[at].start..tokens[end_of_value(text, tokens, at)].end)
    }

    fn swap(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        let Some((one, two)) = self.pick(tokens).zip(self.pick(tokens)) else { return };
        let (first, second) = if one.start < two.start { (one, two) } else { (two, one) };
        if first.end > second.start {
            return;
        }
        let (before, after) = (text[first.clone()].to_vec(), text[second.clone()].to_vec());
        text.splice(second, before);
        text.splice(first, after);
    }

    /// Puts another string of this text, or of another one, in the place of one.
    fn replace_string(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        let Some(place) = self.pick_string(text, tokens) else { return };
        let source = if self.random.once_in(4) { self.seed().to_vec() } else { text.clone() };
        let strings = tokens_of(&source);
        if let Some(other) = self.pick_string(&source, &strings) {
            text.splice(place, source[other].iter().copied());
        }
    }

    /// Gives a string the value of another one wherever it stands: references stay references.
    fn rename(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        let (old, new) = (self.pick_string(text, tokens), self.pick_string(text, tokens));
        let Some((old, new)) = old.zip(new) else { return };
        let (old, new) = (text[old].to_vec(), text[new].to_vec());
        for token in tokens.iter().rev() {
            if text[token.clone()] == old {
                text.splice(token.clone(), new.iter().copied());
            }
        }
    }

    fn remove_value(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        if let Some(value) = self.pick_value(text, tokens) {
            text.drain(value);
        }
    }

    fn replace_value(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        let Some(place) = self.pick_value(text, tokens) else { return };
        let source = if self.random.once_in(2) { self.seed().to_vec() } else { text.clone() };
        let others = tokens_of(&source);
        if let Some(other) = self.pick_value(&source, &others) {
            text.splice(place, source[other].iter().copied());
        }
    }

    /// Writes an entry of an object, `'key': value`, once more, with the same key or with another.
    fn repeat_entry(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        let is_key = |at: &usize| {
            text[tokens[*at].clone()].starts_with(b"'")
                && tokens.get(at + 1).is_some_and(|next| text[next.start] == b':')
                && at + 2 < tokens.len()
        };
        let keys: Vec<_> = (0..tokens.len()).filter(is_key).collect();
        let Some(&at) = keys.get(self.random.below(keys.len())) else { return };
        let end = tokens[end_of_value(text, tokens, at + 2)].end;
        let mut copy = b", ".to_vec();
        copy.extend_from_slice(&text[tokens[at].start..end]);
        if self.random.once_in(2) {
            copy.insert(3, b'z');
        }
        text.splice(end..end, copy);
    }

    /// Puts brackets around a value, once or very often.
    fn wrap(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        const AROUND: [(&str, &str); 6] = [
            ("[", "]"),
            ("{'type': ", "}"),
            ("{'not': ", "}"),
            ("{'all': [", "]}"),
            ("{'any': ['A', ", "]}"),
            ("{'a': ", "}"),
        ];
        let Some(value) = self.pick_value(text, tokens) else { return };
        let (open, close) = AROUND[self.random.below(AROUND.len())];
        let times = if self.random.once_in(8) { self.random.below(5000) } else { 1 };
        text.splice(value.end..value.end, close.repeat(times).into_bytes());
        text.splice(value.start..value.start, open.repeat(times).into_bytes());
    }

    /// Takes a definition of another schema over.
    fn adopt_definition(&mut self, text: &mut Vec<u8>) {
        let source = self.seed();
        let others = tokens_of(source);
        let starts: Vec<_> = (0..others.len())
            .filter(|&at| {
                let start = others[at].start;
                source[start] == b'{' && (start == 0 || source[start - 1] == b'\n')
            })
            .collect();
        let Some(&at) = starts.get(self.random.below(starts.len())) else { return };
        let definition = others[at].start..others[end_of_value(source, &others, at)].end;
        text.push(b'\n');
        text.extend_from_slice(&source[definition]);
    }

    /// Repeats some tokens, seldom until the text is as long as it may be.
    fn multiply(&mut self, text: &mut Vec<u8>, tokens: &[Range<usize>]) {
        let start = self.random.below(tokens.len());
        let count = 1 + self.random.below(12.min(tokens.len().saturating_sub(start)));
        let Some(part) = tokens.get(start..start + count) else { return };
        let Some((first, last)) = part.first().zip(part.last()) else { return };
        let copy = text[first.start..last.end].to_vec();
        let room = MAX_BYTES.saturating_sub(text.len()) / copy.len().max(1);
        let times = match self.random.below(1000) {
            0 => room,
            1..50 => self.random.below(100),
            _ => self.random.below(4),
        };
        text.splice(last.end..last.end, copy.repeat(times.min(room)));
    }
}

/// The tokens of `text`, roughly: comments are left out, what means nothing is a token by the byte.
fn tokens_of(text: &[u8]) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let rest = &text[at..];
        let until = |end: &[u8]| rest.iter().skip(1).position(|byte| end.contains(byte));
        let len = match byte {
            b'\'' => until(b"'\n").map_or(rest.len(), |len| len + 2),
            b'#' => until(b"\n").map_or(rest.len(), |len| len + 1),
            b't' if rest.starts_with(b"true") => 4,
            b'f' if rest.starts_with(b"false") => 5,
            _ => 1,
        };
        if byte != b'#' && !byte.is_ascii_whitespace() {
            tokens.push(at..at + len);
        }
        at += len;
    }
    tokens
}

/// The index of the last token of the value that begins at `start`.
fn end_of_value(text: &[u8], tokens: &[Range<usize>], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match text[token.start] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_with_the_bracket_that_closes_it() {
        let text = b"{ 'a': [ 'b}', true ] } # x\n'c'";
        let tokens = tokens_of(text);
        let end = end_of_value(text, &tokens, 0);
        assert_eq!(&text[tokens[end].clone()], b"}");
        assert_eq!(tokens[end].start, 22);
        assert_eq!(end_of_value(text, &tokens, end + 1), tokens.len() - 1);
    }
}
