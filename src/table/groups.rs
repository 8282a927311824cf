//! Reading a long table piece by piece.

use std::io::Cursor;

use camino::Utf8Path;
use polars::prelude::*;
use polars_parquet::parquet::metadata::FileMetadata;
use rayon::prelude::*;

use super::reader::{bytes, checked, parquet};
use super::{TableError, TableReader, guarded};

impl TableReader {
    /// Reads those of `columns` that the file has, row group by row group (of an empty file, an empty one), several at once,
    /// and returns what `make` makes of each, in order. What the groups take in memory serves the next ones; all together
    /// take many times what is kept of them.
    pub(crate) fn each_group<T: Send>(
        path: &Utf8Path,
        columns: &[&str],
        make: impl Fn(&Self) -> Result<T, TableError> + Sync,
    ) -> Result<Vec<T>, TableError> {
        let wanted = |name: &str| columns.contains(&name);
        guarded(path, || {
            let bytes = bytes(path)?;
            let mut whole = checked(path, &bytes)?;
            let metadata = Arc::clone(whole.get_metadata().map_err(parquet(path))?);
            if metadata.num_rows == 0 {
                return Ok(vec![make(&Self::finish(path, whole, wanted)?)?]);
            }
            let groups = metadata.row_groups.par_iter().map(|group| {
                // A file of this group alone, which polars reads without handing it to threads of its own.
                let alone = FileMetadata {
                    row_groups: vec![group.clone()],
                    num_rows: group.num_rows(),
                    ..(*metadata).clone()
                };
                let mut reader = ParquetReader::new(Cursor::new(bytes.clone()))
                    .read_parallel(ParallelStrategy::None);
                reader.set_metadata(Arc::new(alone));
                make(&Self::finish(path, reader, wanted)?)
            });
            groups.collect()
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
        let numbers_of = |group: &TableReader| {
            assert!(group.u32("other").is_err());
            group.u32("number")
        };
        let groups = TableReader::each_group(&path, &["number"], numbers_of).unwrap();
        assert_eq!(groups.concat(), numbers);
        assert!(groups.len() > 1, "{}", groups.len());
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
        let heights = TableReader::each_group(&path, &["number"], height).unwrap();
        assert_eq!(heights, [0]);
        let wrong_type = |group: &TableReader| group.text("number");
        TableReader::each_group(&path, &["number"], wrong_type).unwrap_err();
    }
}
