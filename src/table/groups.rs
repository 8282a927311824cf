//! Reading a long table piece by piece.

use std::io::Cursor;

use camino::Utf8Path;
use polars::prelude::*;
use polars_buffer::Buffer;
use rayon::prelude::*;

use super::reader::{checked, parquet};
use super::{TableError, TableReader, guarded};

impl TableReader {
    /// Reads those of `columns` that the file has, row group by row group (of an empty file, an empty one), makes something of
    /// each, several at once, and lets that be taken in order. What one takes in memory serves the next; all together take many
    /// times what is kept of them.
    pub(crate) fn each_group<T: Send>(
        path: &Utf8Path,
        columns: &[&str],
        make: impl Fn(&Self) -> Result<T, TableError> + Sync,
        mut take: impl FnMut(T),
    ) -> Result<(), TableError> {
        let wanted = |name: &str| columns.contains(&name);
        guarded(path, || {
            let bytes = Buffer::from(fs_err::read(path).map_err(TableError::File)?);
            let mut whole = checked(path, &bytes)?;
            let metadata = Arc::clone(whole.get_metadata().map_err(parquet(path))?);
            if metadata.num_rows == 0 {
                take(make(&Self::finish(path, whole, wanted)?)?);
                return Ok(());
            }
            let mut start = 0;
            let groups = metadata.row_groups.iter().map(|group| {
                let slice = (start, group.num_rows());
                start += slice.1;
                slice
            });
            let groups: Vec<(usize, usize)> = groups.collect();
            for some in groups.chunks(rayon::current_num_threads()) {
                let made = some.par_iter().map(|&slice| {
                    let reader = ParquetReader::new(Cursor::new(bytes.clone()));
                    make(&Self::finish(path, reader.with_slice(Some(slice)), wanted)?)
                });
                for made in made.collect::<Vec<_>>() {
                    take(made?);
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TableWriter;

    #[test]
    fn groups_add_up_to_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("long.parquet");
        let numbers: Vec<u32> = (0..700_000).collect();
        let numbered = TableWriter::default().u32("number", numbers.iter().copied());
        let writer = numbered.u32("other", numbers.iter().copied());
        writer.write(&path).unwrap();
        let (mut found, mut groups) = (Vec::new(), 0);
        let numbers_of = |group: &TableReader| {
            assert!(!group.has("other"));
            group.u32("number")
        };
        TableReader::each_group(&path, &["number"], numbers_of, |mut some| {
            found.append(&mut some);
            groups += 1;
        })
        .unwrap();
        assert_eq!(found, numbers);
        assert!(groups > 1, "{groups}");
    }

    #[test]
    fn an_empty_table_has_one_empty_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path())
            .unwrap()
            .join("empty.parquet");
        let writer = TableWriter::default().u32("number", [].into_iter());
        writer.write(&path).unwrap();
        let height = |group: &TableReader| Ok(group.height());
        let mut heights = Vec::new();
        TableReader::each_group(&path, &["number"], height, |height| heights.push(height)).unwrap();
        assert_eq!(heights, [0]);
        let wrong_type = |group: &TableReader| group.text("number");
        TableReader::each_group(&path, &["number"], wrong_type, drop).unwrap_err();
    }
}
