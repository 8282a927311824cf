//! Data sets as people have them: what is understood is said, and what is not certain is asked for. Nothing is decoded here.

mod odd;
mod pages;
mod tables;

use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use rdfer_audit::manifest::{
    Manifest, ManifestError, Missing, ReadOptions, Reading, read_several, read_with_files,
};

use crate::support::Workspace;

/// A folder with files in it, whose contents do not matter to who reads labels alone.
struct Data(Workspace);

impl Data {
    fn new(files: &[&str]) -> Self {
        let data = Self(Workspace::new());
        for file in files {
            data.0.write(file, "");
        }
        data
    }

    /// As many videos, `videos/00001.mp4` and so on.
    fn videos(count: usize) -> Self {
        let files: Vec<String> = (1..=count).map(video).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        Self::new(&files)
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.0.path(name)).unwrap()
    }

    fn read(&self, name: &str, reading: Reading) -> Result<Manifest, ManifestError> {
        let options = ReadOptions {
            reading,
            ..ReadOptions::default()
        };
        read_with_files(&self.path(name), &options).map(|(manifest, _)| manifest)
    }

    fn good(&self, name: &str) -> Manifest {
        self.read(name, Reading::default()).unwrap()
    }

    fn told(&self, name: &str) -> String {
        let manifest = self.good(name);
        manifest.understood.to_text("DATA")
    }

    fn refused(&self, name: &str) -> String {
        let error = self.read(name, Reading::default()).unwrap_err();
        error.to_string().replace(self.path("").as_str(), "DIR/")
    }

    fn link(&self, target: &str, name: &str) {
        let path = self.0.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(Path::new(target), path).unwrap();
    }
}

fn video(number: usize) -> String {
    format!("videos/{number:05}.mp4")
}

fn ids(manifest: &Manifest) -> Vec<&str> {
    let videos = manifest.videos.iter();
    videos.map(|video| video.id.as_str()).collect()
}

