//! The memory of tensors on the processor, as slices: what is made for a tensor is written where it will lie. And the way
//! from there to a device.

#![expect(
    unsafe_code,
    reason = "tch copies what it is given, and gives out what it holds as pointers alone"
)]

use std::slice;

use tch::kind::Element;
use tch::{Device, TchError, Tensor};

/// Numbers that tensors hold as Rust does, and of which every bit pattern is one.
pub(super) trait Plain: Element + Copy {}

impl Plain for f32 {}
impl Plain for u8 {}

/// A new tensor of this shape, with what `write` leaves in it; zeros at first.
pub(super) fn filled<T: Plain>(shape: &[i64], write: impl FnOnce(&mut [T])) -> Tensor {
    let tensor = Tensor::zeros(shape, (T::KIND, Device::Cpu));
    if tensor.numel() == 0 {
        write(&mut []);
        return tensor;
    }
    // SAFETY: the tensor was just made: it is contiguous, holds `numel` values of this type that are all initialised, and
    // nobody else has it. It outlives the slice, which `write` cannot keep.
    let values = unsafe { slice::from_raw_parts_mut(tensor.data_ptr().cast(), tensor.numel()) };
    write(values);
    tensor
}

/// The tensor on a device. A GPU takes it from page-locked memory, and nobody waits for it: what the GPU is told later comes
/// after it.
///
/// # Errors
///
/// Most often there is no room.
pub(crate) fn upload(tensor: &Tensor, device: Device) -> Result<Tensor, TchError> {
    if device.is_cuda() && tensor.device() == Device::Cpu {
        let (is_asynchronous, is_always_copied) = (true, false);
        let locked = tensor.f_internal_pin_memory(device)?;
        locked.f_to_device_(device, tensor.kind(), is_asynchronous, is_always_copied)
    } else {
        tensor.f_to_device(device)
    }
}

/// Numbers as a tensor on a device; where page-locked memory has run out, the slow way.
pub(crate) fn on_device<T: Element>(values: &[T], shape: &[i64], device: Device) -> Tensor {
    let values = Tensor::from_slice(values).view(shape);
    upload(&values, device).unwrap_or_else(|_| values.to_device(device))
}

/// The bytes of a tensor.
///
/// # Panics
/// The tensor is not contiguous, not of bytes, or not in the processor's memory.
pub(super) fn bytes(tensor: &Tensor) -> &[u8] {
    assert!(
        tensor.is_contiguous() && tensor.kind() == u8::KIND && tensor.device() == Device::Cpu,
        "the frames of a batch are bytes in memory, one after the other"
    );
    if tensor.numel() == 0 {
        return &[];
    }
    // SAFETY: as was just asked, `numel` bytes lie at the pointer. They live as long as the tensor, which is borrowed for as
    // long as the slice; nothing in this program changes the frames of a batch.
    unsafe { slice::from_raw_parts(tensor.data_ptr().cast(), tensor.numel()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_in_the_tensor_and_what_is_in_it_is_read() {
        let tensor = filled::<u8>(&[2, 3], |bytes| bytes.copy_from_slice(&[1, 2, 3, 4, 5, 6]));
        assert_eq!(tensor.size(), [2, 3]);
        assert_eq!(tensor.int64_value(&[1, 0]), 4);
        assert_eq!(bytes(&tensor), [1, 2, 3, 4, 5, 6]);
        assert_eq!(bytes(&tensor.get(1)), [4, 5, 6]);
    }

    #[test]
    fn nothing_is_nothing() {
        let tensor = filled::<f32>(&[0, 3], |values| assert!(values.is_empty()));
        assert_eq!(tensor.size(), [0, 3]);
        assert!(bytes(&filled::<u8>(&[0], |_| ())).is_empty());
    }

    #[test]
    #[should_panic(expected = "one after the other")]
    fn columns_are_not_read_as_rows() {
        let tensor = filled::<u8>(&[2, 3], |_| ());
        let _columns = bytes(&tensor.tr());
    }
}
