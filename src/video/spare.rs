//! Which packets need not be decoded: those of frames that nobody asked for and that no other frame is built on.
//!
//! Of 75 frames, 64 are kept; of the eleven others some are B-frames that nothing depends on. A longer video has more of
//! them. The frames that are kept are the same to the last bit: a stream stays valid without such frames (ITU-T H.264,
//! 7.4.1, `nal_ref_idc` 0). The decoder tells which frames they are.

use ffmpeg_next::Packet;

/// What is asked of a stream, and the time stamps by which its frames are known.
pub(super) struct Spared {
    /// Whether the frame of each packet is wanted, in file order.
    wanted: Vec<bool>,
    /// The time stamps of all frames, ascending.
    times: Vec<i64>,
}

impl Spared {
    /// Prepares for decoding no more than the frames `wanted`, places in display order, need. Nothing where the first packet
    /// is no key frame, or where the time stamps do not tell in which order the packets are shown.
    pub(super) fn find(packets: &[Packet], wanted: &[u32]) -> Option<Self> {
        packets.first().filter(|packet| packet.is_key())?;
        let times: Option<Vec<i64>> = packets.iter().map(Packet::pts).collect();
        let mut order: Vec<(i64, usize)> = times?.into_iter().zip(0..).collect();
        order.sort_unstable();
        if order.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        let mut is_wanted = vec![false; packets.len()];
        for &place in wanted {
            is_wanted[order.get(place as usize)?.1] = true;
        }
        Some(Self {
            wanted: is_wanted,
            times: order.into_iter().map(|(time, _)| time).collect(),
        })
    }

    /// Whether the packet's frame is wanted.
    pub(super) fn wants(&self, packet: usize) -> bool {
        self.wanted[packet]
    }

    /// The place in display order of the frame with a time stamp.
    pub(super) fn place(&self, time: Option<i64>) -> Option<u32> {
        let place = self.times.binary_search(&time?).ok()?;
        u32::try_from(place).ok()
    }
}

#[cfg(test)]
mod tests {
    use crate::video::decoder::decode_stream;
    use crate::video::index::PacketIndex;
    use crate::video::samples::{TempDir, write};
    use crate::video::{DecodeSettings, EncoderOptions, FaceCrop, decode, evenly_spread};

    const FRAMES: u32 = 90;

    fn keeping(max_frames: usize) -> DecodeSettings {
        DecodeSettings {
            size: 48,
            max_frames,
            face_crop: FaceCrop::WHOLE,
        }
    }

    #[test]
    fn a_decoder_that_goes_on_gives_what_a_new_one_does() {
        let dir = TempDir::new();
        // Two of a kind, one of another shape between them, and one that is damaged in the middle.
        let options = EncoderOptions::default();
        let names = ["a.mp4", "b.mp4", "c.mp4", "d.mp4"];
        let paths = names.map(|name| dir.path(name));
        for (path, (size, frames)) in paths.iter().zip([(64, 30), (64, 50), (48, 30), (64, 40)]) {
            write(path, (size, size), frames, options);
        }
        let mut bytes = fs_err::read(&paths[3]).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 400].fill(0xA5);
        fs_err::write(&paths[3], bytes).unwrap();
        let decoded = |path| decode(path, &keeping(20)).unwrap();
        let anew: Vec<_> = paths
            .iter()
            .map(|path| std::thread::scope(|scope| scope.spawn(|| decoded(path)).join().unwrap()))
            .collect();
        for at in [0, 1, 0, 3, 1, 2, 0, 3, 3, 1] {
            assert!(decoded(&paths[at]) == anew[at], "{}", names[at]);
        }
    }

    #[test]
    fn what_is_kept_is_the_same_to_the_last_bit() {
        let dir = TempDir::new();
        for (name, b_frames) in [("a.mp4", 3), ("b.mov", 1), ("c.mp4", 0)] {
            let path = dir.path(name);
            let options = EncoderOptions {
                b_frames,
                ..EncoderOptions::default()
            };
            write(&path, (64, 64), FRAMES, options);
            let index = PacketIndex::read(&path).unwrap();
            let decoded = |wanted| {
                let spared = index.spare(&evenly_spread(FRAMES as usize, wanted));
                let (frames, damaged) =
                    decode_stream(&path, &index, spared.as_ref(), &mut |_, _| Ok(())).unwrap();
                assert!(!damaged, "{name}");
                frames
            };
            assert_eq!(
                decoded(20) < FRAMES,
                b_frames > 0,
                "{name}: {}",
                decoded(20)
            );
            assert_eq!(decoded(FRAMES as usize), FRAMES, "{name}");

            let (few, all) = (
                decode(&path, &keeping(20)).unwrap(),
                decode(&path, &keeping(FRAMES as usize)).unwrap(),
            );
            assert_eq!(few.kept, evenly_spread(FRAMES as usize, 20), "{name}");
            assert_eq!((few.facts.frames, few.facts.truncated), (FRAMES, false));
            let frames: Vec<&[u8]> = all.pixels.chunks_exact(48 * 48 * 3).collect();
            let chosen: Vec<u8> = few
                .kept
                .iter()
                .flat_map(|&frame| frames[frame as usize])
                .copied()
                .collect();
            assert!(few.pixels == chosen, "{name}");
        }
    }
}
