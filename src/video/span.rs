//! The time that a stream's frames cover, and how evenly they are spread over it.

use ffmpeg_next::Packet;

/// Times of a stream's shown packets, in ticks of its time base.
#[derive(Default)]
pub(super) struct Span {
    /// In file order.
    packets: Vec<Timed>,
}

/// When a packet is shown, when it is to be decoded, and how long it lasts; 0 where that is not known.
#[derive(Clone, Copy)]
struct Timed {
    shown: Option<i64>,
    decoded: Option<i64>,
    duration: i64,
}

/// When frames are shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Clock {
    /// Ascending.
    times: Vec<i64>,
    /// How long the last frame is said to last; 0 where nothing says it.
    last: i64,
}

impl Span {
    pub(super) fn add(&mut self, packet: &Packet) {
        self.packets.push(Timed {
            shown: packet.pts(),
            decoded: packet.dts(),
            duration: packet.duration(),
        });
    }

    /// The packets' clock. Where some lack the time at which they are shown, as in MPEG program streams, all go by when they
    /// are to be decoded: that is in another order, but in the same steps.
    pub(super) fn clock(&self) -> Clock {
        let all = |time: fn(&Timed) -> Option<i64>| {
            let times = self.packets.iter();
            let times = times.map(|packet| Some((time(packet)?, packet.duration)));
            times.collect::<Option<Vec<_>>>()
        };
        let some = |packet: &Timed| Some((packet.shown.or(packet.decoded)?, packet.duration));
        let mut times = all(|packet| packet.shown)
            .or_else(|| all(|packet| packet.decoded))
            .unwrap_or_else(|| self.packets.iter().filter_map(some).collect());
        times.sort_unstable();
        Clock {
            last: times.last().map_or(0, |&(_, duration)| duration),
            times: times.into_iter().map(|(time, _)| time).collect(),
        }
    }
}

impl Clock {
    /// The clock of frames that came out of the decoder at these times; nothing where one of them has none.
    pub(super) fn of_frames(times: &[Option<i64>]) -> Option<Self> {
        let mut times: Vec<i64> = times.iter().copied().collect::<Option<_>>()?;
        times.sort_unstable();
        Some(Self { times, last: 0 })
    }

    fn gaps(&self) -> Vec<i64> {
        let pairs = self.times.windows(2);
        let mut gaps: Vec<i64> = pairs.map(|pair| pair[1].saturating_sub(pair[0])).collect();
        gaps.sort_unstable();
        gaps
    }

    /// The usual time from one frame to the next, in ticks; nothing where there is none. It is the mean of what is near the
    /// median: a clock of milliseconds ticks 33, 33 and 34 for 29.97 frames per second, and where frames were lost there are
    /// longer gaps.
    pub(super) fn usual_gap(&self) -> Option<f64> {
        let gaps = self.gaps();
        let &median = gaps.get(gaps.len() / 2).filter(|&&gap| gap > 0)?;
        let tolerance = if median < 4 { median / 2 } else { median / 4 };
        let near: Vec<i64> = gaps
            .iter()
            .copied()
            .filter(|gap| (gap - median).abs() <= tolerance)
            .collect();
        let is_usual = near.len() * 5 >= gaps.len() * 4;
        is_usual.then(|| {
            let sum: f64 = near.iter().map(|&gap| gap as f64).sum();
            sum / near.len() as f64
        })
    }

    /// Whether there are steps from frame to frame, and none of them is the usual one.
    pub(super) fn is_uneven(&self) -> bool {
        self.times.len() > 2 && self.ticks().is_some() && self.usual_gap().is_none()
    }

    /// The whole time, in ticks. The last frame lasts as long as is usual, unless it is said to last longer.
    pub(super) fn ticks(&self) -> Option<f64> {
        let (first, last) = (self.times.first()?, self.times.last()?);
        let to_last = last.saturating_sub(*first) as f64;
        let said = self.last.max(0) as f64;
        let after = match self.usual_gap() {
            Some(gap) => gap.max(said),
            None if said > 0.0 => said,
            None => to_last / (self.times.len() as f64 - 1.0).max(1.0),
        };
        let ticks = to_last + after;
        (ticks > 0.0).then_some(ticks)
    }

