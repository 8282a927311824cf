//! The time that a stream's shown packets cover, and how evenly they are spread over it.

use ffmpeg_next::Packet;

/// Times of a stream's shown packets, in ticks of its time base.
#[derive(Default)]
pub(super) struct Span {
    /// When each packet that has a time is shown, in file order.
    times: Vec<i64>,
    /// Start of the packet that is shown last, and its duration.
    last: Option<(i64, i64)>,
    packets: u32,
}

impl Span {
    pub(super) fn add(&mut self, packet: &Packet) {
        self.note(packet.pts().or_else(|| packet.dts()), packet.duration());
    }

    fn note(&mut self, time: Option<i64>, duration: i64) {
        self.packets += 1;
        let Some(time) = time else {
            return;
        };
        self.times.push(time);
        if self.last.is_none_or(|(last, _)| time >= last) {
            self.last = Some((time, duration));
        }
    }

    /// The whole span. A last packet without a duration is taken to last as long as the mean of the others.
    pub(super) fn ticks(&self) -> Option<f64> {
        let (start, (last, duration)) = (*self.times.iter().min()?, self.last?);
        let to_last = last.saturating_sub(start) as f64;
        let ticks = if duration > 0 {
            to_last + duration as f64
        } else {
            to_last * f64::from(self.packets) / f64::from(self.packets.saturating_sub(1).max(1))
        };
        (ticks > 0.0).then_some(ticks)
    }

    /// The longest time from one packet to the next over the median one; 1 where they come evenly, or are fewer than three.
    pub(super) fn largest_gap(&self) -> f64 {
        let mut times = self.times.clone();
        times.sort_unstable();
        let mut gaps: Vec<i64> = times
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .collect();
        gaps.sort_unstable();
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

    fn span(times: &[i64]) -> Span {
        let mut span = Span::default();
        for &time in times {
            span.note(Some(time), 0);
        }
        span
    }

    #[test]
    fn gaps_are_between_shown_frames_and_not_in_file_order() {
        let even = span(&[0, 30, 10, 20, 60, 40, 50]);
        approx::assert_abs_diff_eq!(even.largest_gap(), 1.0);
        approx::assert_abs_diff_eq!(span(&[0, 10, 20, 75, 85]).largest_gap(), 5.5);
        approx::assert_abs_diff_eq!(span(&[0, 90]).largest_gap(), 1.0);
        approx::assert_abs_diff_eq!(span(&[5, 5, 5]).largest_gap(), 1.0);
        approx::assert_abs_diff_eq!(Span::default().largest_gap(), 1.0);
    }

    #[test]
    fn a_last_packet_without_duration_lasts_as_long_as_the_others() {
        assert_eq!(span(&[0, 20, 10]).ticks(), Some(30.0));
        assert_eq!(span(&[7]).ticks(), None);
    }
}
