"""A roster without addresses: who may be reminded is settled by one reply, and by it alone."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

from tests.fakes.list_postman import Posted
from tests.service.facts import when
from tests.service.machines import Office, office
from tests.service.report import stories

CLERK = "1137652316@qq.com"
SILENT = "■ 没有已确认邮箱、催报信发不到的单位"


def letters(here: Office, kind: str, day: str) -> list[tuple[Posted, EmailMessage]]:
    """The letters of a kind that left on a day, read back as their readers' programs do."""
    assert len(here.gone) == len(here.post.posted)
    both = zip(here.gone, here.post.posted, strict=True)
    chosen = [p for g, p in both if g.kind == kind and f"{g.at:%m-%d}" == day]
    policy = email.policy.default
    return [(p, email.message_from_bytes(p.content, policy=policy)) for p in chosen]


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def silent(digest: EmailMessage, names: Sequence[str]) -> list[str]:
    """The units that the digest says no reminder can reach."""
    section = text(digest).partition(SILENT)[2].partition("\n\n")[0]
    return [name for name in names if name in section]


def test_one_reply_binds_whom_the_8_june_reminders_then_reach(tmp_path: Path) -> None:
    shipped = stories.load()
    wrote, kept_silent = shipped.expected[:12], shipped.expected[12:]
    homes = {u.name: f"{u.id}@units.example" for u in wrote}
    names = [u.name for u in shipped.expected]
    assert not any(u.addresses for u in shipped.units)
    with office(shipped, tmp_path, "06-01 08:00") as here:
        here.tick()
        here.tick("06-01 08:30")
        ((_, first),) = letters(here, "digest", "06-01")
        assert silent(first, names) == names
        assert len(names) == 20

        for n, unit in enumerate(wrote):
            here.files(f"06-03 10:{n:02}", unit.id, "liaison")
        here.tick("06-03 10:30")
        here.tick("06-04 08:30")
        ((_, listing),) = letters(here, "digest", "06-04")
        assert all(f"{name}　{home}" in text(listing) for name, home in homes.items())
        here.arrive(
            "06-04 08:50",
            sender=CLERK,
            subject=f"回复：{listing['Subject']}",
            text="绑定 全部",
            message_id="<one@qq.example>",
        )
        here.tick("06-04 08:51")
        for at in ("06-04 09:00", "06-07 09:00", "06-08 08:30", "06-08 09:00"):
            here.tick(at)

        ((_, told),) = letters(here, "notice", "06-04")
        reminders = letters(here, "reminder", "06-08")
        ((_, morning),) = letters(here, "digest", "06-08")
        decisions = here.store.decisions(shipped.slug, when("06-08 09:00"))

    assert all(f"{name} 的邮箱 {home} 已确认" in text(told) for name, home in homes.items())
    assert {(d.verb, d.why) for d in decisions} == {("bind", "绑定 全部")}
    assert sorted((p.recipients, str(m["To"])) for p, m in reminders) == sorted(
        ((home,), home) for home in homes.values()
    )
    by_home = {str(m["To"]): text(m) for _, m in reminders}
    assert all(by_home[home].startswith(name) for name, home in homes.items())
    assert all("6月8日进展情况统计表：请于今日17:30前报送" in said for said in by_home.values())
    assert silent(morning, names) == [u.name for u in kept_silent]
