//! dlib's face recognition network (D. King, `dlib_face_recognition_resnet_model_v1`, public domain), up to its middle: a
//! residual network of 29 convolutions that sees a face of 150×150 pixels (after He et al., arXiv:1512.03385, with half the
//! filters and fewer layers).
//!
//! It was made to tell people apart whatever their faces do, so its last layers throw expressions away; the middle ones still have
//! them. [`Faces::middle`] is what it sees there, pooled over a grid of 3×3.

use camino::{Utf8Path, Utf8PathBuf};
use tch::{Device, Tensor};

/// Edge of its pictures in pixels.
pub const SIZE: u32 = 150;

/// What it takes from red, green and blue, and what it divides them by, as shares of white.
pub const MEAN: [f32; 3] = [122.782 / 255.0, 117.001 / 255.0, 104.298 / 255.0];
/// See [`MEAN`].
pub const STD: [f32; 3] = [256.0 / 255.0; 3];

/// Numbers of the middle: 128 filters, 3×3 places.
pub const WIDTH: usize = 128 * 9;

/// Filters and blocks of each level; every level but the first halves its input's edges.
const LEVELS: [(i64, usize); 5] = [(32, 3), (64, 4), (128, 3), (256, 3), (256, 1)];

/// Levels up to the middle.
const MIDDLE: usize = 3;

/// Numbers of a face's descriptor.
const DESCRIPTOR: i64 = 128;

/// Where `scripts/setup --faces` puts its file.
pub fn file() -> Utf8PathBuf {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let home = || variable("HOME").map(|home| format!("{home}/.cache"));
    let cache = variable("XDG_CACHE_HOME").or_else(home).unwrap_or_default();
    Utf8Path::new(&cache).join("rdfer-audit/faces.dat")
}

/// The network, on a device.
#[derive(Debug)]
pub struct Faces {
    /// What its layers have learnt, from the input on: of a convolution filters and biases, then the factors and summands of the
    /// affine layer after it; at last the matrix that makes descriptors.
    layers: Vec<Tensor>,
}

impl Faces {
    /// Reads dlib's file.
    ///
    /// # Errors
    /// It cannot be read, or another network is in it: its kind is then [`std::io::ErrorKind::InvalidData`].
    pub fn read(path: &Utf8Path, device: Device) -> std::io::Result<Self> {
        let layers = numbers(&fs_err::read(path)?).filter(|layers| {
            let lengths = layers.iter().map(|layer| layer.len() as i64);
            lengths.eq(lengths_wanted())
        });
        let other =
            || std::io::Error::new(std::io::ErrorKind::InvalidData, "another network is in it");
        let layers = layers.ok_or_else(other)?;
        let tensor = |layer: &Vec<f32>| Tensor::from_slice(layer).to_device(device);
        Ok(Self {
            layers: layers.iter().map(tensor).collect(),
        })
    }

    /// What it sees in its middle: N×3×150×150, normalised, to N×[`WIDTH`].
    pub fn middle(&self, faces: &Tensor) -> Tensor {
        let (seen, _) = self.levels(faces, MIDDLE);
        seen.adaptive_avg_pool2d([3, 3]).flatten(1, 3)
    }

    /// What dlib tells people apart by: N×3×150×150, normalised, to N×128.
    pub fn descriptors(&self, faces: &Tensor) -> Tensor {
        let (seen, rest) = self.levels(faces, LEVELS.len());
        let width = seen.size()[1];
        let matrix = rest[0].view([width, DESCRIPTOR]);
        seen.mean_dim([2, 3].as_slice(), false, None)
            .matmul(&matrix)
    }

    /// What it sees after so many levels, and the layers that follow.
    fn levels(&self, faces: &Tensor, levels: usize) -> (Tensor, &[Tensor]) {
        let mut rest = &self.layers[..];
        let seen = convolved(faces, &mut rest, [32, 7, 2, 0]).relu();
        let mut seen = seen.max_pool2d([3, 3], [2, 2], [0, 0], [1, 1], false);
        for (level, (width, blocks)) in LEVELS.into_iter().enumerate().take(levels) {
            for block in 0..blocks {
                seen = residual(&seen, &mut rest, width, level > 0 && block == 0);
            }
        }
        (seen, rest)
    }
}

