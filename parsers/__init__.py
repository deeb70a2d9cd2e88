"""Bytes in, values out. No clock, no network, no database, no files."""

READER_VERSION = "2"
"""Goes up whenever the same bytes may read differently: rows carry it, `replay` compares it."""
