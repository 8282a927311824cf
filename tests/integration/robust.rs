//! Robust training on a real if tiny network: whom it takes for wrongly labeled.

use camino::Utf8Path;
use rdfer_audit::rows::dynamics::{Dynamics, DynamicsRow};

use crate::support::{SMALL, Workspace};

fn dynamics(workspace: &Workspace, run: &str) -> Dynamics {
    let path = workspace.path(run).join("dynamics.parquet");
    let mut dynamics = Dynamics::default();
    dynamics.read(Utf8Path::from_path(&path).unwrap()).unwrap();
    dynamics
}

/// The first video of each class has a wrong label.
fn is_mislabeled(row: &DynamicsRow) -> bool {
    row.id.contains("_0")
}

#[test]
fn the_noisy_state_is_reached_mostly_by_wrong_labels() {
    let workspace = Workspace::new();
    workspace.data_set(10);
    let small = SMALL.replacen("--epochs 2", "--epochs 14", 1);
    let settings = "--set train.warmup_epochs=1 --set train.learning_rate=3e-3 --set train.batch_size=8 \
        --set train.robust=true --set train.memory=4 --set train.agreement_threshold=0.75 --set train.color_jitter=0 \
        --set train.flip=0 --set model.input=motion --set model.dropout=0.1";
    workspace.done(&format!("scan labels.csv --out run {small} {settings}"));
    let learnt = dynamics(&workspace, "run");
    // Warm-up, then as many epochs as the memory holds.
    assert!(
        learnt
            .rows()
            .all(|row| (row.state == "warmup") == (row.epoch < 5))
    );
    let share = |wrong: bool| {
        let late: Vec<DynamicsRow> = learnt
            .rows()
            .filter(|row| row.epoch >= 8 && is_mislabeled(row) == wrong)
            .collect();
        let noisy = late.iter().filter(|row| row.state == "noisy").count();
        noisy as f64 / late.len() as f64
    };
    let (wrong, right) = (share(true), share(false));
    assert!(wrong > 0.3 && wrong > 3.0 * right, "{wrong} {right}");
}

#[test]
fn a_balanced_epoch_has_one_row_a_video() {
    let workspace = Workspace::new();
    workspace.data_set(4);
    let labels = String::from_utf8(workspace.read("labels.csv")).unwrap();
    // The third class keeps two of its four videos.
    let labels: String = labels
        .split_inclusive('\n')
        .filter(|line| !line.contains("2_2") && !line.contains("2_3"))
        .collect();
    workspace.write("labels.csv", &labels);
    workspace.done(&format!(
        "scan labels.csv --out run {SMALL} --set train.class_balanced=true --set train.accumulation=3 --set train.batch_size=2"
    ));
    let learnt = dynamics(&workspace, "run");
    let mut keys: Vec<_> = learnt
        .rows()
        .map(|row| (row.id, row.fold, row.epoch))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), learnt.len());
}
