//! Networks that work side by side.

use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::thread;

use tch::Device;

use crate::interrupt;
use crate::train::TrainError;
use crate::train::fold::Stop;

/// How the work is shared out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workers {
    /// Threads that work at a time.
    pub(crate) count: usize,
    /// libtorch's threads for each of them.
    threads: usize,
}

impl Workers {
    /// For so many networks and threads on a device.
    ///
    /// On the CPU, networks work side by side, each on its share of the threads: two networks on a core each are faster
    /// than one network on two cores, and do not wait for each other when the machine has other work. What one of them
    /// does must not depend on its neighbours.
    pub(crate) fn new(networks: usize, threads: usize, device: Device) -> Self {
        let count = if device.is_cuda() {
            1
        } else {
            threads.min(networks).max(1)
        };
        Self {
            count,
            threads: (threads / count).max(1),
        }
    }

    /// Does all jobs, in their order as workers become free. Returns whether all were done: somebody may have interrupted.
    ///
    /// # Errors
    ///
    /// The first one of a job, which its name completes to "NAME failed"; the others are then stopped.
    pub(crate) fn work<Job: Display + Send>(
        self,
        jobs: VecDeque<Job>,
        work: &(dyn Fn(&Job, Stop) -> anyhow::Result<()> + Sync),
    ) -> anyhow::Result<bool> {
        let waiting = Mutex::new(jobs);
        let failure = Mutex::new(None);
        let next = || {
            waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front()
        };
        let stop = || {
            interrupt::flag().load(Ordering::Relaxed)
                || failure
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .is_some()
        };
        thread::scope(|scope| {
            for _ in 0..self.count {
                scope.spawn(|| {
                    // libtorch counts threads for each thread that calls it.
                    tch::set_num_threads(self.threads as i32);
                    while let Some(job) = next() {
                        if let Err(error) = work(&job, &stop) {
                            let mut failure =
                                failure.lock().unwrap_or_else(PoisonError::into_inner);
                            failure.get_or_insert((job, error));
                            return;
                        }
                    }
                });
            }
        });
        match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(true),
            Some((_, error)) if matches!(error.downcast_ref(), Some(TrainError::Interrupted)) => {
                Ok(false)
            }
            Some((job, error)) => Err(error.context(format!("{job} failed"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn the_first_failure_stops_the_others_and_is_named() {
        let done = AtomicUsize::new(0);
        let workers = Workers::new(2, 2, Device::Cpu);
        let jobs: VecDeque<&str> = ["one", "two", "three"].into();
        let all = workers.work(jobs.clone(), &|_job, _stop| {
            done.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        assert!(all.unwrap());
        assert_eq!(done.into_inner(), 3);
        let failed = workers.work(jobs.clone(), &|job, stop| {
            if *job == "one" {
                anyhow::bail!("no memory");
            }
            while !stop() {
                thread::yield_now();
            }
            Err(TrainError::Interrupted.into())
        });
        assert_eq!(failed.unwrap_err().to_string(), "one failed");
        let interrupted = workers.work(jobs, &|_job, _stop| Err(TrainError::Interrupted.into()));
        assert!(!interrupted.unwrap());
    }
}
