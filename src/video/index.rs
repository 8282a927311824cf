//! The first pass: what a file holds, found by reading its packets without decoding any.
//!
//! It counts the frames to come, measures the time that they cover, and says whether the file ends before its container
//! says that it should. Packets of ordinary clips are held in memory, so that the second pass reads nothing again.

use camino::Utf8Path;
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{Error, Packet, Rational, Stream, media};

use super::error::DecodeProblem;
use super::orientation::Orientation;
use super::raw;
use super::settings::ContainerFacts;
use super::span::{Clock, Span};
use super::spare::Spared;

/// Packets of a larger stream are read again from the file instead of being held.
const MOST_HELD_BYTES: usize = 32 << 20;

/// A demuxer that fails so many times in a row has nothing more to give.
const MOST_FAILURES: u32 = 32;

/// What the packets of a file's best video stream say.
pub(super) struct PacketIndex {
    /// How to start the decoder.
    pub(super) parameters: Parameters,
    /// The unit of the packets' time stamps, in seconds.
    pub(super) time_base: Rational,
    /// How frames are turned before they are shown, where the stream says so for all of them.
    pub(super) orientation: Option<Orientation>,
    /// Packets whose frames are to be shown; usually, but not always, the number of frames.
    pub(super) packets: u32,
    /// Whether data is missing or marked as damaged.
    pub(super) truncated: bool,
    span: Span,
    /// Packets that are only there so that others can be decoded.
    hidden: u32,
    /// Whether the index at the file's end is missing, which an AVI file has when it was written to its end.
    lacks_index: bool,
    /// Name of the container's format, as the demuxer gives it.
    format: String,
    /// Packets that the container's header or index promises, hidden ones left out; 0 where it promises none.
    promised: u32,
    stated_rate: f64,
    stream: usize,
    held: Option<Vec<Packet>>,
}

impl PacketIndex {
    /// Reads all packets of the file once.
    pub(super) fn read(path: &Utf8Path) -> Result<Self, DecodeProblem> {
        let (mut input, indexed) = raw::open(path)?;
        let stream = best_stream(&input)?;
        let mut index = Self {
            parameters: stream.parameters(),
            time_base: stream.time_base(),
            orientation: raw::display_matrix(&stream)
                .map(|matrix| Orientation::from_display_matrix(&matrix)),
            packets: 0,
            truncated: false,
            span: Span::default(),
            hidden: 0,
            lacks_index: input.format().name() == "avi" && indexed == 0,
            format: input.format().name().to_owned(),
            promised: promised(&input, &stream, indexed),
            stated_rate: rate_of(&stream),
            stream: stream.index(),
            held: Some(Vec::new()),
        };
        let (mut read, mut held_bytes, mut end_secs) = (0, 0, 0.0_f64);
        index.truncated = each_packet(&mut input, &mut |input, packet| {
            end_secs = end_secs.max(end_of(input, &packet));
            if packet.stream() != index.stream {
                return Ok(());
            }
            read += 1;
            index.truncated |= packet.is_corrupt();
            if packet.size() == 0 {
                return Ok(());
            }
            if raw::is_hidden(&packet) {
                index.hidden += 1;
            } else {
                index.packets += 1;
                index.span.add(&packet);
            }
            held_bytes += packet.size();
            if held_bytes > MOST_HELD_BYTES {
                index.held = None;
            } else if let Some(held) = &mut index.held {
                held.push(packet);
            }
            Ok(())
        })? || index.truncated;
        index.truncated |= index.promised > read || ends_early(&input, end_secs);
        index.promised = index.promised.saturating_sub(index.hidden);
        Ok(index)
    }

    /// What the container says of the video, against what is in it.
    pub(super) fn container(&self) -> ContainerFacts {
        let clock = self.span.clock();
        ContainerFacts {
            format: self.format.clone(),
            promised_frames: self.promised.max(self.packets),
            largest_gap: clock.largest_gap() as f32,
            uneven: clock.is_uneven(),
            turned: self.orientation.is_some_and(|turn| !turn.is_upright()),
            hidden_frames: self.hidden,
            lacks_index: self.lacks_index,
            interlaced: 0.0,
        }
    }

    /// What decoding only what the frames `wanted` need is to go by, where the packets tell.
    pub(super) fn spare(&self, wanted: &[u32]) -> Option<Spared> {
        let packets = self.held.as_deref()?;
        (packets.len() == self.packets as usize).then_some(())?;
        Spared::find(packets, wanted)
    }