/// A block of two convolutions beside its input, which is pooled where the block halves the edges.
fn residual(input: &Tensor, layers: &mut &[Tensor], width: i64, halves: bool) -> Tensor {
    let (stride, padding) = if halves { (2, 0) } else { (1, 1) };
    let within = convolved(input, layers, [width, 3, stride, padding]).relu();
    let within = convolved(&within, layers, [width, 3, 1, 1]);
    if halves {
        let beside = input.avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None);
        joined(&within, &beside).relu()
    } else {
        (within + input).relu()
    }
}

/// The sum of two pictures, where the smaller one has zeros in the filters and places that it lacks.
fn joined(one: &Tensor, other: &Tensor) -> Tensor {
    let most = |axis: usize| one.size()[axis].max(other.size()[axis]);
    let padded = |picture: &Tensor| {
        let lacks = |axis: usize| most(axis) - picture.size()[axis];
        picture.constant_pad_nd([0, lacks(3), 0, lacks(2), 0, lacks(1)])
    };
    padded(one) + padded(other)
}

/// A convolution and the affine layer after it; takes both from the layers. `[width, edge, stride, padding]` of its filters.
fn convolved(
    input: &Tensor,
    layers: &mut &[Tensor],
    [width, edge, stride, padding]: [i64; 4],
) -> Tensor {
    let (own, rest) = layers.split_at(2);
    *layers = rest;
    let depth = input.size()[1];
    let count = width * depth * edge * edge;
    let filters = own[0].narrow(0, 0, count).view([width, depth, edge, edge]);
    let biases = own[0].narrow(0, count, width);
    let seen = input.conv2d(&filters, Some(&biases), stride, padding, 1, 1);
    let affine = |start| own[1].narrow(0, start, width).view([1, width, 1, 1]);
    seen * affine(0) + affine(width)
}

/// How many numbers each layer has.
fn lengths_wanted() -> impl Iterator<Item = i64> {
    let convolution =
        |depth: i64, width: i64, edge: i64| [(depth * edge * edge + 1) * width, 2 * width];
    let mut depth = 32;
    let mut lengths = convolution(3, depth, 7).to_vec();
    for (width, blocks) in LEVELS {
        for _ in 0..blocks {
            lengths.extend(convolution(depth, width, 3));
            lengths.extend(convolution(width, width, 3));
            depth = width;
        }
    }
    lengths.push(depth * DESCRIPTOR);
    lengths.into_iter()
}

/// The names of layers that have learnt something, as dlib writes texts, and how many whole numbers stand before their tensor.
const NAMES: [(&[u8], usize); 3] = [
    (b"\x01\x05con_4", 0),
    (b"\x01\x07affine_", 0),
    (b"\x01\x04fc_2", 2),
];

/// The version of dlib's tensors.
const TENSOR: i64 = 2;

/// The numbers of all layers that have learnt something, in the file's order, which is that of the network; nothing where a layer
/// is cut off.
///
/// dlib writes networks as nested texts, whole numbers and tensors, whose meaning is in its templates. What is wanted of them
/// stands right after the name of a layer: the tensor of all that it has learnt.
fn numbers(bytes: &[u8]) -> Option<Vec<Vec<f32>>> {
    let (mut layers, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let name = NAMES.iter().find(|(name, _)| rest.starts_with(name));
        let Some((name, before)) = name else {
            // To the next byte that a name may begin with.
            let next = rest[1..].iter().position(|byte| *byte == 1);
            rest = next.map_or(&[], |next| &rest[1 + next..]);
            continue;
        };
        rest = &rest[name.len()..];
        for _ in 0..*before {
            whole(&mut rest)?;
        }
        if whole(&mut rest)? != TENSOR {
            return None;
        }
        let mut count = 1_usize;
        for _ in 0..4 {
            count = count.checked_mul(usize::try_from(whole(&mut rest)?).ok()?)?;
        }
        let (values, after) = rest.split_at_checked(count.checked_mul(4)?)?;
        let value = |bytes: &[u8]| Some(f32::from_le_bytes(bytes.try_into().ok()?));
        layers.push(values.chunks_exact(4).map(value).collect::<Option<_>>()?);
        rest = after;
    }
    Some(layers)
}

