//! Where features lie: arrays by name, each read when its turn comes.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use half::{bf16, f16};
use serde::Deserialize;
use zip::ZipArchive;

use super::block::Array;
use super::error::VectorsError;
use crate::predictions::numbers;
use crate::table::ForeignReader;

/// Names of the column that names videos in a Parquet file.
const NAMES: [&str; 4] = ["id", "ids", "path", "paths"];

/// Arrays by name.
#[derive(Debug)]
pub(super) struct Source {
    /// Each array's name, without what a file of arrays adds to it.
    pub(super) names: Vec<String>,
    arrays: Arrays,
}

#[derive(Debug)]
enum Arrays {
    /// A file each.
    Files(Vec<Utf8PathBuf>),
    /// Members of an archive.
    Members(Mutex<ZipArchive<std::fs::File>>),
    /// Parts of a file.
    Parts(fs_err::File, Vec<Part>),
    /// In memory, as a Parquet file is read whole.
    Read(Vec<Vec<Vec<f32>>>),
}

/// An array in a `.safetensors` file.
#[derive(Debug, Deserialize)]
struct Part {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
    /// Where the arrays begin in the file.
    #[serde(skip)]
    start: u64,
}

impl Source {
    /// Opens a folder, or a file by what it begins with.
    pub(super) fn open(path: &Utf8Path) -> Result<Self, VectorsError> {
        let source = if fs_err::metadata(path).map_err(VectorsError::File)?.is_dir() {
            folder(path).map_err(VectorsError::File)?
        } else {
            let mut head = Vec::new();
            let file = fs_err::File::open(path).map_err(VectorsError::File)?;
            let begin = file.take(9).read_to_end(&mut head);
            begin.map_err(VectorsError::File)?;
            match head[..] {
                [b'P', b'K', 3 | 5, ..] => archive(path)?,
                [b'P', b'A', b'R', b'1', ..] => table(path)?,
                [.., b'{'] if head.len() == 9 => tensors(path)?,
                _ => {
                    return Err(VectorsError::Kind {
                        path: path.to_owned(),
                    });
                }
            }
        };
        if source.names.is_empty() {
            return Err(VectorsError::Empty {
                path: path.to_owned(),
            });
        }
        Ok(source)
    }

    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self.arrays {
            Arrays::Files(_) => ".npy files",
            Arrays::Members(_) => "arrays of a .npz file",
            Arrays::Parts(..) => "tensors of a .safetensors file",
            Arrays::Read(_) => "videos of a Parquet file",
        }
    }

    /// The array at a place.
    ///
    /// # Errors
    /// It cannot be read, as a fragment that completes a sentence which begins with its name.
    pub(super) fn read(&self, place: usize) -> Result<Array, String> {
        let of_bytes = |bytes: &[u8]| {
            let (shape, values) = numbers(bytes)?;
            Ok(Array { shape, values })
        };
        match &self.arrays {
            Arrays::Files(paths) => {
                let bytes = fs_err::read(&paths[place]).map_err(|error| unread(&error))?;
                of_bytes(&bytes)
            }
            Arrays::Members(archive) => {
                let name = format!("{}.npy", self.names[place]);
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                let mut member = archive.by_name(&name).map_err(|error| unread(&error))?;
                let mut bytes = Vec::new();
                member
                    .read_to_end(&mut bytes)
                    .map_err(|error| unread(&error))?;
                of_bytes(&bytes)
            }
            Arrays::Parts(file, parts) => parts[place].read(file),
            Arrays::Read(videos) => of_rows(&videos[place]),
        }
    }
}

fn unread(error: &dyn std::fmt::Display) -> String {
    format!("cannot be read ({error})")
}

/// All `.npy` files below a folder, by their paths in it.
fn folder(root: &Utf8Path) -> std::io::Result<Source> {
    let mut paths = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in folder.read_dir_utf8()? {
            let path = entry?.into_path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension() == Some("npy") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let name = |path: &Utf8PathBuf| {
        let inside = path.strip_prefix(root).unwrap_or(path);
        inside.with_extension("").into_string()
    };
    Ok(Source {
        names: paths.iter().map(name).collect(),
        arrays: Arrays::Files(paths),
    })
}

/// The arrays of a `.npz` file.
fn archive(path: &Utf8Path) -> Result<Source, VectorsError> {
    let file = fs_err::File::open(path).map_err(VectorsError::File)?;
    let archive = ZipArchive::new(file.into_file());
    let archive = archive.map_err(|error| damaged(path, format!("is no archive ({error})")))?;
    let names = archive.file_names();
    let mut names: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".npy")?.to_owned()))
        .collect();
    names.sort();
    Ok(Source {
        names,
        arrays: Arrays::Members(Mutex::new(archive)),
    })
}