    /// Calls `visit` with every packet of the stream in file order, those included whose frames are not shown.
    pub(super) fn for_each_packet(
        &self,
        path: &Utf8Path,
        visit: &mut dyn FnMut(&Packet) -> Result<(), DecodeProblem>,
    ) -> Result<(), DecodeProblem> {
        if let Some(held) = &self.held {
            return held.iter().try_for_each(visit);
        }
        let (mut input, _) = raw::open(path)?;
        each_packet(&mut input, &mut |_, packet| {
            // To a decoder an empty packet means the end of the stream.
            if packet.stream() == self.stream && packet.size() > 0 {
                visit(&packet)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Frames per second and duration in seconds of a video of so many frames; 0 for what is unknown. `times`: when each
    /// decoded frame is shown, which counts where packets and frames differ in number: then those at the start cannot be
    /// decoded, or each holds half a picture.
    pub(super) fn timing(&self, frames: u32, times: &[Option<i64>]) -> (f64, f64) {
        let own = (frames != self.packets).then(|| Clock::of_frames(times));
        let own = own.flatten().filter(|clock| clock.ticks().is_some());
        let clock = own.unwrap_or_else(|| self.span.clock());
        let seconds = f64::from(self.time_base);
        if let Some(ticks) = clock.ticks() {
            let duration = ticks * seconds;
            let rate = clock.usual_gap().map(|gap| (gap * seconds).recip());
            return (rate.unwrap_or(f64::from(frames) / duration), duration);
        }
        if self.stated_rate > 0.0 {
            return (self.stated_rate, f64::from(frames) / self.stated_rate);
        }
        (0.0, 0.0)
    }
}

/// The video stream that `FFmpeg` thinks best. A cover picture in a sound file is no video.
fn best_stream(input: &Input) -> Result<Stream<'_>, DecodeProblem> {
    input
        .streams()
        .best(media::Type::Video)
        .filter(|stream| !stream.disposition().contains(Disposition::ATTACHED_PIC))
        .ok_or(DecodeProblem::NoVideoStream)
}

/// The rate that the container states, in frames per second; 0 when it states none.
fn rate_of(stream: &Stream<'_>) -> f64 {
    [stream.avg_frame_rate(), stream.rate()]
        .into_iter()
        .filter(|rate| rate.denominator() != 0)
        .map(f64::from)
        .find(|rate| rate.is_finite() && *rate > 0.0)
        .unwrap_or(0.0)
}

/// Reads to the end and says whether anything on the way could not be read.
fn each_packet(
    input: &mut Input,
    visit: &mut dyn FnMut(&Input, Packet) -> Result<(), DecodeProblem>,
) -> Result<bool, DecodeProblem> {
    let (mut damaged, mut failures) = (false, 0);
    loop {
        let mut packet = Packet::empty();
        match packet.read(input) {
            Ok(()) => {
                failures = 0;
                visit(input, packet)?;
            }
            Err(Error::Eof) => return Ok(damaged),
            Err(_) => {
                // The demuxer goes on behind the damage, if it can.
                damaged = true;
                failures += 1;
                if failures == MOST_FAILURES {
                    return Ok(damaged);
                }
            }
        }
    }
}

/// Where a packet ends on the container's clock, in seconds.
fn end_of(input: &Input, packet: &Packet) -> f64 {
    let time = packet.pts().or_else(|| packet.dts());
    let (Some(time), Some(stream)) = (time, input.stream(packet.stream())) else {
        return 0.0;
    };
    time.saturating_add(packet.duration()) as f64 * f64::from(stream.time_base())
}

/// How many packets of the stream the container's index speaks of (MP4, after edit lists; AVI), or else its header (AVI); 0
/// where neither does.
fn promised(input: &Input, stream: &Stream<'_>, indexed: u32) -> u32 {
    match input.format().name() {
        name if name.contains("mp4") => indexed,
        // The header counts in the units of its rate, which need not be frames.
        "avi" if indexed > 0 => indexed,
        "avi" => u32::try_from(stream.frames()).unwrap_or(0),
        _ => 0,
    }
}

/// Whether the packets end before the header says. Its duration is that of the longest stream; the last frame's own may be
/// missing.
fn ends_early(input: &Input, end_secs: f64) -> bool {
    input.format().name() == "matroska,webm" && input.duration() as f64 / 1e6 - end_secs > 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::EncoderOptions;
    use crate::video::samples::{TempDir, write};

    #[test]
    fn packets_are_the_same_from_memory_and_from_the_file() {
        let dir = TempDir::new();
        let path = dir.path("a.mp4");
        write(&path, (64, 64), 30, EncoderOptions::default());
        let mut index = PacketIndex::read(&path).unwrap();
        let read = |index: &PacketIndex| {
            let mut packets = Vec::new();
            let mut note = |packet: &Packet| {
                packets.push((
                    packet.pts(),
                    packet.dts(),
                    packet.data().map(<[u8]>::to_vec),
                ));
                Ok(())
            };
            index.for_each_packet(&path, &mut note).unwrap();
            packets
        };
        let held = read(&index);
        index.held = None;
        assert_eq!(held.len(), 30);
        assert!(held == read(&index));
    }

    #[test]
    fn timing_without_time_stamps_goes_by_the_stated_rate() {
        let dir = TempDir::new();
        let path = dir.path("a.mp4");
        write(&path, (64, 64), 3, EncoderOptions::default());
        let mut index = PacketIndex::read(&path).unwrap();
        index.span = Span::default();
        index.stated_rate = 25.0;
        assert_eq!(index.timing(50, &[]), (25.0, 2.0));
        index.stated_rate = 0.0;
        assert_eq!(index.timing(50, &[]), (0.0, 0.0));
    }
}
