//! Columns of polars as plain vectors.

use polars::prelude::*;
use polars_buffer::Buffer;

use super::Lists;

/// All numbers; nothing where one is null.
pub(super) fn numbers<T: PolarsNumericType>(values: &ChunkedArray<T>) -> Option<Vec<T::Native>> {
    (values.null_count() == 0).then(|| values.data_views().collect::<Vec<_>>().concat())
}

/// The lists of a column. `values` takes all their values at once, which is many times faster than list by list; `None`
/// where the column holds no lists, or `values` finds others than expected.
pub(super) fn split_lists<T: Clone>(
    column: &Column,
    values: impl Fn(&Series) -> Option<Vec<T>>,
) -> Option<Vec<Option<Vec<T>>>> {
    let lists = column.list().ok()?.rechunk();
    let values = values(&lists.get_inner())?;
    let mut split = Vec::with_capacity(column.len());
    each_list(&lists, &values, |list| split.push(list.map(<[T]>::to_vec)))?;
    Some(split)
}

/// The same end to end, where a null is an empty list; without a copy of the values where no list is null.
pub(super) fn flat_lists<T: PolarsNumericType>(
    column: &Column,
    typed: impl Fn(&Series) -> Option<&ChunkedArray<T>>,
) -> Option<Lists<T::Native>> {
    let lists = column.list().ok()?.rechunk();
    let values = lists.get_inner();
    let values = typed(&values)?;
    if let Some(chunk) = lists.downcast_iter().next()
        && lists.null_count() == 0
        && *chunk.offsets().first() == 0
    {
        let ends = chunk.offsets().as_slice()[1..].iter();
        let ends = ends.map(|&end| end as usize).collect();
        return Lists::new(buffer(values)?, ends);
    }
    let mut flat = Vec::with_capacity(column.len());
    let values = numbers(values)?;
    each_list(&lists, &values, |list| flat.push(list.unwrap_or_default()))?;
    Some(flat.into_iter().collect())
}

/// All numbers, shared where they lie together; nothing where one is null.
fn buffer<T: PolarsNumericType>(values: &ChunkedArray<T>) -> Option<Buffer<T::Native>> {
    let mut chunks = values.downcast_iter();
    match (chunks.next(), chunks.next()) {
        (Some(only), None) if values.null_count() == 0 => Some(only.values().clone()),
        _ => Some(numbers(values)?.into()),
    }
}

/// Shows the lists, which lie in one piece, in order; a null is none. `values`: those of all lists.
fn each_list<'a, T>(
    lists: &ListChunked,
    values: &'a [T],
    mut show: impl FnMut(Option<&'a [T]>),
) -> Option<()> {
    let is_null = lists.is_null();
    let mut rows = is_null.iter();
    for chunk in lists.downcast_iter() {
        for pair in chunk.offsets().as_slice().windows(2) {
            let list = values.get(pair[0] as usize..pair[1] as usize)?;
            let is_null = rows.next()??;
            show((!is_null).then_some(list));
        }
    }
    Some(())
}
