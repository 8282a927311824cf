//! Tests of the whole crate; one binary, because linking libtorch is slow.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod check;
mod circles;
mod cli;
mod cluster;
mod docs;
mod docs_run;
mod ensemble;
mod export;
mod face;
mod features;
mod file_systems;
mod flags;
mod formats;
mod fuzz;
mod generated;
mod judged;
mod layers;
mod learn_from;
mod learning;
mod licences;
mod network;
mod own_numbers;
mod pages;
mod pty;
mod report;
mod review;
mod robust;
mod scan;
mod score;
mod setup;
mod shards;
mod skill;
mod steps;
mod support;
mod terminal;
mod understood;
mod votes;
