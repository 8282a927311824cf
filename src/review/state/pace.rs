//! How quickly decisions are made.

use std::collections::VecDeque;

use jiff::Timestamp;

/// So many of the last decisions count.
const LAST: usize = 20;

/// A longer time between two decisions was a break.
const BREAK_SECS: f64 = 60.0;

/// The times of the last decisions.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    times: VecDeque<Timestamp>,
}

impl Pace {
    /// A decision was made.
    pub fn decided(&mut self, at: Timestamp) {
        self.times.push_back(at);
        if self.times.len() > LAST {
            self.times.pop_front();
        }
    }

    /// Mean seconds per decision, breaks left out; nothing before there are two.
    pub fn secs_per_decision(&self) -> Option<f64> {
        let gaps: Vec<f64> = self
            .times
            .iter()
            .zip(self.times.iter().skip(1))
            .map(|(a, b)| b.duration_since(*a).as_secs_f64())
            .filter(|gap| *gap < BREAK_SECS)
            .collect();
        (!gaps.is_empty()).then(|| gaps.iter().sum::<f64>() / gaps.len() as f64)
    }
}
