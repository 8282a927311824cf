//! What counts as a video on disk, judged by names alone.

use camino::Utf8Path;

/// Extensions of video files, in lower case.
const VIDEO_EXTENSIONS: [&str; 15] = [
    "mp4", "m4v", "mov", "avi", "mkv", "webm", "wmv", "flv", "mpg", "mpeg", "mts", "m2ts", "3gp",
    "ogv", "ts",
];

/// Extensions of frames, in lower case.
const FRAME_EXTENSIONS: [&str; 3] = ["jpg", "jpeg", "png"];

/// Whether the name is that of a video file.
pub(super) fn is_video(path: &Utf8Path) -> bool {
    has_extension(path, &VIDEO_EXTENSIONS)
}

/// Whether the name is that of a frame, an image file.
pub(super) fn is_frame(path: &Utf8Path) -> bool {
    has_extension(path, &FRAME_EXTENSIONS)
}

/// Whether the file is hidden: `.DS_Store`, `._clip.mp4` and the like.
pub(super) fn is_hidden(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(|name| name.starts_with('.'))
}

/// Whether the folder directly holds at least one frame; false where it cannot be read.
pub(super) fn holds_frames(folder: &Utf8Path) -> bool {
    folder.read_dir_utf8().is_ok_and(|entries| {
        entries
            .filter_map(Result::ok)
            .any(|entry| is_frame(entry.path()) && !is_hidden(entry.path()))
    })
}

fn has_extension(path: &Utf8Path, extensions: &[&str]) -> bool {
    path.extension()
        .is_some_and(|extension| extensions.contains(&extension.to_ascii_lowercase().as_str()))
}

/// Completes the paths of lists that leave a video's extension out: a path that is not there becomes that of the video
/// file with that name. Ids are the written paths, without a video's extension, whatever lies there.
pub(super) fn complete(entries: &mut [super::Entry], root: &Utf8Path, words_only: bool) {
    for entry in entries {
        let written = Utf8Path::new(&entry.path);
        entry.id = Some(if is_video(written) {
            written.with_extension("").into_string()
        } else {
            entry.path.clone()
        });
        if words_only || root.join(written).exists() {
            continue;
        }
        let file = VIDEO_EXTENSIONS
            .iter()
            .map(|extension| format!("{written}.{extension}"))
            .find(|file| root.join(file).exists());
        let frames = || {
            let folder = written.with_extension("");
            (is_video(written) && holds_frames(&root.join(&folder))).then(|| folder.into_string())
        };
        if let Some(path) = file.or_else(frames) {
            entry.path = path;
        }
    }
}
