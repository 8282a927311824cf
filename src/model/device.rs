//! Which device the network runs on: what was asked for, and whether it is there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The device that the network runs on, as asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceChoice {
    /// The first CUDA device if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A CUDA device, by number from 0.
    Cuda(usize),
}

/// A text that names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("device '{text}' is not known; write 'auto', 'cpu' or 'cuda:0' (any number)")]
pub struct DeviceNameError {
    /// The text.
    pub text: String,
}

impl FromStr for DeviceChoice {
    type Err = DeviceNameError;

    fn from_str(text: &str) -> Result<Self, DeviceNameError> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|number| number.parse().ok())
                .map(Self::Cuda)
                .ok_or_else(|| DeviceNameError {
                    text: text.to_owned(),
                }),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(number) => write!(formatter, "cuda:{number}"),
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

/// The CUDA devices that libtorch sees.
pub fn cuda_devices() -> i64 {
    if tch::Cuda::is_available() {
        tch::Cuda::device_count()
    } else {
        0
    }
}

/// The device that a choice means: `auto` is the first GPU where there is one, else the CPU.
///
/// # Errors
///
/// If the device is not there.
pub fn choose(choice: DeviceChoice) -> Result<tch::Device, MissingDeviceError> {
    let count = cuda_devices();
    match choice {
        DeviceChoice::Auto if count > 0 => Ok(tch::Device::Cuda(0)),
        DeviceChoice::Auto | DeviceChoice::Cpu => Ok(tch::Device::Cpu),
        DeviceChoice::Cuda(number) if (number as i64) < count => Ok(tch::Device::Cuda(number)),
        DeviceChoice::Cuda(_) => Err(MissingDeviceError { choice, count }),
    }
}

/// `cpu` or `cuda:N`.
pub fn name(device: tch::Device) -> String {
    match device {
        tch::Device::Cuda(number) => format!("cuda:{number}"),
        _ => "cpu".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_there_is_refused() {
        assert_eq!(choose(DeviceChoice::Cpu).unwrap(), tch::Device::Cpu);
        assert!(choose(DeviceChoice::Cuda(99)).is_err());
    }

    #[test]
    fn text_and_device_are_inverse() {
        for device in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Cuda(3)] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            assert!(text.parse::<DeviceChoice>().is_err(), "{text}");
        }
    }
}
