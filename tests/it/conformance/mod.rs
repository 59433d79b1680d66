//! What any pair of log and index must do for the engine, whatever stands behind them. Each promise is a function over a pair;
//! [`local`] runs all of them on the pair for one machine. Another pair is another file like it.

mod documents;
mod entities;
mod local;
mod pair;
mod search;
mod together;

/// Runs every promise on pairs that `$open` makes, each on one of its own.
macro_rules! conforms {
    ($open:expr; $($module:ident: $($promise:ident),* $(,)?;)*) => {$($(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $promise() {
            super::$module::$promise($open.await).await;
        }
    )*)*};
}
pub(crate) use conforms;
