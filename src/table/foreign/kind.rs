//! Types of other programs' columns: what each is called, which can be read, and as which plain type.

use polars::prelude::{ArrowDataType, ArrowField, ArrowSchema, PlSmallStr, PolarsResult};
use polars_parquet::parquet::metadata::{FileMetadata, SchemaDescriptor};
use polars_parquet::parquet::schema::types::{
    IntegerType, ParquetType, PhysicalType, PrimitiveConvertedType, PrimitiveLogicalType,
};
use polars_parquet::read::infer_schema;

/// A column of a foreign table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForeignColumn {
    /// Its name.
    pub(crate) name: String,
    /// What its type is called, in the words of Arrow: `int8`, `list of float16`.
    pub(crate) kind: String,
    /// Whether it can be read.
    pub(crate) is_read: bool,
    /// Whether its values are half-precision numbers, which come as two bytes each.
    pub(super) is_half: bool,
    /// Whether it has a list in each row.
    pub(crate) is_list: bool,
}

impl ForeignColumn {
    /// Whether it has a number in each row.
    pub(crate) fn is_number(&self) -> bool {
        let is_kind = |kind: &&str| self.kind.starts_with(kind);
        self.is_read && ["int", "uint", "float"].iter().any(is_kind)
    }

    /// Whether it has bytes in each row, as of a picture or a video.
    pub(crate) fn holds_bytes(&self) -> bool {
        let (_, fields) = self.kind.split_once("struct of ").unwrap_or_default();
        self.kind.starts_with("binary") || fields.split(", ").any(|field| field == "bytes")
    }

    /// Whether it can be written again as what it is.
    pub(super) fn is_written(&self) -> bool {
        self.is_read && !self.is_half
    }
}

/// The metadata of a file whose columns are of plain types, and what they were: small integers are read as longer ones,
/// dictionaries as their words, and lists of fixed length as lists. What Arrow noted beside the Parquet types is left out for
/// that, because it would ask for types that this program is not built with.
pub(super) fn plain(metadata: &FileMetadata) -> PolarsResult<(FileMetadata, Vec<ForeignColumn>)> {
    let noted = infer_schema(metadata)?;
    let fields = metadata.schema_descr.fields().iter().cloned();
    let fields: Vec<ParquetType> = fields.map(longer).collect();
    let mut plain = FileMetadata {
        key_value_metadata: None,
        ..metadata.clone()
    };
    plain.schema_descr = SchemaDescriptor::new(metadata.schema_descr.name().into(), fields);
    let columns = columns(
        &infer_schema(&plain)?,
        &noted,
        metadata.schema_descr.fields(),
    );
    Ok((plain, columns))
}

fn columns(plain: &ArrowSchema, noted: &ArrowSchema, fields: &[ParquetType]) -> Vec<ForeignColumn> {
    let column = |(name, field): (&PlSmallStr, &ArrowField)| {
        let original = fields.iter().find(|field| field.name() == name.as_str());
        let is_half = original.is_some_and(is_half);
        let kind = noted.get(name).map_or(&field.dtype, |field| &field.dtype);
        ForeignColumn {
            name: name.to_string(),
            kind: if is_half {
                words(kind).replace("binary of 2 bytes", "float16")
            } else {
                words(kind)
            },
            is_read: is_read(&field.dtype, is_half),
            is_half,
            is_list: item(&field.dtype).is_some(),
        }
    };
    plain.iter().map(column).collect()
}

/// The type with longer integers for small ones.
fn longer(kind: ParquetType) -> ParquetType {
    match kind {
        ParquetType::PrimitiveType(mut primitive) => {
            let is_small = matches!(
                primitive.logical_type,
                Some(PrimitiveLogicalType::Integer(
                    IntegerType::Int8 | IntegerType::Int16
                ))
            ) || matches!(
                primitive.converted_type,
                Some(PrimitiveConvertedType::Int8 | PrimitiveConvertedType::Int16)
            );
            if is_small && primitive.physical_type == PhysicalType::Int32 {
                primitive.logical_type = None;
                primitive.converted_type = None;
            }
            ParquetType::PrimitiveType(primitive)
        }
        ParquetType::GroupType {
            field_info,
            logical_type,
            converted_type,
            fields,
        } => ParquetType::GroupType {
            field_info,
            logical_type,
            converted_type,
            fields: fields.into_iter().map(longer).collect(),
        },
    }
}

/// Whether all that a column holds are half-precision numbers.
fn is_half(kind: &ParquetType) -> bool {
    match kind {
        ParquetType::PrimitiveType(primitive) => {
            primitive.logical_type == Some(PrimitiveLogicalType::Float16)
        }
        ParquetType::GroupType { fields, .. } => fields.len() == 1 && fields.iter().all(is_half),
    }
}

/// Whether columns of this type can be read with the types that this program is built with.
fn is_read(kind: &ArrowDataType, is_half: bool) -> bool {
    use ArrowDataType as A;
    match kind {
        A::Boolean
        | A::UInt8
        | A::UInt16
        | A::UInt32
        | A::UInt64
        | A::Int32
        | A::Int64
        | A::Float32
        | A::Float64
        | A::Utf8
        | A::LargeUtf8
        | A::Utf8View => true,
        A::FixedSizeBinary(2) => is_half,
        other => item(other).is_some_and(|item| is_read(item, is_half)),
    }
}

/// The type of a list's items.
fn item(kind: &ArrowDataType) -> Option<&ArrowDataType> {
    match kind {
        ArrowDataType::List(field) | ArrowDataType::LargeList(field) => Some(&field.dtype),
        _ => None,
    }
}

/// What a type is called.
fn words(kind: &ArrowDataType) -> String {
    use ArrowDataType as A;
    match kind {
        A::Utf8 | A::LargeUtf8 | A::Utf8View => "string".to_owned(),
        A::Binary | A::LargeBinary | A::BinaryView => "binary".to_owned(),
        A::FixedSizeBinary(length) => format!("binary of {length} bytes"),
        A::Boolean => "bool".to_owned(),
        A::List(field) | A::LargeList(field) => format!("list of {}", words(&field.dtype)),
        A::FixedSizeList(field, length) => format!("list of {length} {}", words(&field.dtype)),
        A::Dictionary(_, values, _) => format!("dictionary of {}", words(values)),
        A::Struct(fields) => {
            let fields: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
            format!("struct of {}", fields.join(", "))
        }
        A::Map(..) => "map".to_owned(),
        A::Timestamp(..) => "timestamp".to_owned(),
        A::Decimal(..) | A::Decimal32(..) | A::Decimal64(..) | A::Decimal256(..) => {
            "decimal".to_owned()
        }
        other => format!("{other:?}").to_lowercase(),
    }
}
