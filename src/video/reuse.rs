//! Decoders that go on with the next video: starting one costs a twentieth of a short clip, and the videos of a data set mostly
//! come from one encoder.
//!
//! A stream that begins with a key frame and is not damaged decodes to the same pixels whatever the decoder saw before. Only
//! a first attempt at a video takes an old decoder; where anything is wrong, the next one starts anew ([`super::file`]). A decoder
//! puts the display matrix that it was started with on every frame, so it goes on only with videos that are turned alike.

use std::cell::RefCell;

use ffmpeg_next::Rational;
use ffmpeg_next::codec::Parameters;

use super::decoder::FrameReader;
use super::index::PacketIndex;
use super::orientation::Orientation;
use super::raw;

/// A decoder between two videos.
struct Idle {
    parameters: Parameters,
    time_base: Rational,
    orientation: Option<Orientation>,
    reader: FrameReader,
}

thread_local! {
    /// That of the last video that this thread decoded without damage.
    static IDLE: RefCell<Option<Idle>> = const { RefCell::new(None) };
}

/// The decoder of this thread's last video, if it can go on with this one.
pub(super) fn take(index: &PacketIndex) -> Option<FrameReader> {
    let mut idle = IDLE.with_borrow_mut(Option::take)?;
    let fits = idle.time_base == index.time_base
        && idle.orientation == index.orientation
        && raw::are_of_a_kind(&idle.parameters, &index.parameters);
    fits.then(|| {
        idle.reader.begin_again();
        idle.reader
    })
}

/// Keeps a decoder that came to the end of a video, unless something was wrong with it.
pub(super) fn keep(index: &PacketIndex, reader: FrameReader) {
    // A matrix that came with the frames may stay for those of the next video.
    let may_turn = reader.turned && index.orientation.is_none();
    let goes_on = !reader.damaged && !may_turn;
    if goes_on && raw::are_of_a_kind(&index.parameters, &index.parameters) {
        let idle = Idle {
            parameters: index.parameters.clone(),
            time_base: index.time_base,
            orientation: index.orientation,
            reader,
        };
        IDLE.set(Some(idle));
    }
}
