//! `AdminService`: backups, and what else whoever runs the service asks of it. A stream is pulled: the engine reads the next bytes when the client has taken those before, but for a few.

use super::context::Context;
use super::outbound::Answers;
use super::status::Failure;
use super::steering::{self, Steering};
use super::wire::admin_service_server::AdminService;
use super::wire::stream_backup_response::Part;
use super::{caller, from_proto, to_proto, wire};
use crate::engine::{BackupPart, EngineError, reaches_all};
use crate::ports::{Caller, Lane};
use futures_util::stream;
use std::sync::Arc;
use std::time::SystemTime;
use tonic::{Request, Response, Status};

/// Looks after the service.
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
        // A stop waits for no backup: the next one begins anew.
        let backup = self.unless_stopped(engine.create_backup(caller, &name)).await?;
        let backup = wire::Backup { name: format!("backups/{name}"), ..to_proto::backups::backup(&backup) };
        Ok(wire::CreateBackupResponse { backup: Some(backup) })
    }

    async fn compact(&self, caller: &Caller) -> Result<wire::CompactStoreResponse, Failure> {
        let engine = &self.0.opened()?.engine;
        let compacted = self.unless_stopped(engine.compact_store(caller)).await?;
        Ok(wire::CompactStoreResponse { bytes_before: compacted.before, bytes_after: compacted.after })
    }

    async fn rebuild(&self, caller: &Caller) -> Result<wire::RebuildIndexResponse, Failure> {
        let engine = &self.0.opened()?.engine;
        let last_change = self.unless_stopped(engine.rebuild_index(caller)).await?;
        Ok(wire::RebuildIndexResponse { last_change })
    }

    fn configuration(&self, caller: &Caller) -> Result<wire::GetConfigurationResponse, Failure> {
        let steering = self.steering(caller)?;
        Ok(wire::GetConfigurationResponse {
            toml: steering.configuration.clone(),
            log_filter: steering.log.current(),
            version: env!("CARGO_PKG_VERSION").into(),
            start_time: Some(steering.started.into()),
        })
    }

    fn set_log(
        &self,
        caller: &Caller,
        request: &wire::SetLogFilterRequest,
    ) -> Result<wire::SetLogFilterResponse, Failure> {
        let ttl = request.ttl.map(from_proto::time::duration).transpose();
        let ttl = ttl.map_err(|why| Failure::field("INVALID_ARGUMENT", "ttl", why))?;
        let set = self.steering(caller)?.set_log(&request.filter, ttl)?;
        tracing::warn!(filter = set.filter, previous = set.previous, ?ttl, "the log has another filter");
        let expire_time = ttl.and_then(|ttl| SystemTime::now().checked_add(ttl)).map(Into::into);
        Ok(wire::SetLogFilterResponse { filter: set.filter, previous_filter: set.previous, expire_time })
    }

    fn drain(&self, caller: &Caller) -> Result<wire::DrainResponse, Failure> {
        reaches_all(caller)?;
        tracing::warn!("stopping, as a caller has asked for it");
        self.0.shutdown.cancel();
        Ok(wire::DrainResponse { drain_timeout: Some(to_proto::time::duration(self.0.drain_timeout)) })
    }

    fn steering(&self, caller: &Caller) -> Result<&Steering, Failure> {
        reaches_all(caller)?;
        self.0.gate.steering.as_ref().ok_or_else(steering::absent)
    }

    async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            done = work => Ok(done?),
            () = self.0.shutdown.cancelled() => Err(EngineError::Draining.into()),
        }
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

    async fn get_configuration(
        &self,
        request: Request<wire::GetConfigurationRequest>,
    ) -> Result<Response<wire::GetConfigurationResponse>, Status> {
        Ok(Response::new(self.configuration(&caller::of(&request, Lane::Interactive))?))
    }

    async fn set_log_filter(
        &self,
        request: Request<wire::SetLogFilterRequest>,
    ) -> Result<Response<wire::SetLogFilterResponse>, Status> {
        let caller = caller::of(&request, Lane::Interactive);
        Ok(Response::new(self.set_log(&caller, request.get_ref())?))
    }

    async fn compact_store(
        &self,
        request: Request<wire::CompactStoreRequest>,
    ) -> Result<Response<wire::CompactStoreResponse>, Status> {
        Ok(Response::new(self.compact(&caller::of(&request, Lane::Bulk)).await?))
    }

    async fn rebuild_index(
        &self,
        request: Request<wire::RebuildIndexRequest>,
    ) -> Result<Response<wire::RebuildIndexResponse>, Status> {
        Ok(Response::new(self.rebuild(&caller::of(&request, Lane::Bulk)).await?))
    }

    async fn drain(
        &self,
        request: Request<wire::DrainRequest>,
    ) -> Result<Response<wire::DrainResponse>, Status> {
        Ok(Response::new(self.drain(&caller::of(&request, Lane::Interactive))?))
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
