//! What counts as a video on disk, judged by names alone.

use camino::Utf8Path;

/// Extensions of video files, in lower case.
const VIDEO_EXTENSIONS: [&str; 15] = [
    "mp4", "m4v", "mov", "avi", "mkv", "webm", "wmv", "flv", "mpg", "mpeg", "mts", "m2ts", "3gp",
    "ogv", "ts",
];

/// Extensions of frames, in lower case.
pub(crate) const FRAME_EXTENSIONS: [&str; 5] = ["jpg", "jpeg", "png", "bmp", "webp"];

/// Whether the name is that of a video file.
pub(super) fn is_video(path: &Utf8Path) -> bool {
    has_extension(path, &VIDEO_EXTENSIONS)
}

/// Whether the name is that of a frame, an image file.
pub(super) fn is_frame(path: &Utf8Path) -> bool {
    has_extension(path, &FRAME_EXTENSIONS)
}

/// Whether the name is that of a video or of a picture.
pub(crate) fn is_media(path: &Utf8Path) -> bool {
    is_video(path) || is_frame(path)
}

/// Whether the name is that of an image file that holds one picture; others may move.
pub(super) fn is_still(path: &Utf8Path) -> bool {
    has_extension(path, &["jpg", "jpeg", "bmp"])
}

/// Whether the file is hidden: `.DS_Store`, `._clip.mp4` and the like.
pub(super) fn is_hidden(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(|name| name.starts_with('.'))
}

/// Whether the folder directly holds at least one frame.
///
/// # Errors
/// It cannot be listed.
pub(super) fn holds_frames(folder: &Utf8Path) -> std::io::Result<bool> {
    for entry in fs_err::read_dir(folder)? {
        let name = entry?.file_name();
        let is_one = |name: &str| is_frame(name.into()) && !is_hidden(name.into());
        if name.to_str().is_some_and(is_one) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The name of a video without its extension, if it has a video's.
pub(super) fn stem(path: &Utf8Path) -> &str {
    let name = path.file_name().unwrap_or_default();
    if is_video(path) {
        path.file_stem().unwrap_or(name)
    } else {
        name
    }
}

fn has_extension(path: &Utf8Path, extensions: &[&str]) -> bool {
    path.extension()
        .is_some_and(|extension| extensions.contains(&extension.to_ascii_lowercase().as_str()))
}

/// Gives lists their ids: the written paths, without a video's extension, whatever lies there.
pub(super) fn name_ids(entries: &mut [super::Entry]) {
    for entry in entries {
        let written = Utf8Path::new(&entry.path);
        entry.id = Some(if is_video(written) {
            written.with_extension("").into_string()
        } else {
            entry.path.clone()
        });
    }
}
