//! The whole network in a scan: its detail stream, and published weights to start from.

use camino::Utf8PathBuf;
use rdfer_audit::model::Backbone;
use rdfer_audit::model::resnet::ResNet;
use rdfer_audit::rows::clips;
use tch::nn::VarStore;

use crate::support::{SMALL, Workspace};

#[test]
fn the_detail_stream_tells_where_it_looked() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    // Fewer distinct frames than a clip has, but enough for the synopsis stream.
    workspace.video("videos/short.mp4", 0, 1, 9);
    let labels =
        String::from_utf8(workspace.read("labels.csv")).unwrap() + "videos/short.mp4,right,\n";
    workspace.write("labels.csv", &labels);
    let small = SMALL.replace("--set clips.frames=8 ", "");
    let line = format!(
        "scan labels.csv --json {small} --set clips.frames=32 --set model.detail=true --set model.snippets=2"
    );
    let summary = workspace.scanned(&format!("{line} --out first"));
    assert_eq!(summary["verdicts"]["undefined"], serde_json::Value::Null);
    let path = Utf8PathBuf::try_from(workspace.path("first/clips.parquet")).unwrap();
    let rows = clips::read(&path).unwrap();
    assert_eq!(rows.len(), 13 * 3);
    for row in &rows {
        assert_eq!(row.key_frames.len(), 2 * 4, "{row:?}");
        let clip = row.start_frame..=row.end_frame;
        assert!(
            row.key_frames.iter().all(|frame| clip.contains(frame)),
            "{row:?}"
        );
    }
    assert!(
        rows.iter()
            .any(|row| row.key_frames[0] != row.key_frames[4])
    );

    workspace.done(&format!("{line} --out second"));
    let read = |run: &str| workspace.read(&format!("{run}/clips.parquet"));
    assert!(read("first") == read("second"), "two runs give other bytes");
}

#[test]
fn weights_from_a_file_belong_to_the_plan() {
    let workspace = Workspace::new();
    workspace.data_set(3);
    let store = VarStore::new(tch::Device::Cpu);
    let _backbone = ResNet::new(&store.root(), Backbone::Small, 3, 8, 1);
    store.save(workspace.path("weights.safetensors")).unwrap();
    let line = format!("scan labels.csv --out run {SMALL}");
    workspace.done(&format!("{line} --weights weights.safetensors"));
    let card: serde_json::Value = serde_json::from_slice(&workspace.read("run/run.json")).unwrap();
    assert!(card["weights"].is_string());
    workspace.done(&format!("{line} --weights weights.safetensors --resume"));

    let other = workspace.run(&format!("{line} --resume"));
    assert_eq!(other.code, 2);
    assert!(
        other.stderr.contains("other data or with other settings"),
        "{}",
        other.stderr
    );
    let thawed = format!("scan labels.csv --out thawed {SMALL} --set train.frozen_epochs=1");
    let refused = workspace.run(&thawed);
    assert_eq!(refused.code, 2);
    assert!(
        refused
            .stderr
            .contains("train.frozen_epochs keeps the backbones")
            && refused.stderr.contains("--weights"),
        "{}",
        refused.stderr
    );
    workspace.done(&format!(
        "{thawed} --set train.layer_decay=0.7 --weights weights.safetensors"
    ));
    let wide = workspace.run(&format!(
        "scan labels.csv --out wide {} --weights weights.safetensors",
        SMALL.replace("model.width=8", "model.width=16")
    ));
    assert_eq!(wide.code, 2);
    assert!(
        wide.stderr.contains("'bn1.bias' is [8], not [16]"),
        "{}",
        wide.stderr
    );
}

/// In steps the backbone is asked while the run is prepared, and the networks ask no more.
fn in_steps(workspace: &Workspace, line: &str) {
    workspace.done(&format!("{line} --out steps --prepare"));
    let one = workspace.done("scan --network 0 --out steps");
    assert!(
        !one.stderr.contains("what the backbone sees"),
        "{}",
        one.stderr
    );
    let published = workspace.read("weights.safetensors");
    workspace.write("weights.safetensors", "others");
    let other = workspace.run("scan --network 1 --out steps");
    assert_eq!(other.code, 2, "{}", other.stderr);
    fs_err::write(workspace.path("weights.safetensors"), published).unwrap();
    workspace.done("scan --network 1 --out steps");
    workspace.done("scan --merge --out steps");
    assert!(workspace.read("steps/videos.parquet") == workspace.read("run/videos.parquet"));
}

#[test]
fn a_frozen_backbone_is_asked_once_and_learns_nothing() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    tch::manual_seed(7);
    let store = VarStore::new(tch::Device::Cpu);
    let _backbone = ResNet::new(&store.root(), Backbone::Small, 3, 8, 1);
    store.save(workspace.path("weights.safetensors")).unwrap();
    let small = SMALL.replace("--set clips.frames=8 ", "");
    let line = format!(
        "scan labels.csv -v {small} --set clips.frames=16 --set model.detail=true --set model.snippets=2 \
        --set model.frozen_backbone=true --set train.precision=fp32"
    );
    let refused = workspace.run(&format!("{line} --out run"));
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--weights"), "{}", refused.stderr);
    let refused = workspace.run(&format!(
        "{line} --out run --set model.input=motion_previous"
    ));
    assert!(
        refused
            .stderr
            .contains("must be 'rgb', 'motion' or 'rgb+motion'"),
        "{}",
        refused.stderr
    );

    let line = format!("{line} --weights weights.safetensors");
    workspace.done(&format!("{line} --out run"));
    let told = workspace
        .done(&format!("{line} --out run --overwrite"))
        .stderr;
    assert!(
        told.contains("what the backbone sees is known already"),
        "{told}"
    );

    in_steps(&workspace, &line);

    // Both streams of both networks have the backbone that was published.
    let published: Vec<(String, tch::Tensor)> =
        tch::Tensor::read_safetensors(workspace.path("weights.safetensors")).unwrap();
    for fold in 0..2 {
        let path = workspace.path(&format!("run/folds/{fold}/model.safetensors"));
        let learnt = tch::Tensor::read_safetensors(path).unwrap();
        for (name, published) in &published {
            for stream in ["synopsis", "detail"] {
                let full = format!("{stream}.backbone.{name}");
                let own = learnt.iter().find(|(other, _)| *other == full);
                assert_eq!(own.unwrap().1, *published, "{full}");
            }
        }
    }

    // The same networks, shown the frames themselves, say the same but for the features' half precision.
    workspace.done(
        "scan labels.csv --checkpoint run --out again --threads 1 --device cpu --clips 3 --set train.precision=fp32",
    );
    let clips = |run: &str| {
        let path = Utf8PathBuf::try_from(workspace.path(&format!("{run}/clips.parquet"))).unwrap();
        let mut rows = clips::read(&path).unwrap();
        rows.sort_by(|a, b| (&a.id, a.clip).cmp(&(&b.id, b.clip)));
        rows
    };
    let (by_features, by_frames) = (clips("run"), clips("again"));
    assert_eq!(by_features.len(), by_frames.len());
    for (one, other) in by_features.iter().zip(&by_frames) {
        assert_eq!((&one.id, one.clip), (&other.id, other.clip));
        assert!(
            one.probs
                .iter()
                .zip(&other.probs)
                .all(|(a, b)| (a - b).abs() < 5e-3),
            "{one:?} {other:?}"
        );
    }
}
