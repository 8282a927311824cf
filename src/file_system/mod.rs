//! What file systems may lack: locks (Lustre without `-o flock`, some NFS and FUSE mounts), folders that can be synchronised
//! (CIFS, FUSE), mappings (9p, FUSE). Whoever needs one of them gets it here, or the next best thing.

mod claim;
mod map;

use std::io;
use std::io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};

use camino::Utf8Path;

pub use self::claim::{Busy, Claim, host};
pub use self::map::Map;

/// Brings the names in a folder to the disk, not only their contents, where the file system can do so.
///
/// # Errors
/// It can, and it fails.
pub fn sync_folder(folder: &Utf8Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    // A folder that may be written but not listed cannot be opened.
    let opened = match fs_err::File::open(folder) {
        Err(error) if error.kind() == PermissionDenied => return Ok(()),
        opened => opened?,
    };
    synced(opened.sync_all())
}

/// The outcome of an fsync. EINVAL, ENOTSUP and ENOSYS say that there is nothing to wait for (fsync(2)), which is no error.
///
/// # Errors
/// Any other.
pub fn synced(outcome: io::Result<()>) -> io::Result<()> {
    /// Which the standard library has no kind for.
    const EOPNOTSUPP: i32 = 95;

    outcome.or_else(|error| match error.kind() {
        InvalidInput | Unsupported => Ok(()),
        _ if error.raw_os_error() == Some(EOPNOTSUPP) => Ok(()),
        _ => Err(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_system_cannot_do_is_no_error_but_a_failing_disk_is() {
        // EINVAL, EOPNOTSUPP and ENOSYS; EIO and ENOSPC.
        for number in [22, 95, 38] {
            assert!(
                synced(Err(io::Error::from_raw_os_error(number))).is_ok(),
                "{number}"
            );
        }
        for number in [5, 28] {
            assert!(
                synced(Err(io::Error::from_raw_os_error(number))).is_err(),
                "{number}"
            );
        }
        let folder = tempfile::tempdir().unwrap();
        sync_folder(Utf8Path::from_path(folder.path()).unwrap()).unwrap();
        assert!(sync_folder(Utf8Path::new("/there/is/none")).is_err());
    }
}
