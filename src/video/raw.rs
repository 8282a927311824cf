//! The few `FFmpeg` calls for which `ffmpeg-next` has no safe counterpart. Nothing else in this module is unsafe.

#![expect(
    unsafe_code,
    reason = "FFmpeg functions that ffmpeg-next does not wrap"
)]

use std::ffi::CString;
use std::{ptr, slice};

use camino::Utf8Path;
use ffmpeg_next::codec::Parameters;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::packet::Ref;
use ffmpeg_next::software::scaling;
use ffmpeg_next::{Error, Packet, Stream, color, ffi, frame, media};

use super::error::DecodeProblem;

/// Opens a file for reading, and lets `FFmpeg` decode its first frames only where the header does not say enough.
///
/// `ffmpeg_next::format::input` always decodes the first frames, which costs a tenth of a short clip. An MP4 file with
/// a complete sample table says all that decoding needs, reordering depth included. Only local files are opened, also
/// when a name looks like a URL or a playlist names one.
///
/// With it comes how many packets the file's own index lists for the best video stream: some demuxers list what they read
/// themselves, so that the list tells nothing more later. For MP4 that is all packets, after edit lists.
pub(super) fn open(path: &Utf8Path) -> Result<(Input, u32), DecodeProblem> {
    let failed = |code| DecodeProblem::NotAVideo {
        source: Error::from(code),
    };
    let url = CString::new(format!("file:{path}")).map_err(|_nul| DecodeProblem::BadName)?;
    let mut options = ptr::null_mut();
    let mut context = ptr::null_mut();
    // SAFETY: the strings are terminated and outlive the calls; FFmpeg copies them. `options` and `context` start as
    // null, as both functions require, and the dictionary is freed once, after its last use. On failure FFmpeg frees the
    // context itself, on success `Input` owns it.
    let input = unsafe {
        ffi::av_dict_set(
            &raw mut options,
            c"protocol_whitelist".as_ptr(),
            c"file".as_ptr(),
            0,
        );
        let code = ffi::avformat_open_input(
            &raw mut context,
            url.as_ptr(),
            ptr::null(),
            &raw mut options,
        );
        ffi::av_dict_free(&raw mut options);
        if code < 0 {
            return Err(failed(code));
        }
        Input::wrap(context)
    };
    let best = input.streams().best(media::Type::Video);
    let indexed = best.as_ref().map_or(0, indexed_packets);
    let counted = best.map_or(0, |stream| stream.frames());
    if counted <= 0 || indexed == 0 || !input.format().name().contains("mp4") {
        // SAFETY: the context is open and owned by `input`, which lives on.
        let code = unsafe { ffi::avformat_find_stream_info(context, ptr::null_mut()) };
        if code < 0 {
            return Err(failed(code));
        }
    }
    Ok((input, indexed))
}

/// How many packets the demuxer has listed for a stream.
fn indexed_packets(stream: &Stream<'_>) -> u32 {
    // SAFETY: the stream borrows its open format context; the call reads one integer.
    let count = unsafe { ffi::avformat_index_get_entries_count(stream.as_ptr()) };
    u32::try_from(count).unwrap_or(0)
}

/// The display matrix that the container gives a stream, as bytes; nothing where it gives none.
///
/// Since FFmpeg 6.1 demuxers hand it on with the codec's parameters, and only `avformat_find_stream_info`, which [`open`] does
/// without where it can, copies it to where it was before.
pub(super) fn display_matrix(stream: &Stream<'_>) -> Option<Vec<u8>> {
    // SAFETY: the stream borrows its open format context, which owns the stream's structure and the codec's parameters.
    let (entries, count) = unsafe {
        let stream = &*stream.as_ptr();
        #[cfg(codec_side_data)]
        {
            let parameters = &*stream.codecpar;
            let entries = parameters.coded_side_data.cast_const();
            (entries, parameters.nb_coded_side_data)
        }
        #[cfg(not(codec_side_data))]
        (stream.side_data.cast_const(), stream.nb_side_data)
    };
    let count = usize::try_from(count).unwrap_or(0);
    if entries.is_null() {
        return None;
    }
    // SAFETY: FFmpeg keeps so many entries there, each with so many bytes, for as long as the stream lives.
    let entries = unsafe { slice::from_raw_parts(entries, count) };
    let matrix = entries.iter().find(|entry| {
        entry.type_ == ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX && !entry.data.is_null()
    })?;
    // SAFETY: as above.
    Some(unsafe { slice::from_raw_parts(matrix.data, matrix.size) }.to_vec())
}

