//! Progress of one stage: a bar on a terminal, else a line every few seconds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressStyle;
use tracing::Span;
use tracing_indicatif::span_ext::IndicatifSpanExt;

use super::event::{Event, Stage, tell};
use super::{MODE, Mode};

/// How often a line is written where there are no bars.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How often an event is told.
const EVENT_EVERY: Duration = Duration::from_secs(1);

/// What a bar looks like: its stage and note, the bar, position, rate and time left.
const BAR: &str = "{msg} {wide_bar} {pos}/{len} {per_sec} {eta} left";

/// A stage of known length on its way; shared by reference among threads. Shown until it is finished or dropped.
///
/// Before [`super::init`] nothing is shown.
#[derive(Debug)]
pub struct Progress {
    stage: Stage,
    total: u64,
    position: AtomicU64,
    begin: Instant,
    shown: Mutex<Shown>,
}

#[derive(Debug)]
struct Shown {
    note: String,
    last_line: Instant,
    last_event: Instant,
    /// Carries the bar, which goes with it.
    bar: Option<Span>,
}

impl Progress {
    /// Begins a stage of `total` steps.
    pub fn start(stage: impl Into<Stage>, total: u64) -> Self {
        let stage = stage.into();
        tell(&Event::Started {
            stage: &stage,
            total,
        });
        let bar = (MODE.get() == Some(&Mode::Bars)).then(|| {
            let span = tracing::error_span!(parent: None, "progress", indicatif.pb_show = tracing::field::Empty);
            if let Ok(style) = ProgressStyle::with_template(BAR) {
                span.pb_set_style(&style);
            }
            span.pb_set_length(total);
            span.pb_set_message(&stage.to_string());
            span.pb_start();
            span
        });
        let begin = Instant::now();
        Self {
            stage,
            total,
            position: AtomicU64::new(0),
            begin,
            shown: Mutex::new(Shown {
                note: String::new(),
                last_line: begin,
                last_event: begin,
                bar,
            }),
        }
    }

    /// So many more steps are done.
    pub fn advance(&self, steps: u64) {
        self.position.fetch_add(steps, Ordering::Relaxed);
        let mut shown = self.shown();
        if shown.last_event.elapsed() >= EVENT_EVERY {
            shown.last_event = Instant::now();
            self.tell_progress();
        }
        if let Some(bar) = &shown.bar {
            bar.pb_inc(steps);
        } else if MODE.get() == Some(&Mode::Lines) && shown.last_line.elapsed() >= LINE_EVERY {
            shown.last_line = Instant::now();
            tracing::info!("{}", self.line(&shown.note, self.begin.elapsed()));
        }
    }

    /// A few words behind the stage from now on, such as the loss; empty takes them away.
    pub fn note(&self, text: &str) {
        let mut shown = self.shown();
        text.clone_into(&mut shown.note);
        if let Some(bar) = &shown.bar {
            bar.pb_set_message(&self.title(text));
        }
    }

    /// The steps that are done.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// Ends the stage: the bar goes, and a line says how long it took.
    pub fn finish(self) {
        let elapsed = self.begin.elapsed();
        let note = {
            let mut shown = self.shown();
            // Taken away before the line is written, so that it does not come back below it.
            shown.bar = None;
            std::mem::take(&mut shown.note)
        };
        if MODE.get().is_some() {
            tracing::info!("{}", self.last_line(&note, elapsed));
        }
        tell(&Event::Finished {
            stage: &self.stage,
            done: self.position(),
            total: self.total,
            took_seconds: elapsed.as_secs_f64(),
        });
    }

    /// The stage, as it was begun.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    fn tell_progress(&self) {
        let (done, elapsed) = (self.position(), self.begin.elapsed());
        tell(&Event::Progress {
            stage: &self.stage,
            done,
            total: self.total,
            per_second: done as f64 / elapsed.as_secs_f64().max(1e-3),
            seconds_left: self.left(done, elapsed).as_secs_f64(),
        });
    }

    /// How long the rest takes at the rate so far; `done` is above 0.
    fn left(&self, done: u64, elapsed: Duration) -> Duration {
        elapsed.mul_f64(self.total.saturating_sub(done) as f64 / done.max(1) as f64)
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        // A panic in another thread leaves the state as good as it was.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn title(&self, note: &str) -> String {
        let stage = &self.stage;
        if note.is_empty() {
            stage.to_string()
        } else {
            format!("{stage} ({note})")
        }
    }

    fn line(&self, note: &str, elapsed: Duration) -> String {
        let (position, total) = (self.position(), self.total);
        let title = self.title(note);
        if position == 0 {
            return format!("{title}: 0/{total}");
        }
        let left = self.left(position, elapsed);
        let percent = 100.0 * position as f64 / total.max(1) as f64;
        format!(
            "{title}: {position}/{total} ({percent:.0} %), {}, {} left",
            rate(position, elapsed),
            clock(left)
        )
    }

    fn last_line(&self, note: &str, elapsed: Duration) -> String {
        let (position, title) = (self.position(), self.title(note));
        let done = if position == self.total {
            position.to_string()
        } else {
            format!("{position} of {}", self.total)
        };
        format!(
            "{title}: {done} in {} ({})",
            clock(elapsed),
            rate(position, elapsed)
        )
    }
}

fn rate(steps: u64, elapsed: Duration) -> String {
    let per_second = steps as f64 / elapsed.as_secs_f64().max(1e-3);
    if per_second >= 10.0 {
        format!("{per_second:.0}/s")
    } else if per_second >= 0.1 {
        format!("{per_second:.1}/s")
    } else {
        format!("{:.1}/min", per_second * 60.0)
    }
}

/// A duration as people say it: `0.4 s`, `12 s`, `3:05`, `2:00:07`.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..3 => format!("{:.1} s", duration.as_secs_f64()),
        3..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!(
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_position_rate_and_time_left() {
        let progress = Progress::start(Stage::of_fold("train", 0, 5), 400);
        assert_eq!(
            progress.line("", Duration::from_secs(1)),
            "train fold 1 of 5: 0/400"
        );
        progress.advance(100);
        assert_eq!(
            progress.line("loss 0.52", Duration::from_secs(50)),
            "train fold 1 of 5 (loss 0.52): 100/400 (25 %), 2.0/s, 2:30 left"
        );
        assert_eq!(
            progress.last_line("", Duration::from_secs(50)),
            "train fold 1 of 5: 100 of 400 in 50 s (2.0/s)"
        );
        progress.advance(300);
        assert_eq!(
            progress.last_line("", Duration::from_secs(4000)),
            "train fold 1 of 5: 400 in 1:06:40 (0.1/s)"
        );
        progress.finish();
    }

    #[test]
    fn threads_count_together() {
        let progress = Progress::start("decoding", 4000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for step in 0..1000 {
                        progress.advance(1);
                        progress.note(&step.to_string());
                    }
                });
            }
        });
        assert_eq!(progress.position(), 4000);
    }

    #[test]
    fn an_empty_stage_is_fine() {
        let progress = Progress::start("nothing", 0);
        assert_eq!(
            progress.last_line("", Duration::ZERO),
            "nothing: 0 in 0.0 s (0.0/min)"
        );
    }

    #[test]
    fn durations_are_told_as_people_say_them() {
        let told = [0.42, 2.99, 3.0, 59.9, 60.0, 185.0, 7207.0]
            .map(|seconds| clock(Duration::from_secs_f64(seconds)));
        assert_eq!(
            told,
            ["0.4 s", "3.0 s", "3 s", "59 s", "1:00", "3:05", "2:00:07"]
        );
    }
}
