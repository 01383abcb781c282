//! What the grammars of older QEMU releases allowed, one switch each.
//!
//! Strict mode, with every switch off, is the language of QEMU 10.2.

/// Something an older release allowed and QEMU 10.2 does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Allowance {
    /// Documentation of any form: faults in doc comments become warnings (before 10.2).
    LegacyDocs,
    /// Commas may be missing between members, and one may trail (0.15 to 1.5).
    LooseCommas,
    /// `\'`, JSON's escapes and non-ASCII text in strings (1.2 to 4.1).
    StringEscapes,
    /// The literal `null` (2.4 to 4.1).
    NullLiteral,
    /// `type` for `struct` (before 2.4).
    TypeKeyword,
    /// Flags spelt `'no'` instead of `false` (1.1 to 2.3).
    NoFlags,
    /// Structs written in place of a type name (before 2.4).
    InlineStructs,
    /// Unions without discriminator: members wrapped in `data`, tag in `type` (1.1 to 6.1).
    SimpleUnions,
    /// Unions with `'discriminator': {}`, today's alternates (1.6 to 2.3).
    AnonymousUnions,
    /// A discriminator that is a string, its values the branches (1.6 to 1.7).
    StringDiscriminators,
    /// Flat unions with fewer or more branches than values, and other old branch rules.
    LooseUnions,
    /// `**`, `dict` and `visitor` for `any` (before 2.5).
    AnySynonyms,
    /// Conditions as C text such as `defined(CONFIG_X)`, or a list of them (3.0 to 6.1).
    TextConditions,
    /// Pragma keys with `whitelist` in their names (2.9 to 5.2).
    WhitelistPragmas,
    /// Names that today's rules refuse, reported as warnings (before 6.0).
    LooseNames,
    /// Return types that today's rules refuse, reported as warnings (before 2.9).
    LooseReturns,
    /// Conditions on arguments that are not boxed (4.0 to 8.0).
    LooseArguments,
    /// Keys a release knew that 10.2 does not, such as `gen` with a string.
    RetiredKeys,
}

impl Allowance {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::LegacyDocs,
        Self::LooseCommas,
        Self::StringEscapes,
        Self::NullLiteral,
        Self::TypeKeyword,
        Self::NoFlags,
        Self::InlineStructs,
        Self::SimpleUnions,
        Self::AnonymousUnions,
        Self::StringDiscriminators,
        Self::LooseUnions,
        Self::AnySynonyms,
        Self::TextConditions,
        Self::WhitelistPragmas,
        Self::LooseNames,
        Self::LooseReturns,
        Self::LooseArguments,
        Self::RetiredKeys,
    ];

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The set of allowances a schema is read with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    allowed: u32,
}

impl Dialect {
    /// QEMU 10.2's rules, nothing else.
    pub const fn strict() -> Self {
        Self { allowed: 0 }
    }

    /// Everything that any release from 0.15 on allowed.
    pub fn any() -> Self {
        Allowance::ALL.into_iter().fold(Self::strict(), Self::with)
    }

    /// This dialect and one allowance more.
    #[must_use]
    pub const fn with(self, allowance: Allowance) -> Self {
        Self { allowed: self.allowed | allowance.bit() }
    }

    /// Whether `allowance` is part of this dialect.
    pub const fn allows(self, allowance: Allowance) -> bool {
        self.allowed & allowance.bit() != 0
    }
}
