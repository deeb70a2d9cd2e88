"""Confirmations (办理回复): what a staff reply was understood to say, with numbers and the way
back; and the letters that a reply asks for.

Pure. Exactly one for each reply that said anything. Of replies in which nothing was understood
so many a day and sender, so that no robot can keep us writing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from service import words
from service.moments import at as moment_at
from service.moments import moment, spoken
from service.report import plain, rendering
from service.standing import REPORT, UNDO
from service.types import Campaign, Heard, Letter
from service.wants import Wanted

FRUITLESS_A_DAY = 30
IDLE_A_DAY = 3
"""Of replies in which not even a line begins as a command does."""
_LASTS = timedelta(days=7)
_SHORT = 30


def wanted(campaign: Campaign, heard: Iterable[Heard], now: datetime) -> Iterator[Wanted]:
    """Confirmations and reports that replies call for."""
    fruitless: Counter[tuple[object, ...]] = Counter()
    for h in heard:
        if h.kind == "bounce" or not h.told["lines"]:
            continue
        if (_is_owed(h, fruitless) or acts(h)) and h.sender and now < h.at + _LASTS:
            yield Wanted(
                key=f"notice/{h.sha256[:16]}",
                kind="notice",
                to=(h.sender,),
                due_at=h.at,
                not_after=h.at + _LASTS,
                stage=h.kind,
                mail=h.mail,
            )
        yield from _reports(campaign, h, now)


def _is_owed(h: Heard, fruitless: Counter[tuple[object, ...]]) -> bool:
    """Whether a reply that did nothing is answered."""
    idle = not any(line.get("verb") for line in h.told["lines"])
    if not acts(h):
        fruitless[h.sender, h.at.date(), idle] += 1
    return fruitless[h.sender, h.at.date(), idle] <= (IDLE_A_DAY if idle else FRUITLESS_A_DAY)


def _reports(campaign: Campaign, h: Heard, now: datetime) -> Iterator[Wanted]:
    """The reports asked for by 汇总, as `report --send` mails them."""
    not_after = moment_at(h.at.date(), time(0)) + timedelta(days=2)
    for act in acts(h):
        if act["verb"] == REPORT and now < not_after:
            yield Wanted(
                key=f"report/{act['args']['deadline']}/{h.at:%Y-%m-%dT%H:%M:%S}",
                kind="report",
                to=campaign.staff.addresses,
                due_at=h.at,
                not_after=not_after,
                deadline=act["args"]["deadline"],
            )


def acts(h: Heard) -> list[Mapping[str, Any]]:
    """All that was done for one reply."""
    return [a for line in h.told["lines"] for a in line.get("acts") or ()]


def letter(campaign: Campaign, heard: Iterable[Heard], want: Wanted) -> Letter:
    """The confirmation in words."""
    h = next(h for h in heard if h.mail == want.mail and want.key.endswith(h.sha256[:16]))
    subject, text, html = rendering.letter(
        "confirmation",
        campaign=campaign,
        refused=h.kind == "refused",
        arrived=spoken(moment(h.told["arrived"])),
        mail_subject=plain.line(h.told["subject"], 80),
        lines=[_line(line) for line in h.told["lines"]],
        done=len(acts(h)),
        unclear=sum(1 for line in h.told["lines"] if line.get("problem")),
        hints=words.say("reply", "how_to").splitlines(),
    )
    return Letter(want.key, want.kind, want.to, subject, text, html, in_reply_to=h.message_id)


def _line(line: Mapping[str, Any]) -> dict[str, object]:
    return {
        "said": plain.line(line["said"], 120),
        "acts": [
            {"sentence": plain.line(a["sentence"]), "number": a.get("number")}
            for a in line.get("acts") or ()
        ],
        "problem": plain.line(line.get("problem") or ""),
    }


def sentence(campaign: Campaign, verb: str, args: Mapping[str, Any]) -> str:
    """What a decision says, with names instead of codes."""
    if verb == UNDO:
        return words.say("decided", "undo", {"undone": args["number"]})
    told: dict[str, Any] = dict(args)
    # what the campaign has no more is told by its id
    names = {u.id: u.name for u in campaign.units} | {d.key: d.name for d in campaign.deadlines}
    unit, deadline = args.get("unit"), args.get("deadline")
    told["unit"] = names.get(unit, unit) if unit else words.say("decided", "all")
    if deadline:
        told["deadline"] = names.get(deadline, deadline)
    for name in ("when", "time"):
        if args.get(name):
            told[name] = spoken(moment(args[name]))
    told["letters"] = _letters(campaign, args.get("letters") or ())
    due = [names.get(d, d) for d in args.get("deadlines") or ()]
    told["deadlines"] = "、".join(due) or words.say("decided", "by_arrival")
    if verb == "assign":
        told["part"] = f"#{args['part']}"
    if "doubt" in args:
        told["doubt"] = f"#{args['doubt'].partition(':')[0]}"
    if verb == "correct":
        return _corrected(told)
    return words.say("decided", verb, told)


def _corrected(told: dict[str, Any]) -> str:
    """A passage is told with its length: it may be cut where somebody forgot a line."""
    value = told["value"]
    told["value"] = "、".join(value) if isinstance(value, list | tuple) else str(value)
    told["count"] = len("".join(told["value"].split()))
    is_passage = "\n" in told["value"] or told["count"] > _SHORT
    return words.say("decided", "correct_passage" if is_passage else "correct", told)


def _letters(campaign: Campaign, keys: Iterable[str]) -> str:
    """Letters as a clerk knows them: to whom, and of which kind."""
    told = dict.fromkeys(_letter(campaign, key.split("/")) for key in keys)
    return "、".join(told) or words.say("decided", "all")


def _letter(campaign: Campaign, key: list[str]) -> str:
    kinds = words.section("letter")
    kind = next((kinds[part] for part in key if part in kinds), "")
    unit = next((u.name for u in campaign.units if u.id in key), "")
    return words.say("decided", "to_unit", {"unit": unit, "kind": kind}) if unit else kind
