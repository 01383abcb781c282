//! Bytes from a client into requests, cut as agents cut them: an object ends with its brace, 0xFF ends anything. Agents
//! written by others cut at the ends of lines.

/// What a client's bytes turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// An object, complete.
    Object(Vec<u8>),
    /// Something that is no object, or was broken off.
    Garbage,
}

/// An agent's parser. Like a real one it outlives connections.
#[derive(Debug, Default)]
pub(super) struct Parser {
    object: Vec<u8>,
    depth: usize,
    in_string: bool,
    escaped: bool,
    in_garbage: bool,
    /// How long lines may be, if it is lines that are cut.
    line_limit: Option<usize>,
}

impl Parser {
    /// A parser that takes each line for an object, and throws away those that are longer.
    pub(super) fn of_lines(limit: usize) -> Self {
        Self { line_limit: Some(limit), ..Self::default() }
    }

    /// The same kind of parser, at its beginning.
    pub(super) fn restarted(&self) -> Self {
        Self { line_limit: self.line_limit, ..Self::default() }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Item> {
        bytes.iter().filter_map(|byte| self.take(*byte)).collect()
    }

    fn take(&mut self, byte: u8) -> Option<Item> {
        if let Some(limit) = self.line_limit {
            return self.take_of_line(byte, limit);
        }
        if byte == 0xFF {
            *self = Self::default();
            return Some(Item::Garbage);
        }
        if self.depth == 0 {
            return self.between(byte);
        }
        self.object.push(byte);
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = self.in_string,
            b'"' => self.in_string = !self.in_string,
            b'{' | b'[' if !self.in_string => self.depth += 1,
            b'}' | b']' if !self.in_string => self.depth -= 1,
            _ => {}
        }
        (self.depth == 0).then(|| Item::Object(std::mem::take(&mut self.object)))
    }

    fn take_of_line(&mut self, byte: u8, limit: usize) -> Option<Item> {
        if byte != b'\n' {
            self.object.push(byte);
            return None;
        }
        let line = std::mem::take(&mut self.object);
        let begin = line.iter().position(|byte| *byte != 0xFF)?;
        (line.len() < limit).then(|| Item::Object(line[begin..].to_vec()))
    }

    fn between(&mut self, byte: u8) -> Option<Item> {
        if byte == b'{' {
            self.object.push(byte);
            (self.depth, self.in_garbage) = (1, false);
        }
        let garbage_begins = !self.in_garbage && !byte.is_ascii_whitespace() && byte != b'{';
        self.in_garbage = (self.in_garbage || garbage_begins) && byte != b'\n';
        garbage_begins.then_some(Item::Garbage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_ends_with_its_brace_and_ff_ends_it_before() {
        let mut parser = Parser::default();
        let items = parser.feed(b"\n{\"a\": \"}\\\"\"}{\"b\"\xff{}");
        let expected =
            [b"{\"a\": \"}\\\"\"}".as_slice(), b"{}"].map(|text| Item::Object(text.to_vec()));
        let [first, last] = expected;
        assert_eq!(items, [first, Item::Garbage, last]);
    }

    #[test]
    fn garbage_is_told_once_a_line() {
        assert_eq!(Parser::default().feed(b"abc def\nx\n"), [Item::Garbage, Item::Garbage]);
    }
}
