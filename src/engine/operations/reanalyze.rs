//! Renewing the analysis of a document. The old one answers until the new one is in.

use super::matches::Match;
use super::worker::Done;
use crate::domain::document::Seq;
use crate::domain::operation::Renewal;
use crate::engine::Engine;
use crate::engine::committer::{self, Ticket};
use crate::engine::error::EngineError;
use crate::ports::{Caller, Refusal, Write};

/// Analyses a document anew, unless that has been done since the operation began, or need not be.
pub(super) async fn one(
    engine: &Engine,
    caller: &Caller,
    found: &Match,
    renewal: Renewal,
    began_at: Seq,
) -> Result<Done, EngineError> {
    engine.writable(caller)?;
    let core = &engine.core;
    let Some(current) = core.log.current(&found.name).await? else { return Ok(Done::Skipped) };
    let analyzer = renewal.analyzer();
    let of_this_analyzer = current.analyzer == *core.analyzers.stamp(analyzer);
    if of_this_analyzer && (renewal.only_older() || current.seq > began_at.max(found.seq)) {
        return Ok(Done::Skipped);
    }
    let document = match engine.document(caller, &found.name, Some(current.revision)).await {
        Ok(document) => document,
        Err(EngineError::NotFound(_) | EngineError::RevisionNotKept { .. }) => return Ok(Done::Skipped),
        Err(error) => return Err(error),
    };
    let (_, analysis) = engine.analysis_of(caller, document, analyzer).await?;
    let turn = core.turns.take(&found.name).await;
    let write = Write::Reanalyze {
        name: found.name.clone(),
        revision: current.revision,
        analysis: Box::new(analysis),
    };
    let answer = core.commits.submit(write, Ticket { _permit: None, _turn: Some(turn) });
    match committer::outcome(answer).await? {
        Ok(_) => Ok(Done::Done),
        Err(Refusal::UnknownDocument | Refusal::UnknownCollection | Refusal::OtherRevision { .. }) => {
            Ok(Done::Skipped)
        }
        Err(refusal) => Err(engine.refused(refusal, &found.name)),
    }
}
