"""Forged mail: none is believed, none is lost."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import pytest

from service.archive import Archive
from service.clock import MovingClock
from service.intake import Intake
from service.ledger import Books
from service.moments import moment
from service.store import Store
from service.trust import judge
from service.types import Campaign, MailFact
from service.units import Roster
from service.workers import Workers, desk
from tests.fakes.list_mailbox import ListMailbox
from tests.generate import forged_mails

NOW = moment("2021-06-08 09:00")
ACCOUNT = "1137652316@qq.com"
Taken = dict[str, MailFact]


@pytest.fixture(scope="module")
def forged() -> tuple[tuple[str, bytes], ...]:
    return tuple(forged_mails.forged())


@pytest.fixture(scope="module")
def genuine() -> tuple[bytes, ...]:
    return tuple(forged_mails.genuine())


@pytest.fixture(scope="module")
def taken(
    campaign: Campaign,
    genuine: tuple[bytes, ...],
    forged: tuple[tuple[str, bytes], ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Taken]:
    """Every forged mail and the genuine ones through the whole intake, by their hash."""
    folder = tmp_path_factory.mktemp("forged")
    box, archive, store = ListMailbox(), Archive(folder / "raw"), Store(folder / "baosong.db")
    every = (*genuine, *(raw for _, raw in forged))
    for raw in every:
        box.deliver(raw, moment("2021-06-08 08:30"))
    keys = {**forged_mails.units().keys, **forged_mails.evil().keys}
    with Workers(desk((campaign,), ocr=False), processes=1, keys=lambda: keys) as workers:
        intake = Intake(ACCOUNT, box, archive, store, workers, MovingClock(NOW))
        assert intake.look().complete
        intake.read_pending()
    assert set(archive.hashes()) == set(map(_sha, every))
    yield {m.sha256: m for m in store.mail_facts()}
    store.close()


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def level(campaign: Campaign, mail: MailFact) -> str:
    bound = {a: u.id for u in campaign.units for a in u.addresses}
    return judge(mail, Roster(campaign.units, bound), campaign.staff, campaign.mailbox)


def test_what_is_imitated_is_verified(
    campaign: Campaign, genuine: tuple[bytes, ...], taken: Taken
) -> None:
    for raw in genuine:
        assert level(campaign, taken[_sha(raw)]) == "verified"


def test_no_forged_mail_is_verified_and_none_is_lost(
    campaign: Campaign, forged: tuple[tuple[str, bytes], ...], taken: Taken
) -> None:
    """Each is kept, its form is read, and a person is shown it: as a doubt that waits, or, of a
    listed address that nothing speaks against, marked as provisional."""
    levels: Counter[str] = Counter()
    for number, (kind, raw) in enumerate(forged):
        mail = taken[_sha(raw)]
        book = Books(campaign).build((mail,), (), NOW)
        found = [s for s in book.submissions if s.form]
        trust = level(campaign, mail)
        levels[trust] += 1

        assert trust in ("failed", "unknown", "provisional"), (kind, number)
        assert [s.trust for s in found] == [trust], (kind, number)
        assert trust == "provisional" or found[0].status == "waiting", (kind, number)
    assert len({_sha(raw) for _, raw in forged}) == len(forged) >= 60
    assert len(forged_mails.KINDS) >= 10
    print(f"\nforged mails: {len(forged)} of {len(forged_mails.KINDS)} kinds, {dict(levels)}")
