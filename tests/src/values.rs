//! JSON values of a schema's types: makes random ones, and checks whether a value is one.

use std::collections::BTreeSet;
use std::fmt;

use qapi_codegen::schema::{Builtin, Encoding, Member, Schema, TypeId, TypeKind};
use serde_json::{Map, Number, Value, json};

/// A small random number generator: the same seed gives the same values everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        // xorshift64*, by Marsaglia and Vigna.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % limit.max(1) as u64).unwrap_or(0)
    }

    /// True once in `of` times.
    pub fn once_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

/// Members whose strings are base64, as `Type.member`: releases do not say so, corrections do.
pub type Encoded = BTreeSet<String>;

/// The members of `schema` that hold base64.
pub fn encoded_members(schema: &Schema) -> Encoded {
    let members = schema.types().flat_map(|(_, ty)| match &ty.kind {
        TypeKind::Struct(object) => {
            object.members.iter().map(|member| (ty.name.as_str(), member)).collect()
        }
        _ => Vec::new(),
    });
    members
        .filter(|(_, member)| member.encoding == Some(Encoding::Base64))
        .map(|(owner, member)| format!("{owner}.{}", member.name))
        .collect()
}

/// Makes random values of the types of one schema.
#[derive(Debug)]
pub struct Values<'a> {
    schema: &'a Schema,
    encoded: &'a Encoded,
    random: Random,
}

/// Deeper than this, values are as small as their type allows.
const DEPTH: usize = 6;

impl<'a> Values<'a> {
    /// Values of `schema`, by `seed`.
    pub fn new(schema: &'a Schema, encoded: &'a Encoded, seed: u64) -> Self {
        Self { schema, encoded, random: Random::new(seed) }
    }

    /// A value of an object type with its members, or of no type: an empty object.
    pub fn object(&mut self, ty: Option<TypeId>) -> Value {
        ty.map_or_else(|| json!({}), |ty| self.value(ty))
    }

    /// A value of `ty`.
    pub fn value(&mut self, ty: TypeId) -> Value {
        self.at_depth(ty, 0)
    }

    fn at_depth(&mut self, ty: TypeId, depth: usize) -> Value {
        match &self.schema[ty].kind {
            TypeKind::Builtin(builtin) => self.builtin(*builtin),
            TypeKind::Enum(kind) => {
                let at = self.random.below(kind.values.len());
                kind.values.get(at).map_or(Value::Null, |value| json!(value.name))
            }
            TypeKind::Array(element) => {
                let length = if depth > DEPTH { 0 } else { self.random.below(4) };
                (0..length).map(|_| self.at_depth(*element, depth + 1)).collect()
            }
            TypeKind::Alternate(kind) => {
                let at = self.random.below(kind.branches.len());
                let branch = kind.branches.get(at).map(|branch| branch.ty);
                branch.map_or(Value::Null, |branch| self.at_depth(branch, depth + 1))
            }
            TypeKind::Struct(_) | TypeKind::Union(_) => {
                let mut members = Map::new();
                self.members(ty, depth, &mut members);
                Value::Object(members)
            }
        }
    }

