"""Keys from DNS, and what they prove: from the name server to the trust of a unit's mail."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from parsers.dkim_proof import key_name
from service import doctor, doctor_keys, words
from service.assembly import running
from service.clock import MovingClock
from service.doctor import Finding
from service.key_fetching import PROVIDERS, fetch, names
from service.key_lookup import KeyLookup, LookupFailed
from service.keyring import Keyring, learned
from service.moments import moment
from service.outlook import survey
from tests.fakes.domain import Domain
from tests.fakes.list_mailbox import ListMailbox
from tests.fakes.list_postman import ListPostman
from tests.fakes.name_server import NameServer
from tests.service.office import Office

TODAY = date(2021, 6, 8)
UNITS = Domain("units.example", "s1")
NAME = key_name("s1", "units.example")


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer({NAME: UNITS.record.decode()}) as started:
        yield started


def asking(server: NameServer, seconds: float = 5.0) -> KeyLookup:
    return KeyLookup(("127.0.0.1",), server.port, seconds)


def test_a_record_of_several_strings_is_one(server: NameServer) -> None:
    assert asking(server).txt(NAME) == UNITS.record.decode()
    assert asking(server).txt("other._domainkey.units.example") is None


def test_silence_is_no_answer() -> None:
    with NameServer({}, silent=True) as server, pytest.raises(LookupFailed):
        asking(server, 0.05).txt(NAME)


def test_without_any_name_server_it_is_said_plainly(tmp_path: Path, office: Office) -> None:
    asked = []

    def nobody(name: str) -> str | None:
        asked.append(name)
        raise LookupFailed("no answer")

    here = doctor.Installed(office.settings, (office.campaign,), None)
    found = list(doctor_keys.fetched(here, None, nobody, moment("2021-06-08 09:00")))

    assert [f.code for f in found] == ["dns_silent"]
    assert "域名服务器没有回答" in found[0].said
    assert len(asked) == 3
    assert not office.settings.keys_file.exists()


def test_a_server_that_knows_nothing_withdraws_nothing(office: Office) -> None:
    ring = Keyring(office.settings.keys_file)
    ring.write(learned({}, "a", "p=A", TODAY))
    here = doctor.Installed(office.settings, (office.campaign,), None)

    found = list(doctor_keys.fetched(here, None, lambda _: None, moment("2021-07-01 09:00")))

    assert [f.code for f in found] == ["dns_empty"]
    assert ring.read() == learned({}, "a", "p=A", TODAY)


def test_a_silence_between_answers_withdraws_nothing(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "keys.json")
    ring.write(learned(learned({}, "a", "p=A", TODAY), "b", "p=B", TODAY))

    def ask(name: str) -> str | None:
        if name == "a":
            raise LookupFailed("slow")
        return "v=DKIM1; p=" if name == "b" else "p=C"

    done = fetch(("a", "b", "c"), ask, ring, date(2021, 7, 1))

    assert (done.asked, done.found, done.problem) == (2, 1, "slow")
    assert (done.new, done.gone) == (("c",), ("b",))
    assert [s.gone for some in ring.read().values() for s in some] == [False, True, False]


def test_the_names_are_those_of_listed_senders_of_providers_and_known_ones(
    office: Office,
) -> None:
    signed = {
        "unit@a.example": "v=1; d=a.example; s=k1; b=x",
        "unit@b.example": "v=1; d=esp.example; s=k2; b=x",
        "stranger@c.example": "v=1; d=c.example; s=k3; b=x",
    }
    store = office.store()
    with store.writing():
        rows = store.rows("readings")
        for row, (sender, header) in zip(rows, signed.items(), strict=False):
            mail = json.loads(row["message"]) | {"from": sender}
            mail["headers"] = [*mail["headers"], ["DKIM-Signature", header]]
            store._run(
                "update readings set message = ? where sha256 = ?",
                (json.dumps(mail), row["sha256"]),
            )
    wanted = names({"old": ()}, store, {"unit@a.example", "unit@b.example"})
    store.close()

    assert set(wanted) == {key_name(*p) for p in PROVIDERS} | {"k1._domainkey.a.example", "old"}


def test_doctor_fetches_and_a_running_service_proves_by_it(
    office: Office, server: NameServer
) -> None:
    """Signed and whole: verified; another body than was signed: failed; no key: provisional."""
    mails = [m.raw.replace(b"\n", b"\r\n") for m in office.mails if b"@units.example>" in m.raw]
    whole, tampered, keyless = (UNITS.sign(raw) for raw in mails[:3])
    tampered = tampered.replace(b"\r\n--", b"\r\nlater\r\n--", 1)
    box, clock = ListMailbox(), MovingClock(moment("2021-06-09 13:00"))
    box.uidvalidity = 2
    here = doctor.Installed(office.settings, (office.campaign,), None)
    with running(office.settings, (office.campaign,), box, ListPostman(), clock) as machine:

        def proof_of(raw: bytes) -> str:
            box.deliver(raw, moment("2021-06-09 12:40"))
            machine.intake.look()
            machine.intake.read_pending()
            sha256 = hashlib.sha256(raw).hexdigest()
            return next(m.proof for m in machine.store.mail_facts() if m.sha256 == sha256)

        early = proof_of(whole)
        found = list(doctor_keys.fetched(here, machine.store, asking(server).txt, clock.now()))
        found += doctor_keys.kept(office.settings, clock.now())
        late = [proof_of(raw) for raw in (tampered, keyless.replace(b"s=s1", b"s=s9"))]
        again = proof_of(UNITS.sign(mails[3]))
        filed = survey(machine.store, office.campaign, clock.now()).ledger.submissions

    assert early == "none"
    assert [f.code for f in found] == ["keys_fetched", "keys"]
    assert (late, again) == (["fail", "none"], "pass")
    assert Counter(s.trust for s in filed if s.mail > len(office.mails)) == {
        "verified": 1, "failed": 1, "provisional": 2
    }  # fmt: skip


def test_every_finding_has_words() -> None:
    for code in ("dns_empty", "dns_silent", "keys_damaged", "keys_old", "no_keys"):
        assert Finding(code, "warn").mend
    assert "公钥" in words.say("doctor", "keys", {"count": 1, "last": TODAY})