    /// The longest time from one frame to the next over the median one; 1 where they come evenly, or are fewer than three.
    pub(super) fn largest_gap(&self) -> f64 {
        let gaps = self.gaps();
        match (gaps.last(), gaps.get(gaps.len() / 2)) {
            (Some(&most), Some(&middle)) if gaps.len() > 1 && middle > 0 => {
                most as f64 / middle as f64
            }
            _ => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(times: &[i64], last: i64) -> Clock {
        Clock {
            times: times.to_vec(),
            last,
        }
    }

    #[test]
    fn packets_without_a_time_to_be_shown_go_by_when_they_are_decoded() {
        let timed = |shown, decoded| Timed {
            shown,
            decoded,
            duration: 1,
        };
        let mut span = Span {
            packets: vec![
                timed(Some(3), Some(1)),
                timed(None, Some(2)),
                timed(Some(2), Some(3)),
            ],
        };
        assert_eq!(span.clock(), clock(&[1, 2, 3], 1));
        span.packets[1].shown = Some(4);
        assert_eq!(span.clock(), clock(&[2, 3, 4], 1));
        span.packets[1] = timed(None, None);
        assert_eq!(span.clock(), clock(&[2, 3], 1));
        assert_eq!(Span::default().clock(), clock(&[], 0));
    }

    #[test]
    fn the_usual_gap_is_that_of_the_frame_rate() {
        // 29.97 frames per second in milliseconds, and the same with a frame lost and a pause.
        let times: Vec<i64> = (0..90).map(|frame| (frame * 1001 + 15) / 30).collect();
        let usual = |times: &[i64]| clock(times, 0).usual_gap().unwrap();
        approx::assert_abs_diff_eq!(usual(&times), 33.37, epsilon = 0.01);
        let lost: Vec<i64> = times
            .iter()
            .copied()
            .filter(|&time| time != times[40])
            .collect();
        approx::assert_abs_diff_eq!(usual(&lost), 33.37, epsilon = 0.01);
        let paused: Vec<i64> = times
            .iter()
            .map(|&time| time + time / 1500 * 4000)
            .collect();
        approx::assert_abs_diff_eq!(usual(&paused), 33.37, epsilon = 0.01);
        // One tick a frame, with frames lost.
        approx::assert_abs_diff_eq!(usual(&[0, 1, 2, 4, 5, 6, 7]), 1.0);
        // Frames that come as they like, or only once.
        assert_eq!(clock(&[0, 20, 500, 520, 1000], 0).usual_gap(), None);
        assert_eq!(clock(&[7], 0).usual_gap(), None);
        assert_eq!(clock(&[7, 7, 7], 0).usual_gap(), None);
        assert!(clock(&[0, 20, 500, 520, 1000], 0).is_uneven());
        assert!(!clock(&times, 0).is_uneven() && !clock(&[7, 7, 7], 0).is_uneven());
    }

    #[test]
    fn the_last_frame_lasts_as_long_as_it_is_said_to_or_as_is_usual() {
        assert_eq!(clock(&[0, 40, 80], 20).ticks(), Some(120.0));
        assert_eq!(clock(&[0, 40, 80], 400).ticks(), Some(480.0));
        assert_eq!(clock(&[0, 20, 500, 520, 1000], 60).ticks(), Some(1060.0));
        assert_eq!(clock(&[0, 20, 500, 520, 1000], 0).ticks(), Some(1250.0));
        assert_eq!(clock(&[5], 40).ticks(), Some(40.0));
        assert_eq!(clock(&[5], 0).ticks(), None);
        assert_eq!(clock(&[], 0).ticks(), None);
    }

    #[test]
    fn gaps_are_between_frames_in_the_order_in_which_they_are_shown() {
        let gap = |times: &[i64]| {
            let times = times.iter().map(|&time| Timed {
                shown: Some(time),
                decoded: None,
                duration: 0,
            });
            let span = Span {
                packets: times.collect(),
            };
            span.clock().largest_gap()
        };
        approx::assert_abs_diff_eq!(gap(&[0, 30, 10, 20, 60, 40, 50]), 1.0);
        approx::assert_abs_diff_eq!(gap(&[0, 10, 20, 75, 85]), 5.5);
        approx::assert_abs_diff_eq!(gap(&[0, 90]), 1.0);
        approx::assert_abs_diff_eq!(gap(&[5, 5, 5]), 1.0);
        approx::assert_abs_diff_eq!(gap(&[]), 1.0);
    }
}
