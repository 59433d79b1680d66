//! `AdminService`: backups. A stream is pulled: the engine reads the next bytes when the client has taken those before, but for a few.

use super::context::Context;
use super::outbound::Answers;
use super::status::Failure;
use super::wire::admin_service_server::AdminService;
use super::wire::stream_backup_response::Part;
use super::{caller, from_proto, to_proto, wire};
use crate::engine::{BackupPart, EngineError};
use crate::ports::{Caller, Lane};
use futures_util::stream;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Makes backups.
#[derive(Clone)]
pub struct Admin(pub Arc<Context>);

impl Admin {
    async fn create(
        &self,
        caller: &Caller,
        request: &wire::CreateBackupRequest,
    ) -> Result<wire::CreateBackupResponse, Failure> {
        let engine = &self.0.opened()?.engine;
        let name = from_proto::names::backup(&request.backup_id)?;
        let backup = tokio::select! {
            made = engine.create_backup(caller, &name) => made?,
            // A stop waits for no backup: the next one begins anew.
            () = self.0.shutdown.cancelled() => return Err(EngineError::Draining.into()),
        };
        let backup = wire::Backup { name: format!("backups/{name}"), ..to_proto::backups::backup(&backup) };
        Ok(wire::CreateBackupResponse { backup: Some(backup) })
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    type StreamBackupStream = Answers<wire::StreamBackupResponse>;

    async fn create_backup(
        &self,
        request: Request<wire::CreateBackupRequest>,
    ) -> Result<Response<wire::CreateBackupResponse>, Status> {
        let caller = caller::of(&request, Lane::Bulk);
        Ok(Response::new(self.create(&caller, request.get_ref()).await?))
    }

    async fn stream_backup(
        &self,
        request: Request<wire::StreamBackupRequest>,
    ) -> Result<Response<Self::StreamBackupStream>, Status> {
        let caller = caller::of(&request, Lane::Bulk);
        let place = self.0.place(&caller)?;
        let parts = self.0.opened()?.engine.stream_backup(&caller).map_err(Failure::from)?;
        let begin = Some((parts, self.0.shutdown.clone(), place));
        Ok(Response::new(Box::pin(stream::unfold(begin, |state| async move {
            let (mut parts, shutdown, place) = state?;
            let part = tokio::select! {
                part = parts.recv() => part?,
                () = shutdown.cancelled() => Err(EngineError::Draining),
            };
            match part {
                Ok(part) => Some((Ok(answer(part)), Some((parts, shutdown, place)))),
                Err(error) => Some((Err(Failure::from(error).into()), None)),
            }
        }))))
    }
}

fn answer(part: BackupPart) -> wire::StreamBackupResponse {
    let part = match part {
        BackupPart::Copied(copied) => Part::Progress(to_proto::backups::progress(copied)),
        BackupPart::Bytes(bytes) => Part::Chunk(bytes),
        BackupPart::Done(backup) => Part::Backup(to_proto::backups::backup(&backup)),
    };
    wire::StreamBackupResponse { part: Some(part) }
}
