//! Several releases of one schema as one: every definition that ever was, and when.
//!
//! [`History::schema`] is an ordinary [`Schema`] in which a member is mandatory only if it is so wherever its
//! owner exists; [`History::life`] tells what became of each item from release to release.

mod diff;
mod impact;
mod item;
mod life;
mod list;
mod merge;
mod release;

pub use diff::{Change, ChangeKind, Direction, Relation, diff};
pub use impact::{Bump, RULES, Rule, Wire, required_bump};
pub use item::{Item, ItemKind, branch_path, items, member_path, owner_path, type_name};
pub use life::{Era, Life};
pub use list::{InvalidReleaseList, Pin, ReleaseList};
pub use release::{InvalidRelease, Release};

use std::collections::BTreeMap;

use crate::corrections::{CorrectionError, Corrections};
use crate::diagnostic::Diagnostics;
use crate::schema::Schema;

/// One or more releases of a schema.
#[derive(Clone, Debug, Default)]
pub struct History {
    releases: Vec<Release>,
    schema: Schema,
    lives: BTreeMap<String, Life>,
}

impl History {
    /// A schema without a past: nothing is known about when its items came.
    pub fn single(schema: Schema) -> Self {
        Self { releases: Vec::new(), schema, lives: BTreeMap::new() }
    }

    /// Merges releases into one schema that describes every one of them from `floor` on. Older ones count for
    /// the life of items only: what they alone have is there, but what they lack is not optional for it.
    ///
    /// # Errors
    /// Each change that has no description true of both sides is reported to `diagnostics`, and there is no
    /// history: a member that changed its type to an unrelated one, for instance.
    pub fn merge(
        releases: &[(Release, &Schema)],
        floor: Release,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        Self::merge_for(releases, floor, &Corrections::default(), diagnostics)
    }

    /// The same for who is going to [`correct`](Self::correct) the result: a member that a correction makes hold any value may
    /// change its type.
    ///
    /// # Errors
    /// As those of [`merge`](Self::merge).
    pub fn merge_for(
        releases: &[(Release, &Schema)],
        floor: Release,
        corrections: &Corrections,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut ordered = releases.to_vec();
        ordered.sort_by_key(|&(release, _)| release);
        let mut lives = life::lives(&ordered);
        let schema =
            merge::merge(&ordered, floor, &corrections.loosened(), &mut lives, diagnostics)?;
        Some(Self {
            releases: ordered.into_iter().map(|(release, _)| release).collect(),
            schema,
            lives,
        })
    }

    /// Applies corrections to the merged schema.
    ///
    /// # Errors
    /// When one names something the schema does not have, or does not fit what it names.
    pub fn correct(&mut self, corrections: &Corrections) -> Result<(), CorrectionError> {
        corrections.apply(&mut self.schema)
    }

    /// The releases, oldest first. Empty if there is no past.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// All definitions of all releases.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The life of an item: `guest-exec`, `guest-exec.capture-output`, `GuestDiskBusType.nvme`, and with a
    /// slash for a branch, `GuestDiskSmart/nvme`. `None` if nothing is known.
    pub fn life(&self, item: &str) -> Option<&Life> {
        self.lives.get(item)
    }

    /// The lives of all items, by path.
    pub fn lives(&self) -> &BTreeMap<String, Life> {
        &self.lives
    }
}
