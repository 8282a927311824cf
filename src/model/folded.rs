//! The first convolution of a residual network, 7×7 with a stride of 2 over few channels, as a GPU likes it: 4×4 with a stride
//! of 1 over blocks of 2×2 pixels, whose four times as many channels fill its matrix units.

use tch::Tensor;

/// Channels are filled up to a multiple of it.
const CHANNELS: i64 = 8;

/// `input.conv2d(weight, bias, 2, 3, 1, 1)`. `input`: N×C×H×W, H and W even; `weight`: O×C×7×7; returns N×O×H/2×W/2.
pub(super) fn convolve(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    let [count, channels, height, width] = [0, 1, 2, 3].map(|axis| input.size()[axis]);
    let blocks = input
        .permute([0, 2, 3, 1])
        .reshape([count, height / 2, 2, width / 2, 2, channels])
        .permute([0, 1, 3, 2, 4, 5])
        .reshape([count, height / 2, width / 2, 4 * channels]);
    let missing = (-4 * channels).rem_euclid(CHANNELS);
    // An output at o sees the rows 2o − 3 to 2o + 3, which lie in the blocks o − 2 to o + 1.
    let blocks = blocks
        .constant_pad_nd([0, missing, 2, 1, 2, 1])
        .permute([0, 3, 1, 2]);
    let output = weight.size()[0];
    // The row 2o − 4, the first of its block, counts nothing.
    let weight = weight
        .constant_pad_nd([1, 0, 1, 0])
        .view([output, channels, 4, 2, 4, 2])
        .permute([0, 3, 5, 1, 2, 4])
        .reshape([output, 4 * channels, 4, 4])
        .constant_pad_nd([0, 0, 0, 0, 0, missing]);
    blocks.conv2d(&weight, bias, 1, 0, 1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn it_is_the_same_convolution() {
        tch::manual_seed(2);
        for (channels, height, width) in [(3, 16, 12), (6, 10, 10), (1, 2, 8)] {
            let options = (Kind::Float, Device::Cpu);
            let input = Tensor::randn([2, channels, height, width], options);
            let weight = Tensor::randn([5, channels, 7, 7], options).set_requires_grad(true);
            let bias = Tensor::randn([5], options);
            let plain = input.conv2d(&weight, Some(&bias), 2, 3, 1, 1);
            let folded = convolve(&input, &weight, Some(&bias));
            assert_eq!(plain.size(), folded.size());
            let gradient = |output: &Tensor| {
                let loss = output.square().sum(Kind::Float);
                Tensor::run_backward(&[loss], &[&weight], false, false).remove(0)
            };
            for (ours, theirs) in [(&folded, &plain), (&gradient(&folded), &gradient(&plain))] {
                let largest = theirs.abs().max().double_value(&[]);
                let difference = (ours - theirs).abs().max().double_value(&[]);
                assert!(difference < 1e-5 * largest, "{difference} of {largest}");
            }
        }
    }
}
