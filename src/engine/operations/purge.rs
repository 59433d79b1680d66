//! Deleting documents, and erasing what deleted documents leave on the disk.

use super::matches::Match;
use super::worker::Done;
use crate::engine::Engine;
use crate::engine::committer::{self, Ticket};
use crate::engine::error::EngineError;
use crate::ports::{Caller, Refusal, Write};

/// Deletes a document, if it still is what matched.
pub(super) async fn one(engine: &Engine, caller: &Caller, found: &Match) -> Result<Done, EngineError> {
    engine.deletable(caller)?;
    let turn = engine.core.turns.take(&found.name).await;
    let write = Write::Delete { name: found.name.clone(), expected: Some(found.revision) };
    let answer = engine.core.commits.submit(write, Ticket { _permit: None, _turn: Some(turn) });
    match committer::outcome(answer).await? {
        Ok(_) => Ok(Done::Done),
        Err(Refusal::UnknownDocument | Refusal::UnknownCollection | Refusal::OtherRevision { .. }) => {
            Ok(Done::Skipped)
        }
        Err(refusal) => Err(engine.refused(refusal, &found.name)),
    }
}

/// Leaves nothing of deleted documents on the disk: not in pages of the log, not in files of the index, not in views.
pub(super) async fn erase(engine: &Engine) -> Result<(), EngineError> {
    let core = &engine.core;
    core.progress.reached(core.progress.last_stored()).await;
    core.index.erase().await?;
    // Last: until now, queries opened views of what was there before.
    core.views.forget();
    while core.log.tidy(core.progress.last_applied()).await? {}
    Ok(core.log.erase().await?)
}
