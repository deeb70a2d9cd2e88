"""Verbs of a staff reply about returns (关于报送): 免报, 恢复, 延期, 收到, 纸质, 改, 认领, 不是, 认可.

Pure. What is left of a line after its objects is the reason, unless it may be another object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time

from service.decisions import effective
from service.moments import ZONE, iso, spoken
from service.reply_values import correction
from service.reply_words import NotUnderstood, Rest
from service.standing import Act, Standing
from service.types import Deadline, Submission, Unit

_OFFICE_ENDS = time(17, 30)
_NOON = time(12)
_OTHER_TIME = re.compile(r"(?:昨|前|今早|上周|上午|下午|晚上|早上|中午|\d{1,2}[:：时点])")
_WAYS = {
    "微信群": "微信",
    "微信": "微信",
    "纸质版": "纸质",
    "纸质": "纸质",
    "纸版": "纸质",
    "电话": "电话",
    "当面": "当面",
    "面交": "当面",
}


def waive(rest: Rest, _: Standing) -> list[Act]:
    return [Act("waive", c) for c in _cells(rest)]


def unwaive(rest: Rest, standing: Standing) -> list[Act]:
    cells = _cells(rest)
    for c in cells:
        if (c["unit"], c["deadline"]) not in standing.decided.waived:
            name = standing.campaign.unit(c["unit"]).name
            due = standing.campaign.deadline(c["deadline"]).name
            raise NotUnderstood("not_waived", unit=name, deadline=due)
    return [Act("unwaive", c) for c in cells]


def _cells(rest: Rest) -> list[dict[str, str]]:
    """Units and the one deadline that is meant for all of them; then only a reason."""
    units, deadline = _units_and_deadline(rest)
    rest.only_a_reason()
    return [{"unit": u.id, "deadline": deadline.key} for u in units]


def _units_and_deadline(rest: Rest) -> tuple[tuple[Unit, ...], Deadline]:
    units = rest.units()
    deadline = rest.needed_deadline(units[0])
    for unit in units[1:]:
        if not deadline.applies_to(unit):
            raise NotUnderstood("deadline_not_owed", unit=unit.name, got=deadline.name)
    return units, deadline


def extend(rest: Rest, standing: Standing) -> list[Act]:
    unit = rest.unit()
    deadline = rest.needed_deadline(unit)
    rest.take(("延期到", "延期至", "延到", "延至", "改到", "改为", "到", "至"))
    new = rest.moment(_OFFICE_ENDS)
    if new is None:
        raise NotUnderstood("time_missing", got=rest.text[:30])
    now = effective(deadline, unit, standing.decided)
    if new[0] <= now.remind_by:
        raise NotUnderstood("not_later", deadline=deadline.name, due=spoken(now.remind_by))
    if new[0].date() > standing.campaign.closes:
        raise NotUnderstood("after_close", time=spoken(new[0]))
    rest.only_a_reason()
    args = {"deadline": deadline.key, "time": iso(new[0]), "unit": unit.id if unit else None}
    return [Act("extend", args)]


def received(rest: Rest, standing: Standing) -> list[Act]:
    units, deadline = _units_and_deadline(rest)
    how = rest.take(_WAYS)
    said = rest.moment(_NOON)
    how = how or rest.take(_WAYS)
    if how is None:
        raise NotUnderstood("how_missing")
    if _OTHER_TIME.search(rest.text):
        raise NotUnderstood("time_unclear", got=rest.text[:30])
    rest.only_a_reason()
    when = iso(_when(said, standing))
    shared = {"deadline": deadline.key, "when": when, "how": _WAYS[how]}
    return [Act("received", {"unit": u.id, **shared}) for u in units]


def _when(said: tuple[datetime, bool] | None, standing: Standing) -> datetime:
    """When it came: as said; on the day of the reply, or where nothing is said, its hour."""
    at = standing.at.astimezone(ZONE)
    if said is None or (not said[1] and said[0].date() == at.date()):
        return at
    if said[0] > at:
        raise NotUnderstood("time_ahead", time=spoken(said[0]))
    return said[0]


def paper(rest: Rest, _: Standing) -> list[Act]:
    units = rest.units()
    rest.take(("已收到", "收到", "已交", "已送", "已到", "总结"))
    rest.only_a_reason()
    return [Act("paper", {"unit": u.id}) for u in units]


def correct(rest: Rest, standing: Standing, passage: str | None = None) -> list[Act]:
    """`passage` is the new text of a field that holds one (成段文字)."""
    unit = rest.unit()
    if unit is None:
        raise NotUnderstood("unit_unknown", got=rest.text[:30])
    args = correction(rest.text, unit, standing.campaign, standing.ledger, passage)
    return [Act("correct", args)]


def assign(rest: Rest, standing: Standing) -> list[Act]:
    number, part = rest.mail()
    targets = _brought(standing, number, part)
    rest.take(("归", "是", "为"))
    units = rest.units()
    if len(units) > 1:
        raise NotUnderstood("one_unit")
    deadline = rest.deadline(units[0])
    rest.only_a_reason()
    if len({s.unit or s.claimed for s in targets}) > 1 and part is None:
        raise NotUnderstood("several_parts", number=number, names=_parts(targets))
    for s in targets:
        if deadline and s.form and deadline.form != s.form:
            form = standing.campaign.blank(s.form).name
            raise NotUnderstood("other_form", form=form, deadline=deadline.name)
    deadlines = [deadline.key] if deadline else []
    return [
        Act("assign", {"part": s.id, "unit": units[0].id, "deadlines": deadlines}) for s in targets
    ]


def reject(rest: Rest, standing: Standing) -> list[Act]:
    ids = []
    for number, part in _mails(rest):
        found = _doubts(standing, number, part, soft=False)
        ids += found or [s.id for s in _brought(standing, number, part)]
    return [Act("reject", {"doubt": i}) for i in ids]


def accept(rest: Rest, standing: Standing) -> list[Act]:
    ids = []
    for number, part in _mails(rest):
        found = _doubts(standing, number, part, soft=False)
        found = found or _doubts(standing, number, part, soft=True)
        if not found:
            _known(standing, number)
            raise NotUnderstood("no_doubt", number=number)
        ids += found
    return [Act("accept", {"doubt": i}) for i in ids]


def _mails(rest: Rest) -> list[tuple[int, str | None]]:
    """One number or several; then only a reason."""
    mails = [rest.mail()]
    while rest.text.startswith(("#", "和#", "及#", "与#")):
        rest.text = rest.text.lstrip("和及与")
        mails.append(rest.mail())
    rest.take(("是",))
    rest.only_a_reason()
    if rest.text[:1].isdigit():
        raise NotUnderstood("left_over", got=rest.text[:30])
    return list(dict.fromkeys(mails))


def _doubts(standing: Standing, number: int, part: str | None, soft: bool) -> list[str]:
    found = [
        d.id
        for d in standing.ledger.doubts
        if d.mail == number and d.soft == soft and part in (None, d.part)
    ]
    return list(dict.fromkeys(found))


def _brought(standing: Standing, number: int, part: str | None) -> list[Submission]:
    """What a mail brought: what waits for a decision, else all that was not refused."""
    _known(standing, number)
    every = [
        s
        for s in standing.ledger.submissions
        if s.mail == number and part in (None, s.part) and s.status not in ("rejected", "duplicate")
    ]
    if not every:
        raise NotUnderstood("nothing_brought", number=number)
    return [s for s in every if s.status == "waiting"] or every


def _known(standing: Standing, number: int) -> None:
    if all(m.id != number for m in standing.ledger.mails):
        raise NotUnderstood("mail_unknown", number=number)


def _parts(targets: Iterable[Submission]) -> str:
    return "、".join(f"#{s.id}（{s.name or '正文'}）" for s in targets)
