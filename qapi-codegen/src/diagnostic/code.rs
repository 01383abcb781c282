//! The stable names of everything that can be wrong.

/// The stage that finds a fault. Loading, with syntax, documentation and directives, is one pass over the text;
/// each stage after it runs only if the one before found no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Reading files.
    Load,
    /// Tokens, expressions, lines of documentation: the only stage whose positions have a column.
    Syntax,
    /// Documentation comments as a whole.
    Documentation,
    /// The top level of a file: include and pragma.
    Directive,
    /// The shape of one definition, without looking up names.
    Shape,
    /// Definitions against each other.
    Schema,
    /// Releases of a schema against each other.
    History,
    /// Making Rust of a schema.
    Rust,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = ($name:literal, $stage:ident),)+) => {
        /// Names a kind of fault; the text form is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Every code, in the order of the stages.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name, in kebab case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The stage that reports it.
            pub const fn stage(self) -> Stage {
                match self { $(Self::$variant => Stage::$stage,)+ }
            }

            /// What it means, in a sentence or two.
            pub const fn explain(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+),)+ }
            }
        }
    };
}

codes! {
    // Load.
    /// A file cannot be read.
    Unreadable = ("unreadable", Load),
    /// A file is larger than any schema file.
    FileTooLarge = ("file-too-large", Load),
    /// The files of a schema together are larger, more, or hold more than any schema.
    SchemaTooLarge = ("schema-too-large", Load),

    // Syntax.
    /// A file is not UTF-8.
    InvalidUtf8 = ("invalid-utf8", Syntax),
    /// Text that is no part of the language.
    StrayText = ("stray-text", Syntax),
    /// A string that does not end on its line.
    UnterminatedString = ("unterminated-string", Syntax),
    /// A character that cannot be part of a string.
    StringCharacter = ("string-character", Syntax),
    /// A backslash that is not followed by a backslash.
    StringEscape = ("string-escape", Syntax),
    /// A string that is longer than any name.
    StringTooLong = ("string-too-long", Syntax),
    /// Something else should stand here.
    UnexpectedToken = ("unexpected-token", Syntax),
    /// An object has one key twice.
    DuplicateKey = ("duplicate-key", Syntax),
    /// Objects and arrays within each other, deeper than in any schema.
    NestingTooDeep = ("nesting-too-deep", Syntax),
    /// Something follows the `##` that begins a documentation comment.
    DocStart = ("doc-start", Syntax),
    /// Something follows the `##` that ends a documentation comment.
    DocEnd = ("doc-end", Syntax),
    /// A documentation comment is not ended by `##`.
    DocUnclosed = ("doc-unclosed", Syntax),
    /// A documentation line has no blank after its `#`.
    DocSpace = ("doc-space", Syntax),
    /// A documentation line has more than 70 characters.
    DocLineLength = ("doc-line-length", Syntax),
    /// Two sentences of documentation are separated by one space instead of two.
    DocSentenceSpace = ("doc-sentence-space", Syntax),
    /// The line that names a definition does not end with a colon.
    DocSymbolColon = ("doc-symbol-colon", Syntax),
    /// The line that should name a definition does not.
    DocSymbolEmpty = ("doc-symbol-empty", Syntax),
    /// A member is described in a comment that names no definition.
    DocFreeFormMember = ("doc-free-form-member", Syntax),
    /// A line of a section is indented less than the first one.
    DocIndent = ("doc-indent", Syntax),
    /// Features are listed twice.
    DocFeaturesTwice = ("doc-features-twice", Syntax),
    /// A list of features is empty.
    DocFeaturesEmpty = ("doc-features-empty", Syntax),
    /// A member is described after other sections.
    DocMemberOrder = ("doc-member-order", Syntax),
    /// A section of a kind that no longer exists, such as `Note:`.
    DocRetiredSection = ("doc-retired-section", Syntax),

    // Documentation.
    /// A section without text.
    DocTextMissing = ("doc-text-missing", Documentation),
    /// Two sections of a kind of which there can be one.
    DocSectionTwice = ("doc-section-twice", Documentation),
    /// A member or feature is described twice.
    DocMemberTwice = ("doc-member-twice", Documentation),
    /// A description of a member without a name.
    DocMemberUnnamed = ("doc-member-unnamed", Documentation),
    /// Documentation of a definition is not followed by one.
    DocStranded = ("doc-stranded", Documentation),
    /// A definition follows documentation that does not name it.
    DocSymbolMissing = ("doc-symbol-missing", Documentation),
    /// Documentation of an older release, which does not follow today's rules.
    LegacyDocs = ("legacy-docs", Documentation),

    // Directive.
    /// Something at the top level is not an object.
    TopLevelNotObject = ("top-level-not-object", Directive),
    /// An include directive of the wrong form.
    IncludeInvalid = ("include-invalid", Directive),
    /// A file includes itself, directly or not.
    IncludeCycle = ("include-cycle", Directive),
    /// Files include each other deeper than in any schema.
    IncludeTooDeep = ("include-too-deep", Directive),
    /// A pragma directive of the wrong form.
    PragmaInvalid = ("pragma-invalid", Directive),
    /// A pragma that does not exist.
    PragmaUnknown = ("pragma-unknown", Directive),
    /// A pragma's value is of the wrong type.
    PragmaValue = ("pragma-value", Directive),

    // Shape.
    /// A definition has none of the keys that say what it defines, or several of them.
    DefinitionKind = ("definition-kind", Shape),
    /// A name has characters that names cannot have, or none at all.
    NameInvalid = ("name-invalid", Shape),
    /// A name does not follow the spelling rule of its kind, such as CamelCase for types.
    NameStyle = ("name-style", Shape),
    /// A name is taken by the language itself.
    NameReserved = ("name-reserved", Shape),
    /// A definition lacks the comment that the pragma `doc-required` asks for.
    DocMissing = ("doc-missing", Shape),
    /// A comment names another definition than the one it stands before.
    DocSymbol = ("doc-symbol", Shape),
    /// A comment has a section that this definition cannot have.
    DocSection = ("doc-section", Shape),
    /// An object lacks a key.
    KeyMissing = ("key-missing", Shape),
    /// An object has a key that means nothing there.
    KeyUnknown = ("key-unknown", Shape),
    /// A value is of the wrong kind, such as a string where an array must be.
    ValueInvalid = ("value-invalid", Shape),
    /// A value cannot name a type.
    TypeInvalid = ("type-invalid", Shape),
    /// The value of `if` is not a condition.
    ConditionInvalid = ("condition-invalid", Shape),
    /// A flag is set to its default, or to something that is no flag. Flags are written only to change them.
    FlagInvalid = ("flag-invalid", Shape),
    /// Two flags exclude each other.
    FlagConflict = ("flag-conflict", Shape),
    /// Arguments are to travel as one struct, but there are none.
    BoxedWithoutData = ("boxed-without-data", Shape),
    /// An alternate has no branches.
    AlternateEmpty = ("alternate-empty", Shape),

    // Schema.
    /// Two definitions have the same name, or one has the name of a built-in type.
    Redefinition = ("redefinition", Schema),
    /// A name stands where a type should, but there is no such type.
    TypeUnknown = ("type-unknown", Schema),
    /// An array's elements are to be arrays.
    ArrayOfArray = ("array-of-array", Schema),
    /// The same feature is given twice.
    FeatureDuplicate = ("feature-duplicate", Schema),
    /// `deprecated` or `unstable` on a type: only what clients use by name can be that.
    FeatureOnType = ("feature-on-type", Schema),
    /// A base is not a struct.
    BaseInvalid = ("base-invalid", Schema),
    /// An object would contain itself, through its base or its branches.
    ContainsItself = ("contains-itself", Schema),
    /// Bases or branches nest too deep.
    ObjectTooDeep = ("object-too-deep", Schema),
    /// The members of all objects, those of their bases and branches included, are too many.
    ObjectsTooLarge = ("objects-too-large", Schema),
    /// Two members of one object have the same name, as C sees names.
    MemberClash = ("member-clash", Schema),
    /// Two values of an enum have the same name, as C sees names.
    ValueClash = ("value-clash", Schema),
    /// Two branches of an alternate have the same name, as C sees names.
    BranchClash = ("branch-clash", Schema),
    /// A discriminator is no member of the base, or none that can select a branch.
    DiscriminatorInvalid = ("discriminator-invalid", Schema),
    /// A union has no branches and its discriminator no values.
    UnionEmpty = ("union-empty", Schema),
    /// A branch of a union is not named after a value of the discriminator.
    BranchUnknown = ("branch-unknown", Schema),
    /// A branch has a type that branches cannot have.
    BranchType = ("branch-type", Schema),
    /// The JSON type of a value does not tell which branch of an alternate it is.
    AlternateAmbiguous = ("alternate-ambiguous", Schema),
    /// The arguments of a command, or the data of an event, are not an object.
    ArgumentsType = ("arguments-type", Schema),
    /// The arguments are a union, but not boxed.
    ArgumentsUnion = ("arguments-union", Schema),
    /// Some arguments exist under conditions, but they are not boxed.
    ArgumentsConditional = ("arguments-conditional", Schema),
    /// A command returns neither an object nor an array of objects.
    ReturnsType = ("returns-type", Schema),
    /// A member, value, branch or feature is not described, although its definition has a comment.
    DocIncomplete = ("doc-incomplete", Schema),
    /// A comment describes a member that does not exist, or not here.
    DocMemberUnknown = ("doc-member-unknown", Schema),
    /// A comment describes a feature that does not exist.
    DocFeatureUnknown = ("doc-feature-unknown", Schema),
    /// The schema has more distinct features than programs can keep apart.
    TooManyFeatures = ("too-many-features", Schema),

    // History.
    /// A definition changed between two releases in a way that one Rust type cannot describe.
    IncompatibleRelease = ("incompatible-release", History),

    /// A name of the schema cannot be written in Rust.
    RustName = ("rust-name", Rust),
    /// Two names of the schema would be one in Rust.
    RustNameClash = ("rust-name-clash", Rust),
    /// A member is said to be encoded in a way its type cannot be.
    RustEncoding = ("rust-encoding", Rust),
    /// The schema is too large to be made into Rust.
    RustTooLarge = ("rust-too-large", Rust),
    /// The options of the generator do not fit the schema.
    RustOption = ("rust-option", Rust),
    /// What was generated is no Rust: a fault of the generator.
    RustSyntax = ("rust-syntax", Rust),
    /// Something of the schema is not documented.
    DocsMissing = ("docs-missing", Rust),
    /// Something is documented that the schema does not have.
    DocsUnused = ("docs-unused", Rust),
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
