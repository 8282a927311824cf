//! Which features are whose: by the video's id or path, as labels are found.

use std::collections::HashMap;

use camino::Utf8Path;

use crate::manifest::Video;

/// For each video the place of its features among `names`, if there are any.
///
/// A video is named by its id or its written path, with or without extension; or by the last part of one of these, where no
/// other name and no other video has the same.
pub(super) fn find(names: &[String], videos: &[Video]) -> Vec<Option<usize>> {
    let places: HashMap<String, usize> = names.iter().map(|name| plain(name)).zip(0..).collect();
    let ends = once(names.iter().map(|name| last(&plain(name))).zip(0..));
    let videos_by_end = once(
        videos
            .iter()
            .map(|video| last(&plain(&video.written_path)))
            .zip(0..),
    );
    let of = |(index, video): (usize, &Video)| {
        let whole = [&video.id, &video.written_path].map(|name| plain(name));
        let stems = whole.each_ref().map(|name| stem(name));
        if let Some(&place) = whole.iter().chain(&stems).find_map(|name| places.get(name)) {
            return Some(place);
        }
        let end = last(&whole[1]);
        let is_alone = videos_by_end.get(&end) == Some(&Some(index));
        let place = [ends.get(&end), ends.get(&stem(&end))]
            .into_iter()
            .flatten();
        place.flatten().next().copied().filter(|_| is_alone)
    };
    videos.iter().enumerate().map(of).collect()
}

/// By name its place; nothing for a name that is there twice.
fn once(names: impl Iterator<Item = (String, usize)>) -> HashMap<String, Option<usize>> {
    let mut found = HashMap::new();
    for (name, place) in names {
        found
            .entry(name)
            .and_modify(|place| *place = None)
            .or_insert(Some(place));
    }
    found
}

/// With slashes, and without the present folder before it.
fn plain(name: &str) -> String {
    let slashes = name.replace('\\', "/");
    slashes.trim_start_matches("./").to_owned()
}

fn stem(name: &str) -> String {
    Utf8Path::new(name).with_extension("").into_string()
}

fn last(name: &str) -> String {
    let last = Utf8Path::new(name).file_name();
    last.unwrap_or(name).to_owned()
}
