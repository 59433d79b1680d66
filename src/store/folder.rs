//! Making the store's folder so that it is there after a power loss: a folder's name is durable once the folder above it is
//! synced.

use super::error::StoreError;
use std::fs::File;
use std::io;
use std::path::Path;

/// Makes the folder with all those above it that are missing, each synced into the one above.
pub(super) fn make(dir: &Path) -> Result<(), StoreError> {
    make_one(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })
}

/// Makes the names of what the folder holds durable.
pub(super) fn sync(dir: &Path) -> Result<(), StoreError> {
    sync_one(dir).map_err(|source| StoreError::Io { path: dir.to_owned(), source })
}

fn make_one(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_one(above)?;
    match std::fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !dir.is_dir() => return Err(error),
        _ => {}
    }
    sync_one(above)
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
}
