//! Facial action units and their intensities on both halves of a face.
//!
//! The units are those of the Facial Action Coding System (Ekman, Friesen & Hager, "Facial Action Coding System",
//! 2002). Which units make which expression is left to `expression`, how a unit moves a face to the parts of the face.

/// The action units that the demo's faces can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionUnit {
    /// AU1.
    InnerBrowRaiser,
    /// AU2.
    OuterBrowRaiser,
    /// AU4.
    BrowLowerer,
    /// AU5.
    UpperLidRaiser,
    /// AU6.
    CheekRaiser,
    /// AU7.
    LidTightener,
    /// AU9.
    NoseWrinkler,
    /// AU10.
    UpperLipRaiser,
    /// AU12.
    LipCornerPuller,
    /// AU15.
    LipCornerDepressor,
    /// AU16.
    LowerLipDepressor,
    /// AU17.
    ChinRaiser,
    /// AU20.
    LipStretcher,
    /// AU23.
    LipTightener,
    /// AU24.
    LipPressor,
    /// AU25.
    LipsPart,
    /// AU26.
    JawDrop,
    /// AU27.
    MouthStretch,
    /// AU43, here a droop of the lids rather than closed eyes.
    LidDroop,
}

impl ActionUnit {
    /// All units, in the order of their numbers.
    pub const ALL: [Self; 19] = [
        Self::InnerBrowRaiser,
        Self::OuterBrowRaiser,
        Self::BrowLowerer,
        Self::UpperLidRaiser,
        Self::CheekRaiser,
        Self::LidTightener,
        Self::NoseWrinkler,
        Self::UpperLipRaiser,
        Self::LipCornerPuller,
        Self::LipCornerDepressor,
        Self::LowerLipDepressor,
        Self::ChinRaiser,
        Self::LipStretcher,
        Self::LipTightener,
        Self::LipPressor,
        Self::LipsPart,
        Self::JawDrop,
        Self::MouthStretch,
        Self::LidDroop,
    ];
}

/// One half of the face, as the viewer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left in the picture.
    Left,
    /// Right in the picture.
    Right,
}

impl Side {
    /// Both halves.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// −1 for the left half, 1 for the right one.
    pub(crate) fn sign(self) -> f32 {
        match self {
            Self::Left => -1.0,
            Self::Right => 1.0,
        }
    }
}

/// Intensities of all action units on both halves of the face, each in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ActionUnits {
    intensities: [[f32; 2]; ActionUnit::ALL.len()],
}

impl ActionUnits {
    /// The intensity of a unit on one half of the face, in [0, 1].
    pub fn on(&self, side: Side, unit: ActionUnit) -> f32 {
        self.intensities[unit as usize][side as usize]
    }

    /// The intensity of a unit in the middle of the face, the mean of both halves, in [0, 1].
    pub fn middle(&self, unit: ActionUnit) -> f32 {
        let [left, right] = self.intensities[unit as usize];
        f32::midpoint(left, right)
    }

    /// The sum of all intensities, both halves: how much there is to see.
    pub fn total(&self) -> f32 {
        self.intensities.iter().flatten().sum()
    }

    pub(crate) fn set(&mut self, side: Side, unit: ActionUnit, intensity: f32) {
        self.intensities[unit as usize][side as usize] = intensity.clamp(0.0, 1.0);
    }

    /// All intensities times `factor`, held within [0, 1].
    pub(crate) fn scaled(mut self, factor: f32) -> Self {
        for value in self.intensities.iter_mut().flatten() {
            *value = (*value * factor).clamp(0.0, 1.0);
        }
        self
    }

    /// The stronger of both intensities, unit by unit: how movements that overlap in time look together.
    pub(crate) fn stronger(mut self, other: &Self) -> Self {
        let others = other.intensities.iter().flatten();
        for (value, other) in self.intensities.iter_mut().flatten().zip(others) {
            *value = value.max(*other);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn units_stand_at_their_own_place() {
        for (index, unit) in ActionUnit::ALL.into_iter().enumerate() {
            assert_eq!(unit as usize, index);
        }
    }

    #[test]
    fn intensities_stay_within_bounds() {
        let mut units = ActionUnits::default();
        units.set(Side::Left, ActionUnit::JawDrop, 1.7);
        assert_relative_eq!(units.on(Side::Left, ActionUnit::JawDrop), 1.0);
        assert_relative_eq!(units.middle(ActionUnit::JawDrop), 0.5);
        assert_relative_eq!(units.scaled(0.25).total(), 0.25);
        assert_relative_eq!(units.scaled(0.25).stronger(&units).total(), 1.0);
    }
}
