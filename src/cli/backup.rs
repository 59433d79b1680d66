//! `dictum backup`: a copy of everything that a service has, of one moment, while it goes on: sent here, or written on the service's side.

use super::client::{self, Connection, ServerArgs};
use super::layout::{FAINT, STRONG, bytes, count};
use super::{CliError, CommandResult};
use crate::failpoint::{Failpoint, pass};
use crate::transport::json::to_json_string;
use crate::transport::wire::stream_backup_response::Part;
use crate::transport::wire::{Backup, CreateBackupRequest, StreamBackupRequest};
use anyhow::{Context, anyhow};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Flags of `dictum backup`.
#[derive(Debug, Args)]
#[group(id = "target", required = true, multiple = false, args = ["to", "name"])]
pub struct BackupArgs {
    /// Have it sent and write it to this file, which must not exist yet; - for standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Have the service write it to its own folder (backup.dir) under this name, NAME.dictum
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What it holds as a JSON object, for scripts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// Makes it, and says what it holds.
pub fn run(args: &BackupArgs) -> CommandResult {
    client::block_on(async {
        let started = Instant::now();
        let (backup, place) = match (&args.to, &args.name) {
            (Some(path), _) if path == Path::new("-") => {
                if io::stdout().is_terminal() {
                    return Err(CliError::usage(anyhow!("a backup is not for a terminal: redirect it")));
                }
                let connection = args.server.connect().await?;
                (receive(&connection, &mut io::stdout()).await?, None)
            }
            (Some(path), _) => {
                let connection = args.server.connect().await?;
                (to_file(&connection, path).await?, Some(path.display().to_string()))
            }
            (None, name) => {
                let connection = args.server.connect().await?;
                let backup = on_service(&connection, name.clone().unwrap_or_default()).await?;
                let place = backup.name.clone();
                (backup, Some(place))
            }
        };
        show(args, &backup, place, started.elapsed())?;
        Ok(ExitCode::SUCCESS)
    })
}

fn show(args: &BackupArgs, backup: &Backup, place: Option<String>, took: Duration) -> Result<(), CliError> {
    if args.json && place.is_some() {
        return Ok(writeln!(anstream::stdout(), "{}", to_json_string(backup)?)?);
    }
    let documents = count(backup.document_count, "document", "documents");
    let quotes = count(backup.quote_count, "quote", "quotes");
    let place = place.map_or(String::new(), |place| format!("{STRONG}{place}{STRONG:#}: "));
    let line = format!(
        "{place}{documents}, {quotes}, {} {FAINT}({:.1} s, BLAKE3 {}){FAINT:#}",
        bytes(backup.size_bytes),
        took.as_secs_f64(),
        backup.blake3
    );
    // Where standard error is closed, the exit code still tells.
    let _ = writeln!(anstream::stderr(), "{line}");
    Ok(())
}

async fn on_service(connection: &Connection, name: String) -> Result<Backup, CliError> {
    let bar = spinner("the service copies its store");
    let request = CreateBackupRequest { backup_id: name };
    let answer = tokio::select! {
        answer = async { connection.admin().create_backup(request).await } => answer,
        interrupted = tokio::signal::ctrl_c() => return Err(stopped(interrupted)),
    };
    bar.finish_and_clear();
    let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
    answer.backup.ok_or_else(|| anyhow!("the service answered without a backup").into())
}

/// Into a file that has its name only when it is complete and on the disk.
async fn to_file(connection: &Connection, path: &Path) -> Result<Backup, CliError> {
    if path.symlink_metadata().is_ok() {
        return Err(CliError::usage(anyhow!(
            "{} is there already; a backup replaces nothing",
            path.display()
        )));
    }
    let part = Unfinished::create(path)?;
    let mut file = part.file.try_clone()?;
    let received = tokio::select! {
        received = receive(connection, &mut file) => received,
        interrupted = tokio::signal::ctrl_c() => Err(stopped(interrupted)),
    };
    let backup = received?;
    part.keep().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(backup)
}

fn stopped(interrupted: io::Result<()>) -> CliError {
    match interrupted {
        Ok(()) => anyhow!("stopped; nothing is left of the backup").into(),
        Err(error) => error.into(),
    }
}

/// A file that is not complete. Dropping it removes it.
struct Unfinished {
    file: File,
    part: PathBuf,
    path: PathBuf,
    done: bool,
}

impl Unfinished {
    fn create(path: &Path) -> Result<Self, CliError> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::options().create(true).truncate(false).write(true).open(&part);
        let file = file.with_context(|| format!("cannot write {}", part.display()))?;
        file.try_lock().map_err(|_| anyhow!("{} is being written by another command", part.display()))?;
        // What one that was killed has left.
        file.set_len(0)?;
        Ok(Self { file, part, path: path.to_owned(), done: false })
    }

    fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        pass(Failpoint::BackupKept);
        // Unlike a renaming, this replaces nothing that has come meanwhile.
        match fs::hard_link(&self.part, &self.path) {
            Ok(()) => fs::remove_file(&self.part)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) => fs::rename(&self.part, &self.path)?,
        }
        self.done = true;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Writes the bytes of a backup, and compares them with the digest that comes at their end.
async fn receive(connection: &Connection, out: &mut impl Write) -> Result<Backup, CliError> {
    let explained = |status: tonic::Status| connection.explain(&status);
    let mut parts =
        connection.admin().stream_backup(StreamBackupRequest {}).await.map_err(explained)?.into_inner();
    let bar = spinner("the service copies its store");
    let (mut hasher, mut received) = (blake3::Hasher::new(), 0);
    while let Some(message) = parts.message().await.map_err(explained)? {
        match message.part {
            Some(Part::Progress(progress)) => {
                bar.set_message(format!(
                    "the service copies its store: {} of at most {}",
                    bytes(progress.copied_bytes),
                    bytes(progress.store_bytes)
                ));
            }
            Some(Part::Chunk(chunk)) => {
                out.write_all(&chunk).context("cannot write the backup")?;
                hasher.update(&chunk);
                received += chunk.len() as u64;
                pass(Failpoint::BackupReceived);
                bar.set_message(format!("{} received", bytes(received)));
            }
            Some(Part::Backup(backup)) => {
                bar.finish_and_clear();
                out.flush()?;
                let right = backup.blake3 == hasher.finalize().to_hex().as_str();
                return match right && backup.size_bytes == received {
                    true => Ok(backup),
                    false => Err(anyhow!("what has come is not what was sent: its checksum differs").into()),
                };
            }
            None => {}
        }
    }
    Err(anyhow!("the stream ended before the backup did").into())
}

/// Something that moves where standard error is a terminal.
fn spinner(message: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(message);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