    fn members(&mut self, ty: TypeId, depth: usize, into: &mut Map<String, Value>) {
        match &self.schema[ty].kind {
            TypeKind::Struct(object) => {
                if let Some(base) = object.base {
                    self.members(base, depth, into);
                }
                for member in &object.members {
                    if !member.optional || (depth <= DEPTH && !self.random.once_in(3)) {
                        let value = self.member(&self.schema[ty].name, member, depth);
                        into.insert(member.name.clone(), value);
                    }
                }
            }
            TypeKind::Union(union) => {
                self.members(union.base, depth, into);
                let tag =
                    into.get(&union.discriminator).and_then(Value::as_str).unwrap_or_default();
                let branch =
                    union.branches.iter().find(|branch| branch.name == tag).map(|branch| branch.ty);
                if let Some(branch) = branch {
                    self.members(branch, depth, into);
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, owner: &str, member: &Member, depth: usize) -> Value {
        if self.encoded.contains(&format!("{owner}.{}", member.name)) {
            return json!(self.base64());
        }
        self.at_depth(member.ty, depth + 1)
    }

    fn builtin(&mut self, builtin: Builtin) -> Value {
        if let Some((least, most)) = range(builtin) {
            return self.integer(least, most);
        }
        match builtin {
            Builtin::Bool => json!(self.random.once_in(2)),
            Builtin::Number => {
                let bits = f64::from_bits(self.random.bits());
                let numbers = [json!(0.0), json!(-1.5), json!(1e300), json!(0.1), json!(-7)];
                match numbers.get(self.random.below(2 * numbers.len())) {
                    Some(number) => number.clone(),
                    None => json!(if bits.is_finite() { bits } else { 1_500_000_000.123_456 }),
                }
            }
            Builtin::Null => Value::Null,
            Builtin::Any => {
                let values =
                    [json!(null), json!([1, "x"]), json!({ "a": { "b": 1.5 } }), json!(-3)];
                values[self.random.below(values.len())].clone()
            }
            _ => json!(self.text()),
        }
    }

    /// Mostly edges, for that is where decoders break.
    fn integer(&mut self, least: i128, most: i128) -> Value {
        let edges = [least, most, 0, 1, least + 1, most - 1];
        let value = match self.random.below(8) {
            at @ 0..=5 => edges[at],
            _ => least + i128::from(self.random.bits()) % (most - least + 1),
        };
        i64::try_from(value)
            .map_or_else(|_| json!(u64::try_from(value).unwrap_or(0)), |value| json!(value))
    }

    /// Words, in which one is often made up of characters that are special to somebody.
    fn text(&mut self) -> String {
        let texts = ["", "qemu", "/dev/sda1", "-", "\u{e9}t\u{e9}"];
        if let Some(text) = texts.get(self.random.below(2 * texts.len())) {
            return (*text).to_owned();
        }
        let characters = ['a', '7', ' ', '"', '\\', '\n', '\0', '\u{7f}', '\u{2028}', '\u{1f600}'];
        let length = self.random.below(6);
        (0..length).map(|_| characters[self.random.below(characters.len())]).collect()
    }

    fn base64(&mut self) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let length = 4 * self.random.below(5);
        let mut text: String =
            (0..length).map(|_| char::from(ALPHABET[self.random.below(ALPHABET.len())])).collect();
        text.push_str(["", "AA==", "/+8="][self.random.below(3)]);
        text
    }
}

/// The values of an integer type, first and last.
fn range(builtin: Builtin) -> Option<(i128, i128)> {
    Some(match builtin {
        Builtin::Int8 => (i8::MIN.into(), i8::MAX.into()),
        Builtin::Int16 => (i16::MIN.into(), i16::MAX.into()),
        Builtin::Int32 => (i32::MIN.into(), i32::MAX.into()),
        Builtin::Int | Builtin::Int64 => (i64::MIN.into(), i64::MAX.into()),
        Builtin::Uint8 => (0, u8::MAX.into()),
        Builtin::Uint16 => (0, u16::MAX.into()),
        Builtin::Uint32 => (0, u32::MAX.into()),
        Builtin::Uint64 | Builtin::Size => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// Checks that `value` is a value of `ty`: every mandatory member there, nothing that the schema does not know.
///
/// # Errors
/// The path of the first thing that is not, and why.
pub fn check(schema: &Schema, ty: TypeId, value: &Value) -> Result<(), String> {
    check_at(schema, ty, value, &Path::Root)
}

/// Where a value is, spelled out only when something is wrong.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Element(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("value"),
            Self::Member(owner, name) => write!(f, "{owner}.{name}"),
            Self::Element(list, at) => write!(f, "{list}[{at}]"),
        }
    }
}

fn check_at(schema: &Schema, ty: TypeId, value: &Value, path: &Path<'_>) -> Result<(), String> {
    let wrong = || Err(format!("{path}: {value} is no {}", schema[ty].name));
    match &schema[ty].kind {
        TypeKind::Builtin(builtin) => {
            if is_builtin(*builtin, value) {
                Ok(())
            } else {
                wrong()
            }
        }
        TypeKind::Enum(kind) => {
            let known = value
                .as_str()
                .is_some_and(|text| kind.values.iter().any(|value| value.name == text));
            if known { Ok(()) } else { wrong() }
        }
        TypeKind::Array(element) => {
            let Some(elements) = value.as_array() else { return wrong() };
            let check = |(at, value)| check_at(schema, *element, value, &Path::Element(path, at));
            elements.iter().enumerate().try_for_each(check)
        }
        TypeKind::Alternate(kind) => {
            let fits =
                kind.branches.iter().any(|branch| check_at(schema, branch.ty, value, path).is_ok());
            if fits { Ok(()) } else { wrong() }
        }
        TypeKind::Struct(_) | TypeKind::Union(_) => {
            let Some(members) = value.as_object() else { return wrong() };
            check_members(schema, ty, members, path)
        }
    }
}

fn check_members(
    schema: &Schema,
    ty: TypeId,
    members: &Map<String, Value>,
    path: &Path<'_>,
) -> Result<(), String> {
    let mut known = schema.members(ty);
    // A branch may be a union itself.
    let mut next = Some(ty);
    while let Some(TypeKind::Union(union)) = next.map(|ty| &schema[ty].kind) {
        let tag = members.get(&union.discriminator).and_then(Value::as_str).unwrap_or_default();
        next = union.branches.iter().find(|branch| branch.name == tag).map(|branch| branch.ty);
        known.extend(next.map(|branch| schema.members(branch)).unwrap_or_default());
    }
    for member in &known {
        match members.get(&member.name) {
            Some(value) => check_at(schema, member.ty, value, &Path::Member(path, &member.name))?,
            None if member.optional => {}
            None => {
                return Err(format!(
                    "{path}: member {} of {} is missing",
                    member.name, schema[ty].name
                ));
            }
        }
    }
    let stray = members.keys().find(|name| known.iter().all(|member| member.name != **name));
    stray.map_or(Ok(()), |name| Err(format!("{path}: {} has no member {name}", schema[ty].name)))
}

fn is_builtin(builtin: Builtin, value: &Value) -> bool {
    if let Some((least, most)) = range(builtin) {
        let integer = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
        return integer.is_some_and(|integer| (least..=most).contains(&integer));
    }
    match builtin {
        Builtin::Bool => value.is_boolean(),
        Builtin::Number => value.is_number(),
        Builtin::Null => value.is_null(),
        Builtin::Any => true,
        _ => value.is_string(),
    }
}

/// Whether two values say the same: numbers by value, since `5` and `5.0` are the same `number`.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || same_number(left, right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}

fn same_number(left: &Number, right: &Number) -> bool {
    (left.is_f64() || right.is_f64()) && left.as_f64() == right.as_f64()
}
