"""The door to SQL: the only package that speaks it.

Facts (mails, decisions, letters, said, looks, addresses) are added to, never overwritten but
for a letter's own progress; readings, parts, submissions and values are derived and rebuildable.
"""

from service.store.mails import GONE
from service.store.rows import LetterRow, NotCome, left
from service.store.schema import SCHEMA_VERSION
from service.store.whole import Store

__all__ = ["GONE", "SCHEMA_VERSION", "LetterRow", "NotCome", "Store", "left"]
