//! Putting the store's file aside before another one takes its place. It gets a second name, or is copied where the file system has no
//! second names; it is never moved. So there is a store under its own name at every moment, whatever ends the process, and whoever opens it
//! next finds this one or the other. What was put aside before is left alone.

use crate::failpoint::{Failpoint, pass};
use crate::store::core::FILE;
use crate::store::error::StoreError;
use crate::store::folder;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Puts the file into a new folder, `aside` or one whose name begins with that; which one it is.
pub(super) fn put_aside(file: &Path, aside: &Path) -> Result<PathBuf, StoreError> {
    let aside = folder::make_new(aside)?;
    if let Err(source) = keep(file, &aside) {
        // The store is where it was, and room is what there may be too little of.
        let _ = fs::remove_dir_all(&aside);
        return Err(StoreError::Io { path: aside, source });
    }
    pass(Failpoint::RestoreAside);
    Ok(aside)
}

fn keep(file: &Path, aside: &Path) -> io::Result<()> {
    let kept = aside.join(FILE);
    // Why there can be no second name is all the same; what keeps a copy from being made, too, is told.
    fs::hard_link(file, &kept).or_else(|_| copy(file, &kept))?;
    folder::sync_one(aside)
}

/// Copies the file. Half a copy does not have its name.
fn copy(file: &Path, to: &Path) -> io::Result<()> {
    let part = to.with_extension("part");
    fs::copy(file, &part)?;
    File::open(&part)?.sync_all()?;
    fs::rename(&part, to)
}
