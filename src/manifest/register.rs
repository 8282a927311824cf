//! Which of a data set's videos another file's id or path names.
//!
//! Decisions, right labels and predictions write names as people and tools do: with backslashes, `./`, another case, without
//! the extension or the leading zeros. Such a name is taken where it can be that of one video alone, and an id and a path
//! that name two videos are refused.

use std::cell::OnceCell;
use std::collections::HashMap;

use camino::Utf8Path;

use super::{Video, media};
use crate::label::{comparable, seen};

/// A data set's videos, by all that may name them.
#[derive(Debug)]
pub struct Register<'a> {
    /// Their ids and paths.
    videos: Vec<(&'a str, &'a str)>,
    ids: HashMap<&'a str, usize>,
    paths: HashMap<&'a str, usize>,
    /// By looser and looser spelling; nothing where it is that of several videos. Made once a name is not as written.
    spellings: OnceCell<[HashMap<String, Option<usize>>; KINDS]>,
    /// Whether the ids are nothing but the videos' places, which a file's name must not be taken for.
    is_counted: bool,
}

/// A video that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its place among the videos.
    pub place: usize,
    /// Whether its id or path is written in the same way.
    pub is_as_written: bool,
}

/// Names that are not those of one video, told in a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// They name no video.
    #[error("{0}")]
    Unknown(String),
    /// They may be several videos', or the id is of one and the path of another.
    #[error("{0}")]
    Several(String),
}

const KINDS: usize = 3;

impl<'a> Register<'a> {
    /// Takes videos by id and path.
    pub fn new(videos: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let videos: Vec<(&str, &str)> = videos.into_iter().collect();
        let is_place = |(id, path): &(&str, &str)| {
            id == path && id.parse::<usize>().is_ok_and(|place| place < videos.len())
        };
        Self {
            ids: videos.iter().map(|(id, _)| *id).zip(0..).collect(),
            paths: videos.iter().map(|(_, path)| *path).zip(0..).collect(),
            spellings: OnceCell::new(),
            is_counted: videos.iter().all(is_place),
            videos,
        }
    }

    /// The video that an id, a path or both name; a word that says that there is nothing is none.
    ///
    /// # Errors
    /// Neither names a video, or they name two.
    pub fn find(&self, id: Option<&str>, path: Option<&str>) -> Result<Found, RegisterError> {
        let of_id = id.and_then(|id| self.named(id, [&self.ids, &self.paths]));
        let of_path = path.and_then(|path| self.named(path, [&self.paths, &self.ids]));
        match (of_id, of_path, id, path) {
            (Some(one), Some(other), Some(id), Some(path)) if one.place != other.place => {
                Err(RegisterError::Several(format!(
                    "the id '{id}' is that of '{}', but the path '{path}' is that of '{}'; correct one of the two",
                    self.videos[one.place].1, self.videos[other.place].0
                )))
            }
            (Some(found), None, Some(id), Some(path)) if self.differs(found.place, path) => {
                Err(RegisterError::Several(format!(
                    "the id '{id}' is that of '{}', but the path is '{path}'; correct one of the two",
                    self.videos[found.place].1
                )))
            }
            (Some(found), ..) | (None, Some(found), ..) => Ok(found),
            (None, None, _, Some(path)) => Err(self.unknown(path, "with the path ")),
            (None, None, Some(id), None) => Err(self.unknown(id, "")),
            (None, None, None, None) => Err(RegisterError::Unknown(
                "neither id nor path is given".to_owned(),
            )),
        }
    }

    /// The video that a row of another file of labels names; an id that was made of the path says nothing against it.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn find_row(&self, row: &Video) -> Result<Found, RegisterError> {
        let path = row.written_path.as_str();
        let is_own = row.id != path && row.id != Utf8Path::new(path).with_extension("");
        let own = is_own.then_some(row.id.as_str());
        self.find(own, Some(path)).or_else(|error| match error {
            RegisterError::Unknown(_) => self.find(Some(&row.id), None),
            RegisterError::Several(_) => Err(error),
        })
    }

    fn unknown(&self, word: &str, what: &str) -> RegisterError {
        let known = self.spellings.get().into_iter().flatten();
        let mut asked = spelled(word).into_iter().zip(known).enumerate();
        let several = asked.find(|(_, (spelling, known))| known.get(spelling) == Some(&None));
        let Some((kind, (spelling, _))) = several else {
            return RegisterError::Unknown(format!("there is no video {what}'{word}' in the run"));
        };
        let is_meant = |(id, path): &&(&str, &str)| {
            let mut names = [id, path].into_iter();
            names.any(|name| spelled(name)[kind] == spelling)
        };
        let meant = self.videos.iter().filter(is_meant);
        let meant: Vec<String> = meant.map(|(_, path)| format!("'{path}'")).collect();
        let meant = meant.join(" or ");
        RegisterError::Several(format!("'{word}' may be {meant}; write which"))
    }

    /// Whether a path that names no video is called otherwise than this one; another folder may be another machine's.
    fn differs(&self, place: usize, path: &str) -> bool {
        let (id, own) = self.videos[place];
        let last = |path: &str| {
            let [.., loose] = spelled(path);
            loose.rsplit('/').next().map(str::to_owned)
        };
        let stem = |path: &str| {
            let name = last(path).unwrap_or_default();
            name.split('|').next().unwrap_or_default().to_owned()
        };
        id != own && stem(own) != stem(path)
    }

    fn named(&self, word: &str, exact: [&HashMap<&str, usize>; 2]) -> Option<Found> {
        let found = |place: usize, is_as_written: bool| Found {
            place,
            is_as_written,
        };
        if let Some(&place) = exact.iter().find_map(|names| names.get(word)) {
            return Some(found(place, true));
        }
        if self.is_counted {
            return None;
        }
        let known = self.spellings.get_or_init(|| self.spell());
        let spellings = spelled(word).into_iter().zip(known);
        let mut alike = spellings.filter_map(|(spelling, known)| known.get(&spelling));
        alike.next()?.map(|place| found(place, false))
    }

    fn spell(&self) -> [HashMap<String, Option<usize>>; KINDS] {
        let mut known: [HashMap<String, Option<usize>>; KINDS] = Default::default();
        for ((id, path), place) in self.videos.iter().zip(0..) {
            for name in [id, path] {
                for (spelling, known) in spelled(name).into_iter().zip(&mut known) {
                    known
                        .entry(spelling)
                        .and_modify(|other| *other = other.filter(|other| *other == place))
                        .or_insert(Some(place));
                }
            }
        }
        known
    }
}

