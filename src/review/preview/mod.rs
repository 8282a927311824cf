//! Clips for the screen: decoded and painted on threads of their own, so that no key ever waits for video.
//!
//! Both threads serve the newest request only ([`Mailbox`]): what was asked for before and is not begun yet is never
//! done. Late frames are thereby dropped.

mod decode;
mod detect;
mod mailbox;
mod paint;

pub use decode::{Clip, ClipRequest, Decoded, ModelView, THREAD, spawn_decoder};
pub use detect::Inquiry;
pub use mailbox::Mailbox;
pub use paint::{Painter, Picture, PictureKind, PictureRequest, paint, spawn_painter};
