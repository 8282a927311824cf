//! The loss (RDFER, arXiv:2502.16129, §3.4), and what is read off the logits beside it.

use tch::{Kind, Tensor};

use super::TrainSettings;
use crate::model::Output;

/// CE(z) + a·CE(synopsis) + b·mean CE(synopsis frames) + c·mean CE(snippets), each clip times its weight, mean over the
/// batch; a, b and c are [`TrainSettings::BAG_LOSS`], [`TrainSettings::INSTANCE_LOSS`] and
/// [`TrainSettings::DETAIL_INSTANCE_LOSS`]. Without a detail stream, z is the synopsis stream's, and only b applies.
///
/// Every cross-entropy takes logits (the published code gives the instances' probabilities to a softmax once more) and
/// targets smoothed by `label_smoothing`: (1 − ε)·t + ε/C. The sum is divided by the number of clips and not by the sum
/// of their weights, so that a batch of doubtful clips moves the network less.
///
/// # Shapes
///
/// `targets`: B×C, probabilities; `weights`: B, 1 for a clip that counts as it is; returns a scalar.
pub fn loss(
    output: &Output,
    targets: &Tensor,
    weights: &Tensor,
    settings: &TrainSettings,
) -> Tensor {
    let smoothing = settings.label_smoothing;
    let classes = targets.size()[1];
    let targets = targets * (1.0 - smoothing) + smoothing / classes as f64; // B×C
    let whole = |logits: &Tensor| cross_entropy(logits, &targets); // B
    let instances = |logits: &Tensor| {
        cross_entropy(logits, &targets.unsqueeze(1)).mean_dim([1].as_slice(), false, Kind::Float)
    }; // B
    let mut sum =
        whole(&output.logits) + instances(&output.instance_logits) * TrainSettings::INSTANCE_LOSS;
    if let Some(detail) = &output.detail {
        sum = sum
            + whole(&detail.synopsis_logits) * TrainSettings::BAG_LOSS
            + instances(&detail.instance_logits) * TrainSettings::DETAIL_INSTANCE_LOSS;
    }
    (sum * weights).mean(Kind::Float)
}

/// `−Σ_c t_c ln softmax(z)_c` over the last axis.
fn cross_entropy(logits: &Tensor, targets: &Tensor) -> Tensor {
    -(logits.log_softmax(-1, Kind::Float) * targets).sum_dim_intlist(
        [-1].as_slice(),
        false,
        Kind::Float,
    )
}

/// Per clip: the label's probability, its logit margin over the best other class (Pleiss et al. 2020, Eq. 1), its
/// cross-entropy without smoothing, and the predicted class. `logits`: B×C, `labels`: B; returns four vectors of B.
pub fn observe(logits: &Tensor, labels: &Tensor) -> [Tensor; 4] {
    let logits = logits.detach().to_kind(Kind::Float);
    let index = labels.unsqueeze(1);
    let log_probs = logits.log_softmax(1, Kind::Float);
    let label_log_prob = log_probs.gather(1, &index, false).squeeze_dim(1);
    let label_logit = logits.gather(1, &index, false).squeeze_dim(1);
    let others = logits.scatter_value(1, &index, f64::NEG_INFINITY);
    let best_other = others.max_dim(1, false).0;
    [
        label_log_prob.exp(),
        label_logit - best_other,
        -label_log_prob,
        logits.argmax(1, false).to_kind(Kind::Float),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DetailOutput;
    use crate::model::tests::tensor;

    /// `make_network_golden.py` computes it with PyTorch's cross-entropy.
    #[test]
    fn equals_pytorch() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/network.json")).unwrap();
        let logits = |name: &str, shape: &[i64]| tensor(name, shape) * 4.0;
        let targets = (tensor("targets", &[5, 7]) * 3.0).softmax(1, Kind::Float);
        let weights = tensor("weights", &[5]) + 1.0;
        let mut output = Output {
            logits: logits("logits", &[5, 7]),
            bag: Tensor::zeros([5, 8], (Kind::Float, tch::Device::Cpu)),
            instance_logits: logits("instances", &[5, 16, 7]),
            detail: Some(DetailOutput {
                synopsis_logits: logits("synopsis_logits", &[5, 7]),
                instance_logits: logits("detail_instances", &[5, 4, 7]),
                key_frames: Tensor::zeros([5, 16], (Kind::Int64, tch::Device::Cpu)),
            }),
        };
        for name in ["both_streams", "synopsis_alone"] {
            let value = loss(&output, &targets, &weights, &TrainSettings::default());
            let expected = golden["loss"][name].as_f64().unwrap();
            assert!((value.double_value(&[]) - expected).abs() < 1e-5, "{name}");
            output.detail = None;
        }
    }

    #[test]
    fn observations_of_a_clip() {
        let logits = Tensor::from_slice(&[2.0_f32, 0.0, -1.0, 0.5, 0.5, 0.0]).view([2, 3]);
        let [prob, margin, loss, prediction] = observe(&logits, &Tensor::from_slice(&[0_i64, 2]));
        assert!((margin.double_value(&[0]) - 2.0).abs() < 1e-6);
        assert!((margin.double_value(&[1]) + 0.5).abs() < 1e-6);
        assert!((prob.double_value(&[0]) - 0.843_794_7).abs() < 1e-6);
        assert!((loss.double_value(&[0]) + 0.843_794_7_f64.ln()).abs() < 1e-6);
        assert!((prediction.double_value(&[0])).abs() < 1e-6);
    }
}
