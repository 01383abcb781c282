//! Generated types to the same types with serde's derive: what others would have generated.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, ImplItem, Item, ItemEnum, ItemImpl, ItemStruct, Path, parse_quote};

/// What is known of the types of a schema by what was generated to read and write them.
#[derive(Default)]
pub(super) struct Wire {
    /// The member of each field, by type.
    members: BTreeMap<String, BTreeMap<String, String>>,
    /// The fields whose members stand beside those of the others, by type.
    flattened: BTreeMap<String, Vec<String>>,
    /// The value of each variant, by type.
    values: BTreeMap<String, BTreeMap<String, String>>,
    /// The type and the variant of the discriminator that select each branch, by type.
    branches: BTreeMap<String, BTreeMap<String, (String, String)>>,
    /// The discriminator of each union, by type.
    tags: BTreeMap<String, String>,
    /// The struct that each type of branches belongs to.
    owners: BTreeMap<String, String>,
    /// The alternates.
    untagged: Vec<String>,
}

impl Wire {
    /// Looks at one more of the generated files.
    pub(super) fn learn(&mut self, file: &syn::File) {
        for item in &file.items {
            match item {
                Item::Impl(item) => self.learn_impl(item),
                Item::Struct(item) => {
                    for field in &item.fields {
                        let ty = field.ty.to_token_stream().to_string();
                        self.owners.insert(ty, item.ident.to_string());
                    }
                }
                _ => {}
            }
        }
    }

    fn learn_impl(&mut self, item: &ItemImpl) {
        let name = item.self_ty.to_token_stream().to_string();
        let tokens = flat(item.to_token_stream());
        for (at, window) in tokens.windows(5).enumerate() {
            let [one, two, three, four, five] = [0, 1, 2, 3, 4].map(|at| window[at].as_str());
            match (one, two, three, four, five) {
                (".", "must" | "may", "(", member, ",") => {
                    let rest = tokens.get(at + 5..).unwrap_or_default();
                    self.learn_member(&name, &unquoted(member), rest);
                }
                ("self", ".", field, ".", "write") => {
                    self.flattened.entry(name.clone()).or_default().push(field.into());
                }
                ("Self", "::", variant, "=>", value) if value.starts_with('"') => {
                    let values = self.values.entry(name.clone()).or_default();
                    values.insert(variant.into(), unquoted(value));
                }
                ("branch", "(", "Self", "::", variant) => {
                    let before = tokens.get(at.saturating_sub(7)..at).unwrap_or_default();
                    let before: Vec<&str> = before.iter().map(String::as_str).collect();
                    if let [.., tag, "::", value, "=>", "rest", "."]
                    | [.., tag, "::", value, "=>", "{", "rest", "."] = before[..]
                    {
                        let branches = self.branches.entry(name.clone()).or_default();
                        branches.insert(variant.into(), (tag.into(), value.into()));
                    }
                }
                ("wire", "::", "alternate", ..) => self.untagged.push(name.clone()),
                _ => {}
            }
        }
    }

    /// `rest` begins with the value of the member.
    fn learn_member(&mut self, name: &str, member: &str, rest: &[String]) {
        let Some(at) = rest.iter().position(|token| token == "self") else { return };
        let rest: Vec<&str> = rest.iter().skip(at).take(6).map(String::as_str).collect();
        match rest[..] {
            ["self", ".", "tag", "(", ..] | ["self", ".", _, ".", "tag", "("] => {
                self.tags.insert(name.into(), member.into());
            }
            ["self", ".", field, ..] => {
                let members = self.members.entry(name.into()).or_default();
                members.insert(field.into(), member.into());
            }
            _ => {}
        }
    }

    fn tag(&self, name: &str) -> Option<&String> {
        let of_owner = || self.owners.get(name).and_then(|owner| self.tags.get(owner));
        self.tags.get(name).or_else(of_owner)
    }

