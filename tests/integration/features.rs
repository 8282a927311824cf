//! Features of somebody's network in the place of frames: `scan --features`, `scan --backbone`.

use std::fmt::Write;
use std::io::{Cursor, Write as _};

use camino::Utf8PathBuf;
use half::f16;
use polars::prelude::*;
use rand::RngExt;
use rdfer_audit::model::Backbone;
use rdfer_audit::model::resnet::ResNet;
use rdfer_audit::rows::{clips, videos};
use rdfer_audit::seed::Seed;
use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::support::{SMALL, Workspace, npy, python_of, summed_up};

const CLASSES: usize = 3;
const NAMES: [&str; CLASSES] = ["right", "down", "left"];

/// Rows of a video of a class, with a number of its own: its class in one place each, and a little noise.
fn rows(class: usize, video: usize, count: usize, signal: f32) -> Vec<f32> {
    let mut random = Seed(7).stream("rows", video);
    (0..count * CLASSES)
        .map(|place| {
            let is_class = place % CLASSES == class;
            signal * f32::from(u8::from(is_class)) + random.random_range(-0.1..0.1)
        })
        .collect()
}

/// `labels.csv` and `truth.csv` of videos that are nowhere, every tenth of them mislabeled.
fn lists(workspace: &Workspace, videos: usize) {
    let (mut labels, mut truth) = (String::from("path,label\n"), String::from("path,label\n"));
    for video in 0..videos {
        let class = video % CLASSES;
        let given = (class + usize::from(video % 10 == 0)) % CLASSES;
        writeln!(labels, "clips/{video}.mp4,{}", NAMES[given]).unwrap();
        writeln!(truth, "clips/{video}.mp4,{}", NAMES[class]).unwrap();
    }
    workspace.write("labels.csv", &labels);
    workspace.write("truth.csv", &truth);
}

fn put(workspace: &Workspace, name: &str, bytes: &[u8]) {
    let path = workspace.path(name);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, bytes).unwrap();
}

fn small() -> String {
    SMALL
        .replace("--set verdict.require_skill=false ", "")
        .replace("--epochs 2", "--epochs 12")
        + " --set train.learning_rate=5e-3 --set train.warmup_epochs=1 --set train.batch_size=16"
}

fn evaluation(workspace: &Workspace, run: &str) -> serde_json::Value {
    let line = format!("evaluate {run} --truth truth.csv --json");
    serde_json::from_str(&workspace.done(&line).stdout).unwrap()
}

#[test]
fn one_hot_true_classes_find_every_planted_error_and_noise_accuses_nobody() {
    let workspace = Workspace::new();
    lists(&workspace, 120);
    for video in 0..120 {
        let class = video % CLASSES;
        let one_hot: Vec<f32> = (0..CLASSES)
            .map(|c| f32::from(u8::from(c == class)))
            .collect();
        put(
            &workspace,
            &format!("pure/{video}.npy"),
            &npy(&[CLASSES], &one_hot),
        );
        // Of every third video there is one row, of the others there are twelve.
        let count = if video % 3 == 0 { 1 } else { 12 };
        let shape = [count, CLASSES];
        put(
            &workspace,
            &format!("rows/clips/{video}.npy"),
            &npy(&shape, &rows(class, video, count, 1.0)),
        );
        put(
            &workspace,
            &format!("noise/{video}.mp4.npy"),
            &npy(&shape, &rows(class, video, count, 0.0)),
        );
    }
    for kind in ["pure", "rows"] {
        let line = format!(
            "scan labels.csv --features {kind} --out {kind}.run {}",
            small()
        );
        let answer = workspace.done(&line);
        assert!(
            answer
                .stderr
                .contains("120 videos are not there to be opened"),
            "{}",
            answer.stderr
        );
        assert!(!answer.stderr.contains("decode"), "{}", answer.stderr);
        let found = evaluation(&workspace, &format!("{kind}.run"));
        assert_eq!(
            (&found["scored"], &found["mislabeled"]),
            (&120.into(), &12.into())
        );
        let verdict = &found["verdict"];
        assert_eq!(
            (&verdict["precision"], &verdict["recall"]),
            (&1.0.into(), &1.0.into()),
            "{kind}: {found}"
        );
        // The same from the run's files.
        let before = workspace.read(&format!("{kind}.run/videos.parquet"));
        workspace.done(&format!("score {kind}.run"));
        assert!(
            workspace.read(&format!("{kind}.run/videos.parquet")) == before,
            "{kind}"
        );
    }
    workspace.done(&format!(
        "scan labels.csv --features noise --out noise.run {}",
        small()
    ));
    let card: serde_json::Value =
        serde_json::from_slice(&workspace.read("noise.run/run.json")).unwrap();
    assert_eq!(card["skill"]["grade"], "unable");
    assert_eq!(card["verdicts"]["mislabeled"], serde_json::Value::Null);
}

