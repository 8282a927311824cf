//! What a key can ask for. The names serve the keymap in the settings, the help and the footer alike.

use serde::{Deserialize, Serialize};

/// Defines the commands once: variant, name in the settings, default keys, what the help says.
macro_rules! commands {
    ($($variant:ident, $name:literal, $keys:literal, $help:literal;)+) => {
        /// What a key can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Command {
            $(#[doc = $help] #[serde(rename = $name)] $variant,)+
        }

        impl Command {
            /// All commands, in the help's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the settings.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The keys unless the settings say otherwise, with spaces between them.
            pub fn default_keys(self) -> &'static str {
                match self { $(Self::$variant => $keys),+ }
            }

            /// What it does, in a few words.
            pub fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),+ }
            }
        }
    };
}

commands! {
    Keep, "keep", "k", "keep the given label";
    Accept, "accept", "a enter", "accept the suggested label";
    Drop, "drop", "d", "drop the video from the data set";
    Ambiguous, "ambiguous", "m", "mark ambiguous, with a second label";
    Skip, "skip", "s", "skip, to decide later";
    Clear, "clear", "delete", "take your decision back";
    Note, "note", "n", "write a note";
    Bookmark, "bookmark", "b", "set or remove a bookmark";
    Undo, "undo", "u ctrl-u", "undo";
    Redo, "redo", "U ctrl-r", "redo";
    AcceptAll, "accept_all", "A", "accept the suggestion for all that the list shows";
    Down, "down", "down j", "next video";
    Up, "up", "up K", "previous video";
    PageDown, "page_down", "pagedown ctrl-d", "a page down";
    PageUp, "page_up", "pageup ctrl-b", "a page up";
    First, "first", "home", "first video";
    Last, "last", "end", "last video";
    NextUndecided, "next_undecided", "w", "next undecided video";
    NextTab, "next_tab", "tab", "next tab";
    PreviousTab, "previous_tab", "shift-tab", "previous tab";
    FilterText, "filter_text", "/", "filter by text in the path";
    FilterGiven, "filter_given", "g", "filter by given label";
    FilterSuggested, "filter_suggested", "h", "filter by suggested label";
    ClearFilters, "clear_filters", "c", "clear all filters";
    Order, "order", "o", "choose the order";
    Reverse, "reverse", "r", "reverse the order";
    Pause, "pause", "space p", "pause or play";
    StepForward, "step_forward", ". right", "one frame forward";
    StepBack, "step_back", ", left", "one frame back";
    Slower, "slower", "- <", "slower";
    Faster, "faster", "+ = >", "faster";
    Zoom, "zoom", "z", "zoom: whole, centre, as the model saw it";
    NextKeyFrame, "next_key_frame", "e", "next key frame";
    PreviousKeyFrame, "previous_key_frame", "E", "previous key frame";
    Pane, "pane", "v", "small screens: list, clip or evidence";
    Summary, "summary", "i", "progress, agreement, precision";
    Help, "help", "?", "these keys";
    Suspend, "suspend", "ctrl-z", "suspend";
    Quit, "quit", "q ctrl-c", "quit";
}
