//! The public API of the bindings as text, one line an item, so that a change of it shows in a review.
//!
//! The sources are read as they are: the lint `unreachable_pub` sees to it that whatever says `pub` there can
//! be reached from outside.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, ItemImpl, TraitItem, Visibility};

use crate::update::Update;

/// Every public item of the crate whose sources are in `folder`, sorted. What `update` is about to write counts
/// as written.
///
/// # Errors
/// When a file cannot be read or is not Rust.
pub fn public_api(folder: &Path, update: &Update) -> Result<String> {
    let mut api = Api { lines: BTreeSet::new() };
    for path in sources(folder)? {
        let text = match update.text(&path) {
            Some(text) => text.to_owned(),
            None => {
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?
            }
        };
        let file = syn::parse_file(&text).with_context(|| format!("in {}", path.display()))?;
        let inside = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
        let module = inside
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .filter(|part| !["lib", "mod"].contains(&part.as_str()))
            .collect::<Vec<_>>()
            .join("::");
        api.items(&module, &file.items);
    }
    Ok(api.lines.into_iter().map(|line| line + "\n").collect())
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

struct Api {
    lines: BTreeSet<String>,
}

impl Api {
    fn add(&mut self, module: &str, text: &str) {
        let separator = if module.is_empty() { "" } else { ": " };
        self.lines.insert(format!("{module}{separator}{text}"));
    }

    fn items(&mut self, module: &str, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(inner) if !is_test(&inner.attrs) => {
                    if let Some((_, items)) = &inner.content {
                        self.items(&join(module, &inner.ident.to_string()), items);
                    }
                    if is_public(&inner.vis) {
                        self.add(module, &format!("pub mod {}", inner.ident));
                    }
                }
                Item::Impl(block) => self.implementation(module, block),
                Item::Trait(definition) if is_public(&definition.vis) => {
                    let name = definition.ident.to_string();
                    let bounds = definition.supertraits.to_token_stream();
                    self.add(module, &format!("pub trait {name}: {}", text(&bounds)));
                    for item in &definition.items {
                        let line = match item {
                            TraitItem::Fn(function) => text(&function.sig),
                            TraitItem::Const(constant) => {
                                format!("const {}: {}", constant.ident, text(&constant.ty))
                            }
                            TraitItem::Type(ty) => {
                                format!("type {}: {}", ty.ident, text(&ty.bounds))
                            }
                            _ => continue,
                        };
                        self.add(&join(module, &name), &line);
                    }
                }
                other => self.plain_item(module, other),
            }
        }
    }

    fn plain_item(&mut self, module: &str, item: &Item) {
        match item {
            Item::Use(import) if is_public(&import.vis) => {
                self.add(module, &format!("pub use {}", text(&import.tree)));
            }
            Item::Fn(function) if is_public(&function.vis) => {
                self.add(module, &format!("pub {}", text(&function.sig)));
            }
            Item::Const(constant) if is_public(&constant.vis) => {
                self.add(module, &format!("pub const {}: {}", constant.ident, text(&constant.ty)));
            }
            Item::Static(value) if is_public(&value.vis) => {
                self.add(module, &format!("pub static {}: {}", value.ident, text(&value.ty)));
            }
            Item::Type(alias) if is_public(&alias.vis) => {
                self.add(
                    module,
                    &format!(
                        "pub type {}{} = {}",
                        alias.ident,
                        text(&alias.generics),
                        text(&alias.ty)
                    ),
                );
            }
            Item::Struct(definition) if is_public(&definition.vis) => {
                let head =
                    head("struct", &definition.attrs, &definition.ident, &definition.generics);
                self.add(module, &head);
                for field in definition.fields.iter().filter(|field| is_public(&field.vis)) {
                    let name =
                        field.ident.as_ref().map_or_else(|| "0".to_owned(), ToString::to_string);
                    self.add(
                        &join(module, &definition.ident.to_string()),
                        &format!("pub {name}: {}", text(&field.ty)),
                    );
                }
            }
            Item::Enum(definition) if is_public(&definition.vis) => {
                let head = head("enum", &definition.attrs, &definition.ident, &definition.generics);
                self.add(module, &head);
                for variant in &definition.variants {
                    let fields = match &variant.fields {
                        Fields::Unit => String::new(),
                        fields => text(fields),
                    };
                    self.add(
                        &join(module, &definition.ident.to_string()),
                        &format!("{}{fields}", variant.ident),
                    );
                }
            }
            _ => {}
        }
    }

    fn implementation(&mut self, module: &str, block: &ItemImpl) {
        if is_test(&block.attrs) {
            return;
        }
        let ty = text(&block.self_ty);
        if let Some((path, _)) = &block.trait_ {
            self.add(module, &format!("impl{} {} for {ty}", text(&block.generics), text(path)));
            return;
        }
        for item in &block.items {
            let line = match item {
                ImplItem::Fn(function) if is_public(&function.vis) => text(&function.sig),
                ImplItem::Const(constant) if is_public(&constant.vis) => {
                    format!("const {}: {}", constant.ident, text(&constant.ty))
                }
                _ => continue,
            };
            self.add(&join(module, &ty), &format!("pub {line}"));
        }
    }
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") && text(attribute).contains("(test)"))
}

/// What a user of a type may rely on: its derived traits, and whether it may grow.
fn head(
    kind: &str,
    attributes: &[Attribute],
    name: &syn::Ident,
    generics: &syn::Generics,
) -> String {
    let relevant = attributes
        .iter()
        .filter(|attribute| {
            attribute.path().is_ident("derive") || attribute.path().is_ident("non_exhaustive")
        })
        .map(text);
    let mut parts = relevant.collect::<Vec<_>>();
    parts.push(format!("pub {kind} {name}{}", text(generics)));
    parts.join(" ")
}

/// Tokens on one line, without documentation.
fn text(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    while let Some(start) = text.find("# [doc =") {
        let Some(end) = text[start..].find(']') else { break };
        text.replace_range(start..=start + end, "");
    }
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (loose, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" , ", ", "),
        (" < ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        ("# [", "#["),
        ("[ ", "["),
        (" ]", "]"),
    ] {
        line = line.replace(loose, tight);
    }
    line
}
