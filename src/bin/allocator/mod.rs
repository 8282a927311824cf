//! The allocator of programs that run the network; each includes this file for itself.
//!
//! Not part of the library: it takes the place of the system's `malloc` in every program that is linked with it, for
//! libtorch and `FFmpeg` as well, and `rdfer-audit` keeps its symbols to itself, so that there two allocators would meet.
//!
//! Every step of a network asks for the same large tensors. glibc either gives each of them back to the system when it is
//! freed, and the system fills the next one with zeros, page by page (with ResNet-18 or -50 on 112×112 pixels a quarter of
//! the processor time of scoring), or, told to keep them, scatters its heap: over an epoch it grew to twice what is in use.

#![expect(unsafe_code, reason = "mimalloc's options have no safe interface")]

use libmimalloc_sys::{mi_option_set, mi_option_t};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3, for which the crate has no name.
const PURGE_DELAY: mi_option_t = 15;

/// How long freed memory is kept, in milliseconds: longer than many steps take, since all of it is given back at once.
const KEPT: std::ffi::c_long = 300_000;

/// Lets the allocator keep what is freed for some steps; to be called before any other thread starts.
pub(crate) fn keep_freed_memory() {
    // SAFETY: it sets an integer of the allocator's own, and no other thread is there to read it.
    unsafe { mi_option_set(PURGE_DELAY, KEPT) };
}
