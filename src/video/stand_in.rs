//! What lies where a video should: the page of a download that failed, or what stands for a file that was not fetched.

use std::io::Read;

use camino::Utf8Path;

use super::error::DecodeProblem;

/// What is wrong with a file that is no video, if its first bytes say so more plainly than what was found.
pub(super) fn better(path: &Utf8Path, found: DecodeProblem) -> DecodeProblem {
    let may_be_known = matches!(
        found,
        DecodeProblem::NotAVideo { .. }
            | DecodeProblem::NoVideoStream
            | DecodeProblem::NothingDecodable
    );
    if !may_be_known {
        return found;
    }
    let mut start = Vec::new();
    let read = fs_err::File::open(path).and_then(|file| file.take(512).read_to_end(&mut start));
    // What cannot be read says nothing more plainly.
    match read.ok().and_then(|_| known(&start)) {
        Some(kind) => DecodeProblem::StandIn { kind },
        None => found,
    }
}

/// What begins so.
fn known(start: &[u8]) -> Option<&'static str> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text = text.trim_ascii_start().to_ascii_lowercase();
    let begins = |word: &[u8]| text.starts_with(word);
    if begins(b"<!doctype html") || begins(b"<html") {
        Some("a web page: its download failed, fetch it again, signed in if need be")
    } else if begins(b"version https://git-lfs") {
        Some("a Git LFS pointer: fetch the file with 'git lfs pull'")
    } else if begins(b"<?xml") || begins(b"{\"error") || begins(b"{\"message") {
        Some("a server's answer: its download failed, fetch it again")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_pointers_are_known() {
        for (start, told) in [
            (&b"\n<!DOCTYPE HTML><title>Quota exceeded"[..], "a web page"),
            (
                b"version https://git-lfs.github.com/spec/v1\noid",
                "git lfs pull",
            ),
            (
                b"<?xml version='1.0'?><Error><Code>AccessDenied",
                "a server's answer",
            ),
        ] {
            assert!(known(start).is_some_and(|kind| kind.contains(told)));
        }
        for start in [&b""[..], b"\0\0\0 ftypisom", b"no video", b"{}"] {
            assert_eq!(known(start), None);
        }
    }
}
