//! Which FFmpeg this is, for `doctor`.

use ffmpeg_next::codec;

/// The version of libavcodec, as in `59.37.100` for FFmpeg 5.1.
pub fn libavcodec_version() -> String {
    let version = codec::version();
    format!(
        "{}.{}.{}",
        version >> 16,
        (version >> 8) & 0xff,
        version & 0xff
    )
}

/// Whether there is an encoder of H.264, which the demo's videos are written with.
pub fn has_h264_encoder() -> bool {
    codec::encoder::find_by_name("libx264").is_some()
}
