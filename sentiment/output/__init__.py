"""Rows out: csv, tsv, jsonl and parquet files that appear when they are complete."""

from sentiment.output.formats import ADDED, KINDS, ROW, Added, kept_names
from sentiment.output.parts import Parts

__all__ = ["ADDED", "KINDS", "ROW", "Added", "Parts", "kept_names"]
