use super::*;
use crate::model::{Backbone, InputKind, Rdfer};
use camino::Utf8PathBuf;
use tch::nn::Path;

fn settings(input: InputKind) -> ModelSettings {
    ModelSettings {
        backbone: Backbone::Small,
        width: 8,
        feature: 16,
        hidden: 16,
        input,
        ..ModelSettings::default()
    }
}

/// A file with a backbone's weights behind `prefix`, and what published files have besides.
fn file(folder: &tempfile::TempDir, prefix: &str, backbone: Backbone) -> Utf8PathBuf {
    let path = Utf8PathBuf::try_from(folder.path().join("weights.safetensors")).unwrap();
    let store = VarStore::new(Device::Cpu);
    let build = |path: &Path| ResNet::new(path, backbone, 3, 8, 1);
    let _network = build(&store.root());
    let count = Tensor::from_slice(&[3_i64]);
    let classifier = Tensor::rand([5, 64], (Kind::Float, Device::Cpu));
    let mut named: Vec<(String, Tensor)> = store
        .variables()
        .into_iter()
        .map(|(name, tensor)| (format!("{prefix}{name}"), tensor.detach()))
        .collect();
    named.push((format!("{prefix}bn1.num_batches_tracked"), count));
    named.push((format!("{prefix}fc.weight"), classifier));
    Tensor::write_safetensors(&named, &path).unwrap();
    path
}

fn read_back(path: &Utf8Path) -> BTreeMap<String, Tensor> {
    Tensor::read_safetensors(path)
        .unwrap()
        .into_iter()
        .collect()
}

#[test]
fn both_streams_start_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for prefix in ["", "module.backbone."] {
        let path = file(&folder, prefix, Backbone::Small);
        let settings = settings(InputKind::Rgb);
        let weights = BackboneWeights::read(&path, &settings).unwrap();
        assert_eq!(weights.ignored(), [format!("{prefix}fc.weight")]);
        assert_eq!(weights.input_repeats(), 1);
        let store = VarStore::new(Device::Cpu);
        let _network = Rdfer::new(&store.root(), &settings, 64, 3);
        weights.copy_into(&store);
        let (file, network) = (read_back(&path), store.variables());
        for name in [
            "conv1.weight",
            "bn1.running_var",
            "layer4.0.downsample.0.weight",
        ] {
            for stream in ["synopsis", "detail"] {
                let own = &network[&format!("{stream}.backbone.{name}")];
                assert_eq!(*own, file[&format!("{prefix}{name}")], "{stream} {name}");
                assert_eq!(own.requires_grad(), !name.contains("running"));
            }
        }
    }
}

#[test]
fn six_channels_get_the_three_twice_at_half_strength() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "", Backbone::Small);
    let weights = BackboneWeights::read(&path, &settings(InputKind::RgbMotion)).unwrap();
    assert_eq!(weights.input_repeats(), 2);
    let adapted = weights.tensors.lock().unwrap()["conv1.weight"].shallow_clone();
    let published = &read_back(&path)["conv1.weight"];
    assert_eq!(adapted.size(), [8, 6, 7, 7]);
    assert_eq!(adapted.narrow(1, 3, 3) * 2.0, *published);
    // Channels that show the same twice are seen as before.
    let sum = adapted.sum_dim_intlist([1].as_slice(), false, Kind::Float);
    let before = published.sum_dim_intlist([1].as_slice(), false, Kind::Float);
    assert!((sum - before).abs().max().double_value(&[]) < 1e-6);
}

#[test]
fn another_network_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let deeper = file(&folder, "", Backbone::Resnet18);
    let error = BackboneWeights::read(&deeper, &settings(InputKind::Rgb)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("unexpected: layer1.1.bn1.bias, "), "{text}");
    assert!(text.contains("model.backbone 'small'"), "{text}");

    let shallow = file(&folder, "", Backbone::Small);
    let wide = ModelSettings {
        backbone: Backbone::Resnet18,
        width: 16,
        ..settings(InputKind::Rgb)
    };
    let text = BackboneWeights::read(&shallow, &wide)
        .unwrap_err()
        .to_string();
    assert!(text.contains("missing: layer1.1.bn1.bias, "), "{text}");
    assert!(text.contains("'bn1.bias' is [8], not [16]"), "{text}");
}

#[test]
fn what_is_no_network_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::try_from(folder.path().join("weights.safetensors")).unwrap();
    let read = || BackboneWeights::read(&path, &settings(InputKind::Rgb)).unwrap_err();
    assert!(matches!(read(), WeightsError::File(_)));
    fs_err::write(&path, "PK\u{3}\u{4} a .pth file").unwrap();
    assert!(matches!(read(), WeightsError::Format { .. }));
    let tensor = Tensor::from_slice(&[1.0_f32]);
    Tensor::write_safetensors(&[("head.weight", &tensor)], &path).unwrap();
    assert!(read().to_string().contains("found: head.weight"));
    let two = ["a.", "b."].map(|prefix| {
        ["conv1.weight", "layer1.0.conv1.weight"].map(|name| (format!("{prefix}{name}"), &tensor))
    });
    Tensor::write_safetensors(two.as_flattened(), &path).unwrap();
    assert!(
        read()
            .to_string()
            .contains("a.conv1.weight, b.conv1.weight")
    );
}
