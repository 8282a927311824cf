//! The whole network in a scan: its detail stream, and published weights to start from.

use camino::Utf8PathBuf;
use rdfer_audit::model::Backbone;
use rdfer_audit::model::resnet::ResNet;
use rdfer_audit::report::clips;
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