/// The tensors of a `.safetensors` file: the length of a header in JSON, the header, the values.
fn tensors(path: &Utf8Path) -> Result<Source, VectorsError> {
    let file = fs_err::File::open(path).map_err(VectorsError::File)?;
    let bytes = file.metadata().map_err(VectorsError::File)?.len();
    let mut length = [0; 8];
    let read = |buffer: &mut [u8], at: u64| file.file().read_exact_at(buffer, at);
    read(&mut length, 0).map_err(VectorsError::File)?;
    let start = u64::from_le_bytes(length).saturating_add(8);
    if start > bytes {
        return Err(damaged(path, "ends in its header".to_owned()));
    }
    let mut header = vec![0; (start - 8) as usize];
    read(&mut header, 8).map_err(VectorsError::File)?;
    let header: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&header)
        .map_err(|error| damaged(path, format!("has no header of tensors ({error})")))?;
    let (mut names, mut parts) = (Vec::new(), Vec::new());
    for (name, value) in header {
        if name == "__metadata__" {
            continue;
        }
        let part: Part = serde_json::from_value(value)
            .map_err(|error| damaged(path, format!("has no tensor in '{name}' ({error})")))?;
        names.push(name);
        parts.push(Part { start, ..part });
    }
    Ok(Source {
        names,
        arrays: Arrays::Parts(file, parts),
    })
}

impl Part {
    fn read(&self, file: &fs_err::File) -> Result<Array, String> {
        let size = match self.dtype.as_str() {
            "F16" | "BF16" => 2,
            "F32" => 4,
            "F64" => 8,
            other => return Err(format!("is of type {other}, not F16, BF16, F32 or F64")),
        };
        let (from, to) = self.data_offsets;
        let mut sides = self.shape.iter();
        let count = sides.try_fold(1_usize, |product, &side| product.checked_mul(side));
        let length = count.and_then(|count| count.checked_mul(size));
        let end = self.start.checked_add(to);
        let is_there = file
            .metadata()
            .is_ok_and(|file| end.is_some_and(|end| end <= file.len()));
        // A header may say anything; what it says must be there before memory is reserved for it.
        let length =
            length.filter(|&length| is_there && to.checked_sub(from) == Some(length as u64));
        let length = length.ok_or_else(|| "has another size than its shape says".to_owned())?;
        let mut bytes = vec![0; length];
        let read = file.file().read_exact_at(&mut bytes, self.start + from);
        read.map_err(|error| unread(&error))?;
        let value = |bytes: &[u8]| match *bytes {
            [a, b] if self.dtype == "F16" => f16::from_le_bytes([a, b]).to_f64(),
            [a, b] => bf16::from_le_bytes([a, b]).to_f64(),
            [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])),
            _ => bytes.try_into().map_or(f64::NAN, f64::from_le_bytes),
        };
        Ok(Array {
            shape: self.shape.clone(),
            values: bytes.chunks_exact(size).map(value).collect(),
        })
    }
}

/// The lists of a Parquet file: a row of the file is a row of a video, and a video's rows are in its order.
fn table(path: &Utf8Path) -> Result<Source, VectorsError> {
    let bytes = fs_err::read(path).map_err(VectorsError::File)?;
    let table = ForeignReader::of_bytes(path, &bytes)?;
    drop(bytes);
    let columns = table.columns();
    let is_name = |name: &str| NAMES.iter().any(|other| name.eq_ignore_ascii_case(other));
    let name = columns.iter().find(|column| is_name(&column.name));
    let list = columns.iter().find(|column| column.is_list);
    let (Some(name), Some(list)) = (name, list) else {
        let found: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let what = format!(
            "needs a column 'id' and one with a list of numbers a row (found: {})",
            found.join(", ")
        );
        return Err(damaged(path, what));
    };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let (mut names, mut videos) = (Vec::new(), Vec::new());
    let rows = table.number_lists(&list.name)?;
    for (name, row) in table.words(&name.name)?.into_iter().zip(rows) {
        let name = name.unwrap_or_default();
        let place = *places.entry(name.clone()).or_insert_with(|| {
            names.push(name);
            videos.push(Vec::new());
            videos.len() - 1
        });
        videos[place].push(row.unwrap_or_default());
    }
    Ok(Source {
        names,
        arrays: Arrays::Read(videos),
    })
}

fn of_rows(rows: &[Vec<f32>]) -> Result<Array, String> {
    let width = rows.first().map_or(0, Vec::len);
    if let Some(row) = rows.iter().position(|row| row.len() != width) {
        return Err(format!(
            "has {} numbers in row {row} and {width} in row 0",
            rows[row].len()
        ));
    }
    Ok(Array {
        shape: vec![rows.len(), width],
        values: rows
            .iter()
            .flatten()
            .map(|&value| f64::from(value))
            .collect(),
    })
}

fn damaged(path: &Utf8Path, what: String) -> VectorsError {
    VectorsError::Damaged {
        path: path.to_owned(),
        what,
    }
}
