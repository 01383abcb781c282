//! What the checks stand on: programs, agents and guests, which are fetched where that is allowed. Tests have to use what there
//! is; what there is not is told in the end.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::TestOptions;
use crate::bench::instructions;
use crate::{install, oldest};

/// The variable that has guests booted.
pub(super) const GUESTS: &str = "QGA_REQUIRE_VM";

/// The variable that has guests run below libvirt.
pub(super) const LIBVIRT: &str = "QGA_REQUIRE_LIBVIRT";

/// The variable that has the container image built.
pub(super) const IMAGE: &str = "QGA_REQUIRE_IMAGE";

/// The variable that has clients used for a while.
const SOAK: &str = "QGA_REQUIRE_SOAK";

/// What there is.
#[derive(Debug, Default)]
pub(super) struct Ground {
    /// The variables that have tests fail where they find less.
    pub(super) required: Vec<&'static str>,
    /// Whether instructions can be counted.
    pub(super) counts_instructions: bool,
    /// Whether there is a compiler that is as old as the bindings promise to do with.
    pub(super) has_oldest_compiler: bool,
    /// QEMU's own test cases of its front end.
    pub(super) corpus: Option<PathBuf>,
    /// What is not run here, and why.
    skipped: Vec<String>,
}

impl Ground {
    /// Looks at what there is, after fetching what is lacking if that is allowed.
    ///
    /// # Errors
    /// When a lab must be there and cannot.
    pub(super) fn prepare(root: &Path, options: &TestOptions) -> Result<Self> {
        let may_install = !options.no_install;
        let mut ground = Self { required: vec![SOAK], ..Self::default() };
        ground.prepare_lab(root, may_install)?;
        let shells = if may_install { install::shells()? } else { install::find_shells() };
        ground.demand(
            "QGA_REQUIRE_SHELLS",
            shells.is_some(),
            "completion in zsh and fish: they are not installed",
        );
        let chromium = if may_install { install::chromium()? } else { install::find_chromium() };
        ground.demand(
            "QGA_REQUIRE_CHROMIUM",
            chromium.is_some(),
            "reports in a browser: Chromium is not installed",
        );
        let valgrind = if may_install { install::valgrind()? } else { install::find_valgrind() };
        let uncounted = match valgrind {
            Some(_) => instructions::incomparable(root)?,
            None => Some("counting instructions: valgrind is not installed".to_owned()),
        };
        ground.counts_instructions = uncounted.is_none();
        ground.skipped.extend(uncounted);
        ground.demand(IMAGE, cfg!(target_os = "linux"), "the container image: it is one of Linux");
        let debian = install::find("cargo-deb").is_some() && install::find("dpkg-deb").is_some();
        ground.demand(
            "QGA_REQUIRE_DEBIAN",
            debian,
            "the Debian package: `cargo install cargo-deb`, on Debian",
        );
        ground.has_oldest_compiler = oldest::is_there(root);
        ground.unless(
            ground.has_oldest_compiler,
            "the oldest compiler of the bindings: `cargo xtask lab rust` fetches it, which takes 121 MB",
        );
        ground.corpus.clone_from(&options.corpus);
        ground.prepare_reference(root, may_install);
        ground.unless(
            may_install,
            "the demonstration: it may install an agent, which `--no-install` forbids",
        );
        Ok(ground)
    }

    /// Prints what is not run here.
    pub(super) fn tell(&self) {
        for what in &self.skipped {
            println!("not run here: {what}");
        }
    }

    /// Has tests demand what is there, and tells what is not.
    fn demand(&mut self, variable: &'static str, is_there: bool, without: &str) {
        self.required.extend(is_there.then_some(variable));
        self.unless(is_there, without);
    }

    fn unless(&mut self, is_there: bool, without: &str) {
        self.skipped.extend((!is_there).then(|| without.to_owned()));
    }
}

#[cfg(not(unix))]
impl Ground {
    fn prepare_lab(&mut self, _: &Path, _: bool) -> Result<()> {
        self.unless(false, "real agents and guests: they are run on Unix");
        Ok(())
    }

    fn prepare_reference(&mut self, _: &Path, _: bool) {
        self.unless(
            self.corpus.is_some(),
            "QEMU's own test cases of its front end: `--corpus DIR` names them",
        );
        self.unless(false, "comparing front ends: QEMU's is fetched from Debian");
    }
}

