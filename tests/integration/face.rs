//! Following a face, on real faces of GRID that are put into larger pictures at known places.

use std::path::PathBuf;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use rdfer_audit::face::{FaceModel, Followed, Follower};
use rdfer_audit::rows::issues::{self, IssueRow};
use rdfer_audit::video::{
    self, DecodeSettings, EncoderCodec, EncoderOptions, EncoderPixels, VideoEncoder, Window,
};
use serde_json::Value;

use crate::support::{SMALL, Workspace, face_model, files_below, grid_videos};

const WIDTH: usize = 640;
const HEIGHT: usize = 360;
const FRAMES: usize = 75;
const WIDER: usize = WIDTH + FRAMES;

/// Left and top border of a picture that is put into a frame; nothing where it is not there.
type Way = dyn Fn(usize) -> Option<(usize, usize)>;

/// Where a picture lies in another one: left, top and edge, in pixels.
type Place = [f32; 3];

/// Real talking faces and a detector's model.
struct Bench {
    workspace: Workspace,
    model: PathBuf,
    /// Videos of one face each, which fills the picture.
    faces: Vec<Utf8PathBuf>,
}

/// A face that is put into a picture.
#[derive(Clone, Copy)]
struct Actor<'a> {
    /// Its video.
    face: &'a Utf8Path,
    /// The edge of its picture in the larger one, in pixels.
    edge: usize,
    /// Where it is.
    way: &'a Way,
}

impl Bench {
    /// Nothing where the faces or the model are not there.
    #[expect(clippy::print_stdout, reason = "what was not tested is said")]
    fn new() -> Option<Self> {
        let (Some(model), Some(grid)) = (face_model(), grid_videos()) else {
            println!("skipped: no face model of the crate 'rustface', or no GRID videos");
            return None;
        };
        let mut faces: Vec<Utf8PathBuf> = fs_err::read_dir(grid)
            .unwrap()
            .map(|entry| Utf8PathBuf::try_from(entry.unwrap().path()).unwrap())
            .collect();
        faces.sort();
        let faces = faces.into_iter().step_by(250).take(3).collect();
        Some(Self {
            workspace: Workspace::new(),
            model,
            faces,
        })
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        let path = Utf8PathBuf::try_from(self.workspace.path(name)).unwrap();
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// A follower of the bare box of the face, without a margin.
    fn follower(&self) -> Follower {
        let model = Utf8Path::from_path(&self.model).unwrap();
        Follower::new(0.0, FaceModel::read(model).unwrap())
    }

    /// Where a video's face is in each frame, as shares of the frame; and what came of following it.
    fn windows(&self, path: &Utf8Path) -> (Vec<Window>, Followed) {
        let follower = self.follower();
        let settings = DecodeSettings::default();
        let found = follower.find(&mut follower.finder(), path, &settings);
        let (way, followed) = found.unwrap();
        let frames = 0..FRAMES as u32;
        let windows = way.map_or_else(Vec::new, |way| frames.map(|at| way.window(at)).collect());
        (windows, followed)
    }

    /// The frames of a video of faces before a lively background.
    fn pictures(actors: &[Actor]) -> Vec<Vec<u8>> {
        let decoded = |actor: &Actor| {
            let settings = DecodeSettings {
                size: actor.edge as u32,
                max_frames: FRAMES,
                ..DecodeSettings::default()
            };
            video::decode(actor.face, &settings).unwrap().pixels
        };
        let faces: Vec<Vec<u8>> = actors.iter().map(decoded).collect();
        let picture = |frame: usize| {
            let mut picture = background(frame);
            for (actor, pixels) in actors.iter().zip(&faces) {
                let line = actor.edge * 3;
                let mut frames = pixels.chunks_exact(actor.edge * line);
                let last = frames.len() - 1;
                let face = frames.nth(frame.min(last)).unwrap();
                let Some((left, top)) = (actor.way)(frame) else {
                    continue;
                };
                for (row, pixels) in face.chunks_exact(line).enumerate() {
                    picture[((top + row) * WIDTH + left) * 3..][..line].copy_from_slice(pixels);
                }
            }
            picture
        };
        (0..FRAMES).map(picture).collect()
    }

    fn encode(path: &Utf8Path, options: EncoderOptions, pictures: &[Vec<u8>]) {
        let size = (WIDTH as u32, HEIGHT as u32);
        let mut encoder = VideoEncoder::create(path, size.0, size.1, 25, options).unwrap();
        for picture in pictures {
            encoder.push(picture).unwrap();
        }
        encoder.finish().unwrap();
    }

    /// Writes a video of faces.
    fn play(&self, name: &str, actors: &[Actor]) -> Utf8PathBuf {
        let path = self.path(name);
        Self::encode(&path, good(), &Self::pictures(actors));
        path
    }

    /// How well the way of a face is found that is put at known places: of every frame the overlap over the union.
    fn overlaps(&self, actor: &Actor, found: &[Window]) -> Vec<f32> {
        let (own, _) = self.windows(actor.face);
        let overlap = |frame: usize| {
            let (left, top) = (actor.way)(frame)?;
            let edge = actor.edge as f32;
            let [x, y, size] = own[frame].place((actor.edge as u32, actor.edge as u32));
            let truth = [left as f32 + x, top as f32 + y, size.min(edge)];
            let place = found[frame].place((WIDTH as u32, HEIGHT as u32));
            Some(overlap(truth, place))
        };
        (0..FRAMES).filter_map(overlap).collect()
    }
}

/// Stripes and spots that move to the left: of every frame the part of a wider picture.
fn background(frame: usize) -> Vec<u8> {
    static WIDE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let level = |x: f32, y: f32| {
            let stripes = (x * 0.05).sin() * (y * 0.08).cos();
            (110.0 + 60.0 * stripes + 20.0 * (x * 0.31 + y * 0.17).sin()) as u8
        };
        let pixel = |at: usize| {
            let (x, y) = ((at % WIDER) as f32, (at / WIDER) as f32);
            [level(x, y), level(y, x), level(x + 40.0, y)]
        };
        (0..WIDER * HEIGHT).flat_map(pixel).collect()
    });
    let lines = WIDE.chunks_exact(WIDER * 3);
    let shown = |line: &[u8]| line[frame * 3..][..WIDTH * 3].to_vec();
    lines.flat_map(shown).collect()
}

