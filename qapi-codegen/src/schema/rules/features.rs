//! The rules on features.

use std::collections::BTreeSet;

use super::{Rules, fault};
use crate::check::definition::FeatureItem;
use crate::diagnostic::{Code, Diagnostics};
use crate::schema::draft::{Draft, DraftKind, Drafts};
use crate::syntax::quote::quoted;

/// The features that mean something to QAPI itself.
const SPECIAL: [&str; 2] = ["deprecated", "unstable"];

/// How many distinct features one schema can have.
const NUMBER: usize = 64;

impl Rules<'_> {
    /// Checks the features of the entity as a whole.
    pub(super) fn check_features(&mut self, draft: &Draft) -> Option<()> {
        let features = &draft.traits.features;
        if features.is_empty() {
            return Some(());
        }
        let mut good = self.check_duplicates(draft, features, &draft.describe());
        let is_special = |item: &&FeatureItem| SPECIAL.contains(&item.name.value.as_str());
        if let Some(feature) = features.iter().find(is_special).filter(|_| draft.is_type()) {
            let message = format!("a type cannot have the feature {}", quoted(&feature.name.value));
            let help = "give it to the commands, events, members and values that use the type";
            self.report(
                fault(draft, Code::FeatureOnType, message).label(feature.name.span, "").help(help),
            );
            good = None;
        }
        good
    }
}

/// Checks that there are not too many distinct features.
pub(super) fn check_number(drafts: &Drafts, diagnostics: &mut Diagnostics) {
    let mut names: BTreeSet<&str> = SPECIAL.into();
    for draft in &drafts.entities {
        for feature in features_within(draft) {
            if names.insert(&feature.name.value) && names.len() > NUMBER {
                let message = format!("{} is one feature too many", quoted(&feature.name.value));
                let help = format!(
                    "a schema can have {NUMBER} distinct features, `deprecated` and `unstable` always included"
                );
                let fault = fault(draft, Code::TooManyFeatures, message);
                diagnostics.push(fault.label(feature.name.span, "").help(help));
                return;
            }
        }
    }
}

fn features_within(draft: &Draft) -> impl Iterator<Item = &FeatureItem> {
    let (values, members) = match &draft.kind {
        DraftKind::Enum { values, .. } => (values.as_slice(), [].as_slice()),
        DraftKind::Object { members, .. } => ([].as_slice(), members.as_slice()),
        _ => ([].as_slice(), [].as_slice()),
    };
    let of_values = values.iter().flat_map(|value| &value.traits.features);
    let of_members = members.iter().flat_map(|member| &member.traits.features);
    draft.traits.features.iter().chain(of_values).chain(of_members)
}
