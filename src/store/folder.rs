//! Making the store's folder so that it is there after a power loss: a folder's name is durable once the folder above it is
//! synced.

use super::error::StoreError;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Most names that are tried for a folder.
const NAMES: u32 = 1_000;

/// Makes the folder with all those above it that are missing, each synced into the one above.
pub(super) fn make(dir: &Path) -> Result<(), StoreError> {
    make_one(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })
}

/// Makes a folder that was not there: this one, or one with a number behind its name where there is something of that name. Which one it is.
pub(super) fn make_new(dir: &Path) -> Result<PathBuf, StoreError> {
    make_one_new(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })
}

/// Makes the names of what the folder holds durable.
pub(super) fn sync(dir: &Path) -> Result<(), StoreError> {
    sync_one(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })
}

fn make_one(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = above(dir);
    make_one(above)?;
    match std::fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !dir.is_dir() => return Err(error),
        _ => {}
    }
    sync_one(above)
}

fn make_one_new(dir: &Path) -> io::Result<PathBuf> {
    make_one(above(dir))?;
    for number in 1..=NAMES {
        let mut name = dir.as_os_str().to_owned();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        match std::fs::create_dir(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => {
                made?;
                sync_one(above(dir))?;
                return Ok(name.into());
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn above(dir: &Path) -> &Path {
    dir.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the names of what the folder holds durable.
pub(super) fn sync_one(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_from_the_top_and_a_file_in_the_way_is_an_error() {
        let top = tempfile::tempdir().unwrap();
        let deep = top.path().join("a/b/c");
        make(&deep).unwrap();
        make(&deep).unwrap();
        assert!(deep.is_dir());
        std::fs::write(top.path().join("file"), "").unwrap();
        let error = make(&top.path().join("file/d")).unwrap_err();
        assert!(error.to_string().contains("file/d"), "{error}");
    }

    #[test]
    fn a_new_folder_is_none_that_was_there() {
        let top = tempfile::tempdir().unwrap();
        let dir = top.path().join("a/b");
        assert_eq!(make_new(&dir).unwrap(), dir);
        std::fs::write(dir.join("file"), "").unwrap();
        std::fs::write(top.path().join("a/b-2"), "no folder").unwrap();
        let other = make_new(&dir).unwrap();
        assert_eq!(other, top.path().join("a/b-3"));
        assert_eq!(std::fs::read_dir(other).unwrap().count(), 0);
    }
}