fn overlap(one: Place, other: Place) -> f32 {
    let along = |axis: usize| {
        let end = (one[axis] + one[2]).min(other[axis] + other[2]);
        (end - one[axis].max(other[axis])).max(0.0)
    };
    let common = along(0) * along(1);
    common / (one[2].powi(2) + other[2].powi(2) - common)
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

fn least(values: &[f32]) -> f32 {
    values.iter().copied().fold(1.0, f32::min)
}

fn good() -> EncoderOptions {
    EncoderOptions {
        quality: 5,
        ..EncoderOptions::default()
    }
}

#[test]
fn a_small_face_is_followed_where_it_goes() {
    let Some(bench) = Bench::new() else { return };
    let across = |frame: usize| Some((20 + 6 * frame, 150));
    let down = |frame: usize| Some((400 - frame, 10 + 3 * frame));
    let still = |_| Some((250, 100));
    let ways: [(&Way, usize); 3] = [(&across, 110), (&down, 120), (&still, 100)];
    for (number, (way, edge)) in ways.into_iter().enumerate() {
        let actor = Actor {
            face: &bench.faces[number],
            edge,
            way,
        };
        let path = bench.play(&format!("{number}.mp4"), &[actor]);
        let (found, followed) = bench.windows(&path);
        assert!(followed.is_followed(), "{number}: {followed:?}");
        assert!(
            followed.found_in * 10 >= followed.looked_at * 9,
            "{followed:?}"
        );
        assert_eq!(followed.others, 0);
        let overlaps = bench.overlaps(&actor, &found);
        assert!(
            mean(&overlaps) > 0.8 && least(&overlaps) > 0.6,
            "{number}: {overlaps:?}"
        );
        // It does not tremble: what it moves by from frame to frame hardly changes.
        let place = |frame: usize| found[frame].place((WIDTH as u32, HEIGHT as u32));
        for axis in [0, 1] {
            let bends = (1..FRAMES - 1)
                .map(|at| place(at + 1)[axis] - 2.0 * place(at)[axis] + place(at - 1)[axis]);
            let most = bends.map(f32::abs).fold(0.0, f32::max);
            assert!(most < 0.75, "{number}: {most}");
        }
    }
}

#[test]
fn of_two_faces_one_is_followed_and_the_other_is_told() {
    let Some(bench) = Bench::new() else { return };
    let middle = |frame: usize| Some((200 + frame, 80));
    let aside = |_| Some((20, 230));
    let actors: [(usize, usize, &Way); 2] = [(1, 180, &middle), (2, 110, &aside)];
    let actors = actors.map(|(face, edge, way)| Actor {
        face: &bench.faces[face],
        edge,
        way,
    });
    let path = bench.play("two.mp4", &actors);
    let (found, followed) = bench.windows(&path);
    assert_eq!(followed.others, 1, "{followed:?}");
    let overlaps = bench.overlaps(&actors[0], &found);
    assert!(mean(&overlaps) > 0.8, "{overlaps:?}");
}

#[test]
fn a_folder_of_frames_is_followed_as_a_file_is() {
    let Some(bench) = Bench::new() else { return };
    let way = |frame: usize| Some((100 + 3 * frame, 60));
    let actor = Actor {
        face: &bench.faces[0],
        edge: 128,
        way: &way,
    };
    for (name, codec, pixels) in [
        ("jpg", EncoderCodec::Mjpeg, EncoderPixels::Yuv420),
        ("png", EncoderCodec::Png, EncoderPixels::Rgb),
    ] {
        let options = EncoderOptions {
            codec,
            pixels,
            quality: 3,
            ..EncoderOptions::default()
        };
        for (number, picture) in Bench::pictures(&[actor]).iter().enumerate() {
            let path = bench.path(&format!("{name}/{number}.{name}"));
            Bench::encode(&path, options, std::slice::from_ref(picture));
        }
        let (found, followed) = bench.windows(&bench.path(name));
        assert!(followed.is_followed(), "{name}: {followed:?}");
        let overlaps = bench.overlaps(&actor, &found);
        assert!(mean(&overlaps) > 0.8, "{name}: {overlaps:?}");
    }
}

/// A data set of which two videos show a face throughout, one loses it, one has two and two have none.
fn data_set(bench: &Bench) {
    let way = |frame: usize| Some((150 + 2 * frame, 70));
    let leaves = |frame: usize| (frame < 45).then_some((150, 70));
    let beside = |_| Some((470, 120));
    let actor = |face: usize, way| Actor {
        face: &bench.faces[face],
        edge: 140,
        way,
    };
    bench.play("v/whole0.mp4", &[actor(0, &way)]);
    bench.play("v/whole1.mp4", &[actor(1, &way)]);
    bench.play("v/leaves.mp4", &[actor(2, &leaves)]);
    bench.play("v/two.mp4", &[actor(0, &leaves), actor(1, &beside)]);
    bench.play("v/none.mp4", &[]);
    bench.workspace.video("v/square.mp4", 0, 3, 24);
    bench.workspace.write(
        "labels.csv",
        "path,label\nv/whole0.mp4,a\nv/whole1.mp4,b\nv/leaves.mp4,a\nv/two.mp4,b\nv/none.mp4,a\nv/square.mp4,b\n",
    );
}

fn issues_of(bench: &Bench, run: &str, kind: &str) -> Vec<(String, String)> {
    let path = bench.path(&format!("{run}/issues.parquet"));
    let rows = issues::read(&path).unwrap().into_iter();
    let of = |row: IssueRow| (row.kind == kind).then(|| (row.id.unwrap(), row.detail));
    rows.filter_map(of).collect()
}

fn frames_of(bench: &Bench, run: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = files_below(&bench.workspace.path(&format!("{run}/cache")));
    files.retain(|path| path.ends_with("index.jsonl") || path.ends_with("frames.bin"));
    files
        .into_iter()
        .map(|path| (path.clone(), fs_err::read(path).unwrap()))
        .collect()
}

#[test]
fn what_came_of_following_is_told_and_kept() {
    let Some(bench) = Bench::new() else { return };
    data_set(&bench);
    let (workspace, model) = (&bench.workspace, bench.model.display());
    let follow = format!("--set face=track --set health.face_model={model}");
    let line = "check labels.csv --config cpu --set folds=2 --threads 2 --out";
    let told = workspace.done(&format!("{line} run {follow}")).stdout;
    assert!(
        told.contains("a face was followed in 4 of 6 videos; of 2 the whole frame was taken"),
        "{told}"
    );
    let none = issues_of(&bench, "run", "no_face");
    assert_eq!(none.len(), 2, "{none:?}");
    assert!(
        none.iter()
            .all(|(_, detail)| detail.ends_with("the whole frame is taken")),
        "{none:?}"
    );
    let lost = issues_of(&bench, "run", "face_lost");
    assert!(lost.len() == 1 && lost[0].0.contains("leaves"), "{lost:?}");
    let several = issues_of(&bench, "run", "several_faces");
    assert!(
        several.len() == 1 && several[0].0.contains("two"),
        "{several:?}"
    );

    let json = workspace
        .done(&format!("{line} json --json {follow}"))
        .stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["followed"], 4);

    // Without it nothing is told of faces, and the index is as it always was.
    let plain = workspace.done(&format!("{line} plain")).stdout;
    assert!(!plain.contains("a face was followed"), "{plain}");
    let index = String::from_utf8(workspace.read("plain/cache/index.jsonl")).unwrap();
    assert!(index.starts_with("{\"rdfer_audit_cache\":2}\n"), "{index}");
    assert!(
        !index.contains("follow") && !index.contains("face\":{"),
        "{index}"
    );

    // A scan of the same run decodes nothing again; other settings or another way to cut are other frames.
    let scan = format!("scan labels.csv {SMALL} --set folds=2 --out scan");
    let summary = workspace.done(&format!("{scan} {follow}")).stdout;
    assert!(
        summary.contains("a face was followed in 4 of 6 videos"),
        "{summary}"
    );
    let before = frames_of(&bench, "scan");
    let again = workspace.done(&format!("{scan} {follow} --resume"));
    assert!(
        again.stderr.contains("6 videos, 6 of them decoded before"),
        "{}",
        again.stderr
    );
    assert!(frames_of(&bench, "scan") == before);
    let wider = workspace.done(&format!("{scan} {follow} --set face=track:0.5 --overwrite"));
    assert!(
        wider.stderr.contains("6 videos, 0 of them decoded before"),
        "{}",
        wider.stderr
    );
}