/// What a frozen backbone saw, from the run's cache: of each video's frames, then of the mirrored ones.
fn seen(
    workspace: &Workspace,
    run: &str,
    videos: usize,
    frames: usize,
    width: usize,
) -> Vec<Vec<f32>> {
    let files = fs_err::read_dir(workspace.path(&format!("{run}/cache"))).unwrap();
    let mut names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let name = names.find(|name| name.starts_with("features-")).unwrap();
    let bytes = workspace.read(&format!("{run}/cache/{name}"));
    let of_video = frames * 2 * width * 2;
    assert_eq!(bytes.len(), videos * of_video);
    let number = |bytes: &[u8]| f16::from_ne_bytes([bytes[0], bytes[1]]).to_f32();
    bytes
        .chunks_exact(of_video)
        .map(|video| video.chunks_exact(2).map(number).collect())
        .collect()
}

#[test]
fn features_of_the_frozen_backbone_give_its_own_predictions() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    tch::manual_seed(7);
    let mut store = VarStore::new(tch::Device::Cpu);
    let backbone = ResNet::new(&store.root(), Backbone::Small, 3, 8, 1);
    store.save(workspace.path("weights.safetensors")).unwrap();
    store.freeze();
    workspace.trace("traced", &[2, 3, 32, 32], |pictures| {
        backbone.forward_t(pictures, false)
    });
    workspace.write("traced.json", r#"{"model": "a small ResNet", "size": 32}"#);
    let line = format!(
        "scan labels.csv {} --set clips.frames=16 --set model.detail=true --set model.snippets=2 --set model.input=rgb",
        SMALL.replace("--set clips.frames=8 ", "")
    );
    workspace.done(&format!(
        "{line} --weights weights.safetensors --set model.frozen_backbone=true --set train.precision=fp32 --out frozen"
    ));
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    let seen = seen(&workspace, "frozen", 12, 24, 64);
    for (label, rows) in labels.lines().skip(1).zip(&seen) {
        let path = label.split(',').next().unwrap().replace(".mp4", ".npy");
        put(&workspace, &format!("seen/{path}"), &npy(&[48, 64], rows));
    }
    workspace.write(
        "seen/features.json",
        r#"{"model": "a small ResNet", "frames": "all", "mirrored": true}"#,
    );
    let answer = workspace.done(&format!("{line} --features seen --out given"));
    let understood = "features: .npy files of a small ResNet in 'seen', of 12 of 12 videos: 24 rows of 64 numbers, mirrored too; a row is a frame (12 of 12 videos have as many frames)";
    assert!(answer.stdout.contains(understood), "{}", answer.stdout);
    assert!(
        answer
            .stdout
            .contains("the networks saw features of a small ResNet (64 numbers a row"),
        "{}",
        answer.stdout
    );

    let answer = workspace.done(&format!("{line} --backbone traced.pt --out traced"));
    let understood = "backbone: a small ResNet in 'traced.pt': 64 numbers for a frame, 32×32";
    assert!(answer.stdout.contains(understood), "{}", answer.stdout);

    let clips = |run: &str| {
        let path = Utf8PathBuf::try_from(workspace.path(&format!("{run}/clips.parquet"))).unwrap();
        clips::read(&path).unwrap()
    };
    let (frozen, given, traced) = (clips("frozen"), clips("given"), clips("traced"));
    assert_eq!(frozen.len(), 36);
    for (one, other) in frozen
        .iter()
        .chain(&frozen)
        .zip(given.iter().chain(&traced))
    {
        assert_eq!(
            (&one.id, one.clip, one.start_frame, one.end_frame),
            (&other.id, other.clip, other.start_frame, other.end_frame)
        );
        assert_eq!(one.key_frames, other.key_frames);
        let largest = one
            .probs
            .iter()
            .zip(&other.probs)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(largest < 1e-4, "{one:?} {other:?}");
    }

    // The plan holds them: a finished run goes on with the same ones alone, and needs none for other labels.
    workspace.done(&format!("{line} --features seen --out given --resume"));
    put(&workspace, "seen/videos/0_1.npy", &npy(&[48, 64], &seen[2]));
    let other = workspace.run(&format!("{line} --features seen --out given --resume"));
    assert_eq!(other.code, 2);
    assert!(
        other.stderr.contains("other data or with other settings"),
        "{}",
        other.stderr
    );
    workspace.done("export given --to cleaned.csv --apply both --min-prob 0");
    workspace.done("compare given --export cleaned.csv --truth truth.csv --threads 1 --device cpu");
}

