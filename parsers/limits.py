"""Limits before work, in one place: above them a file is refused with a reason, never read on.

Figures: what was seen to hurt (a 20 KB zip read as 2 GB, a 1 KB sheet with a far cell
that burnt 20 s, a 20 KB PNG that took 821 MB).
"""

from __future__ import annotations

MIB = 1024 * 1024

MAIL_BYTES = 70 * MIB
HEADER_BYTES = 16 * 1024
HEADERS_BYTES = 256 * 1024
MIME_DEPTH = 50
MIME_PARTS = 500
PART_IN_MEMORY_BYTES = 32 * MIB

ARCHIVE_RATIO = 100
ARCHIVE_BYTES = 500 * MIB
ARCHIVE_ENTRIES = 2_000
ARCHIVE_DEPTH = 2
MAIL_DEPTH = 10
"""Mails within mails: each is parsed with all that lie within it."""

IMAGE_PIXELS = 50_000_000
PDF_PAGES = 200
PICTURE_PAGES = 6
"""Pages drawn (or read by OCR) of one file."""
PDF_OBJECTS = 50_000
SHEET_ROWS = 5_000
SHEET_COLUMNS = 200
DOCUMENT_CELLS = 20_000
DOCUMENT_CHARACTERS = 5_000_000
XML_BYTES = 64 * MIB
"""One XML member of a document, unpacked."""
WORKBOOK_BYTES = 4 * XML_BYTES
"""All members of a workbook, unpacked."""
TEXT_KEPT = 20_000
"""Characters of a document's text kept beside its outcome."""
OCR_PAGES = 6
"""Pictures of pages read in one file: each costs some 10 seconds of a core."""
OCR_PICTURES = 12
"""Pictures read in one mail or archive, whatever they show."""