/// A name with slashes and without empty steps; so, without a video's extension; so, in any case and with any zeros before
/// its number.
fn spelled(name: &str) -> [String; KINDS] {
    let slashes = name.trim().replace('\\', "/");
    let steps = slashes.split('/').enumerate();
    // An empty first step is the root.
    let steps = steps.filter(|(at, step)| *step != "." && (*at == 0 || !step.is_empty()));
    let steps: Vec<&str> = steps.map(|(_, step)| step).collect();
    let tidy = steps.join("/");
    let stem = media::stem(Utf8Path::new(&tidy)).to_owned();
    let (folder, extension) = match tidy.rsplit_once('/') {
        Some((folder, last)) => (
            format!("{folder}/"),
            last.get(stem.len()..).unwrap_or_default(),
        ),
        None => (String::new(), tidy.get(stem.len()..).unwrap_or_default()),
    };
    let loose = format!("{}{}|{extension}", seen(&folder), comparable(&stem));
    [
        tidy.clone(),
        format!("{folder}{stem}"),
        loose.to_lowercase(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEOS: [(&str, &str); 4] = [
        ("c5", "v/05.mp4"),
        ("c6", "v/06.mp4"),
        ("w/Tr\u{e8}s", "w/Tr\u{e8}s.avi"),
        ("x/7", "x/7.mov"),
    ];

    fn find(id: Option<&str>, path: Option<&str>) -> Result<usize, String> {
        let found = Register::new(VIDEOS).find(id, path);
        found
            .map(|found| found.place)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        for path in [
            "v/06.mp4",
            "./v/06.mp4",
            "v\\06.mp4",
            ".\\v\\06.MP4",
            "v/06",
            "v//06.mp4",
            "v/6.mp4",
            "V/06.MP4",
            "c6",
            "C6",
        ] {
            assert_eq!(find(None, Some(path)), Ok(1), "{path}");
            assert_eq!(find(Some(path), None), Ok(1), "{path}");
        }
        assert_eq!(find(None, Some("w/tre\u{300}s.avi")), Ok(2));
        assert_eq!(find(None, Some("x/07.mov")), Ok(3));
        for path in ["06.mp4", "u/06.mp4", "v/16.mp4", "6", "", "v", "/v/06.mp4"] {
            assert!(find(None, Some(path)).is_err(), "{path}");
        }
        let register = Register::new(VIDEOS);
        assert!(register.find(None, Some("v/06.mp4")).unwrap().is_as_written);
        assert!(!register.find(None, Some("v/6.mp4")).unwrap().is_as_written);
    }

    #[test]
    fn what_may_be_two_videos_is_neither() {
        let register = Register::new([("a", "v/A.mp4"), ("b", "v/a.mp4"), ("c", "v/a.avi")]);
        assert_eq!(register.find(None, Some("v/A.mp4")).unwrap().place, 0);
        let told = register.find(None, Some("V/A.MP4")).unwrap_err();
        assert_eq!(
            told.to_string(),
            "'V/A.MP4' may be 'v/A.mp4' or 'v/a.mp4'; write which"
        );
        assert!(register.find(None, Some("v/a")).is_err());
        // Ids that are places are no names of files.
        let register = Register::new([("1", "1"), ("0", "0")]);
        assert_eq!(register.find(Some("1"), None).unwrap().place, 0);
        assert!(register.find(None, Some("1.mp4")).is_err());
        assert!(register.find(None, Some("01")).is_err());
    }

    #[test]
    fn an_id_and_a_path_name_one_video() {
        assert_eq!(find(Some("c6"), Some("v/06.mp4")), Ok(1));
        assert_eq!(find(Some("c6"), Some("/elsewhere/6.mp4")), Ok(1));
        assert_eq!(
            find(Some("12"), Some("v/06.mp4")),
            Ok(1),
            "an id of another table"
        );
        for path in ["v/05.mp4", "v/5.mp4", "v/99.mp4"] {
            let told = find(Some("c6"), Some(path)).unwrap_err();
            assert!(
                told.contains("'c6' is that of 'v/06.mp4'") && told.contains(path),
                "{told}"
            );
        }
        assert!(find(Some("12"), Some("v/99.mp4")).is_err());
        // Predictions without paths say nothing against one.
        let register = Register::new([("c6", "c6"), ("c7", "c7")]);
        assert!(register.find(Some("c6"), Some("v/99.mp4")).is_ok());
    }
}