/// Whether the packet is only there so that others can be decoded, and its frame is never shown (edit lists).
pub(super) fn is_hidden(packet: &Packet) -> bool {
    // SAFETY: `as_ptr` gives the packet's own structure, which is initialised and lives as long as the borrow.
    let flags = unsafe { (*packet.as_ptr()).flags };
    flags & ffi::AV_PKT_FLAG_DISCARD != 0
}

/// Whether a decoder that was started for one stream can go on with the other: both are H.264 of the same shape and colours
/// with the same parameter sets, all of which stand before the packets (`avc1`, ISO/IEC 14496-15, 5.3.3).
pub(super) fn are_of_a_kind(one: &Parameters, other: &Parameters) -> bool {
    // SAFETY: `as_ptr` gives the parameters' own structure, which is initialised and lives as long as the borrow.
    let (one, other) = unsafe { (&*one.as_ptr(), &*other.as_ptr()) };
    let sets = |of: &ffi::AVCodecParameters| {
        let bytes = usize::try_from(of.extradata_size).unwrap_or(0);
        if of.extradata.is_null() {
            return Vec::new();
        }
        // SAFETY: FFmpeg keeps so many bytes there, for as long as the parameters live.
        unsafe { slice::from_raw_parts(of.extradata, bytes) }.to_vec()
    };
    let shape = |of: &ffi::AVCodecParameters| {
        let colours = (
            of.color_range,
            of.color_primaries,
            of.color_trc,
            of.color_space,
        );
        let (profile, delay) = ((of.profile, of.level), of.video_delay);
        (
            of.format,
            of.width,
            of.height,
            profile,
            delay,
            colours,
            of.chroma_location,
        )
    };
    let is_avc1 = |of: &ffi::AVCodecParameters| {
        of.codec_id == ffi::AVCodecID::AV_CODEC_ID_H264
            && of.codec_tag == u32::from_le_bytes(*b"avc1")
    };
    is_avc1(one) && is_avc1(other) && shape(one) == shape(other) && sets(one) == sets(other)
}

/// Tells the scaler which matrix and range its source frames have; the scaler's own choice stays where they do not say.
pub(super) fn set_source_colour(
    scaler: &mut scaling::Context,
    space: color::Space,
    range: color::Range,
) {
    let mut inverse_table = ptr::null_mut();
    let mut table = ptr::null_mut();
    let (mut source_full, mut target_full) = (0, 0);
    let (mut brightness, mut contrast, mut saturation) = (0, 0, 0);
    // SAFETY: the scaler is initialised. All pointers are to live locals; the tables that come back belong to swscale
    // and are copied by the second call. A negative answer means that the formats have no such details: nothing to set.
    unsafe {
        let code = ffi::sws_getColorspaceDetails(
            scaler.as_mut_ptr(),
            &raw mut inverse_table,
            &raw mut source_full,
            &raw mut table,
            &raw mut target_full,
            &raw mut brightness,
            &raw mut contrast,
            &raw mut saturation,
        );
        if code < 0 {
            return;
        }
        let source_table = if space == color::Space::Unspecified || space == color::Space::RGB {
            inverse_table.cast_const()
        } else {
            ffi::sws_getCoefficients(ffi::AVColorSpace::from(space) as i32)
        };
        if range != color::Range::Unspecified {
            source_full = i32::from(range == color::Range::JPEG);
        }
        ffi::sws_setColorspaceDetails(
            scaler.as_mut_ptr(),
            source_table,
            source_full,
            table,
            target_full,
            brightness,
            contrast,
            saturation,
        );
    }
}

/// A frame that shows a part of `whole`, without the pixels that are cut off at its left, top, right and bottom; it shares
/// the pixels' memory.
pub(super) fn part(
    whole: &frame::Video,
    [left, top, right, bottom]: [usize; 4],
) -> Result<frame::Video, Error> {
    let mut part = frame::Video::empty();
    // SAFETY: both frames are initialised and live through the calls. The reference keeps the buffers alive for as long as
    // `part` lives; nothing writes to it. FFmpeg refuses a part that is not inside the frame.
    let code = unsafe {
        let code = ffi::av_frame_ref(part.as_mut_ptr(), whole.as_ptr());
        if code < 0 {
            return Err(Error::from(code));
        }
        let frame = part.as_mut_ptr();
        (*frame).crop_left = left;
        (*frame).crop_top = top;
        (*frame).crop_right = right;
        (*frame).crop_bottom = bottom;
        ffi::av_frame_apply_cropping(frame, ffi::AV_FRAME_CROP_UNALIGNED as i32)
    };
    if code < 0 {
        return Err(Error::from(code));
    }
    Ok(part)
}
