//! Memory that is kept between steps.
//!
//! Every step of a network asks for the same large tensors. By default glibc gives each of them back to the system when it
//! is freed, and the system fills the next one with zeros, page by page: with ResNet-18 or -50 on 112×112 pixels that is a
//! quarter of the processor time of scoring.

#![expect(unsafe_code, reason = "glibc's allocator has no safe interface")]

/// Lets the allocator keep what is freed; to be called before any other thread starts. Where the allocator is not glibc's,
/// nothing changes.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, value) in [
        // Nothing is mapped by itself, and so nothing is unmapped when it is freed.
        (libc::M_MMAP_MAX, 0),
        // Up to 2 GiB are kept at the end of the heap.
        (libc::M_TRIM_THRESHOLD, i32::MAX),
        (libc::M_TOP_PAD, 64 << 20),
        // One heap for all threads: those of their own are too small for tensors.
        (libc::M_ARENA_MAX, 1),
    ] {
        // SAFETY: mallopt takes two integers and sets one of its own; it may be called at any time. What it does not know
        // it refuses, and then things stay as they are.
        unsafe { libc::mallopt(parameter, value) };
    }
}
