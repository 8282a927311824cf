//! The parts of a scan, one by one: `cargo bench --package rdfer-lab --bench parts [-- FILTER]`.
//!
//! One thread unless a line says otherwise. Inputs are drawn from fixed seeds; `items/s` counts what the line is about:
//! videos, clips, frames, rows or cells.
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that stops at the first thing that is wrong"
)]

mod judgement;
mod pixels;
mod tables;

fn main() {
    divan::main();
}
