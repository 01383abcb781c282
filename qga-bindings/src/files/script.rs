//! What is done to files in the guest by its own programs. Every path is a parameter, never part of a script.

/// Makes sure that file `$1` exists and has permissions `$2`, before there is anything in it.
pub(crate) const PERMIT: &str = r#"umask 077 && : >>"$1" && chmod -- "$2" "$1""#;

/// Prints the permissions of file `$1`, in octal.
pub(crate) const PERMISSIONS: &str = r#"stat -c %a -- "$1" 2>/dev/null || stat -f %Lp -- "$1""#;

/// Makes a new file beside `$1`, which only its owner can read, and prints its path.
pub(crate) const BESIDE: &str = r#"umask 077 && mktemp -- "$1.XXXXXX""#;

/// Puts file `$1` in the place of `$2`, with permissions `$3` or else with those that `$2` has.
pub(crate) const REPLACE: &str = r#"
if [ -d "$2" ]; then echo "it is a directory" >&2; exit 1; fi
mode=$3
if [ -z "$mode" ] && [ -e "$2" ]; then
    mode=$(stat -c %a -- "$2" 2>/dev/null || stat -f %Lp -- "$2") || exit 1
fi
if [ -n "$mode" ]; then chmod -- "$mode" "$1" || exit 1; fi
exec mv -f -- "$1" "$2""#;

/// Removes file `$1`.
pub(crate) const REMOVE: &str = r#"exec rm -f -- "$1""#;

/// Prints the SHA-256 digest of file `$1`, by whatever program there is for it.
pub(crate) const DIGEST: &str = r#"
if command -v sha256sum >/dev/null 2>&1; then exec sha256sum <"$1"; fi
if command -v shasum >/dev/null 2>&1; then exec shasum -a 256 <"$1"; fi
if command -v sha256 >/dev/null 2>&1; then exec sha256 -q <"$1"; fi
if command -v openssl >/dev/null 2>&1; then exec openssl dgst -sha256 -r <"$1"; fi
exit 127"#;

/// Whether there is a directory `$1`.
pub(crate) const IS_DIR: &str = r#"[ -d "$1" ]"#;

/// Makes a file for something that is on its way, which only its owner can read, and prints its path.
pub(crate) const TEMPORARY: &str = r#"umask 077 && mktemp "${TMPDIR:-/tmp}/qga.XXXXXX""#;

/// Writes an archive of what is in directory `$1`.
pub(crate) const PACK: &str = r#"exec tar -cf - -C "$1" ."#;

/// Unpacks archive `$1` into directory `$2`.
pub(crate) const UNPACK: &str = r#"mkdir -p -- "$2" && exec tar -xf "$1" -C "$2""#;
