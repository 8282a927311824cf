//! What decoding costs when nothing is done with the pixels.

use camino::Utf8PathBuf;
use ffmpeg_next::codec::{Context, threading};
use ffmpeg_next::{format, frame, media};
use rayon::prelude::*;
use rdfer_audit::video::{DecodeSettings, evenly_spread};
use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};

/// Decodes every frame of every file on one thread each; says how many files there were.
pub(crate) fn video(paths: &[Utf8PathBuf]) -> usize {
    ffmpeg_next::init().unwrap();
    ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
    let frames: usize = paths
        .par_iter()
        .map(|path| {
            let mut input = format::input(path.as_std_path()).unwrap();
            let stream = input.streams().best(media::Type::Video).unwrap();
            let index = stream.index();
            let mut context = Context::from_parameters(stream.parameters()).unwrap();
            context.set_threading(threading::Config::count(1));
            let mut decoder = context.decoder().video().unwrap();
            let (mut frame, mut frames) = (frame::Video::empty(), 0);
            for (stream, packet) in input.packets() {
                if stream.index() != index {
                    continue;
                }
                decoder.send_packet(&packet).unwrap();
                while decoder.receive_frame(&mut frame).is_ok() {
                    frames += 1;
                }
            }
            decoder.send_eof().unwrap();
            while decoder.receive_frame(&mut frame).is_ok() {
                frames += 1;
            }
            frames
        })
        .sum();
    assert!(frames > 0, "nothing was decoded");
    paths.len()
}

/// Decodes 64 images of every folder at half their size; says how many folders there were.
pub(crate) fn jpeg(folders: &[Utf8PathBuf]) -> usize {
    let wanted = DecodeSettings::default().max_frames;
    folders.par_iter().for_each(|folder| {
        let mut files: Vec<_> = folder
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().into_path())
            .collect();
        files.sort();
        let mut decompressor = Decompressor::new().unwrap();
        let mut pixels = Vec::new();
        for number in evenly_spread(files.len(), wanted) {
            let bytes = fs_err::read(&files[number as usize]).unwrap();
            let header = decompressor.read_header(&bytes).unwrap();
            let half = ScalingFactor::new(1, 2);
            decompressor.set_scaling_factor(half).unwrap();
            let scaled = header.scaled(half);
            pixels.resize(scaled.width * scaled.height * 3, 0);
            let image = Image {
                pixels: &mut pixels[..],
                width: scaled.width,
                pitch: scaled.width * 3,
                height: scaled.height,
                format: PixelFormat::RGB,
            };
            decompressor.decompress(&bytes, image).unwrap();
        }
    });
    folders.len()
}
