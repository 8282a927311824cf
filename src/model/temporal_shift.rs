//! The temporal shift (Lin, Gan, Han, "TSM", arXiv:1811.08383, §3; RDFER §3.2 places it in every residual block).

use tch::Tensor;

/// Moves 1/8 of the channels one frame back in time and 1/8 one frame forward, within segments of `segment` frames;
/// zeros come in at a segment's ends. The other channels stay.
///
/// # Shapes
///
/// `frames`: N×C×H×W, N a multiple of `segment`, the frames of a clip one after the other; returns the same shape,
/// channels-last.
pub fn temporal_shift(frames: &Tensor, segment: i64) -> Tensor {
    let [count, channels, height, width] = [0, 1, 2, 3].map(|axis| frames.size()[axis]);
    let moved = channels / 8;
    if moved == 0 || segment < 2 {
        return frames.shallow_clone();
    }
    // Channels last while shifting: then each part is a plain copy.
    let segments =
        frames
            .permute([0, 2, 3, 1])
            .reshape([count / segment, segment, height, width, channels]);
    // Split, padded and joined: then the way back is joined, padded and split, and no part is spread over a whole tensor.
    let parts = segments.split_with_sizes([moved, moved, channels - 2 * moved], 4);
    // constant_pad_nd counts axes from the last: four pairs reach the time axis, on which one end is cut off.
    let earlier = parts[0].constant_pad_nd([0, 0, 0, 0, 0, 0, -1, 1]);
    let later = parts[1].constant_pad_nd([0, 0, 0, 0, 0, 0, 1, -1]);
    Tensor::cat(&[&earlier, &later, &parts[2]], 4)
        .view([count, height, width, channels])
        .permute([0, 3, 1, 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn channels_move_within_their_segment() {
        // Frame f, channel c holds 100·f + c; two segments of 3 frames, 8 channels.
        let frames = Tensor::arange(6, (Kind::Float, Device::Cpu)).view([6, 1, 1, 1]) * 100.0
            + Tensor::arange(8, (Kind::Float, Device::Cpu)).view([1, 8, 1, 1]);
        let shifted = temporal_shift(&frames, 3);
        let value = |frame: i64, channel: i64| shifted.double_value(&[frame, channel, 0, 0]);
        let column = |channel: i64| {
            (0..6)
                .map(|frame| value(frame, channel))
                .collect::<Vec<_>>()
        };
        // Equals torch: x[:, :-1, :fold] = in[:, 1:, :fold]; x[:, 1:, fold:2*fold] = in[:, :-1, fold:2*fold].
        assert_eq!(column(0), [100.0, 200.0, 0.0, 400.0, 500.0, 0.0]);
        assert_eq!(column(1), [0.0, 1.0, 101.0, 0.0, 301.0, 401.0]);
        assert_eq!(column(2), [2.0, 102.0, 202.0, 302.0, 402.0, 502.0]);
    }

    #[test]
    fn a_segment_of_one_frame_shifts_nothing() {
        let frames = Tensor::rand([4, 8, 2, 2], (Kind::Float, Device::Cpu));
        assert_eq!(temporal_shift(&frames, 1), frames);
    }
}
