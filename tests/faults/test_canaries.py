"""After every fault a person and the secret can still be forgotten whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service import demo, demo_story, settings
from tests.fakes.dovecot import is_installed
from tests.faults.bureau import CAMPAIGN, CODE, NINE
from tests.faults.lives import Child, Life, lived
from tests.faults.mails import PHONES
from tests.faults.servers import World, world
from tests.service.office import Office
from tests.service.test_keeping import hits
from tests.story import playing

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.skipif(not is_installed(), reason="dovecot-imapd is not installed"),
]
WHO = ("李四平", PHONES[0], "dongchen@units.example")


@pytest.fixture
def servers() -> Iterator[World]:
    with world() as made:
        yield made


def laid(folder: Path) -> Office:
    """An office with settings, secret and a campaign, and no mail yet."""
    demo.campaign_folder(folder / "campaigns" / demo.SLUG, demo_story.load())
    (folder / "settings.toml").write_text(playing._SETTINGS, encoding="utf-8")
    return Office(folder, settings.load(folder / "settings.toml"), CAMPAIGN, ())


def test_a_person_leaves_every_file_of_a_service_that_died_often(
    servers: World, tmp_path: Path
) -> None:
    """Half-written mails, the journal of a database that nobody closed, letters on their way,
    backups, and the log of it all at its most talkative."""
    office = laid(tmp_path / "office")
    place = servers.place(office.folder, office.folder / "log")
    for last in (70, 100, 300):
        child = Child(Life(place, (NINE,), last, torn=True))
        child.met()
        child.kill()
        servers.file_sent()
    assert office.run("backup")[0] == 0
    lived(Life(place, (NINE,)))
    found = hits(office.folder, *WHO)
    assert {"data/baosong.db", "campaigns/2021-safety-month/units.csv"} <= set(found)
    assert any("incoming" in f for f in found)
    assert any(f.startswith("data/backups/") for f in found)
    assert "log" not in found

    code, said = office.run("forget", *WHO, "--backups")

    assert code == 0, said
    assert hits(office.folder, *WHO) == []
    assert hits(office.folder, CODE) == []
