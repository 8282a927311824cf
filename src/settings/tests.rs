use proptest::prelude::*;

use super::*;

fn told<S: Family + std::fmt::Debug>(layers: Layers<S>) -> String {
    layers.resolve().unwrap_err().to_string()
}

/// Layers with a file of the given text, called `config.toml` in messages.
fn file(text: &str, lay: impl FnOnce(Layers) -> Layers) -> Result<Resolved, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs_err::write(&path, text).unwrap();
    let folder = format!("{}/", folder.path().display());
    lay(Layers::new().config(path.to_str().unwrap()))
        .resolve()
        .map_err(|error| error.to_string().replace(&folder, ""))
}

#[test]
fn later_layers_win_and_are_remembered() {
    let text = "folds = 3\nseed = 9\n[train]\nepochs = 7\nwarmup_epochs = 1\nbatch_size = 8\n";
    let resolved = file(text, |layers| {
        layers
            .set("train.batch_size = 4")
            .set("train.epochs=8")
            .flag("--epochs", "train.epochs", Some(9_i64))
            .flag("--folds", "folds", None::<i64>)
    })
    .unwrap();
    let settings = &resolved.settings;
    assert_eq!((settings.folds, settings.seed), (3, 9));
    assert_eq!((settings.train.epochs, settings.train.batch_size), (9, 4));
    assert!((settings.train.warmup_epochs - 1.0).abs() < 1e-12);
    let origin = |key: &str| resolved.origin(&Key::parse(key).unwrap()).clone();
    assert_eq!(origin("train.epochs"), Origin::Flag { name: "--epochs" });
    assert_eq!(origin("train.batch_size"), Origin::Set);
    assert_eq!(origin("folds").line(), Some(1));
    assert_eq!(origin("train.warmup_epochs").line(), Some(5));
    assert_eq!(origin("video.size"), Origin::Default);
}

#[test]
fn set_takes_toml_and_bare_words() {
    let resolved = Layers::new()
        .set("model.input=rgb+motion")
        .set("device=cuda:1")
        .set("model.backbone=\"small\"")
        .set("clips.flip=true")
        .set("train={ epochs = 30, learning_rate = 1e-3 }")
        .set("labels.1=happy")
        .set("labels.\"not sure\"=other")
        .set("labels.2=3")
        .resolve()
        .unwrap();
    let settings = resolved.settings;
    assert_eq!(settings.device, DeviceChoice::Cuda(vec![1]));
    assert_eq!(settings.train.epochs, 30);
    assert!(settings.clips.flip);
    let labels: Vec<(&str, &str)> = settings
        .labels
        .iter()
        .map(|(key, name)| (key.as_str(), name.as_str()))
        .collect();
    assert_eq!(labels, [("1", "happy"), ("2", "3"), ("not sure", "other")]);
}

