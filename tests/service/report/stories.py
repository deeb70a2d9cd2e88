"""Ledgers for the tests of what the staff get, built by hand: twenty units, made-up figures."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from parsers.types import Field, Form
from service import campaign as campaigns
from service.moments import moment
from service.types import (
    Campaign,
    Ledger,
    LedgerCell,
    MailFact,
    OpenDoubt,
    PartFact,
    Submission,
    Unit,
)

FOLDER = Path(__file__).parents[3] / "templates" / "campaigns" / "2021-safety-month"
NUMBERS = (*["filled"] * 12, "nil", "nil", "blank", "na", "about", "unsure")


def load() -> Campaign:
    """The shipped campaign."""
    files = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in FOLDER.rglob("*")
        if path.is_file()
    }
    return campaigns.parse(FOLDER.name, files)


def many_units(campaign: Campaign, count: int) -> Campaign:
    """The same campaign with so many units."""
    units = tuple(Unit(f"u{i}", f"第{i}综合执法局", "镇街综合执法局") for i in range(count))
    return replace(campaign, units=units)


def said(
    raw: str, value: object, state: str, *, approx: bool = False, **more: Any
) -> dict[str, Any]:
    """One field of `read --json`."""
    return {"raw": raw, "value": value, "state": state, "approx": approx, "margin": 1.0, **more}


def answer(f: Field, rng: random.Random, unit: str) -> dict[str, Any]:
    """What a unit may have written there."""
    if f.kind == "narrative":
        text = f"1.{unit}召开专题学习会{rng.randint(1, 9)}次；\n2.整改隐患{rng.randint(1, 99)}处。"
        return said(text * rng.choice((1, 1, 1, 6)), text * 1, "filled")
    if f.kind == "choice":
        option = rng.choice((*f.options, ""))
        return said(option, option, "filled") if option else said("", None, "blank")
    n = rng.randint(1, 400)
    match rng.choice(NUMBERS):
        case "nil":
            return said("无", 0, "nil")
        case "blank":
            return said("", None, "blank")
        case "na":
            return said("／", None, "na")
        case "about":
            return said(f"约{n}", n, "filled", approx=True)
        case "unsure":
            return said("若干", None, "unsure", guess=n)
    return said(str(n), n, "filled")


def reading(form: Form, unit: str, seed: object, **values: Any) -> dict[str, Any]:
    """A filled form as `read --json` gives it; `values` replace fields, `_` for the dot."""
    rng = random.Random(f"{seed}/{unit}")
    fields = {f.key: answer(f, rng, unit) for f in form.fields}
    fields.update({k.replace("_", "."): v for k, v in values.items()})
    header = {"填报单位": unit, "联系人": "王小明", "电话": "0513-80001101"}
    return {"outcome": "form", "form": form.key, "header": header, "fields": fields, "doubts": []}


def liaison(unit: Unit, number: int) -> dict[str, Any]:
    """A filled 附件1."""
    texts = {
        "姓名": f"王小{'一二三四五六七八九十'[number % 10]}",
        "性别": "女" if number % 2 else "男",
        "职务": "安全员",
        "办公电话": f"0513-8000{number:04d}",
        "手机": f"1390000{number:04d}",
        "微信号": f"wx_demo{number}",
        "单位名称": unit.name,
        "通信地址": f"如皋市示例路{number + 1}号",
    }
    fields = {k: said(v, v, "filled") for k, v in texts.items()}
    return {"outcome": "form", "form": "liaison", "header": {}, "fields": fields, "doubts": []}


@dataclass
class Story:
    """A ledger in the making."""

    campaign: Campaign
    now: datetime
    submissions: list[Submission] = field(default_factory=list)
    mails: list[MailFact] = field(default_factory=list)
    doubts: list[OpenDoubt] = field(default_factory=list)
    states: dict[tuple[str, str], LedgerCell] = field(default_factory=dict)

    def mail(self, unit: str, at: datetime, subject: str = "", **more: Any) -> MailFact:
        number = len(self.mails) + 1
        mail = MailFact(
            id=number,
            sha256=f"{number:064x}",
            received_at=at,
            sender=f"{unit}@units.example",
            sender_name=unit,
            subject=subject or f"{unit}报送材料",
            text="",
            parts=more.pop("parts", ()),
            **more,
        )
        self.mails.append(mail)
        return mail

    def filed(
        self,
        unit: str,
        deadlines: Iterable[str],
        at: str,
        read: Mapping[str, Any],
        *,
        status: str = "governing",
        version: int = 1,
        material: str | None = None,
        **more: Any,
    ) -> Submission:
        """A return of a unit; the cells follow."""
        when = moment(at)
        mail = self.mail(unit, when, more.pop("subject", ""), parts=more.pop("parts", ()))
        submission = Submission(
            id=f"s{len(self.submissions) + 1}",
            mail=mail.id,
            part="1",
            form=read.get("form"),
            material=material,
            unit=unit,
            deadlines=tuple(deadlines),
            arrived_at=when,
            version=version,
            status=status,  # type: ignore[arg-type]
            trust="verified",
            read=read,
            sender=mail.sender,
            **more,
        )
        self.submissions.append(submission)
        if status == "governing":
            for key in submission.deadlines:
                self._settle(unit, key, submission)
        return submission

    def _settle(self, unit: str, key: str, submission: Submission) -> None:
        late = submission.arrived_at - self.campaign.deadline(key).late_after
        days = max(0, late // timedelta(days=1) + 1)
        state = "late" if days else "reported"
        first = self.states.get((unit, key))
        arrived = first.arrived_at if first else submission.arrived_at
        self.states[unit, key] = LedgerCell(state, arrived, days, submission.version, submission)

    def ledger(self) -> Ledger:
        cells = {
            (u.id, d.key): self.states.get((u.id, d.key)) or LedgerCell(self._empty(d))
            for u in self.campaign.expected
            for d in self.campaign.deadlines
        }
        return Ledger(
            at=self.now,
            cells=cells,
            submissions=tuple(self.submissions),
            doubts=tuple(self.doubts),
            mails=tuple(self.mails),
            addresses={u.id: (f"{u.id}@units.example",) for u in self.campaign.expected},
        )

    def _empty(self, deadline: Any) -> Any:
        if self.now < deadline.opens_at:
            return "not_due"
        return "open" if self.now < deadline.late_after else "missing"


def june(campaign: Campaign, at: str) -> Story:
    """The month as it may stand at `at`: on time, late, corrected, waived, doubtful, absent."""
    story = Story(campaign, moment(at))
    form = campaign.blank("progress").form
    units = campaign.expected
    for i, unit in enumerate(units[:17]):
        _file(story, unit, ["liaison"], f"2021-06-0{2 + i % 4} 09:{i:02d}", liaison(unit, i))
    for i, unit in enumerate(units[:14]):
        day, deadlines = (8, ["progress-0608", "weekly-0610"]) if i % 3 else (7, ["progress-0608"])
        read = reading(form, unit.name, 1)
        _file(story, unit, deadlines, f"2021-06-0{day} {8 + i % 9:02d}:{i:02d}", read)
    _file(story, units[14], ["progress-0608"], "2021-06-10 10:20", reading(form, units[14].name, 1))
    for i, unit in enumerate(units[:11]):
        read = reading(form, unit.name, 2)
        _file(
            story, unit, ["progress-0624", "weekly-0624"], f"2021-06-2{2 + i % 3} 15:{i:02d}", read
        )
    _correct(story, form)
    _odd(story)
    return story


def _file(story: Story, unit: Unit, deadlines: list[str], at: str, read: Mapping[str, Any]) -> None:
    if moment(at) <= story.now:
        story.filed(unit.id, deadlines, at, read)


def _correct(story: Story, form: Form) -> None:
    """The second unit sends a correction on the 8th."""
    if story.now < moment("2021-06-08 16:40"):
        return
    unit = story.campaign.expected[1]
    old = next(s for s in story.submissions if s.unit == unit.id and s.form == "progress")
    story.submissions[story.submissions.index(old)] = replace(old, status="counted")
    changed = {**old.read, "fields": {**old.read["fields"], "3.2": said("12", 12, "filled")}}
    story.filed(
        unit.id, old.deadlines, "2021-06-08 16:40", changed, version=2, subject="更正：统计表"
    )


def _odd(story: Story) -> None:
    """A waiver, a doubt, photos, a link that lapses, an unknown sender."""
    units = story.campaign.expected
    if story.now >= moment("2021-06-08 10:00"):
        story.states[units[15].id, "progress-0608"] = LedgerCell("waived")
        mail = story.mail(units[16].id, moment("2021-06-08 10:00"), "统计表扫描件 联系13900000016")
        story.states[units[16].id, "progress-0608"] = LedgerCell("doubt", mail.received_at)
        story.doubts.append(
            OpenDoubt(
                id="D1",
                code="unread_scan_unread",
                where="1",
                facts=(("name", "扫描件_20210608.pdf"),),
                mail=mail.id,
                part="1",
                unit=units[16].id,
                deadlines=("progress-0608",),
            )
        )
    if story.now >= moment("2021-06-08 11:00"):
        photo = PartFact(
            "2", "现场照片.jpg", "material", None, {}, "", "image/jpeg", 1_482_000, "a" * 64
        )
        story.filed(
            units[0].id,
            ["media"],
            "2021-06-08 11:00",
            {"outcome": "material"},
            material="media",
            parts=(photo,),
            name="现场照片.jpg",
        )
        story.submissions[-1] = replace(story.submissions[-1], part="2")
        link = {
            "url": "https://mail.qq.example/ftn?k=1",
            "name": "宣传视频.mp4",
            "size": "212 MB",
            "expires": "2021-07-08 11:30",
        }
        mail = story.mail(units[0].id, moment("2021-06-08 11:30"), "视频", links=(link,))
