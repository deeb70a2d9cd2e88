"""Plays one pass when it is loaded: what is read once in a process (templates, blanks, patterns)
is there before the fork server forks.
"""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.faults.bureau import NINE, Place, bureau
from tests.faults.mails import MAILS

_box = ListMailbox()
for _mail in MAILS:
    _box.deliver(_mail.raw, _mail.when)
with (
    tempfile.TemporaryDirectory() as _folder,
    bureau(Place(Path(_folder), 0, 0, Path(_folder, "log")), _box, ListPostman()) as _here,
):
    _here.tick(NINE)
gc.freeze()  # a collection in a child would copy every page
