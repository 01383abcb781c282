//! Files and what is open of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bytes are written before others see them.
const BUFFER_SIZE: usize = 4096;

/// A file's bytes. Who has it open keeps it, also when it is removed.
#[derive(Clone, Default)]
struct Inode(Arc<Mutex<Vec<u8>>>);

impl Inode {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that was opened.
struct Open {
    inode: Inode,
    access: Access,
    position: usize,
    /// Written, and seen by nobody yet.
    pending: Vec<u8>,
}

/// What can be done with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
    Update,
    Append,
    UpdateAppending,
    /// It is a directory.
    Nothing,
}

impl Access {
    fn of(plain_mode: &str) -> Option<Self> {
        Some(match plain_mode {
            "r" => Self::Read,
            "w" => Self::Write,
            "r+" | "w+" => Self::Update,
            "a" => Self::Append,
            "a+" => Self::UpdateAppending,
            _ => return None,
        })
    }

    fn reads(self) -> bool {
        matches!(self, Self::Read | Self::Update | Self::UpdateAppending)
    }

    fn writes(self) -> bool {
        !matches!(self, Self::Read | Self::Nothing)
    }

    fn appends(self) -> bool {
        matches!(self, Self::Append | Self::UpdateAppending)
    }
}

/// All files.
pub(in crate::fake) struct Disk {
    files: BTreeMap<String, Inode>,
    /// Permissions, in octal, where they are not those of a new file.
    permissions: BTreeMap<String, String>,
    open: BTreeMap<i64, Open>,
    /// Handles whose close failed.
    dead: BTreeSet<i64>,
    next_handle: i64,
    pub(super) capacity: usize,
    pub(super) transfer_limit: usize,
    pub(super) crashes: usize,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            files: BTreeMap::new(),
            permissions: BTreeMap::new(),
            open: BTreeMap::new(),
            dead: BTreeSet::new(),
            next_handle: 1000,
            capacity: 1 << 30,
            transfer_limit: usize::MAX,
            crashes: 0,
        }
    }
}

impl Disk {
    pub(in crate::fake) fn insert(&mut self, path: String, bytes: Vec<u8>) {
        self.files.insert(path, Inode(Arc::new(Mutex::new(bytes))));
    }

