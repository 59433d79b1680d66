//! Points at which a debug build can be told to die or to dawdle, so that tests see what a process leaves that ended just there.
//!
//! The variable `DICTUM_FAILPOINTS` says which: `commit.rows=kill:3;copy.table=wait:50` ends the process when it comes to the first of
//! them for the third time, as SIGKILL would, with nothing closed and nothing flushed, and has it sleep for 50 ms at each pass of the
//! second. A name that is none, or an action, ends it at the first point of all, lest a test prove nothing.
//!
//! They are in builds with `debug_assertions`, so in the binary that `cargo test` makes and in none that is released: there [`pass`]
//! is empty and the variable means nothing, which `.ci/nightly` looks after. A cargo feature would do the same at the price of flags
//! that a plain `cargo test` does not have. The crate `fail` has no action that ends a process: its panic ends a thread, and threads
//! here outlive panics.
//!
//! What a point stands for is known where it is passed; here are the names, and what can happen at all of them.

macro_rules! failpoints {
    ($($(#[doc = $doc:literal])* $point:ident = $name:literal,)+) => {
        /// A place in the code, named after what has been done when it is passed, unless its name says otherwise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Failpoint { $($(#[doc = $doc])* $point,)+ }

        impl Failpoint {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$point,)+];

            /// What the variable calls it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$point => $name,)+ }
            }
        }
    };
}

failpoints! {
    /// The store is in the present format and knows this opening, in a transaction that is not committed.
    OpenPrepared = "open.prepared",
    /// That was committed.
    OpenDone = "open.done",
    /// One document of an older format was entered.
    MigrateDocument = "migrate.document",
    /// Writes wait together for their transaction.
    CommitGroup = "commit.group",
    /// Their rows are written, in a transaction that is not committed.
    CommitRows = "commit.rows",
    /// The transaction is on the disk.
    CommitDone = "commit.done",
    /// Readers of the store see it.
    CommitShown = "commit.shown",
    /// The engine knows, and nobody else yet.
    CommitKnown = "commit.known",
    /// One of those who wait has been answered.
    CommitAnswered = "commit.answered",
    /// Some bytes are about to be written to the store's file, or to a copy of it.
    DiskWrite = "disk.write",
    /// All bytes until now are about to be synced.
    DiskSync = "disk.sync",
    /// They are synced.
    DiskSynced = "disk.synced",
    /// Rows that nobody needs are cleared away, in a transaction that is not committed.
    TidyRows = "tidy.rows",
    /// A table's rows were copied for an erasure, a backup, or a compaction.
    CopyTable = "copy.table",
    /// An erasure has copied all rows.
    EraseCopied = "erase.copied",
    /// What was written meanwhile is done again in the copy.
    EraseRedone = "erase.redone",
    /// The copy is complete, and closed.
    EraseComplete = "erase.complete",
    /// A copy that is to take the store's place is synced.
    ExchangeSynced = "exchange.synced",
    /// It has the store's name, for as long as the power stays on.
    ExchangeRenamed = "exchange.renamed",
    /// The service goes on with it.
    EraseMoved = "erase.moved",
    /// A compaction has copied all rows.
    CompactCopied = "compact.copied",
    /// They were compared with those that they were copied from.
    CompactCompared = "compact.compared",
    /// A backup has all rows.
    BackupCopied = "backup.copied",
    /// Its checksum is known.
    BackupHashed = "backup.hashed",
    /// Its tail is written, and not synced.
    BackupWritten = "backup.written",
    /// It is complete, without its name.
    BackupSynced = "backup.synced",
    /// It has its name, and the one that it was made under.
    BackupLinked = "backup.linked",
    /// It has its name alone.
    BackupNamed = "backup.named",
    /// A part of it is on its way to a client.
    BackupSent = "backup.sent",
    /// A client has written a part of it.
    BackupReceived = "backup.received",
    /// A client has all of it on the disk, without its name.
    BackupKept = "backup.kept",
    /// Some bytes of a backup are unpacked.
    RestoreBytes = "restore.bytes",
    /// All are.
    RestoreUnpacked = "restore.unpacked",
    /// All rows were read.
    RestoreRead = "restore.read",
    /// The index of the store that was there is gone.
    RestoreIndex = "restore.index",
    /// The store that was there has its second name.
    RestoreAside = "restore.aside",
    /// An index that was worth nothing is gone.
    IndexCleared = "index.cleared",
    /// The index is open.
    IndexOpened = "index.opened",
    /// One change of a step was handed to the search engine.
    IndexStaged = "index.staged",
    /// All are written, and not committed.
    IndexPrepared = "index.prepared",
    /// The file that says which segments there are has taken its place, and is not synced.
    IndexMeta = "index.meta",
    /// The step is committed with its position.
    IndexCommitted = "index.committed",
    /// Searches see it.
    IndexShown = "index.shown",
    /// A merge is under way.
    MergeBegun = "merge.begun",
    /// Merges have ended.
    MergeEnded = "merge.ended",
    /// What was deleted is in no file of the index any more.
    IndexErased = "index.erased",
    /// The follower knows where the index stands.
    FollowOpened = "follow.opened",
    /// It has read what the index lacks.
    FollowRead = "follow.read",
    /// The index has it.
    FollowApplied = "follow.applied",
    /// Those who wait for it know.
    FollowTold = "follow.told",
    /// An index that lacked something when it was opened lacks nothing more.
    FollowCaughtUp = "follow.caught_up",
    /// An operation has done all, and its end is not kept yet.
    OperationDone = "operation.done",
}

