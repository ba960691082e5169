"""Rows out: csv, tsv, jsonl and parquet files that appear when they are complete."""

from sentiment.output.formats import (
    ADDED,
    KINDS,
    ROW,
    Added,
    AddedColumns,
    kept_names,
    probability_column,
)
from sentiment.output.parts import Parts
from sentiment.output.shards import (
    finished,
    merge_shards,
    note_finished,
    refuse_other_count,
    shard_name,
)

__all__ = [
    "ADDED",
    "KINDS",
    "ROW",
    "Added",
    "AddedColumns",
    "Parts",
    "finished",
    "kept_names",
    "merge_shards",
    "note_finished",
    "probability_column",
    "refuse_other_count",
    "shard_name",
]