#[test]
fn every_preset_resolves() {
    for name in preset_names() {
        Layers::new()
            .config(name)
            .resolve()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Layers::<DemoSettings>::default()
            .config(name)
            .resolve()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let resolved = Layers::new().config("cpu").resolve().unwrap();
    assert_eq!(
        resolved
            .origin(&Key::parse("video.size").unwrap())
            .to_string(),
        "preset cpu"
    );
}

#[test]
fn unknown_keys_and_wrong_kinds_are_all_told() {
    let text = "flods = 3\n\n[trian]\nepochs = 3\n[train]\nepochs = \"many\"\nflip = [1]\n[labels]\n0 = 1\n[video]\nsize = 1.5\n[whatever]\n";
    let error = file(text, |layers| {
        layers.set("clips.flip=1").set("train=3").set("oops")
    })
    .unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the settings have 10 problems:
      config.toml line 1: unknown key 'flods'; did you mean 'folds'?
      config.toml line 4: unknown key 'trian.epochs'; did you mean 'train.epochs'?
      config.toml line 6: 'train.epochs' must be a whole number, not the string 'many'
      config.toml line 7: 'train.flip' must be a number, not the array '[1]'
      config.toml line 9: 'labels.0' must be a text, not the integer '1'
      config.toml line 11: 'video.size' must be a whole number, not the float '1.5'
      config.toml line 12: unknown key 'whatever'; '--print-config' lists all keys
      --set: 'clips.flip' must be true or false, not the integer '1'
      --set: 'train' must be a table, not the integer '3'
      --set: 'oops' is not of the form key=value, as in 'train.epochs=20'
    "#);
}

#[test]
fn ranges_and_refused_values_are_all_told() {
    let error = told(
        Layers::new()
            .set("clips.window_min=0")
            .set("train.flip=nan")
            .set("train.epochs=-1")
            .set("model.backbone=vgg")
            .set("device=tpu")
            .flag("--folds", "folds", Some(1_i64)),
    );
    insta::assert_snapshot!(error, @r#"
    the settings have 6 problems:
      --folds: 'folds' is '1', but must be at least 2 and at most 255
      --set: 'clips.window_min' is '0.0', but must be more than 0 and at most 1
      --set: 'train.epochs' is '-1', but must be at least 1 and at most 65535
      --set: 'train.flip' is 'nan', but must be at least 0 and at most 1
      --set: 'device' cannot be 'tpu': device 'tpu' is not known; write 'auto', 'cpu' or 'cuda:0' (any number), or several of a kind as in 'cuda:0,cuda:1'
      --set: 'model.backbone' cannot be 'vgg': unknown variant `vgg`, expected one of `small`, `resnet18`, `resnet34`, `resnet50`
    "#);
}

#[test]
fn rules_name_both_sides() {
    let error = told(
        Layers::new()
            .flag("--rate", "train.learning_rate", Some(1e-9))
            .set("model.synopsis_frames=18")
            .set("video.face_crop.left=0.5")
            .set("video.face_crop.right=0.5"),
    );
    insta::assert_snapshot!(error, @r#"
    the settings have 3 problems:
      --set: 'video.face_crop.left' is '0.5', but must be below 'video.face_crop.right', which is '0.5' (--set)
      default: 'model.shift_segment' is '4', but must divide 'model.synopsis_frames', which is '18' (--set)
      default: 'train.final_learning_rate' is '0.000005', but must not be above 'train.learning_rate', which is '0.000000001' (--rate)
    "#);
}

#[test]
fn keys_of_the_review_may_be_swapped_but_not_shared() {
    let own = Layers::<OwnSettings>::default;
    let swapped = own()
        .set("review.keys.keep=q")
        .set("review.keys.quit=k ctrl-c");
    assert!(swapped.resolve().is_ok());
    insta::assert_snapshot!(told(own().set("review.keys.keep=q")), @"--set: 'review.keys.keep' is 'q', but must not share the key 'q' with 'review.keys.quit', which is 'q ctrl-c' (default)");
    insta::assert_snapshot!(told(own().set("review.label_keys=1 2 d")), @"--set: 'review.label_keys' is '1 2 d', but must not share the key 'd' with 'review.keys.drop', which is 'd' (default)");
    insta::assert_snapshot!(told(own().set("review.keys.keep=hyperspace")), @"--set: 'review.keys.keep' cannot be 'hyperspace': 'hyperspace' is no key; write a character, or one of enter, esc, space, tab, shift-tab, backspace, delete, up, down, left, right, home, end, pageup, pagedown, perhaps after 'ctrl-' or 'alt-'");
    insta::assert_snapshot!(told(own().set("review.keys.kepe=k")), @"--set: unknown key 'review.keys.kepe'; did you mean 'review.keys.keep'?");
}

#[test]
fn files_of_earlier_versions_are_read_with_a_word_on_what_differs() {
    let text = "seed = 2\n[health]\ngap = 4.0\nbars = 0.25\nsharpness = 0.05\n[duplicates]\nvotes = 3\n\
        [review]\nmouse = true\n[demo]\nvideos = 99\n[review.keys]\nkeep = \"q\"\n";
    let resolved = file(text, |layers| layers).unwrap();
    assert_eq!(resolved.settings.seed, 2);
    assert!((resolved.settings.health.sharpness - 0.05).abs() < 1e-12);
    let words: Vec<&str> = resolved
        .words
        .iter()
        .map(|line| line.rsplit_once('/').map_or(line.as_str(), |(_, end)| end))
        .collect();
    assert_eq!(
        words,
        [
            "config.toml: 'health.bars' is no setting any more: it is 0.1 instead of 0.25",
            "config.toml: 'duplicates.votes' is no setting any more: it is 2 instead of 3",
        ]
    );
    // What is typed now is meant for now.
    insta::assert_snapshot!(told(Layers::new().set("health.gap=5").set("review.mouse=true")), @"
    the settings have 2 problems:
      --set: unknown key 'health.gap'; '--print-config' lists all keys
      --set: unknown key 'review.mouse'; '--print-config' lists all keys
    ");
    // A slip of the pen in the user's own file.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("review.toml");
    fs_err::write(&path, "[review]\nmuose = true\n").unwrap();
    let own = Layers::<OwnSettings>::default().config(path.to_str().unwrap());
    let error = told(own);
    assert!(
        error.ends_with("unknown key 'review.muose'; did you mean 'review.mouse'?"),
        "{error}"
    );
}

#[test]
fn a_run_has_settings_that_one_can_survey() {
    let defaults = Settings::defaults().unwrap();
    let keys = key::leaves(&defaults).len();
    assert!(keys <= 84, "{keys} keys");
}

#[test]
fn the_demo_hands_its_run_on() {
    let resolved = Layers::<DemoSettings>::default()
        .config("demo")
        .set("demo.videos=42")
        .set("folds=3")
        .resolve()
        .unwrap();
    assert_eq!(resolved.settings.demo.videos, 42);
    let run = resolved.run();
    assert_eq!(run.settings.folds, 3);
    let printed = run.to_toml();
    assert!(!printed.contains("[demo]"), "{printed}");
    assert!(
        resolved
            .to_toml()
            .contains("\nvideos = 42                         # --set\n")
    );
    let back = file(&resolved.to_toml(), |layers| layers).unwrap();
    assert_eq!(back.settings, run.settings);
    assert_eq!(back.words, [""; 0]);
}

#[test]
fn what_cannot_be_read_is_told() {
    let error = told(Layers::new().config("mars").config("no/such.toml"));
    insta::assert_snapshot!(error, @r#"
    the settings have 2 problems:
      --config: there is no preset 'mars' (there are: cpu, gpu, paper, pretrained, demo); for a file, write its folder or extension, as in './mars.toml'
      failed to open file `no/such.toml`: No such file or directory (os error 2)
    "#);
    insta::assert_snapshot!(file("seed = 1\nfolds = = 3\n", |layers| layers).unwrap_err(), @r"
    config.toml line 2: not valid TOML: TOML parse error at line 2, column 9
      |
    2 | folds = = 3
      |         ^
    extra `=`, expected nothing
    ");
}

#[test]
fn printed_settings_name_their_origins() {
    let printed = Layers::new()
        .config("cpu")
        .set("labels.\"a b\"=\"x # \\n y\"")
        .flag("--seed", "seed", Some(3_i64))
        .resolve()
        .unwrap()
        .to_toml();
    assert!(
        printed.starts_with("seed = 3                            # --seed\n"),
        "{printed}"
    );
    assert!(
        printed.contains("\nsize = 48                           # preset cpu\n"),
        "{printed}"
    );
    assert!(
        printed.contains("\nfolds = 5                           # default\n"),
        "{printed}"
    );
    assert!(printed.contains("# --set\n"), "{printed}");
}

proptest! {
    #[test]
    fn printed_settings_are_read_back_equal(
        seed in 0_i64..i64::MAX, rate in 1e-9_f64..1.0, jitter in 0.0_f64..1.0, flip: bool,
        labels in prop::collection::btree_map("\\PC{0,6}", "\\PC{0,6}\n?", 0..4),
    ) {
        let mut layers = Layers::new()
            .flag("--seed", "seed", Some(seed))
            .flag("--rate", "train.learning_rate", Some(rate))
            .set("train.final_learning_rate=0")
            .set(&format!("train.color_jitter={jitter}"))
            .set(&format!("clips.flip={flip}"));
        for (label, name) in &labels {
            let table = toml::Table::from_iter([(label.clone(), name.clone().into())]);
            layers = layers.flag("--labels", "labels", Some(toml::Value::Table(table)));
        }
        let resolved = layers.resolve().unwrap();
        let back = file(&resolved.to_toml(), |layers| layers).map_err(TestCaseError::fail)?;
        prop_assert_eq!(back.settings, resolved.settings);
    }
}
