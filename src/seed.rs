//! Random streams that are derived by name, never by the order of calls.
//!
//! Everything random in a run comes from one seed. A stream is named after what it decides ("fold", "clip", …) and
//! after the thing that it decides about (a video's id, an epoch), so that neither the order of work nor the number of
//! threads can change a result.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The seed of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The generator for one purpose and one key; `ChaCha8`, whose output is the same on every platform.
    ///
    /// ```
    /// use rand::RngExt;
    /// use rdfer_audit::seed::Seed;
    ///
    /// let draw = |name: &str, key: &str| Seed(7).stream(name, key).random::<u64>();
    /// assert_eq!(draw("clip", "video 1"), draw("clip", "video 1"));
    /// assert_ne!(draw("clip", "video 1"), draw("clip", "video 2"));
    /// ```
    pub fn stream(self, name: &str, key: impl std::fmt::Display) -> ChaCha8Rng {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0.to_le_bytes());
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(key.to_string().as_bytes());
        ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
    }

    /// A seed for a library that keeps a generator of its own, such as libtorch.
    #[must_use]
    pub fn derive(self, name: &str, key: impl std::fmt::Display) -> Self {
        use rand::Rng;
        Self(self.stream(name, key).next_u64())
    }
}
