//! Which devices the networks run on: what was asked for, and whether they are there.

use std::ffi::CStr;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use tch::Device;
use thiserror::Error;

/// The devices that networks run on, as asked for: all of one kind, since kinds round differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceChoice {
    /// The first CUDA device if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU, for so many networks side by side; by itself, for as many as it has threads for.
    Cpu(usize),
    /// CUDA devices, by number from 0, for a network each.
    Cuda(Vec<usize>),
}

/// A text that names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "device '{text}' is not known; write 'auto', 'cpu' or 'cuda:0' (any number), or several of a kind as in 'cuda:0,cuda:1'"
)]
pub struct DeviceNameError {
    /// The text.
    pub text: String,
}

impl FromStr for DeviceChoice {
    type Err = DeviceNameError;

    fn from_str(text: &str) -> Result<Self, DeviceNameError> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let number = |part: &str| match part {
            "cuda" => Some(0),
            _ => part.strip_prefix("cuda:")?.parse().ok(),
        };
        let numbers: Option<Vec<usize>> = parts.iter().map(|part| number(part)).collect();
        match numbers {
            Some(numbers) => Ok(Self::Cuda(numbers)),
            None if text == "auto" => Ok(Self::Auto),
            None if parts.iter().all(|part| *part == "cpu") => Ok(Self::Cpu(parts.len())),
            None => Err(DeviceNameError {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Cpu(count) => formatter.write_str(&names(&vec![Device::Cpu; *count])),
            Self::Cuda(numbers) => formatter.write_str(&names(&cuda(numbers))),
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = DeviceNameError;

    fn try_from(text: String) -> Result<Self, DeviceNameError> {
        text.parse()
    }
}

impl From<DeviceChoice> for String {
    fn from(device: DeviceChoice) -> Self {
        device.to_string()
    }
}

/// A device that is asked for but not there.
#[derive(Debug, Error)]
#[error(
    "device '{choice}' is asked for, but libtorch sees {count} CUDA devices; `rdfer-audit doctor` tells more"
)]
pub struct MissingDeviceError {
    /// What was asked for.
    pub choice: DeviceChoice,
    /// CUDA devices that libtorch sees.
    pub count: i64,
}

/// Whether this libtorch can use GPUs: it was linked with the part that does, or that part is loaded now.
///
/// A package is linked with neither, since PyTorch lies beside it for the CPU or for CUDA. Without NVIDIA's driver no gigabyte
/// of libraries is loaded in vain.
pub fn has_cuda() -> bool {
    static HAS_CUDA: LazyLock<bool> = LazyLock::new(|| {
        env!("RDFER_AUDIT_CUDA") == "yes" || load(c"libcuda.so.1") && load(c"libtorch_cuda.so")
    });
    *HAS_CUDA
}

#[expect(
    unsafe_code,
    reason = "libraries are loaded by the system's dynamic linker"
)]
fn load(library: &CStr) -> bool {
    // SAFETY: the name ends with a zero, and the library, which stays loaded, does nothing but register itself.
    !unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) }.is_null()
}

/// The CUDA devices that libtorch sees. To be asked before libtorch is used for anything else, since it looks only once which
/// of its parts are there.
pub fn cuda_devices() -> i64 {
    if has_cuda() && tch::Cuda::is_available() {
        tch::Cuda::device_count()
    } else {
        0
    }
}

/// The devices that a choice means, never none: `auto` is the first GPU where there is one, else the CPU.
///
/// # Errors
///
/// If a device is not there.
pub fn choose(choice: &DeviceChoice) -> Result<Vec<Device>, MissingDeviceError> {
    match choice {
        DeviceChoice::Cuda(numbers) => {
            let count = cuda_devices();
            if numbers.iter().all(|&number| (number as i64) < count) {
                Ok(cuda(numbers))
            } else {
                Err(MissingDeviceError {
                    choice: choice.clone(),
                    count,
                })
            }
        }
        _ => Ok(planned(choice)),
    }
}

/// The devices that a choice means on another machine: CUDA devices that are named are taken to be there.
pub fn planned(choice: &DeviceChoice) -> Vec<Device> {
    match choice {
        DeviceChoice::Auto if cuda_devices() > 0 => cuda(&[0]),
        DeviceChoice::Auto => vec![Device::Cpu],
        DeviceChoice::Cpu(networks) => vec![Device::Cpu; *networks],
        DeviceChoice::Cuda(numbers) => cuda(numbers),
    }
}

fn cuda(numbers: &[usize]) -> Vec<Device> {
    numbers.iter().copied().map(Device::Cuda).collect()
}

/// As they are asked for: `cpu`, or `cuda:0,cuda:1`.
pub fn names(devices: &[Device]) -> String {
    let name = |device: &Device| match device {
        Device::Cuda(number) => format!("cuda:{number}"),
        _ => "cpu".to_owned(),
    };
    devices.iter().map(name).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_there_is_refused() {
        assert_eq!(choose(&DeviceChoice::Cpu(2)).unwrap(), [Device::Cpu; 2]);
        let many = DeviceChoice::Cuda(vec![99]);
        assert!(choose(&many).is_err());
        assert_eq!(planned(&many), [Device::Cuda(99)]);
    }

    #[test]
    fn text_and_device_are_inverse() {
        for device in [
            DeviceChoice::Auto,
            DeviceChoice::Cpu(1),
            DeviceChoice::Cpu(2),
            DeviceChoice::Cuda(vec![3]),
            DeviceChoice::Cuda(vec![1, 0]),
        ] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(vec![0])));
        for text in [
            "",
            "gpu",
            "cuda:",
            "cuda:-1",
            "cuda:x",
            "CPU",
            "cpu,cuda:0",
            "auto,cpu",
            "cpu,",
        ] {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text}");
        }
    }
}
