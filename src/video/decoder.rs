//! The second pass: packets in, frames out in display order, one thread.
//!
//! `FFmpeg`'s three answers are told apart: "give me more" (`EAGAIN`), "that was all" (`Eof`), and a real error, which
//! costs the packet that caused it and marks the video as damaged, but does not end it.

use camino::Utf8Path;
use ffmpeg_next::codec::{Context, decoder, discard::Discard, threading};
use ffmpeg_next::error::EAGAIN;
use ffmpeg_next::frame::side_data;
use ffmpeg_next::{Dictionary, Error, Packet, codec, frame};

use super::error::DecodeProblem;
use super::index::PacketIndex;
use super::reuse;
use super::spare::Spared;

/// Frames beyond 8192×8192 pixels are taken for damage, before memory is allocated for them.
const MOST_PIXELS: &str = "67108864";

/// A decoder that fails so many times in a row without taking a packet will not recover.
const MOST_FAILURES: u32 = 32;

/// A running decoder and how it has fared.
pub(super) struct FrameReader {
    decoder: decoder::Video,
    frame: frame::Video,
    /// Frames that came out so far; the index of the next one in display order.
    pub(super) frames: u32,
    /// Whether any packet or frame was damaged.
    pub(super) damaged: bool,
    /// Whether any frame came with a display matrix.
    pub(super) turned: bool,
}

/// Takes a frame and its index in display order.
pub(super) type Visit<'a> = dyn FnMut(u32, &frame::Video) -> Result<(), DecodeProblem> + 'a;

impl FrameReader {
    /// Starts the decoder for a context that has its parameters set, with further options of the codec.
    pub(super) fn start(
        mut context: decoder::Decoder,
        options: &[(&str, &str)],
    ) -> Result<Self, DecodeProblem> {
        let id = context.id();
        let failed = |source| DecodeProblem::NoDecoder {
            codec: id.name().to_owned(),
            source,
        };
        context.set_threading(threading::Config::count(1));
        let mut dictionary = Dictionary::new();
        dictionary.set("max_pixels", MOST_PIXELS);
        for (key, value) in options {
            dictionary.set(key, value);
        }
        let codec = decoder::find(id).ok_or_else(|| failed(Error::DecoderNotFound))?;
        let decoder = context
            .open_as_with(codec, dictionary)
            .and_then(decoder::Opened::video)
            .map_err(failed)?;
        Ok(Self {
            decoder,
            frame: frame::Video::empty(),
            frames: 0,
            damaged: false,
            turned: false,
        })
    }

    /// Forgets the stream that ended.
    pub(super) fn begin_again(&mut self) {
        self.decoder.flush();
        self.frames = 0;
    }

    /// Decodes one packet and visits the frames that become ready.
    pub(super) fn feed(
        &mut self,
        packet: &Packet,
        visit: &mut Visit<'_>,
    ) -> Result<(), DecodeProblem> {
        let mut sent = self.decoder.send_packet(packet);
        if sent == Err(Error::Other { errno: EAGAIN }) {
            self.drain(visit)?;
            sent = self.decoder.send_packet(packet);
        }
        self.damaged |= sent.is_err();
        self.drain(visit)
    }

    /// Ends the stream and visits the frames that were still held back.
    pub(super) fn finish(&mut self, visit: &mut Visit<'_>) -> Result<(), DecodeProblem> {
        self.damaged |= self.decoder.send_eof().is_err();
        self.drain(visit)
    }

    fn drain(&mut self, visit: &mut Visit<'_>) -> Result<(), DecodeProblem> {
        let mut failures = 0;
        while failures < MOST_FAILURES {
            match self.decoder.receive_frame(&mut self.frame) {
                Ok(()) => {
                    failures = 0;
                    self.damaged |= self.frame.is_corrupt() || self.frame.has_decode_errors();
                    let matrix = self.frame.side_data(side_data::Type::DisplayMatrix);
                    self.turned |= matrix.is_some();
                    visit(self.frames, &self.frame)?;
                    self.frames += 1;
                }
                Err(Error::Eof | Error::Other { errno: EAGAIN }) => break,
                Err(_) => {
                    self.damaged = true;
                    failures += 1;
                }
            }
        }
        Ok(())
    }
}

/// Decodes a stream, without what can be spared, and visits every frame that comes out; returns how many there were and
/// whether any of it was damaged. Where something can be spared, the decoder may be that of this thread's last video.
pub(super) fn decode_stream(
    path: &Utf8Path,
    index: &PacketIndex,
    spared: Option<&Spared>,
    visit: &mut Visit<'_>,
) -> Result<(u32, bool), DecodeProblem> {
    let old = spared.and_then(|_| reuse::take(index));
    let mut reader = old.map_or_else(|| start(index), Ok)?;
    let mut number = 0;
    index.for_each_packet(path, &mut |packet| {
        if let Some(spared) = spared {
            reader.decoder.skip_frame(if spared.wants(number) {
                Discard::Default
            } else {
                Discard::NonReference
            });
        }
        number += 1;
        reader.feed(packet, visit)
    })?;
    reader.finish(visit)?;
    let found = (reader.frames, reader.damaged);
    reuse::keep(index, reader);
    Ok(found)
}

/// Starts a decoder for a stream.
fn start(index: &PacketIndex) -> Result<FrameReader, DecodeProblem> {
    let codec = index.parameters.id();
    let context = Context::from_parameters(index.parameters.clone()).map_err(|source| {
        DecodeProblem::NoDecoder {
            codec: codec.name().to_owned(),
            source,
        }
    })?;
    let mut context = context.decoder();
    context.set_packet_time_base(index.time_base);
    FrameReader::start(context, &[])
}

/// Starts a decoder for single images, which come without a container.
pub(super) fn image_reader(
    id: codec::Id,
    options: &[(&str, &str)],
) -> Result<FrameReader, DecodeProblem> {
    let failed = |source| DecodeProblem::NoDecoder {
        codec: id.name().to_owned(),
        source,
    };
    let codec = decoder::find(id).ok_or_else(|| failed(Error::DecoderNotFound))?;
    FrameReader::start(Context::new_with_codec(codec).decoder(), options)
}
