//! Random streams that are derived by name, never by the order of calls.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The generator for one purpose and one key; `ChaCha8`, whose output is the same on every platform.
pub(crate) fn stream(seed: u64, name: &str, key: impl std::fmt::Display) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    // The length keeps ("ab", "c") and ("a", "bc") apart.
    hasher.update(&(name.len() as u64).to_le_bytes());
    hasher.update(name.as_bytes());
    hasher.update(key.to_string().as_bytes());
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}
