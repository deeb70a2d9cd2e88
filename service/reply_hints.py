"""What a line of a reply that was not understood may have meant (代拟的写法), as lines to copy.

Pure. Every line proposed here is one that replies.py understands; none is done by itself: a
wrong guess is worse than no guess, but the writer shall see the exact words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import product

from service import replies
from service.desk import Desk
from service.reply_words import NotUnderstood, Rest, days, fold
from service.standing import Standing
from service.types import Deadline, Unit
from service.units import Roster

MOST = 4
_LIKE = 0.5
_MEANT = (
    ("恢复", r"恢复|还是要报|继续催"),
    ("解绑", r"解绑|取消绑定|解除绑定"),
    ("撤销", r"撤[销消]|取消|办错|搞错"),
    ("撤回", r"撤回|(?:先不|别|不要|停)发"),
    ("免报", r"免报|免于|(?:不用|不需要?|无需|不必|不)再?报|[别不停]止?再?催"),
    ("延期", r"延期|推迟|延[长后到]|宽限|顺延"),
    ("不是", r"不是|删除|作废|不算|无关|退回"),
    ("绑定", r"绑定|(?:确认|登记).{0,6}邮箱"),
    ("纸质", r"纸[质版]"),
    ("收到", r"收到|[已补]?[交报]了|已[交报]|[送交]来"),
    ("改", r"改|更正|应[为该]|写错"),
    ("放行", r"放行|发吧|发出|可以发|发送"),
    ("认领", r"认领|(?<![\d.])\d{1,9}\s*号?是.+的"),
    ("认可", r"认可|同意|通过|确认|没问题|属实|计入"),
    ("汇总", r"汇总|报表"),
)
_REFUSED = re.compile(r"(?:不|别|勿|先不|暂不|没|未)(?:要|用|能|可以)?$")
_MAIL = re.compile(r"#\s*(\d{1,9})")
_NUMBER = re.compile(r"(?<![\d.件表第])\d{1,9}(?![\d.月日号/:@])")
_ADDRESS = re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_QQ = re.compile(r"(?<!\d)[1-9]\d{4,10}(?!\d)")
_KEY = re.compile(r"(\d{1,2}\.\d{1,2})(?!\d).*?(\d+(?:\.\d+)?)\D*$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
_WAYS = ("微信", "纸质", "电话", "当面")


def hints(line: str, standing: Standing) -> tuple[str, ...]:
    """Lines that are understood and may be what this one meant, likeliest first."""
    text = fold(line)
    found: dict[str, None] = {}
    for verb in _verbs(text)[:2]:
        for proposed in _lines(verb, text, standing):
            if len(found) < MOST and _is_understood(proposed, standing):
                found[proposed] = None
    return tuple(found)


def _is_understood(line: str, standing: Standing) -> bool:
    try:
        return bool(replies.understand(line, standing))
    except NotUnderstood:
        return False


def _verbs(text: str) -> list[str]:
    """The verbs that a line may mean, by what stands in it and is not refused."""
    hits = ((verb, re.search(pattern, text)) for verb, pattern in _MEANT)
    return [verb for verb, hit in hits if hit and not _REFUSED.search(text[: hit.start()])]


def _lines(verb: str, text: str, standing: Standing) -> Iterator[str]:
    if verb in ("放行", "汇总"):
        yield verb
    elif verb in ("认可", "不是"):
        yield from (f"{verb} #{n}" for n in _mails(text, standing))
    elif verb == "认领":
        pairs = product(_mails(text, standing), _units(text, standing))
        yield from (f"{verb} #{n} {u.name}" for n, u in pairs)
    elif verb == "撤销":
        latest = [n for n, holds in standing.numbers.items() if holds][-1:]
        yield from (f"{verb} {n}" for n in _NUMBER.findall(text) or latest)
    elif verb in ("绑定", "解绑"):
        yield from _bindings(verb, text, standing)
    elif verb in ("撤回", "纸质"):
        named = _units(text, standing)
        yield from (f"{verb} {u.name}" for u in named)
        if verb == "撤回" and not named:
            yield f"{verb} 全部"
    elif verb == "改":
        yield from _corrections(text, standing)
    elif verb == "延期":
        yield from _extensions(text, standing)
    else:
        yield from _cells(verb, text, standing)


def _cells(verb: str, text: str, standing: Standing) -> Iterator[str]:
    """免报, 恢复, 收到: a unit and one of its deadlines."""
    ways = [w for w in _WAYS if w in text] or _WAYS[:1]
    for unit in _units(text, standing):
        for deadline in _deadlines(text, unit, standing):
            cell = f"{verb} {unit.name} {deadline.name}"
            yield from (f"{cell} {way}" for way in ways) if verb == "收到" else (cell,)


def _bindings(verb: str, text: str, standing: Standing) -> Iterator[str]:
    if re.search("全部|所有|都", text):
        yield f"{verb} 全部"
    addresses = _ADDRESS.findall(text) or [f"{n}@qq.com" for n in _QQ.findall(text)]
    for unit, address in product(_units(text, standing), addresses):
        yield f"{verb} {unit.name} {address}"
    yield from (f"{verb} {n}" for n in _NUMBER.findall(text))
    yield from (f"{verb} {p.number}" for p in standing.proposals)


def _corrections(text: str, standing: Standing) -> Iterator[str]:
    found = _KEY.search(text)
    if found is None:
        return
    for unit in _units(text, standing):
        yield f"改 {unit.name} {found[1]} {found[2]}"
        for deadline in standing.campaign.deadlines:
            if deadline.form and deadline.applies_to(unit):
                yield f"改 {unit.name} {deadline.name} {found[1]} {found[2]}"


def _extensions(text: str, standing: Standing) -> Iterator[str]:
    """The last day that stands there is the new one."""
    said = days(text)
    if not said:
        return
    before = text[: text.rindex(said[-1])]
    unit = next(iter(_units(before, standing)), None)
    for deadline in _deadlines(before, unit, standing):
        whose = f"{unit.name} " if unit else ""
        yield f"延期 {whose}{deadline.name} {said[-1]}"


# -- what stands in a line ------------------------------------------------------


def _mails(text: str, standing: Standing) -> list[str]:
    """The numbers of mails in it; where there are none, of those that wait."""
    named = _MAIL.findall(text) or _NUMBER.findall(text)
    desk = Desk(standing.campaign, standing.ledger, standing.at, (), None)
    waiting = (case.number.removeprefix("#") for case in desk.cases())
    return named or [n.partition("/")[0] for n in waiting if n]


def _units(text: str, standing: Standing) -> list[Unit]:
    """The units that it names; else those whose names are most like a word of it."""
    campaign = standing.campaign
    roster = Roster(campaign.units, {}, campaign.issuer)
    if named := roster.mentioned(text):
        return [campaign.unit(u) for u in named]
    said = {w for x in _CHINESE.findall(_without_verbs(text)) for w in (x, x[:2], x[:3])}
    # 综合执法局: a word that many names share means none of them
    said = {w for w in said if sum(w in u.name for u in campaign.units) < MOST}
    every = ((_likeness(u, said), u) for u in campaign.units)
    found = sorted((x for x in every if x[0] >= _LIKE), key=lambda x: -x[0])
    return [u for _, u in found[:MOST]]


def _likeness(unit: Unit, said: Iterable[str]) -> float:
    """How like the best of its names is to one of the words; who begins alike stands first."""
    return max(
        (
            SequenceMatcher(None, name, word).ratio() + (name[0] == word[0]) / 10
            for name in (unit.name, *unit.aliases)
            for word in said
        ),
        default=0.0,
    )


def _without_verbs(text: str) -> str:
    for _, pattern in _MEANT:
        text = re.sub(pattern, " ", text)
    return text


def _deadlines(text: str, unit: Unit | None, standing: Standing) -> list[Deadline]:
    """The deadlines that it names; else those that the unit still owes by now."""
    campaign = standing.campaign
    owed = [d for d in campaign.deadlines if unit is None or d.applies_to(unit)]
    named = [d for d in owed if d in _named(text, standing)]
    if named:
        return named
    begun = [d for d in owed if d.opens_at <= standing.at and d.mode == "chase"]
    if unit is None:
        return sorted(begun, key=lambda d: d.late_after, reverse=True)
    lacking = ("open", "missing", "doubt")
    return [d for d in begun if standing.ledger.cell(unit.id, d.key).state in lacking] or begun


def _named(text: str, standing: Standing) -> list[Deadline]:
    every = standing.campaign.deadlines
    for at in range(len(text)):
        try:
            found = Rest(standing.campaign, text[at:]).deadline()
        except NotUnderstood as e:
            return [d for d in every if d.name in e.meant]
        if found is not None:
            return [found]
    return []


def copied(lines: Iterable[str]) -> str:
    """“甲”、“乙”."""
    return "、".join(f"“{line}”" for line in lines)
