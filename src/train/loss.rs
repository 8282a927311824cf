//! The loss (RDFER, arXiv:2502.16129, Eq. of §3.4, as far as the network's streams go).

use tch::{Kind, Reduction, Tensor};

use super::TrainSettings;
use crate::model::Output;

/// CE(logits) + `instance_loss` · mean CE(instance logits), with label smoothing; each clip's times its weight, mean over
/// the batch.
///
/// # Shapes
///
/// `targets`: B×C, f32, rows that sum to 1; `weights`: B, f32; returns a scalar.
pub fn loss(
    output: &Output,
    targets: &Tensor,
    weights: &Tensor,
    settings: &TrainSettings,
) -> Tensor {
    let [batch, frames, classes] = [0, 1, 2].map(|axis| output.instance_logits.size()[axis]);
    let cross_entropy = |logits: &Tensor, targets: &Tensor| {
        logits.cross_entropy_loss(
            targets,
            None::<&Tensor>,
            Reduction::None,
            -100,
            settings.label_smoothing,
        )
    };
    let whole = cross_entropy(&output.logits, targets); // B
    let instance_targets = targets
        .unsqueeze(1)
        .expand([batch, frames, classes], false)
        .reshape([-1, classes]);
    let instances = cross_entropy(
        &output.instance_logits.view([-1, classes]),
        &instance_targets,
    )
    .view([batch, frames])
    .mean_dim(1, false, None::<Kind>); // B
    ((whole + instances * settings.instance_loss) * weights).mean(Kind::Float)
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

    #[test]
    fn equals_pytorch() {
        // import torch, torch.nn.functional as F   # torch 2.11.0
        // z = torch.tensor([[2., 0., -1.], [0.5, 0.5, 0.]]); y = torch.tensor([0, 2])
        // i = torch.stack([z, z * 0.5], 1)
        // (F.cross_entropy(z, y, label_smoothing=.1) + .1 * F.cross_entropy(i.view(-1, 3), y.repeat_interleave(2), label_smoothing=.1)).item()
        let logits = Tensor::from_slice(&[2.0_f32, 0.0, -1.0, 0.5, 0.5, 0.0]).view([2, 3]);
        let instance_logits = Tensor::stack(&[&logits, &(&logits * 0.5)], 1);
        let targets = Tensor::from_slice(&[1.0_f32, 0.0, 0.0, 0.0, 0.0, 1.0]).view([2, 3]);
        let weights = Tensor::from_slice(&[1.0_f32, 1.0]);
        let settings = TrainSettings::default();
        let value = loss(
            &Output {
                logits: logits.shallow_clone(),
                instance_logits,
            },
            &targets,
            &weights,
            &settings,
        );

        // The same by hand.
        let cross_entropy = |z: [f64; 3], label: usize| {
            let log_sum = z.iter().map(|v| v.exp()).sum::<f64>().ln();
            let mean = z.iter().sum::<f64>() / 3.0;
            0.9 * (log_sum - z[label]) + 0.1 * (log_sum - mean)
        };
        let first = [2.0, 0.0, -1.0];
        let second = [0.5, 0.5, 0.0];
        let half = |z: [f64; 3]| z.map(|v| v / 2.0);
        let whole = f64::midpoint(cross_entropy(first, 0), cross_entropy(second, 2));
        let instances = (cross_entropy(first, 0)
            + cross_entropy(half(first), 0)
            + cross_entropy(second, 2)
            + cross_entropy(half(second), 2))
            / 4.0;
        assert!((value.double_value(&[]) - (whole + 0.1 * instances)).abs() < 1e-6);
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
