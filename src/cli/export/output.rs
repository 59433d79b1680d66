//! The file that an export goes to. Until it is complete it is called FILE.part, and FILE.resume says how much of it is certain and what the
//! export goes on with from there: both are synced in this order, so that a crash at any moment leaves a beginning that is right. Knows
//! nothing of what is exported.

use super::TargetArgs;
use crate::cli::CliError;
use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes after which what has come is made certain.
const CERTAIN_BYTES: u64 = 1 << 20;
/// Time after which what has come is made certain.
const CERTAIN_AFTER: Duration = Duration::from_secs(1);

/// How far an export is, as FILE.resume has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Place {
    /// Digest of all that makes the file what it is.
    request: String,
    /// Bytes of FILE.part that are certain.
    bytes: u64,
    /// What the export goes on with after them; empty at the beginning.
    pub cursor: String,
    /// Items in them.
    pub items: u64,
    /// Items that were left out by then.
    pub left_out: u64,
    /// Items by then that were too long to come whole.
    pub short: u64,
}

/// See the module.
pub struct Output {
    target: Target,
    place: Place,
    certain: u64,
    since: Instant,
}

enum Target {
    Stdout(io::Stdout),
    File { part: BufWriter<File>, paths: Paths },
}

struct Paths {
    file: PathBuf,
    part: PathBuf,
    resume: PathBuf,
}

impl Output {
    /// Opens the target for an export whose `request` has this digest, at the place that an earlier run has reached.
    ///
    /// # Errors
    /// Where the file is there and complete, another export has begun there, or it cannot be written.
    pub fn open(args: &TargetArgs, request: String) -> Result<Self, CliError> {
        if args.is_stdout() {
            return Ok(Self::new(Target::Stdout(io::stdout()), Place::default()));
        }
        let paths = Paths::of(&args.output);
        let begun = paths.begun()?;
        if begun.is_none() && paths.file.exists() && !args.overwrite {
            let file = paths.file.display();
            return Err(CliError::usage(anyhow!("{file} is there already; --overwrite replaces it")));
        }
        if let Some(begun) = &begun
            && begun.request != request
        {
            let Paths { part, resume, .. } = &paths;
            return Err(CliError::usage(anyhow!(
                "another export to this file has broken off; run the same command as then, or remove {} and {}",
                resume.display(),
                part.display()
            )));
        }
        let mut options = OpenOptions::new();
        // Truncated below, to what is certain of it.
        let part = options.read(true).write(true).create(true).truncate(false).open(&paths.part);
        let mut part = part.with_context(|| format!("cannot write {}", paths.part.display()))?;
        part.try_lock()
            .map_err(|_| anyhow!("{} is being written by another export", paths.part.display()))?;
        let length = part.metadata()?.len();
        let place = begun.filter(|begun| begun.bytes <= length);
        let place = place.unwrap_or_else(|| Place { request, ..Place::default() });
        part.set_len(place.bytes)?;
        part.seek(SeekFrom::End(0))?;
        Ok(Self::new(Target::File { part: BufWriter::new(part), paths }, place))
    }

    fn new(target: Target, place: Place) -> Self {
        let certain = place.bytes;
        Self { target, place, certain, since: Instant::now() }
    }

    /// How far the export is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.place.bytes == 0
    }

    /// Writes what comes before the first item.
    pub fn begin(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.write(bytes)
    }

    /// Writes the items of one message; `reached` says how far the export is with them.
    pub fn append(&mut self, bytes: &[u8], reached: impl FnOnce(&mut Place)) -> Result<(), CliError> {
        self.write(bytes)?;
        reached(&mut self.place);
        if self.place.bytes - self.certain >= CERTAIN_BYTES || self.since.elapsed() >= CERTAIN_AFTER {
            self.make_certain()?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        match &mut self.target {
            Target::Stdout(out) => out.write_all(bytes)?,
            Target::File { part, .. } => part.write_all(bytes)?,
        }
        self.place.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Makes certain what has come: the bytes first, then the place after them.
    pub fn make_certain(&mut self) -> Result<(), CliError> {
        (self.certain, self.since) = (self.place.bytes, Instant::now());
        let Target::File { part, paths } = &mut self.target else { return Ok(()) };
        part.flush()?;
        part.get_ref().sync_data()?;
        let place = serde_json::to_vec(&self.place)?;
        replace(&paths.resume, |file| file.write_all(&place))
    }

    /// The export is complete: the part becomes the file, as it is or by way of `convert`.
    ///
    /// # Errors
    /// Where something cannot be written. What has come stays for the next try.
    pub fn finish(
        mut self,
        convert: Option<impl FnOnce(File, &mut File) -> anyhow::Result<()>>,
    ) -> Result<(), CliError> {
        self.make_certain()?;
        let Target::File { part, paths } = self.target else {
            return Ok(io::stdout().flush()?);
        };
        let part = part.into_inner().map_err(io::IntoInnerError::into_error)?;
        match convert {
            None => fs::rename(&paths.part, &paths.file)?,
            Some(convert) => {
                let rows = File::open(&paths.part)?;
                replace(&paths.file, |file| convert(rows, file).map_err(io::Error::other))?;
                fs::remove_file(&paths.part)?;
            }
        }
        sync_folder(&paths.file)?;
        // Held until the file has its name.
        drop(part);
        Ok(fs::remove_file(&paths.resume)?)
    }
}

impl Paths {
    fn of(file: &Path) -> Self {
        let beside = |end: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Self { part: beside(".part"), resume: beside(".resume"), file: file.to_owned() }
    }

    /// The place where an earlier run broke off.
    fn begun(&self) -> Result<Option<Place>, CliError> {
        match fs::read(&self.resume) {
            Ok(place) => {
                let place = serde_json::from_slice(&place);
                Ok(Some(
                    place.with_context(|| format!("{} is no place in an export", self.resume.display()))?,
                ))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Puts a file in the place of another, whole or not at all.
fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), CliError> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = File::create(&new).with_context(|| format!("cannot write beside {}", path.display()))?;
    write(&mut file)?;
    file.sync_all()?;
    Ok(fs::rename(&new, path)?)
}

/// Makes the names in the file's folder durable.
fn sync_folder(file: &Path) -> Result<(), CliError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(File::open(folder)?.sync_all()?)
}
