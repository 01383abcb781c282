//! `apt-get` with lists and sources of its own: packages of any suite by name, downloaded and unpacked into a folder.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::Lab;
use super::mirror::Mirror;
use crate::install;

/// How the packages begin that programs need to run; a kernel's package is named after its version. What else is depended on
/// is there to install and configure packages.
const RUN: [&str; 3] = ["lib", "zlib", "linux-image-"];

/// Forgets what the system's apt does besides: images for containers have it remove what the system's own has downloaded.
const WITHOUT_HOOKS: &str = "\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Post-Invoke-Stats;
";

/// apt for one suite.
pub(super) struct Apt {
    suite: String,
    /// Where its packages come from.
    mirror: String,
    folder: PathBuf,
}

/// A package to be downloaded.
#[derive(Debug, PartialEq, Eq)]
struct Package {
    name: String,
    /// Of the file, in bytes.
    size: u64,
}

impl Apt {
    /// Prepares the lists and sources of `suite`, and touches nothing outside of the lab.
    ///
    /// # Errors
    /// When there is no apt, no mirror, or the folder cannot be written.
    pub(super) fn of(lab: &Lab, suite: &str) -> Result<Self> {
        Self::prepare(lab, suite, "deb", suite)
    }

    /// The same for what packages are made of.
    ///
    /// # Errors
    /// As for packages.
    pub(super) fn of_sources(lab: &Lab, suite: &str) -> Result<Self> {
        Self::prepare(lab, suite, "deb-src", &format!("{suite}-sources"))
    }

    fn prepare(lab: &Lab, suite: &str, kind: &str, name: &str) -> Result<Self> {
        // The second unpacks with the third.
        for program in ["apt-get", "dpkg-deb", "tar"] {
            ensure!(
                install::find(program).is_some(),
                "there is no {program} here, and the lab is made of Debian packages: fill it on a machine that has Debian's \
                 apt and dpkg, copy it, and name the copy in QGA_LAB"
            );
        }
        let mirror = Mirror::of_this_machine()?;
        let folder = std::path::absolute(lab.join("apt").join(name))?;
        for inside in ["lists/partial", "cache/archives/partial"] {
            let inside = folder.join(inside);
            fs::create_dir_all(&inside).with_context(|| format!("making {}", inside.display()))?;
        }
        // What backports need beside themselves is in the suite they are made for.
        let base = suite.strip_suffix("-backports").map(|base| mirror.source(kind, base));
        let sources = [mirror.source(kind, suite), base.unwrap_or_default()].concat();
        fs::write(folder.join("sources.list"), sources)?;
        // Nothing is installed as far as this apt knows, so that it names every package that is needed.
        fs::write(folder.join("status"), "")?;
        fs::write(folder.join("apt.conf"), WITHOUT_HOOKS)?;
        Ok(Self { suite: suite.to_owned(), mirror: mirror.uri, folder })
    }

    /// Unpacks packages, and those that they need to run, into a new folder.
    ///
    /// # Errors
    /// When they are not to be had. Then the folder is not there.
    pub(super) fn unpack(&self, packages: &[&str], into: &Path) -> Result<()> {
        // The lists may be old, or not there at all.
        if self.try_unpack(packages, into).is_ok() {
            return Ok(());
        }
        println!("{}: fetching the list of its packages, about 10 MB", self.suite);
        self.update()?;
        self.try_unpack(packages, into)
    }

    /// Downloads the source of a package, as upstream published it, into an empty folder, and gives the archive's path. It is
    /// that of the given version if the suite still has it, and of the newest otherwise.
    ///
    /// # Errors
    /// When it is not to be had.
    pub(super) fn source(&self, package: &str, version: &str, into: &Path) -> Result<PathBuf> {
        fs::create_dir_all(into).with_context(|| format!("making {}", into.display()))?;
        println!("{}: fetching the sources of {package}", self.suite);
        self.update()?;
        let fetch = |package: &str| {
            let arguments = ["source", "--download-only", "--tar-only", package];
            self.run(self.get().args(arguments).current_dir(into))
        };
        fetch(&format!("{package}={version}")).or_else(|_| fetch(package))?;
        let files = fs::read_dir(into)?.filter_map(|entry| Some(entry.ok()?.path()));
        let archive = files.into_iter().find(|path| path.to_string_lossy().contains(".orig.tar."));
        archive.with_context(|| format!("apt-get downloaded no archive of {package}"))
    }