/// Comes to the point.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn pass(_: Failpoint) {}

#[cfg(debug_assertions)]
pub use armed::pass;

#[cfg(debug_assertions)]
mod armed {
    use super::Failpoint;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    const VARIABLE: &str = "DICTUM_FAILPOINTS";

    static ORDERS: LazyLock<Vec<Order>> = LazyLock::new(|| {
        let text = std::env::var(VARIABLE).unwrap_or_default();
        read(&text).unwrap_or_else(|part| {
            eprintln!("{VARIABLE}: {part:?} is no point with an action");
            std::process::exit(2)
        })
    });

    /// What is to happen at a point.
    #[derive(Debug)]
    struct Order {
        point: Failpoint,
        action: Action,
        passes: AtomicU64,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Action {
        /// The process ends at this pass, counted from 1.
        Kill(u64),
        /// Each pass takes so long.
        Wait(Duration),
    }

    /// Comes to the point.
    pub fn pass(point: Failpoint) {
        for order in ORDERS.iter().filter(|order| order.point == point) {
            match order.action {
                Action::Wait(time) => std::thread::sleep(time),
                Action::Kill(at) if order.passes.fetch_add(1, Ordering::SeqCst) + 1 == at => {
                    std::process::abort()
                }
                Action::Kill(_) => {}
            }
        }
    }

    /// Reads the variable; what cannot be read of it.
    fn read(text: &str) -> Result<Vec<Order>, &str> {
        let parts = text.split(';').filter(|part| !part.is_empty());
        parts.map(|part| order(part).ok_or(part)).collect()
    }

    fn order(part: &str) -> Option<Order> {
        let (name, action) = part.split_once('=')?;
        let (action, number) = action.split_once(':')?;
        let (number, passes) = (number.parse().ok()?, AtomicU64::new(0));
        let point = *Failpoint::ALL.iter().find(|point| point.name() == name)?;
        let action = match action {
            "kill" if number > 0 => Action::Kill(number),
            "wait" => Action::Wait(Duration::from_millis(number)),
            _ => return None,
        };
        Some(Order { point, action, passes })
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::collections::BTreeSet;

        #[test]
        fn orders_are_read_and_what_is_none_is_told() {
            let orders = read("commit.rows=kill:3;;copy.table=wait:50").unwrap();
            let orders: Vec<_> = orders.iter().map(|order| (order.point, order.action)).collect();
            let wait = Action::Wait(Duration::from_millis(50));
            assert_eq!(orders, [(Failpoint::CommitRows, Action::Kill(3)), (Failpoint::CopyTable, wait)]);
            for wrong in ["commit.row=kill:3", "commit.rows", "commit.rows=kill", "commit.rows=kill:0", "x"] {
                assert_eq!(read(&format!("{wrong};commit.rows=kill:1")).unwrap_err(), wrong);
            }
        }

        #[test]
        fn every_point_has_a_name_of_its_own() {
            let names: BTreeSet<_> = Failpoint::ALL.iter().map(|point| point.name()).collect();
            assert_eq!(names.len(), Failpoint::ALL.len());
        }
    }
}
