//! Rows into a Parquet file, a group at a time: the groups are bounded, and the same rows give the same file. Every column may lack
//! values; texts are UTF-8, times microseconds in UTC.

use super::table::{Columns, Kind, Row};
use anyhow::{Context, anyhow};
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;

/// Rows of a group.
const GROUP_ROWS: usize = 50_000;
/// Bytes of rows at which a group is closed.
const GROUP_BYTES: usize = 32 << 20;

/// Writes rows, given as JSON arrays in lines, into a file.
///
/// # Errors
/// Where a row is none, or the file cannot be written.
pub fn convert(columns: Columns, rows: File, file: &mut File) -> anyhow::Result<()> {
    let schema = parse_message_type(&schema(columns))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("dictum ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
    let mut lines = BufReader::new(rows).lines();
    loop {
        let group = group(&mut lines, columns.len())?;
        if group.is_empty() {
            break;
        }
        let mut row_group = writer.next_row_group()?;
        for (at, (name, kind)) in columns.iter().enumerate() {
            let mut column = row_group.next_column()?.with_context(|| format!("no column {name}"))?;
            write(column.untyped(), *kind, group.iter().filter_map(|row| row.get(at)))
                .with_context(|| format!("column {name}"))?;
            column.close()?;
        }
        row_group.close()?;
    }
    writer.close()?;
    Ok(())
}

fn schema(columns: Columns) -> String {
    let fields: Vec<String> = columns
        .iter()
        .map(|(name, kind)| {
            let (physical, logical) = match kind {
                Kind::Text => ("BYTE_ARRAY", " (STRING)"),
                Kind::Integer => ("INT64", ""),
                Kind::Real => ("DOUBLE", ""),
                Kind::Time => ("INT64", " (TIMESTAMP(MICROS,true))"),
            };
            format!("OPTIONAL {physical} {name}{logical};")
        })
        .collect();
    format!("message dictum {{ {} }}", fields.join(" "))
}

/// The rows of the next group; none at the end.
fn group(
    lines: &mut impl Iterator<Item = std::io::Result<String>>,
    columns: usize,
) -> anyhow::Result<Vec<Row>> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while rows.len() < GROUP_ROWS && bytes < GROUP_BYTES {
        let Some(line) = lines.next().transpose()? else { break };
        let row: Row = serde_json::from_str(&line)?;
        if row.len() != columns {
            return Err(anyhow!("a row of {} cells where there are {columns} columns", row.len()));
        }
        bytes += line.len();
        rows.push(row);
    }
    Ok(rows)
}

/// Writes the cells of one column: whether each has a value, and the values.
fn write<'r>(
    column: &mut ColumnWriter<'_>,
    kind: Kind,
    cells: impl Iterator<Item = &'r Value> + Clone,
) -> anyhow::Result<()> {
    let defined: Vec<i16> = cells.clone().map(|cell| i16::from(!cell.is_null())).collect();
    let there = cells.filter(|cell| !cell.is_null());
    let other = || anyhow!("a cell of another kind");
    match column {
        ColumnWriter::ByteArrayColumnWriter(column) => {
            let values: Option<Vec<ByteArray>> =
                there.map(|cell| cell.as_str().map(ByteArray::from)).collect();
            column.write_batch(&values.ok_or_else(other)?, Some(&defined), None)?;
        }
        ColumnWriter::Int64ColumnWriter(column) => {
            let values: Option<Vec<i64>> = there.map(Value::as_i64).collect();
            column.write_batch(&values.ok_or_else(other)?, Some(&defined), None)?;
        }
        ColumnWriter::DoubleColumnWriter(column) => {
            let values: Option<Vec<f64>> = there.map(Value::as_f64).collect();
            column.write_batch(&values.ok_or_else(other)?, Some(&defined), None)?;
        }
        _ => return Err(anyhow!("{kind:?} has no column")),
    }
    Ok(())
}