    /// Fetches the lists of packages.
    fn update(&self) -> Result<()> {
        // Otherwise it takes a mirror that cannot be reached for one that has nothing.
        let mut update = self.get();
        update.args(["-o", "APT::Update::Error-Mode=any", "update"]);
        self.run(&mut update).with_context(|| {
            format!(
                "no list of packages from {}, which QGA_LAB_MIRROR can replace; without a network there is only what was \
                 fetched before",
                self.mirror
            )
        })?;
        Ok(())
    }

    fn try_unpack(&self, packages: &[&str], into: &Path) -> Result<()> {
        let needed = self.needed(packages)?;
        let bytes: u64 = needed.iter().map(|package| package.size).sum();
        println!(
            "{}: fetching {} and {} packages that they need, {}.{} MB",
            self.suite,
            packages.join(", "),
            needed.len().saturating_sub(packages.len()),
            bytes / 1_000_000,
            bytes / 100_000 % 10
        );
        let unfinished = into.with_extension("unfinished");
        let downloads = unfinished.join("downloads");
        drop(fs::remove_dir_all(&unfinished));
        fs::create_dir_all(&downloads)?;
        let names = needed.iter().map(|package| &package.name);
        self.run(self.get().arg("download").args(names).current_dir(&downloads))?;
        for entry in fs::read_dir(&downloads)? {
            self.run(Command::new("dpkg-deb").arg("-x").arg(entry?.path()).arg(&unfinished))?;
        }
        fs::remove_dir_all(&downloads)?;
        drop(fs::remove_dir_all(into));
        fs::rename(&unfinished, into).with_context(|| format!("making {}", into.display()))
    }

    /// These packages, and of those they depend on what is needed to run their programs.
    fn needed(&self, packages: &[&str]) -> Result<Vec<Package>> {
        let mut install = self.get();
        install.args(["install", "--yes", "--print-uris"]).args(packages);
        let output = self.run(&mut install)?;
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let wanted = |name: &str| {
            packages.contains(&name) || RUN.iter().any(|prefix| name.starts_with(prefix))
        };
        Ok(lines.lines().filter_map(planned).filter(|package| wanted(&package.name)).collect())
    }

    fn get(&self) -> Command {
        let mut command = Command::new("apt-get");
        command.arg("-qq").stdin(Stdio::null()).env("LC_ALL", "C");
        command.arg("-c").arg(self.folder.join("apt.conf"));
        let inside = |option: &str, name: &str| {
            let mut setting = OsString::from(format!("{option}="));
            setting.push(self.folder.join(name));
            setting
        };
        for setting in [
            inside("Dir::Etc::sourcelist", "sources.list"),
            inside("Dir::State", ""),
            inside("Dir::State::status", "status"),
            inside("Dir::Cache", "cache"),
            "Dir::Etc::sourceparts=/dev/null".into(),
            "Dir::Etc::preferencesparts=/dev/null".into(),
            "APT::Install-Recommends=false".into(),
            // The folder is the caller's, so the downloads are made as the caller.
            "APT::Sandbox::User=root".into(),
            "Acquire::Languages=none".into(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".into(),
        ] {
            command.arg("-o").arg(setting);
        }
        if self.suite.ends_with("-backports") {
            command.args(["-t", &self.suite]);
        }
        command
    }

    fn run(&self, command: &mut Command) -> Result<Output> {
        let program = command.get_program().to_string_lossy().into_owned();
        let output = command.output().with_context(|| format!("starting {program}"))?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // Not that something failed, once it has said what.
        let told = said.lines().filter(|line| !line.contains("Some index files failed"));
        let told = told.map(str::trim).collect::<Vec<_>>().join("; ");
        ensure!(output.status.success(), "{program} failed for {}: {told}", self.suite);
        Ok(output)
    }
}

/// `'URI' NAME_VERSION_ARCHITECTURE.deb SIZE HASH`
fn planned(line: &str) -> Option<Package> {
    let mut words = line.split(' ').skip(1);
    let (file, size) = (words.next()?, words.next()?);
    Some(Package { name: file.split('_').next()?.to_owned(), size: size.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_that_apt_plans_is_read_with_its_size() {
        let line = "'http://a.example/pool/libc6_2.31-13%2bdeb11u11_amd64.deb' libc6_2.31-13+deb11u11_amd64.deb 2822708 MD5Sum:22ff";
        assert_eq!(planned(line), Some(Package { name: "libc6".into(), size: 2_822_708 }));
        assert_eq!(planned("Reading package lists..."), None);
    }
}
