"""The demo's June: templates/demo/june-2021.toml turned into mails with their times.

Pure but for reading that file. What arrives, never what the service makes of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service import demo_paper as paper
from service import words
from service.moments import moment
from service.types import Campaign

STORY = words.TEMPLATES / "demo" / "june-2021.toml"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mail on its way: when it arrives and its bytes."""

    when: datetime
    raw: bytes


@dataclass(frozen=True, slots=True)
class Player:
    """One unit of the story with its made-up liaison."""

    id: str
    name: str
    person: str
    phone: str
    address: str
    style: str
    given: Mapping[str, Any]


def load() -> Mapping[str, Any]:
    with STORY.open("rb") as f:
        return tomllib.load(f)


def players(campaign: Campaign, story: Mapping[str, Any]) -> dict[str, Player]:
    """The units of the story by id, each with an address and a number of its own."""
    out = {}
    for number, given in enumerate(story["unit"], start=1):
        unit = campaign.unit(given["id"])
        out[unit.id] = Player(
            unit.id,
            unit.name,
            given["person"],
            f"139-0000-{number:04d}",
            f"{unit.id}@units.example",
            given["style"],
            given,
        )
    return out


def mails(campaign: Campaign, story: Mapping[str, Any]) -> tuple[Incoming, ...]:
    """Every mail of the month in order of arrival."""
    writer = _Writer(campaign, players(campaign, story))
    every = [m for p in writer.players.values() for m in writer.regular(p)]
    every += [writer.odd(o) for o in story.get("odd", ())]
    return tuple(sorted(every, key=lambda m: m.when))


def _when(text: str) -> datetime:
    return moment(f"2021-{text}")


class _Writer:
    def __init__(self, campaign: Campaign, players_: Mapping[str, Player]) -> None:
        self._campaign = campaign
        self.players = players_
        self._kinds: dict[str, Callable[[Player, datetime, str], bytes]] = {
            "correction": self._correction,
            "blank": self._blank,
            "damaged": self._damaged,
            "stranger": self._stranger,
            "vacation": self._vacation,
            "experience": self._experience,
            "nameless": self._nameless,
        }

    def regular(self, p: Player) -> Iterator[Incoming]:
        if "liaison" in p.given:
            yield self._liaison(p, _when(p.given["liaison"]))
        for text in (*p.given.get("progress", ()), *p.given.get("weekly", ())):
            when = _when(text)
            file = (self._file_name("进展情况统计表", p, when), self._progress(p, when))
            yield Incoming(when, self._mail(p, f"{p.name}安全生产月进展情况统计表", when, file))
        if "summary" in p.given:
            when = _when(p.given["summary"])
            file = (f"{p.name}“安全生产月”活动总结.docx", summary(p.name))
            yield Incoming(when, self._mail(p, "安全生产月活动总结", when, file))
        if "media" in p.given:
            when = _when(p.given["media"])
            file = ("活动照片.jpg", paper.photo(p.id))
            yield Incoming(when, self._mail(p, f"{p.name}安全生产月照片", when, file))

    def odd(self, given: Mapping[str, str]) -> Incoming:
        when = _when(given["when"])
        player = self.players[given["unit"]]
        return Incoming(when, self._kinds[given["kind"]](player, when, given["subject"]))

    # -- paper --------------------------------------------------------------------

    def _liaison(self, p: Player, when: datetime) -> Incoming:
        values = {
            "姓名": p.person,
            "性别": "男",
            "职务": "安全员",
            "办公电话": "0513-0000-0000",
            "手机": p.phone,
            "微信号": f"wx_{p.id}",
            "单位名称": p.name,
            "通信地址": "示例路1号",
        }
        blank = self._campaign.blank("liaison")
        file = (f"附件1 联络员反馈表（{p.name}）.{p.style}", paper.form(blank, values, {}, p.style))
        return Incoming(when, self._mail(p, f"联络员反馈表-{p.name}", when, file))

    def _progress(self, p: Player, when: datetime, more: int = 0, named: bool = True) -> bytes:
        blank = self._campaign.blank("progress")
        values = paper.numbers(blank.form, f"{p.id}", 12 + when.day // 2)
        if more:
            values["1.1"] = str(int(values["1.1"]) + more)
        if when.day < 16:
            rows = [k for k in values if k.startswith("4.")]
            values.update(dict.fromkeys(rows, "0"))
        header = {
            "填报单位": p.name if named else "",
            "联系人": p.person,
            "电话": p.phone,
            "填报日期": paper.chinese_date(when.date()),
        }
        header = {k: v for k, v in header.items() if v}
        return paper.form(blank, header, values, p.style)

    def _correction(self, p: Player, when: datetime, subject: str) -> bytes:
        file = (f"（更正）{p.name}进展情况统计表.docx", self._progress(p, when, more=3))
        return self._mail(p, subject, when, file)

    def _blank(self, p: Player, when: datetime, subject: str) -> bytes:
        blank = self._campaign.blank("progress")
        return self._mail(p, subject, when, ("附件2.docx", blank.content))

    def _damaged(self, p: Player, when: datetime, subject: str) -> bytes:
        return self._mail(p, subject, when, ("统计表.docx", self._progress(p, when)[:9000]))

    def _stranger(self, p: Player, when: datetime, subject: str) -> bytes:
        file = ("统计表.docx", self._progress(p, when))
        return paper.mail(
            ("小许", "stranger@other.example"), self._campaign.mailbox, subject, when, "", (file,)
        )

    def _vacation(self, p: Player, when: datetime, subject: str) -> bytes:
        text = "这是来自QQ邮箱的假期自动回复邮件。\n \n您好，我最近正在休假中。"
        return paper.mail(
            (p.person, p.address),
            self._campaign.mailbox,
            subject,
            when,
            text,
            headers={"X-QQ-HolidayReply": "1"},
        )

    def _experience(self, p: Player, when: datetime, subject: str) -> bytes:
        content = paper.document([subject, "组织志愿者进小区宣传，效果良好。"])
        return self._mail(p, subject, when, ("安全生产月信息第1期.docx", content))

    def _nameless(self, p: Player, when: datetime, subject: str) -> bytes:
        file = ("统计表.docx", self._progress(p, when, named=False))
        return self._mail(p, subject, when, file)

    def _file_name(self, what: str, p: Player, when: datetime) -> str:
        return f"{p.name}{what}（{when.month}.{when.day}）.{p.style}"

    def _mail(self, p: Player, subject: str, when: datetime, file: tuple[str, bytes]) -> bytes:
        return paper.mail((p.person, p.address), self._campaign.mailbox, subject, when, "", (file,))


def summary(name: str) -> bytes:
    """A summary long enough to be one (min_chars of campaign.toml)."""
    lines = [f"{name}“安全生产月”活动总结"]
    lines += [
        f"第{i}项：组织学习、开展宣传、排查隐患、落实整改，活动取得了预期效果。"
        for i in range(1, 16)
    ]
    return paper.document(lines)
