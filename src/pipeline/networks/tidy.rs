//! What is left of a network beside its files once it is finished.

use std::io::{self, ErrorKind};

use tracing::debug;

use super::alive::{SILENCE, is_at_work};
use crate::pipeline::plan::Network;
use crate::rows::folder::RunFolder;
use crate::rows::{fold_card, worker};
use crate::whole;

/// Takes away what processes that are gone have left of a network that is finished: what it had learnt in between, what was
/// begun of its files, and who worked on it. While another process works on it, all stays. Of several only one says so, so that
/// what was written to lately stays in any case.
pub(crate) fn tidy(home: &RunFolder, network: Network) {
    let Network { fold, repeat } = network;
    if is_at_work(home, network) {
        return;
    }
    let unfinished = home.unfinished(fold, repeat);
    let learnt = || -> io::Result<()> {
        match fs_err::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => whole::forget_begun(&unfinished)?,
        }
        // Networks that are not finished have files in it.
        drop(fs_err::remove_dir(whole::folder_of(&unfinished)));
        Ok(())
    };
    let begun = || fold_card::forget_begun(home, fold, repeat, SILENCE);
    let outcome = learnt()
        .and_then(|()| begun())
        .and_then(|()| worker::forget(home, fold, repeat));
    // Nobody needs it to be gone.
    if let Err(error) = outcome {
        debug!("something of network {fold}-{repeat} stays behind: {error}");
    }
}