    pub(in crate::fake) fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).map(|inode| inode.bytes().clone())
    }

    pub(in crate::fake) fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.permissions.remove(path);
        self.files.remove(path).map(|inode| inode.bytes().clone())
    }

    /// Appends to a file that may be open elsewhere.
    pub(in crate::fake) fn append(&mut self, path: &str, bytes: &[u8]) {
        self.files.entry(path.to_owned()).or_default().bytes().extend_from_slice(bytes);
    }

    pub(in crate::fake) fn rename(&mut self, from: &str, to: &str) -> bool {
        let Some(inode) = self.files.remove(from) else { return false };
        self.files.insert(to.to_owned(), inode);
        match self.permissions.remove(from) {
            Some(mode) => self.permissions.insert(to.to_owned(), mode),
            None => self.permissions.remove(to),
        };
        true
    }

    /// What a file may be used for, in octal. A new one may be used by everybody, as agents make them.
    pub(in crate::fake) fn permissions(&self, path: &str) -> Option<String> {
        self.files.get(path)?;
        Some(self.permissions.get(path).map_or_else(|| "666".to_owned(), Clone::clone))
    }

    pub(in crate::fake) fn permit(&mut self, path: &str, mode: &str) {
        self.permissions.insert(path.to_owned(), mode.to_owned());
    }

    pub(in crate::fake) fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    pub(super) fn sizes(&self) -> impl Iterator<Item = (String, usize)> {
        self.files.iter().map(|(path, inode)| (path.clone(), inode.bytes().len()))
    }

    pub(super) fn handles(&self) -> Vec<i64> {
        self.open.keys().copied().collect()
    }

    pub(super) fn forget_handles(&mut self) {
        self.open.clear();
        self.dead.clear();
    }

    pub(super) fn is_dead(&self, handle: i64) -> bool {
        self.dead.contains(&handle)
    }

    pub(super) fn open_file(&mut self, path: &str, mode: &str) -> Result<i64, String> {
        let plain = mode.replacen('b', "", 1);
        let access = Access::of(&plain).filter(|_| !mode.starts_with('b'));
        let mut access = access.ok_or_else(|| format!("invalid file open mode '{mode}'"))?;
        let below = format!("{}/", path.trim_end_matches('/'));
        let is_directory = self.files.keys().any(|file| file.starts_with(&below));
        let fails = |why| Err(format!("failed to open file '{path}' (mode: '{mode}'): {why}"));
        if is_directory && access != Access::Read {
            return fails("Is a directory");
        }
        let inode = match self.files.get(path) {
            Some(inode) => inode.clone(),
            None if is_directory => {
                access = Access::Nothing;
                Inode::default()
            }
            None if plain.starts_with('r') => return fails("No such file or directory"),
            None => self.files.entry(path.to_owned()).or_default().clone(),
        };
        if plain.starts_with('w') {
            inode.bytes().clear();
        }
        let handle = self.next_handle;
        self.next_handle += 1;
        let open = Open { inode, access, position: 0, pending: Vec::new() };
        self.open.insert(handle, open);
        Ok(handle)
    }

    pub(super) fn close_file(&mut self, handle: i64) -> Result<(), String> {
        if let Err(error) = self.flush_file(handle) {
            if self.open.contains_key(&handle) {
                self.dead.insert(handle);
            }
            return Err(error.replacen("flush file", "close handle", 1));
        }
        self.open.remove(&handle);
        Ok(())
    }

    pub(super) fn read_file(
        &mut self,
        handle: i64,
        count: usize,
    ) -> Result<(Vec<u8>, bool), String> {
        self.flush_file(handle)?;
        let limit = self.transfer_limit;
        let open = self.handle(handle)?;
        if !open.access.reads() {
            let why = if open.access == Access::Nothing {
                "Is a directory"
            } else {
                "Bad file descriptor"
            };
            return Err(format!("failed to read file: {why}"));
        }
        let bytes = open.inode.bytes();
        let rest = bytes.get(open.position..).unwrap_or_default();
        let piece = rest.get(..count.min(limit)).unwrap_or(rest).to_vec();
        let eof = rest.len() < count;
        drop(bytes);
        open.position += piece.len();
        Ok((piece, eof && limit >= count))
    }

    pub(super) fn write_file(&mut self, handle: i64, bytes: &[u8]) -> Result<usize, String> {
        let limit = self.transfer_limit;
        let open = self.handle(handle)?;
        if !open.access.writes() {
            return Err("failed to write to file: Bad file descriptor".to_owned());
        }
        let taken = bytes.get(..limit).unwrap_or(bytes);
        open.pending.extend_from_slice(taken);
        if open.pending.len() >= BUFFER_SIZE {
            let error = |e: String| e.replacen("flush file", "write to file", 1);
            self.flush_file(handle).map_err(error)?;
        }
        Ok(taken.len())
    }

    pub(super) fn seek_file(
        &mut self,
        handle: i64,
        offset: i64,
        whence: i64,
    ) -> Result<usize, String> {
        self.flush_file(handle)?;
        let open = self.handle(handle)?;
        let from = match whence {
            0 => 0,
            1 => open.position,
            2 => open.inode.bytes().len(),
            _ => return Err(super::bad("whence", "0, 1 or 2")),
        };
        let position = i64::try_from(from).ok().and_then(|from| from.checked_add(offset));
        let position = position.and_then(|position| usize::try_from(position).ok());
        open.position = position.ok_or("failed to seek file: Invalid argument")?;
        Ok(open.position)
    }

    pub(super) fn flush_file(&mut self, handle: i64) -> Result<(), String> {
        let used: usize = self.files.values().map(|inode| inode.bytes().len()).sum();
        let free = self.capacity.saturating_sub(used);
        let open = self.handle(handle)?;
        let mut bytes = open.inode.bytes();
        let start = if open.access.appends() { bytes.len() } else { open.position };
        let end = start + open.pending.len();
        if end.saturating_sub(bytes.len()) > free {
            return Err("failed to flush file: No space left on device".to_owned());
        }
        if !open.pending.is_empty() {
            let grown = bytes.len().max(end);
            bytes.resize(grown, 0);
            bytes.splice(start..end, open.pending.drain(..));
            open.position = end;
        }
        Ok(())
    }

    fn handle(&mut self, handle: i64) -> Result<&mut Open, String> {
        let open = self.open.get_mut(&handle);
        open.ok_or_else(|| format!("handle '{handle}' has not been found"))
    }
}