#[test]
fn shards_follow_faces_too() {
    let Some(bench) = Bench::new() else { return };
    data_set(&bench);
    let (workspace, model) = (&bench.workspace, bench.model.display());
    let follow = format!("--set face=track --set health.face_model={model}");
    let scan = format!("scan labels.csv {SMALL} --set folds=2 {follow} --prepare --out");
    workspace.done(&format!("{scan} whole"));
    workspace.done(&format!("{scan} run --shards 2"));
    for shard in 0..2 {
        workspace.done(&format!("scan --decode {shard} --out run"));
    }
    let prepared = workspace.done(&format!("{scan} run"));
    assert!(
        prepared
            .stderr
            .contains("6 videos, 6 of them decoded before"),
        "{}",
        prepared.stderr
    );
    assert!(workspace.read("run/plan.json") == workspace.read("whole/plan.json"));
    assert!(workspace.read("run/issues.parquet") == workspace.read("whole/issues.parquet"));
    workspace.done("scan --network 0 --out run");
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let workspace = Workspace::new();
    workspace.data_set(2);
    let refused = |line: &str| {
        let mut command = workspace.command(&format!("check labels.csv --out run {line}"));
        let output = command.env("XDG_CACHE_HOME", "nowhere").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(
            !workspace.path("run").exists(),
            "{line}: decoded for nothing"
        );
        String::from_utf8(output.stderr).unwrap()
    };
    let told = refused("--set face=track");
    assert!(told.contains("scripts/setup --detector"), "{told}");
    let told = refused("--set face=track --set video.face_crop.right=0.5");
    assert!(
        told.contains("'video.face_crop.right', which is '0.5'"),
        "{told}"
    );
    let told = refused("--set face=track:9");
    assert!(told.contains("'track:9' is not known"), "{told}");
}