#[test]
fn every_format_gives_the_same_run() {
    let workspace = Workspace::new();
    lists(&workspace, 30);
    let count = |video: usize| 4 + video % 3;
    let mut archive = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let (mut header, mut values) = (serde_json::Map::new(), Vec::new());
    let (mut ids, mut lists) = (Vec::new(), Vec::new());
    for video in 0..30 {
        let (name, shape) = (format!("clips/{video}"), [count(video), CLASSES]);
        let rows = rows(video % CLASSES, video, count(video), 1.0);
        put(
            &workspace,
            &format!("folder/{name}.npy"),
            &npy(&shape, &rows),
        );
        archive
            .start_file(format!("{name}.npy"), ::zip::write::FileOptions::default())
            .unwrap();
        archive.write_all(&npy(&shape, &rows)).unwrap();
        let start = values.len();
        values.extend(rows.iter().flat_map(|value| value.to_le_bytes()));
        let tensor = serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [start, values.len()]});
        header.insert(name.clone(), tensor);
        for row in rows.chunks(CLASSES) {
            ids.push(name.clone());
            lists.push(Series::new("".into(), row));
        }
    }
    put(
        &workspace,
        "all.npz",
        &archive.finish().unwrap().into_inner(),
    );
    header.insert(
        "__metadata__".to_owned(),
        serde_json::json!({"by": "a test"}),
    );
    let header = serde_json::to_vec(&header).unwrap();
    let tensors = [&(header.len() as u64).to_le_bytes()[..], &header, &values].concat();
    put(&workspace, "all.safetensors", &tensors);
    let columns = vec![
        Column::new("id".into(), &ids),
        Column::new("feature".into(), lists),
    ];
    let mut table = DataFrame::new(ids.len(), columns).unwrap();
    let file = fs_err::File::create(workspace.path("all.parquet")).unwrap();
    ParquetWriter::new(file.into_file())
        .finish(&mut table)
        .unwrap();

    for (source, words) in [
        ("folder", ".npy files in 'folder'"),
        ("all.npz", "arrays of a .npz file in 'all.npz'"),
        ("all.safetensors", "tensors of a .safetensors file in"),
        ("all.parquet", "videos of a Parquet file in"),
    ] {
        let line = format!("scan labels.csv --features {source} --out {source}.run {SMALL}");
        let said = workspace.done(&line).stdout;
        assert!(
            said.contains(words) && said.contains("of 30 of 30 videos: 4 to 6 rows of 3 numbers"),
            "{said}"
        );
        let read = |run: &str| workspace.read(&format!("{run}.run/clips.parquet"));
        assert!(read(source) == read("folder"), "{source}");
    }
}

#[test]
fn what_is_wrong_is_told_by_name_and_all_at_once() {
    let workspace = Workspace::new();
    lists(&workspace, 12);
    for video in 0..12 {
        let rows = rows(video % CLASSES, video, 4, 1.0);
        put(
            &workspace,
            &format!("feats/{video}.npy"),
            &npy(&[4, CLASSES], &rows),
        );
    }
    put(
        &workspace,
        "feats/1.npy",
        &npy(&[2, 2, CLASSES], &[0.5; 12]),
    );
    put(
        &workspace,
        "feats/2.npy",
        &npy(&[2, 4], &[0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0]),
    );
    put(
        &workspace,
        "feats/3.npy",
        &npy(&[2, CLASSES], &[0.0, 1.0, 2.0, 0.0, f32::NAN, 2.0]),
    );
    put(&workspace, "feats/4.npy", &npy(&[CLASSES], &[0.5; 3]));
    put(
        &workspace,
        "feats/5.npy",
        &npy(&[CLASSES], &[1e6, 0.0, 1.0]),
    );
    put(&workspace, "feats/6.npy", b"nothing");
    let answer = workspace.run(&format!(
        "scan labels.csv --features feats --out run {SMALL}"
    ));
    assert_eq!(answer.code, 2);
    for told in [
        "'1' is of shape 2 × 2 × 3, not rows × numbers",
        "'2' has 4 numbers a row, others 3",
        "'3' row 1 has NaN at place 1, which is no number",
        "'4' row 0 is constant",
        "'5' row 0 has 1000000 at place 0, more than half precision holds",
        "'6' is no array that can be read",
    ] {
        assert!(answer.stderr.contains(told), "{told}\n{}", answer.stderr);
    }
    assert!(!workspace.path("run").exists());
}