/// Takes a whole number: a byte with its sign and its count of bytes, then these, the lowest first.
fn whole(bytes: &mut &[u8]) -> Option<i64> {
    let (head, rest) = bytes.split_first()?;
    let (digits, rest) = rest.split_at_checked(usize::from(head & 0x0f).min(8))?;
    *bytes = rest;
    let value = digits
        .iter()
        .rev()
        .fold(0, |value, digit| value << 8 | i64::from(*digit));
    Some(if head & 0x80 == 0 { value } else { -value })
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    /// A file as dlib writes it, of layers that hold the number 1/8 throughout.
    fn written() -> Vec<u8> {
        let whole = |value: i64| {
            let digits = value.to_le_bytes();
            let count = digits
                .iter()
                .rposition(|digit| *digit != 0)
                .map_or(0, |last| last + 1);
            [&[count as u8], &digits[..count]].concat()
        };
        let lengths: Vec<i64> = lengths_wanted().collect();
        let mut bytes = b"\x01\x0dloss_metric_2".to_vec();
        for (place, length) in lengths.iter().enumerate() {
            let (name, before) = match place {
                last if last + 1 == lengths.len() => NAMES[2],
                even if even % 2 == 0 => NAMES[0],
                _ => NAMES[1],
            };
            bytes.extend(name);
            bytes.extend((0..before).flat_map(|_| whole(300)));
            bytes.extend([whole(TENSOR), whole(*length), whole(1), whole(1), whole(1)].concat());
            bytes.extend((0..*length).flat_map(|_| 0.125_f32.to_le_bytes()));
            bytes.extend(b"\x01\x05relu_\x81\x07");
        }
        bytes
    }

    fn read(bytes: &[u8]) -> std::io::Result<Faces> {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("faces.dat");
        fs_err::write(&path, bytes).unwrap();
        Faces::read(&path, Device::Cpu)
    }

    #[test]
    fn another_or_a_damaged_network_is_refused() {
        let bytes = written();
        let faces = read(&bytes).unwrap();
        assert_eq!(faces.layers.len(), 59);
        let picture = Tensor::zeros([2, 3, 150, 150], (Kind::Float, Device::Cpu));
        assert_eq!(faces.middle(&picture).size(), [2, WIDTH as i64]);
        assert_eq!(faces.descriptors(&picture).size(), [2, 128]);
        for bytes in [&bytes[..bytes.len() / 2], b"no network", b""] {
            let error = read(bytes).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn descriptors_are_those_of_dlib() {
        let path = file();
        if !path.exists() {
            eprintln!("not run: 'scripts/setup --faces' has not fetched the network");
            return;
        }
        let golden = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/faces.json");
        let golden: serde_json::Value =
            serde_json::from_slice(&fs_err::read(golden).unwrap()).unwrap();
        let expected: Vec<Vec<f32>> =
            serde_json::from_value(golden["descriptors"].clone()).unwrap();
        let faces = Faces::read(&path, Device::Cpu).unwrap();
        for (number, expected) in expected.iter().enumerate() {
            let pixels: Vec<f32> = (0..3 * 150 * 150)
                .map(|place| {
                    let (colour, row, column) = (place / 22_500, place / 150 % 150, place % 150);
                    let byte = (row / 10 * 37 + column / 10 * 91 + colour * 53 + number * 17) % 251;
                    (byte as f32 / 255.0 - MEAN[colour]) / STD[colour]
                })
                .collect();
            let picture = Tensor::from_slice(&pixels).view([1, 3, 150, 150]);
            let said = Vec::<f32>::try_from(&faces.descriptors(&picture).get(0)).unwrap();
            for (said, expected) in said.iter().zip(expected) {
                assert!((said - expected).abs() < 1e-3, "{said} {expected}");
            }
        }
    }
}
