//! Whether a file is another one than when it was last looked at, by what the file system says of it; its bytes are not
//! read. The time of the last change to its metadata counts too: a file that could not be read is another one after
//! a `chmod`.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What the file system says of a file; nothing where it cannot be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Option<Seen>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Looks at the file. Take it before the file is read: what is written between the two shows the next time.
    pub fn of(path: &Path) -> Self {
        Self(std::fs::metadata(path).ok().map(|seen| Seen {
            device: seen.dev(),
            inode: seen.ino(),
            bytes: seen.len(),
            modified: (seen.mtime(), seen.mtime_nsec()),
            changed: (seen.ctime(), seen.ctime_nsec()),
        }))
    }
}

/// Fails where the path leads to no plain file: whoever opens a pipe may wait for ever for somebody to write into it.
///
/// # Errors
/// What the system says of the path, or that it is no file.
pub fn plain(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path)?.is_file() {
        true => Ok(()),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "is no plain file")),
    }
}
