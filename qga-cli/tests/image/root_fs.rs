//! An image's file system in a folder, and programs run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use qga_tests::agent::skip;
use qga_tests::folder::Folder;

use crate::dockerfile::{all, stages, words};

const DOCKERFILE: &str = include_str!("../../../Dockerfile");

/// The image, unpacked.
#[derive(Debug)]
pub(crate) struct RootFs {
    /// Where stages are built, with the image itself in `image`.
    folder: Folder,
    user: u32,
    group: u32,
    command: Vec<String>,
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
}

/// What a program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl RootFs {
    /// Does what the Dockerfile says, on this host and quicker: unoptimised. Nothing if nobody asked for it.
    pub(crate) fn build() -> Option<Self> {
        const ASKED: &str = "QGA_REQUIRE_IMAGE";
        if std::env::var_os(ASKED).is_none() {
            skip("", &format!("the container image takes minutes to build: set {ASKED}=1"));
            return None;
        }
        let folder = Folder::new().expect("made");
        let stages = stages(DOCKERFILE);
        let [build, image] = stages.as_slice() else { unreachable!("there are two stages") };
        assert_eq!(all(image, "FROM"), ["scratch"]);
        for line in all(build, "RUN") {
            run(line, &folder.join("build"));
        }
        let root = folder.join("image");
        for copied in all(image, "COPY") {
            let [from, source, destination] = copied.split_whitespace().collect::<Vec<_>>()[..]
            else {
                unreachable!("`{copied}` is read otherwise")
            };
            assert_eq!(from, "--from=build");
            copy(&folder.join("build").join(&source[1..]), &root.join(&destination[1..]));
        }
        let (user, group) = all(image, "USER")[0].split_once(':').expect("a user and a group");
        let environment = all(image, "ENV").into_iter().map(|pair| {
            let (name, value) = pair.split_once('=').expect("a name and a value");
            (name.to_owned(), value.to_owned())
        });
        let environment = environment.collect();
        Some(Self {
            user: user.parse().expect("a number"),
            group: group.parse().expect("a number"),
            command: words(all(image, "ENTRYPOINT")[0]),
            arguments: words(all(image, "CMD")[0]),
            environment,
            folder,
        })
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.join("image")
    }

    pub(crate) fn user(&self) -> u32 {
        self.user
    }

    pub(crate) fn group(&self) -> u32 {
        self.group
    }

    pub(crate) fn entry_point(&self) -> &str {
        &self.command[0]
    }

    /// Puts a socket where an engine would mount it, for everybody.
    pub(crate) fn mount(&self, socket: &Path, path: &str) {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::hard_link(socket, &path).expect("on the same file system");
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        fs::set_permissions(&path, everybody).expect("permissions can be set");
    }

    /// Puts a file where an engine would mount it.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Runs the image as an engine would, with these arguments or with those of the image.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let (user, group) = (self.user, self.group);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("chroot");
            command.arg(format!("--userspec={user}:{group}")).arg("--groups=").arg(self.folder());
            command
        } else {
            // Who is not root may be somebody else in a name space of users.
            let mut command = Command::new("unshare");
            command.args([format!("--map-user={user}"), format!("--map-group={group}")]);
            command.arg("--root").arg(self.folder());
            command
        };
        command.args(&self.command);
        match arguments {
            [] => command.args(&self.arguments),
            arguments => command.args(arguments),
        };
        // What finds `chroot` is in the path of this process.
        let output = command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            code: output.status.code(),
        }
    }
}

/// Runs a line of the build, in the source as it does, but with its results in a folder of ours.
fn run(line: &str, root: &Path) {
    let mut words = line.split_whitespace();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = source.join(words.next().expect("a program"));
    let arguments = words.map(|word| match word.strip_prefix('/') {
        Some(path) => root.join(path),
        None => PathBuf::from(word),
    });
    let output = Command::new(program)
        .args(arguments)
        .arg("trial")
        .current_dir(source)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Copies what is in a folder into another.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    let mut command = Command::new("cp");
    command.arg("--archive").arg(from.join(".")).arg(to);
    assert!(command.status().expect("it runs").success());
}