    /// The same file, with derives for what was written out.
    pub(super) fn derive(&self, mut file: syn::File) -> Result<String> {
        file.items.retain(|item| !matches!(item, Item::Impl(item) if is_replaced(item)));
        for item in &mut file.items {
            match item {
                Item::Struct(item) => self.derive_struct(item)?,
                Item::Enum(item) => self.derive_enum(item)?,
                _ => {}
            }
        }
        Ok(file.to_token_stream().to_string())
    }

    fn derive_struct(&self, item: &mut ItemStruct) -> Result<()> {
        let ty = item.ident.to_string();
        let (members, flattened) = (self.members.get(&ty), self.flattened.get(&ty));
        item.attrs.push(derives());
        // The argument of a command that is a type of its own.
        if members.is_none() && flattened.is_none() && item.fields.len() == 1 {
            item.attrs.push(parse_quote!(#[serde(transparent)]));
            return Ok(());
        }
        for field in &mut item.fields {
            let Some(name) = field.ident.as_ref().map(ToString::to_string) else { continue };
            if let Some(member) = members.and_then(|members| members.get(&name)) {
                field.attrs.push(parse_quote!(#[serde(rename = #member)]));
            } else {
                let is_flattened = flattened.is_some_and(|fields| fields.contains(&name));
                ensure!(is_flattened, "how {name} of {ty} is written is not known: learn it here");
                field.attrs.push(parse_quote!(#[serde(flatten)]));
            }
            if field.ty.to_token_stream().to_string().starts_with("Option <") {
                field.attrs.push(parse_quote!(#[serde(skip_serializing_if = "Option::is_none")]));
            }
        }
        Ok(())
    }

    /// What is kept of values and branches that are not known has no derive: it is left out, which costs less.
    fn derive_enum(&self, item: &mut ItemEnum) -> Result<()> {
        let name = item.ident.to_string();
        let (values, branches) = (self.values.get(&name), self.branches.get(&name));
        if self.untagged.contains(&name) {
            item.attrs.extend([derives(), parse_quote!(#[serde(untagged)])]);
            return Ok(());
        }
        if branches.is_some() {
            let tag = self.tag(&name).with_context(|| format!("{name} has no discriminator"))?;
            item.attrs.extend([derives(), parse_quote!(#[serde(tag = #tag)])]);
        } else if values.is_some() {
            item.attrs.push(derives());
        } else {
            return Ok(());
        }
        for variant in &mut item.variants {
            let key = variant.ident.to_string();
            let selected = branches.and_then(|branches| branches.get(&key));
            let value = match selected {
                Some((tag, value)) => self.values.get(tag).and_then(|values| values.get(value)),
                None => values.and_then(|values| values.get(&key)),
            };
            variant.attrs.push(match value {
                Some(value) => parse_quote!(#[serde(rename = #value)]),
                None => parse_quote!(#[serde(skip)]),
            });
        }
        Ok(())
    }
}

fn derives() -> Attribute {
    parse_quote!(#[derive(::serde::Serialize, ::serde::Deserialize)])
}

/// Whether the derives make it superfluous: reading and writing, and what only these use.
fn is_replaced(item: &ItemImpl) -> bool {
    let of_trait = |path: &Path| {
        path.segments.iter().any(|part| part.ident == "Serialize" || part.ident == "Deserialize")
    };
    let is_read =
        |item: &ImplItem| matches!(item, ImplItem::Fn(method) if method.sig.ident == "read");
    item.trait_.as_ref().map_or_else(|| item.items.iter().any(is_read), |(path, _)| of_trait(path))
}

/// All tokens, also those within brackets; `::` and `=>` are one each.
fn flat(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::None => ("", ""),
                };
                all.push(open.into());
                all.extend(flat(group.stream()));
                all.push(close.into());
            }
            TokenTree::Punct(punct) => match (all.last_mut(), punct.as_char()) {
                (Some(last), character @ (':' | '>')) if last == ":" || last == "=" => {
                    last.push(character);
                }
                (_, character) => all.push(character.into()),
            },
            other => all.push(other.to_string()),
        }
    }
    all
}

fn unquoted(literal: &str) -> String {
    literal.trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    /// What the generator writes for a struct, an enum and a union, without what does not matter here.
    const GENERATED: &str = r#"
        pub struct Point { pub x: i64, pub the_label: Option<String> }
        impl Serialize for Point {
            fn serialize() {
                wire::write(s)?.must("x", &self.x)?.may("the-label", self.the_label.as_ref())?.end()
            }
        }
        pub enum Kind { Square, Unrecognized(Unrecognized) }
        impl Kind {
            pub fn as_str(&self) -> &str {
                match self { Self::Square => "a-square", Self::Unrecognized(text) => text.as_str() }
            }
        }
        pub enum Shape { Square(Box<Point>), Other(OtherBranch<Kind>) }
        impl<'de> Deserialize<'de> for Shape {
            fn deserialize() {
                wire::union(d, "Shape", &["kind"], |Must(tag), rest| match tag {
                    Kind::Square => rest.branch(Self::Square),
                    tag => rest.keep(tag, Self::Other),
                })
            }
        }
        impl Serialize for Shape {
            fn serialize() { wire::write(s)?.must("kind", &self.tag())? }
        }
        pub struct Placed { pub place: Point, pub branch: Shape }
        impl Serialize for Placed {
            fn serialize() {
                self.branch
                    .write(wire::write(s)?.must("place", &self.place)?.must("kind", &self.branch.tag())?)?
                    .end()
            }
        }
    "#;

    const DERIVED: &str = r#"
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        pub struct Point {
            #[serde(rename = "x")]
            pub x: i64,
            #[serde(rename = "the-label")]
            #[serde(skip_serializing_if = "Option::is_none")]
            pub the_label: Option<String>
        }
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        pub enum Kind {
            #[serde(rename = "a-square")]
            Square,
            #[serde(skip)]
            Unrecognized(Unrecognized)
        }
        impl Kind {
            pub fn as_str(&self) -> &str {
                match self { Self::Square => "a-square", Self::Unrecognized(text) => text.as_str() }
            }
        }
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        #[serde(tag = "kind")]
        pub enum Shape {
            #[serde(rename = "a-square")]
            Square(Box<Point>),
            #[serde(skip)]
            Other(OtherBranch<Kind>)
        }
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        pub struct Placed {
            #[serde(rename = "place")]
            pub place: Point,
            #[serde(flatten)]
            pub branch: Shape
        }
    "#;

    #[test]
    fn what_is_written_out_for_reading_and_writing_becomes_attributes_for_the_derive() -> Result<()>
    {
        let file = syn::parse_file(GENERATED)?;
        let mut wire = Wire::default();
        wire.learn(&file);
        assert_eq!(wire.derive(file)?, syn::parse_file(DERIVED)?.to_token_stream().to_string());
        Ok(())
    }

    #[test]
    fn a_field_that_is_written_in_a_way_that_is_not_known_is_told() -> Result<()> {
        let other = GENERATED.replace("must(\"x\", ", "quite(\"x\", ");
        let file = syn::parse_file(&other)?;
        let mut wire = Wire::default();
        wire.learn(&file);
        let Err(error) = wire.derive(file) else { bail!("nothing is told") };
        ensure!(error.to_string().starts_with("how x of Point is written"), "{error}");
        Ok(())
    }

    #[test]
    fn every_field_of_the_bindings_is_written_in_a_way_that_is_known() -> Result<()> {
        let generated = crate::root()?.join("qga-bindings/src/generated");
        let files = ["types.rs", "commands.rs"].map(|name| {
            let text = std::fs::read_to_string(generated.join(name))?;
            syn::parse_file(&text).map_err(anyhow::Error::from)
        });
        let files = files.into_iter().collect::<Result<Vec<_>>>()?;
        let mut wire = Wire::default();
        for file in &files {
            wire.learn(file);
        }
        for file in files {
            ensure!(wire.derive(file)?.contains("serde (rename"), "nothing has a name");
        }
        Ok(())
    }
}