#[test]
fn what_is_no_features_is_refused() {
    let workspace = Workspace::new();
    lists(&workspace, 12);
    for (source, told) in [
        ("labels.csv", "is no file of features"),
        ("nowhere", "features cannot be read"),
    ] {
        let answer = workspace.run(&format!(
            "scan labels.csv --features {source} --out run {SMALL}"
        ));
        assert!(
            answer.code == 2 && answer.stderr.contains(told),
            "{}",
            answer.stderr
        );
    }
    put(&workspace, "others/x.npy", &npy(&[2], &[1.0, 2.0]));
    let answer = workspace.run(&format!(
        "scan labels.csv --features others --out run {SMALL}"
    ));
    assert!(
        answer
            .stderr
            .contains("none of the 12 videos has features in 'others': it has them of 'x'"),
        "{}",
        answer.stderr
    );
    workspace.write("others/features.json", r#"{"frames": "some"}"#);
    let answer = workspace.run(&format!(
        "scan labels.csv --features others --out run {SMALL}"
    ));
    assert!(
        answer.stderr.contains("frames: all, even or windows"),
        "{}",
        answer.stderr
    );
    let answer = workspace.run(&format!(
        "scan labels.csv --out run {SMALL} --set model.row_width=3"
    ));
    assert!(
        answer.stderr.contains("give them with --features"),
        "{}",
        answer.stderr
    );
}

#[test]
fn videos_without_features_are_rows_and_rows_are_held_against_frames() {
    let workspace = Workspace::new();
    workspace.data_set(5);
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    for (video, line) in labels.lines().skip(1).enumerate() {
        let name = line.split(['/', '.']).nth(1).unwrap().to_owned();
        let count = if video == 4 { 6 } else { 24 };
        if video != 7 {
            put(
                &workspace,
                &format!("feats/{name}.npy"),
                &npy(&[count, CLASSES], &rows(video / 5, video, count, 1.0)),
            );
        }
    }
    put(
        &workspace,
        "feats/other.npy",
        &npy(&[CLASSES], &[0.0, 1.0, 2.0]),
    );
    let line = format!("scan labels.csv --features feats --out run {SMALL}");
    let answer = workspace.done(&line);
    let told = "of 14 of 15 videos: 6 to 24 rows of 3 numbers; rows are frames or spread evenly, by each video's number (13 of 14 videos have as many frames); 1 others are of no video";
    assert!(answer.stdout.contains(told), "{}", answer.stdout);
    assert!(
        answer
            .stderr
            .contains("1 videos have no features and are not scored"),
        "{}",
        answer.stderr
    );
    let issues = |run: &str| {
        let bytes = workspace.read(&format!("{run}/issues.parquet"));
        let table = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
        let kinds = table.column("kind").unwrap().str().unwrap();
        let ids = table.column("id").unwrap().str().unwrap();
        let pairs = kinds
            .iter()
            .zip(ids.iter())
            .map(|(kind, id)| format!("{} {}", kind.unwrap(), id.unwrap_or("")));
        pairs.collect::<Vec<_>>()
    };
    assert!(
        issues("run").contains(&"no_features videos/1_2".to_owned()),
        "{:?}",
        issues("run")
    );
    let card: serde_json::Value = serde_json::from_slice(&workspace.read("run/run.json")).unwrap();
    assert_eq!(card["verdicts"]["unreadable"], 1);
    // The videos are there: the page has pictures of them.
    let page = String::from_utf8(workspace.read("run/report.html")).unwrap();
    assert!(page.contains("data:image/"), "no pictures");

    workspace.write("feats/features.json", r#"{"frames": "all"}"#);
    workspace.done(&format!("{line} --overwrite"));
    assert!(
        issues("run").contains(&"frame_count videos/0_4".to_owned()),
        "{:?}",
        issues("run")
    );
    for video in 0..9 {
        let name = format!("feats/{}_{}.npy", video / 5, video % 5);
        put(
            &workspace,
            &name,
            &npy(&[6, CLASSES], &rows(video / 5, video, 6, 1.0)),
        );
    }
    let answer = workspace.run(&format!("{line} --overwrite"));
    assert!(
        answer
            .stderr
            .contains("9 of 15 videos have another number of frames than rows"),
        "{}",
        answer.stderr
    );
}

#[test]
fn the_pages_lines_make_features_that_are_read() {
    let workspace = Workspace::new();
    lists(&workspace, 12);
    if workspace.python(&python_of("pretrained.md", "numpy.save"), "numpy", &[]) {
        let answer = workspace.done(&format!(
            "scan labels.csv --features feats --out run {SMALL}"
        ));
        assert!(
            answer
                .stdout
                .contains("of 12 of 12 videos: 16 rows of 6 numbers"),
            "{}",
            answer.stdout
        );
    }
}

#[test]
fn a_backbone_sees_windows_once_and_its_file_is_not_needed_again() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    workspace.write("videos/broken.mp4", "no video");
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    workspace.write("labels.csv", &(labels + "videos/broken.mp4,right,\n"));
    workspace.trace("windows", &[2, 4, 3, 32, 32], summed_up);
    workspace.write("windows.json", r#"{"size": 32, "frames": 4}"#);
    let line = format!("scan labels.csv --backbone windows.pt --out run {SMALL}");
    let answer = workspace.done(&format!("{line} --prepare"));
    let understood = "backbone: in 'windows.pt': 6 numbers for a window of 4 frames, 32×32";
    assert!(answer.stdout.contains(understood), "{}", answer.stdout);
    let again = workspace.done(&format!("{line} --prepare --resume -v"));
    assert!(
        again
            .stderr
            .contains("what the network sees is known already"),
        "{}",
        again.stderr
    );

    fs_err::remove_file(workspace.path("windows.pt")).unwrap();
    for network in 0..2 {
        workspace.done(&format!("scan --out run --network {network}"));
    }
    let answer = workspace.done("scan --out run --merge");
    assert!(
        answer
            .stdout
            .contains("the networks saw features of a network without a name (6 numbers a row"),
        "{}",
        answer.stdout
    );
    let path = Utf8PathBuf::try_from(workspace.path("run/videos.parquet")).unwrap();
    let (rows, _) = videos::read(&path).unwrap();
    assert_eq!(rows.len(), 13);
    for row in &rows {
        if row.id == "videos/broken" {
            assert_eq!((row.verdict.as_str(), row.facts), ("unreadable", None));
            assert!(!row.reason.contains("features"), "{}", row.reason);
        } else {
            // 24 frames are 11 windows of four that overlap by half.
            let facts = row.facts.unwrap();
            assert_eq!(
                (facts.frames, facts.distinct_frames, facts.width),
                (24, 11, 64)
            );
        }
    }
    let path = Utf8PathBuf::try_from(workspace.path("run/clips.parquet")).unwrap();
    for clip in clips::read(&path).unwrap() {
        assert!(clip.start_frame >= 2 && clip.end_frame <= 22, "{clip:?}");
    }
    workspace.done("export run --to cleaned.csv --apply both --min-prob 0");
    workspace.done("compare run --export cleaned.csv --truth truth.csv --threads 1 --device cpu");
}

#[test]
fn a_backbone_that_cannot_be_used_is_refused_before_anything_is_done() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let refused = |file: &str, words: &str| {
        let answer = workspace.run(&format!(
            "scan labels.csv --backbone {file} --out run {SMALL}"
        ));
        assert_eq!(answer.code, 2, "{file}");
        assert!(answer.stderr.contains(words), "{}", answer.stderr);
        assert!(!workspace.path("run").exists());
    };
    refused("nowhere.pt", "the network cannot be read");
    let mut faces = workspace.command("scan labels.csv --backbone faces --out run");
    let faces = faces
        .env("XDG_CACHE_HOME", workspace.path("cache"))
        .output();
    let told = String::from_utf8(faces.unwrap().stderr).unwrap();
    assert!(
        told.contains("'scripts/setup --faces' fetches it"),
        "{told}"
    );
    refused("labels.csv", "torch.jit.trace");
    // Its card says nothing of its size.
    let weight = Tensor::rand([3 * 32 * 32, 4], (Kind::Float, tch::Device::Cpu));
    workspace.trace("flat", &[2, 3, 32, 32], |pictures| {
        pictures.flatten(1, 3).matmul(&weight)
    });
    refused(
        "flat.pt",
        "cannot see pictures of 2×3×224×224: mat1 and mat2 shapes cannot be multiplied",
    );
    let answer = workspace.run("scan labels.csv --backbone flat.pt --features flat.pt --out run");
    assert!(
        answer.stderr.contains("cannot be used with"),
        "{}",
        answer.stderr
    );
    let large = |name: &str, card: &str, factor: f64| {
        workspace.trace(name, &[2, 3, 32, 32], |pictures| {
            summed_up(&pictures.unsqueeze(1)) * factor
        });
        workspace.write(&format!("{name}.json"), card);
    };
    large("larger", r#"{"size": 32}"#, 1e6);
    refused("larger.pt", "numbers beyond half precision (65504)");
    // The trial's pictures do not show it.
    large("large", r#"{"size": 32, "std": [1e-9, 1e-9, 1e-9]}"#, 1.0);
    let answer = workspace.run(&format!(
        "scan labels.csv --backbone large.pt --out run {SMALL}"
    ));
    assert_eq!(answer.code, 2);
    assert!(
        answer.stderr.contains("'videos/0_0' has no features")
            && answer.stderr.contains("beyond half precision"),
        "{}",
        answer.stderr
    );
}

#[test]
fn the_pages_lines_trace_networks_that_a_scan_takes() {
    /// What the page's lines download, and a small network of the same architecture in its place.
    const SMALL_ONES: [(&str, &str, &str); 5] = [
        (
            "timm",
            r#""vit_small_patch14_dinov2.lvd142m""#,
            r#""test_vit""#,
        ),
        (
            "torchvision",
            "torchvision.models.resnet50(weights=weights)",
            "torchvision.models.resnet18()",
        ),
        (
            "clip",
            "transformers.CLIPVisionModelWithProjection.from_pretrained(name)",
            "transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig(hidden_size=32, intermediate_size=64, \
             projection_dim=16, num_hidden_layers=2, num_attention_heads=2))",
        ),
        (
            "dinov2",
            "transformers.Dinov2Model.from_pretrained(name)",
            "transformers.Dinov2Model(transformers.Dinov2Config(hidden_size=32, num_hidden_layers=2, num_attention_heads=2))",
        ),
        (
            "videomae",
            "transformers.VideoMAEModel.from_pretrained(name)",
            "transformers.VideoMAEModel(transformers.VideoMAEConfig(hidden_size=32, intermediate_size=64, \
             num_hidden_layers=2, num_attention_heads=2))",
        ),
    ];
    let workspace = Workspace::new();
    workspace.data_set(4);
    let towers =
        python_of("pretrained.md", "timm.pt").replace("pretrained=True", "pretrained=False");
    let towers = SMALL_ONES
        .iter()
        .fold(towers, |code, (name, published, small)| {
            assert!(code.contains(published), "{name}");
            code.replace(published, small)
        });
    let code = python_of("pretrained.md", "torch.jit.trace") + &towers;
    if !workspace.python(&code, "torch, torchvision, timm, transformers", &[]) {
        return;
    }
    for (name, width, shown) in [
        ("timm", 64, "a frame, 160×160"),
        ("torchvision", 512, "a frame, 224×224"),
        ("clip", 16, "a frame, 224×224"),
        ("dinov2", 32, "a frame, 224×224"),
        (
            "videomae",
            32,
            "a window of 16 frames at 6 a second, 224×224",
        ),
    ] {
        let line = format!(
            "scan labels.csv --backbone {name}.pt --out {name} {SMALL} --set video.max_frames=16"
        );
        let answer = workspace.done(&line);
        let understood = format!("in '{name}.pt': {width} numbers for {shown}");
        assert!(answer.stdout.contains(&understood), "{}", answer.stdout);
    }
}
