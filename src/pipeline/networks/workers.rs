//! Networks that work side by side.

use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tch::Device;

use crate::interrupt::Interrupted;
use crate::pipeline::plan::Plan;
use crate::train::TrainError;
use crate::train::plan::Stop;

/// How the work is shared out.
#[derive(Debug)]
pub(super) struct Workers {
    /// The device of each thread that works.
    devices: Vec<Device>,
    /// libtorch's threads for each of them.
    threads: usize,
}

impl Workers {
    /// So many at a time on these devices, with so many of libtorch's threads each.
    pub(super) fn new(devices: &[Device], (count, threads): (usize, usize)) -> Self {
        let devices = devices.iter().copied().cycle().take(count).collect();
        Self { devices, threads }
    }

    /// As a plan has them.
    pub(super) fn of(plan: &Plan, devices: &[Device]) -> Self {
        Self::new(devices, (plan.side_by_side, plan.threads_per_network))
    }

    /// Does all jobs, in their order as devices become free.
    ///
    /// # Errors
    ///
    /// The first one of a job, which its name completes to "NAME failed"; the others are then stopped. Or somebody
    /// interrupts.
    pub(super) fn work<Job: Display + Send>(
        &self,
        jobs: VecDeque<Job>,
        interrupted: &AtomicBool,
        work: &(dyn Fn(&Job, Device, Stop) -> anyhow::Result<()> + Sync),
    ) -> anyhow::Result<()> {
        let waiting = Mutex::new(jobs);
        let failure = Mutex::new(None);
        let next = || {
            waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front()
        };
        let stop = || {
            interrupted.load(Ordering::Relaxed)
                || failure
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .is_some()
        };
        thread::scope(|scope| {
            for &device in &self.devices {
                let (next, stop, failure) = (&next, &stop, &failure);
                scope.spawn(move || {
                    // libtorch counts threads for each thread that calls it.
                    tch::set_num_threads(self.threads as i32);
                    while let Some(job) = next() {
                        if let Err(error) = work(&job, device, stop) {
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
            None => Ok(()),
            Some((_, error)) if matches!(error.downcast_ref(), Some(TrainError::Interrupted)) => {
                Err(Interrupted.into())
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
        let (done, never) = (AtomicUsize::new(0), AtomicBool::new(false));
        let two = [Device::Cuda(0), Device::Cuda(3)];
        let workers = Workers::new(&two, (2, 1));
        let jobs: VecDeque<&str> = ["one", "two", "three"].into();
        let all = workers.work(jobs.clone(), &never, &|_job, device, _stop| {
            assert!(two.contains(&device));
            done.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        all.unwrap();
        assert_eq!(done.into_inner(), 3);
        let failed = workers.work(jobs.clone(), &never, &|job, _device, stop| {
            if *job == "one" {
                anyhow::bail!("no memory");
            }
            while !stop() {
                thread::yield_now();
            }
            Err(TrainError::Interrupted.into())
        });
        assert_eq!(failed.unwrap_err().to_string(), "one failed");
        let stopped =
            |_job: &&str, _device: Device, _stop: Stop| Err(TrainError::Interrupted.into());
        let interrupted = workers.work(jobs, &never, &stopped);
        assert!(interrupted.unwrap_err().is::<Interrupted>());
    }
}
