#!/usr/bin/env python3
"""exports.py ADDRESS: exports what the other clients have put in as lines, as tables and as Parquet with the binary that DICTUM_BINARY
names, reads the Parquet files back with pyarrow, and holds all three against each other; then imports the lines into another collection
and exports them from there."""
import csv
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pyarrow.parquet

ADDRESS = sys.argv[1]
BINARY = os.environ["DICTUM_BINARY"]
csv.field_size_limit(1 << 30)


def dictum(*arguments):
    subprocess.run([BINARY, *arguments, "--server", ADDRESS], check=True, stdout=subprocess.PIPE)


def export(folder, what, form, *more):
    path = folder / f"{what}-{len(list(folder.iterdir()))}.{form}"
    dictum("export", what, "--format", form, "--output", str(path), *more)
    return path


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]


def moment(time):
    """As lines and tables write it; pyarrow gives microseconds."""
    if not time:
        return None
    seconds, _, fraction = time.removesuffix("Z").partition(".")
    whole = datetime.datetime.fromisoformat(seconds).replace(tzinfo=datetime.timezone.utc)
    return whole + datetime.timedelta(microseconds=int((fraction + "000000")[:6]))


def cell(value):
    """As a table writes it, whose times are compared apart."""
    return "" if value is None else str(value)


def same_as_table(rows, path):
    with path.open(encoding="utf8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(rows) and table[0].keys() == rows[0].keys(), (len(table), len(rows), table[0].keys())
    for written, row in zip(table, rows):
        for name, value in row.items():
            if isinstance(value, datetime.datetime):
                assert moment(written[name]) == value, (name, written[name], value)
            else:
                assert written[name] == cell(value), (name, written[name], value)


def documents(folder):
    jsonl = lines(export(folder, "documents", "jsonl", "--analysis"))
    rows = pyarrow.parquet.read_table(export(folder, "documents", "parquet", "--analysis")).to_pylist()
    assert len(jsonl) == len(rows) > 0, (len(jsonl), len(rows))
    for line, row in zip(jsonl, rows):
        for name in ["id", "title", "source", "url", "language", "text", "content_hash"]:
            assert (line.get(name) or None) == row[name], (name, line.get(name), row[name])
        for name in ["revision", "quote_count", "entity_count"]:
            assert line[name] == row[name], name
        for name in ["published_at", "created_at", "updated_at"]:
            assert moment(line.get(name)) == row[name], (name, line.get(name), row[name])
        assert line["analyzer"]["hash"] == row["analyzer_hash"]
        assert line.get("labels", {}) == json.loads(row["labels"] or "{}")
        assert line["analysis"] == json.loads(row["analysis"])
        for quote in line["analysis"]["quotes"]:
            for span in quote["contents"]:
                words = line["text"].encode("utf8")[span["begin"]:span["end"]].decode("utf8")
                assert words == span["text"], span
    same_as_table(rows, export(folder, "documents", "csv", "--analysis"))
    return len(rows)


def quotes(folder):
    jsonl = lines(export(folder, "quotes", "jsonl"))
    rows = pyarrow.parquet.read_table(export(folder, "quotes", "parquet")).to_pylist()
    assert len(jsonl) == len(rows) > 0, (len(jsonl), len(rows))
    for line, row in zip(jsonl, rows):
        quote = line["quote"]
        assert line["name"] == row["name"]
        assert " … ".join(span["text"] for span in quote["contents"]) == row["content"]
        assert (quote["speaker"]["name"] or None) == row["speaker"]
        assert quote["confidence"] == row["confidence"], (quote["confidence"], row["confidence"])
        assert quote["type"] == f"QUOTE_TYPE_{row['type']}"
    same_as_table(rows, export(folder, "quotes", "csv"))
    return len(rows)


def round_trip(folder):
    own = lambda line: {name: value for name, value in line.items() if name not in ["created_at", "updated_at", "revision"]}
    path = export(folder, "documents", "jsonl", "--analysis")
    dictum("import", "--create-collection", "--collection", "imported", str(path))
    there = export(folder, "documents", "jsonl", "--analysis", "--collection", "imported")
    assert list(map(own, lines(path))) == list(map(own, lines(there)))


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    counts = documents(folder), quotes(folder)
    round_trip(folder)
    print("%d documents and %d quotes are the same in three forms, and after a round trip" % counts)
