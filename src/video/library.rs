//! What `FFmpeg` needs once per process: its error texts registered, and its own chatter on stderr turned off.

use std::sync::Once;

use ffmpeg_next::util::log;

/// Prepares `FFmpeg`; cheap to call again, from any thread.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Only registers texts; FFmpeg 5 and newer have nothing that could fail here.
        if let Err(error) = ffmpeg_next::init() {
            tracing::warn!(%error, "FFmpeg did not initialise; its errors may lack their texts");
        }
        log::set_level(log::Level::Quiet);
    });
}
