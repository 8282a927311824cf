//! What is told of a run: the page, and the words that the terminal shows.

pub mod compare;
pub mod filmstrip;
pub mod findings;
pub mod health;
pub mod html;
mod plot;
pub mod summary;
pub mod words;