#[cfg(unix)]
mod lab {
    use std::path::Path;

    use anyhow::Result;

    use super::{GUESTS, Ground, LIBVIRT};
    use crate::install;
    use crate::lab::{Lab, agents, guest, libvirt, source, vsock};

    /// Whether agents and guests can be there where they may be fetched: Debian has both for such machines.
    const IS_EXPECTED: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

    /// Whether a change is being judged: then all of it has to be tried. Wherever that is done, this is set.
    fn is_ci() -> bool {
        std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false")
    }

    /// How many guests are booted: the oldest and the newest.
    const ENDS: usize = 2;

    impl Ground {
        pub(super) fn prepare_lab(&mut self, root: &Path, may_install: bool) -> Result<()> {
            let lab = Lab::of(root);
            let must_be_there = may_install && IS_EXPECTED && is_ci();
            if may_install && IS_EXPECTED {
                let fetched = self.fetch(&lab);
                self.allow(fetched, "agents and guests", must_be_there)?;
            }
            let agents = !agents::fetched(&lab).is_empty();
            self.demand(
                "QGA_REQUIRE_LAB",
                agents || must_be_there,
                "agents of several releases: `cargo xtask lab agents --fetch`",
            );
            let guests = guest::fetched(&lab).len() >= ENDS;
            self.demand(
                GUESTS,
                guests || must_be_there,
                "two guests: `cargo xtask lab vm SUITE --fetch`",
            );
            self.unless(
                vsock::fetched(&lab).is_some(),
                "virtual sockets: the lab has no device for them",
            );
            self.prepare_libvirt(&lab, may_install)?;
            // Only where the lab has none.
            let mut agent = install::find_agent().is_some() || !agents::fetched(&lab).is_empty();
            if !agent && may_install {
                agent = install::agent()?.is_some();
            }
            self.demand(
                "QGA_REQUIRE_AGENT",
                agent,
                "a real agent on this machine: there is no qemu-ga",
            );
            Ok(())
        }

        /// QEMU's front end and its test cases are those of one version, which may leave the mirror like any other.
        pub(super) fn prepare_reference(&mut self, root: &Path, may_install: bool) {
            let lab = Lab::of(root);
            let there = if may_install {
                source::test_cases(&lab)
            } else {
                source::fetched_test_cases(&lab)
            };
            match there {
                Ok(folder) => {
                    self.corpus.get_or_insert(folder);
                    self.demand(
                        "QGA_REQUIRE_REFERENCE",
                        install::find_python().is_some(),
                        "comparing front ends: QEMU's needs Python",
                    );
                }
                Err(error) => {
                    self.unless(
                        self.corpus.is_some(),
                        &format!("QEMU's own test cases of its front end: {error:#}"),
                    );
                    self.unless(false, &format!("comparing front ends: {error:#}"));
                }
            }
        }

        /// Takes note of what could not be fetched, unless it must be there.
        fn allow(&mut self, fetched: Result<()>, what: &str, must_be_there: bool) -> Result<()> {
            match fetched {
                Err(error) if must_be_there => {
                    Err(error.context(format!("{what} have to be tried where `CI` is set")))
                }
                Err(error) => {
                    self.unless(false, &format!("what could not be fetched of {what}: {error:#}"));
                    Ok(())
                }
                Ok(()) => Ok(()),
            }
        }

        /// Fetches agents and guests. A release that the mirror does not have any more is only named.
        fn fetch(&mut self, lab: &Lab) -> Result<()> {
            self.skipped.extend(agents::fetch(lab, agents::SUITES)?);
            guest::fetch_oldest_and_newest(lab)
        }

        fn prepare_libvirt(&mut self, lab: &Lab, may_install: bool) -> Result<()> {
            if let Err(error) = libvirt::usable() {
                self.unless(false, &format!("guests below libvirt: {error:#}"));
                return Ok(());
            }
            if may_install && IS_EXPECTED {
                let fetched = libvirt::fetch_oldest_and_newest(lab)
                    .map(|missing| self.skipped.extend(missing));
                self.allow(fetched, "libvirt", is_ci())?;
            }
            let libvirts = !libvirt::fetched(lab).is_empty();
            self.demand(
                LIBVIRT,
                libvirts,
                "guests below libvirt: `cargo xtask lab libvirt SUITE --fetch`",
            );
            Ok(())
        }
    }
}
