//! Two threads, each with half of the windows of a step: on two cores that is faster than two threads in one product.

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// Threads that each work alone. For all of the gain, candle must not share its own work out:
/// `RAYON_NUM_THREADS=1` for its products and `CANDLE_NUM_THREADS=1` for the rest, as `models/train` sets them.
pub(super) struct Workers(Vec<ThreadPool>);

impl Workers {
    pub(super) fn new() -> Result<Self, ThreadPoolBuildError> {
        (0..2).map(|_| ThreadPoolBuilder::new().num_threads(1).build()).collect::<Result<_, _>>().map(Self)
    }

    /// Does the work of each part on a thread of its own; results in order.
    pub(super) fn each<P: Sync, R: Send, E: Send>(&self, parts: &[P], work: impl Fn(&P) -> Result<R, E> + Sync) -> Result<Vec<R>, E> {
        std::thread::scope(|scope| {
            let started: Vec<_> = parts.iter().zip(self.0.iter().cycle()).map(|(part, pool)| scope.spawn(|| pool.install(|| work(part)))).collect();
            started.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }
}