#[test]
fn class_folders_below_a_split_are_classes_and_the_split_is_kept() {
    let data = Data::new(&[
        "train/happy/1.mp4",
        "train/sad/2.mp4",
        "val/happy/3.mp4",
        "val/sad/4.mp4",
        "train/sad/5/1.jpg",
    ]);
    insta::assert_snapshot!(data.told(""), @r"
    data set 'DATA', format 'folders': below 'train', 'val' it holds one folder per class
      5 videos in 2 classes: happy 2, sad 3
      labels: the folders below the sides of the split; if 'train', 'val' are the classes, say '--label-from '{label}/**''
      split 'split': train 3, val 2
    ");
    let manifest = data.good("");
    assert_eq!(manifest.extra_columns, ["split"]);
    // Read again as it was understood, it is the same.
    let again = data.read("", manifest.reading.clone()).unwrap();
    assert_eq!(again.videos, manifest.videos);
    let reading = Reading {
        label_from: Some("{label}/**".parse().unwrap()),
        ..Reading::default()
    };
    let asked = data.read("", reading).unwrap();
    assert_eq!(asked.labels.names(), ["train", "val"]);
}

#[test]
fn names_that_hold_the_label_are_recognised_or_described() {
    let data = Data::new(&[
        "Actor_01/01-01-03-01-01-01-01.mp4",
        "Actor_01/01-01-04-01-01-01-01.mp4",
        "Actor_02/02-01-03-01-01-01-02.mp4",
    ]);
    let manifest = data.good("");
    assert_eq!(manifest.labels.names(), ["happy", "sad"]);
    assert_eq!(manifest.understood.groups, Some(2));
    assert!(
        data.told("").contains("those of ravdess"),
        "{}",
        data.told("")
    );

    let data = Data::new(&[
        "VideoFlash/1001_DFA_ANG_XX.flv",
        "VideoFlash/1002_IEO_HAP_HI.flv",
    ]);
    for folder in ["", "VideoFlash"] {
        assert_eq!(data.good(folder).labels.names(), ["anger", "happy"]);
    }

    let data = Data::new(&["S1/a_joy_1.mp4", "S1/b_rage_1.mp4", "S2/c_joy_1.mp4"]);
    let refused = data.refused("");
    assert!(
        refused.contains("called as people are, not as classes"),
        "{refused}"
    );
    let reading = Reading {
        label_from: Some("{group}/{}_{label}_{}".parse().unwrap()),
        ..Reading::default()
    };
    let manifest = data.read("", reading.clone()).unwrap();
    assert_eq!(manifest.labels.names(), ["joy", "rage"]);
    assert_eq!(manifest.videos[0].group.as_deref(), Some("S1"));
    // A path that does not fit is named, not passed over.
    data.0.write("S2/other.mp4", "");
    let error = data.read("", reading).unwrap_err().to_string();
    assert!(error.contains("'S2/other.mp4' does not fit"), "{error}");
}

#[test]
fn one_of_several_places_is_taken_as_documented_or_asked_for() {
    let splits = "EmoLabel_DataSplit/train(single-labeled)/set_1.csv";
    let data = Data::new(&[
        "Clip/clip_224x224/00001/1.jpg",
        "Clip/clip_224x224_16f/00001/1.jpg",
        "Clip/original/part_1/1.mp4",
        "Clip/original/part_1/2.mp4",
    ]);
    data.0.write(splits, "video_name,label\n1,1\n2,2\n");
    let told = data.told("");
    assert!(
        told.contains(
            "videos: from 'Clip/clip_224x224', 1 of them elsewhere because they are not there; \
             also there: 'Clip/clip_224x224_16f', 'Clip/original'; choose another with '--root'"
        ),
        "{told}"
    );
    assert_eq!(
        data.good("").videos[0].written_path,
        "Clip/clip_224x224/00001"
    );

    let data = Data::new(&[
        "aligned/00001/1.jpg",
        "cropped/00001/1.jpg",
        "cropped/2.mp4",
    ]);
    data.0.write(splits, "video_name,label\n1,1\n2,2\n");
    let refused = data.refused("");
    assert!(
        refused.contains(
            "videos of the same names lie in 'aligned' and in 'cropped'; say with '--root'"
        ),
        "{refused}"
    );
    let options = ReadOptions {
        root: Some(data.path("cropped")),
        ..ReadOptions::default()
    };
    assert_eq!(
        read_with_files(&data.path(""), &options)
            .unwrap()
            .0
            .videos
            .len(),
        2
    );

    // A name that two files have, but for the extension.
    let data = Data::new(&["a.mp4", "a.avi", "b.mp4"]);
    data.0.write("list.txt", "a happy\nb sad\n");
    let refused = data.refused("list.txt");
    assert!(
        refused.contains("there are 'a.avi', 'a.mp4'; write which"),
        "{refused}"
    );
}

#[test]
fn other_folders_of_clips_are_told_or_asked_for() {
    let list = "4_setups/All_scenes/test_All.csv";
    let data = Data::new(&[
        "2_ClipsforFaceCrop/Action/Happy/1.avi",
        "2_ClipsforFaceCrop/b.avi",
    ]);
    data.0.write(list, "Action/Happy/1 Happy\nb Sad\n");
    assert!(!data.told("").contains("also there"), "{}", data.told(""));
    data.0.write("3_Other/Action/Happy/1.avi", "");
    assert!(
        data.told("").contains(
            "videos: from '2_ClipsforFaceCrop'; also there: '3_Other'; choose another with '--root'"
        ),
        "{}",
        data.told("")
    );

    let data = Data::new(&["Crop/a.avi", "Crop/b.avi", "frames/a/1.jpg"]);
    data.0.write(list, "a Happy\nb Sad\n");
    let refused = data.refused("");
    assert!(
        refused.contains("lie in 'Crop' and in 'frames'; say with '--root' which are meant"),
        "{refused}"
    );
    fs_err::remove_dir_all(data.path("frames")).unwrap();
    assert_eq!(data.good("").root.file_name(), Some("Crop"));
}

#[test]
fn lists_of_a_folder_are_read_together_or_asked_for() {
    let data = Data::videos(4);
    data.0.write(
        "split01/train.csv",
        "../videos/00001.mp4 1\n../videos/00002.mp4 0\n",
    );
    data.0.write(
        "split01/test.csv",
        "../videos/00003.mp4 1\n../videos/00004.mp4 0\n",
    );
    let told = data.told("split01");
    assert!(
        told.contains("in its files 'test.csv', 'train.csv'"),
        "{told}"
    );
    assert!(told.contains("split '*.csv': test 2, train 2"), "{told}");
    let lists = ["split01/train.csv", "split01/test.csv"].map(|list| data.path(list));
    let lists: Vec<&Utf8Path> = lists.iter().map(Utf8PathBuf::as_path).collect();
    let (together, files) = read_several(&lists, &ReadOptions::default()).unwrap();
    assert_eq!((together.videos.len(), files.len()), (4, 2));
    // Lists in different folders, each with paths from its own.
    data.0.write("a.csv", "path,label\nvideos/00001.mp4,x\n");
    data.0
        .write("deep/b.csv", "path,label\n../videos/00002.mp4,y\n");
    let lists = ["a.csv", "deep/b.csv"].map(|list| data.path(list));
    let lists: Vec<&Utf8Path> = lists.iter().map(Utf8PathBuf::as_path).collect();
    let (together, _) = read_several(&lists, &ReadOptions::default()).unwrap();
    assert_eq!(ids(&together), ["videos/00001", "videos/00002"]);
    data.0
        .write("labels.csv", "path,label\nvideos/00001.mp4,x\n");
    let refused = data.refused("");
    assert!(
        refused.contains("it holds the lists 'a.csv', 'labels.csv'"),
        "{refused}"
    );
}

#[test]
fn hugging_face_folders_are_read_by_their_metadata() {
    let data = Data::new(&["train/1.mp4", "train/2.mp4", "test/3.mp4"]);
    data.0.write(
        "train/metadata.csv",
        "file_name,label\n1.mp4,happy\n2.mp4,sad\n",
    );
    data.0
        .write("test/metadata.csv", "file_name,label\n3.mp4,happy\n");
    let manifest = data.good("");
    assert_eq!(ids(&manifest), ["test/3", "train/1", "train/2"]);
    assert!(
        data.told("").contains("test 1, train 2"),
        "{}",
        data.told("")
    );
    assert_eq!(data.good("train").videos.len(), 2);
    // Where the video was is not where it is.
    let data = Data::new(&["videos/000001.mp4", "videos/000002.mp4"]);
    data.0.write(
        "metadata.jsonl",
        "{\"file_name\": \"videos/000001.mp4\", \"label\": \"x\", \"path\": \"old/a.mp4\"}\n\
         {\"file_name\": \"videos/000002.mp4\", \"label\": \"y\", \"path\": \"old/b.mp4\"}\n",
    );
    let manifest = data.good("");
    assert_eq!(manifest.videos[0].written_path, "videos/000001.mp4");
    assert_eq!(manifest.extra_columns, ["path 2"], "none of our names");
}

#[test]
fn links_lead_somewhere_and_circles_end() {
    let data = Data::new(&["happy/1.mp4", "sad/2.mp4"]);
    data.link("/nowhere/angry", "angry");
    data.link("/nowhere/3.mp4", "sad/3.mp4");
    let refused = data.refused("");
    assert!(
        refused.contains("the link 'DIR/angry' leads nowhere ('/nowhere/angry')"),
        "{refused}"
    );
    assert!(
        refused.contains("the link 'DIR/sad/3.mp4' leads nowhere"),
        "{refused}"
    );
    let reading = Reading {
        missing: Missing::Skip(0.5),
        ..Reading::default()
    };
    let manifest = data.read("", reading).unwrap();
    assert_eq!(
        (manifest.videos.len(), manifest.understood.left_out.len()),
        (2, 2)
    );

    let data = Data::new(&[
        "Clip/clip_224x224/00001/1.jpg",
        "Clip/clip_224x224/00002/1.jpg",
    ]);
    data.0.write(
        "EmoLabel_DataSplit/test(single-labeled)/set_1.csv",
        "video_name,label\n1,1\n2,2\n",
    );
    for name in ["a", "b", "Clip/c"] {
        data.link(".", name);
    }
    assert_eq!(data.good("").videos.len(), 2);
}
