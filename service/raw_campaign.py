"""The shape of campaign.toml as it is written, checked key by key by pydantic.

Only shapes: what the keys mean together is service/campaign.py's.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from service.moments import ZONE, at, clock_time, moment
from service.workdays import spans

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$")]


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        return moment(value)
    if isinstance(value, datetime):
        # TOML has times with an offset too: which day it is, Shanghai says
        return value.astimezone(ZONE) if value.tzinfo else value.replace(tzinfo=ZONE)
    return at(value, time(0)) if isinstance(value, date) else value


def _clock(value: Any) -> Any:
    return clock_time(value) if isinstance(value, str) else value


def _hours(value: Any) -> Any:
    return spans(value) if isinstance(value, list) else value


Moment = Annotated[datetime, BeforeValidator(_moment)]
Clock = Annotated[time, BeforeValidator(_clock)]
Hours = Annotated[tuple[tuple[time, time], ...], BeforeValidator(_hours)]


class Table(BaseModel):
    """A TOML table: an unknown key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class RawStaff(Table):
    section: Text
    contact: str = ""
    phone: str = ""
    addresses: tuple[Address, ...] = Field(min_length=1)
    head: tuple[Address, ...] = ()


class RawForm(Table):
    key: Slug
    name: Text
    blank: Text
    unit_field: str = ""
    date_field: str = ""
    person_field: str = ""
    phone_field: str = ""
    words: tuple[Text, ...] = ()


class RawQuote(Table):
    text: Text
    where: Text
    role: Literal["governing", "superseded", "parallel"]


class RawDeadline(Table):
    key: Slug
    name: Text
    form: Slug | None = None
    material: Slug | None = None
    units: tuple[str, ...] = ()
    opens_at: Moment
    remind_by: Moment
    late_after: Moment
    mode: Literal["chase", "record"]
    coverage: Literal["cumulative", "increment", ""] = ""
    week: int | None = None
    quote: tuple[RawQuote, ...] = ()


class RawMaterial(Table):
    key: Slug
    name: Text
    words: tuple[Text, ...] = ()
    not_words: tuple[Text, ...] = ()
    min_chars: int = 0
    media: bool = False


class RawCheck(Table):
    form: Slug
    when: str | None = None
    before: date | None = None
    expect: Text
    say: Text


class RawStage(Table):
    key: Slug
    name: Text
    counted_from: Literal["remind_by", "late_after"]
    working_days: int
    at: Clock
    until: Clock | None = None
    copy_head: bool = False


class RawChase(Table):
    office_hours: Hours
    roll_rest_days: bool = False
    correction_words: tuple[Text, ...] = ("更正", "修改", "重报")
    rest_days: tuple[date, ...] = ()
    work_days: tuple[date, ...] = ()
    stage: tuple[RawStage, ...] = ()


class RawReport(Table):
    deadline: Slug
    at: Moment
    also: tuple[Slug, ...] = ()


class RawScore(Table):
    full: int = 100
    per_day: int = 1
    per_missing: int = 5
    per_rejected: int = 0


class RawDesk(Table):
    digest_at: Clock = time(8, 30)
    report: tuple[RawReport, ...] = ()


class RawCampaign(Table):
    title: Text
    issuer: Text
    notice: Text
    mailbox: Address
    starts: date
    closes: date
    staff: RawStaff
    form: tuple[RawForm, ...] = Field(min_length=1)
    deadline: tuple[RawDeadline, ...] = Field(min_length=1)
    material: tuple[RawMaterial, ...] = ()
    check: tuple[RawCheck, ...] = ()
    chase: RawChase
    desk: RawDesk = RawDesk()
    score: RawScore = RawScore()
