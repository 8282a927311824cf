//! State and keys: what is pressed, what is written, what is shown.

mod learns;
mod properties;
mod samples;
mod screens;
mod story;
