//! JSON text that is kept to be read later, when it is known as what.

use serde_core::de::{DeserializeOwned, Error};
use serde_core::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// How deep a value may be nested. Reading kept text starts `serde_json`'s own count again, so that without this
/// limit a hostile peer could nest unions in unions until the stack ends.
const MAX_NESTING: usize = 128;

/// One JSON value as text, nested no deeper than 128 levels.
#[derive(Clone, Debug)]
pub struct Raw(Box<RawValue>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(d)?;
        if nested_deeper_than(MAX_NESTING, raw.get()) {
            return Err(D::Error::custom(format_args!(
                "a value is nested deeper than {MAX_NESTING} levels"
            )));
        }
        Ok(Self(raw))
    }
}

impl Raw {
    /// The JSON text.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// Reads the value, and makes something of it.
    ///
    /// # Errors
    /// The value is not of this type.
    pub fn decode<T: DeserializeOwned, V>(
        &self,
        build: impl FnOnce(T) -> V,
    ) -> serde_json::Result<V> {
        T::deserialize(self.value()).map(build)
    }

    pub(super) fn value(&self) -> &RawValue {
        &self.0
    }

    pub(super) fn into_inner(self) -> Box<RawValue> {
        self.0
    }
}

/// Whether valid JSON text has more than `limit` arrays and objects inside each other.
fn nested_deeper_than(limit: usize, text: &str) -> bool {
    let mut depth = 0_usize;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => _ = bytes.next(),
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// An error of kept text as one of the text around it: positions within the kept text would mislead.
pub(super) fn outer<E: Error>(error: &serde_json::Error) -> E {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    E::custom(text.strip_suffix(&place).unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::nested_deeper_than;

    #[test]
    fn only_arrays_and_objects_nest() {
        assert!(nested_deeper_than(1, "[[]]"));
        assert!(!nested_deeper_than(2, "[[]]"));
        assert!(!nested_deeper_than(1, "[] "));
        assert!(!nested_deeper_than(1, r#"{"a[{\"[[":"[\\"}"#));
        assert!(nested_deeper_than(0, "{}"));
        assert!(!nested_deeper_than(0, "1"));
    }
}
