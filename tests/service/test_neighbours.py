"""Two campaigns in one mailbox: each mail is filed where it belongs and answered once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from service import alerts, duties, ledger
from service.errors import ConfigError
from service.neighbours import near, speaks_for_all
from service.settings import load, load_campaigns
from service.types import Campaign, Decision, MailFact
from service.wants import Said
from tests.service import facts, machines
from tests.service.facts import form, mail, part, when
from tests.service.office import Office

NIGHT = "06-08 20:00"
SUMMARY = "安全生产月活动总结：" + "我单位认真开展活动。" * 40

Pair = tuple[Campaign, Campaign]


@pytest.fixture
def pair(campaign: Campaign) -> Pair:
    """June's campaign, and one on bridges of the same units with one form and no materials."""
    june = replace(campaign, slug="june")
    blank = replace(june.forms[1], key="bridges", name="桥梁巡查表", words=("桥梁",))
    due = replace(june.deadline("progress-0608"), key="bridges-0608", form="bridges")
    own = {"forms": (blank,), "deadlines": (due,), "materials": (), "checks": (), "reports": ()}
    bridges = replace(june, slug="bridges", **own)  # type: ignore[arg-type]
    return (
        replace(june, neighbours=(bridges,)),
        replace(bridges, neighbours=(june,)),
    )


def answered(pair: Pair, *mails: MailFact) -> list[tuple[str, str]]:
    """(campaign, kind) of each answer."""
    out = []
    for campaign in pair:
        book = ledger.build(campaign, mails, (), when(NIGHT))
        out += [
            (campaign.slug, w.kind) for w in duties.answers(campaign, book, Said(), when(NIGHT))
        ]
    return out


def waiting(campaign: Campaign, *mails: MailFact) -> list[str]:
    decisions: tuple[Decision, ...] = ()
    book = ledger.build(campaign, mails, decisions, when(NIGHT))
    return [code for s in book.submissions for code, _, _ in s.reasons]


def test_a_form_is_its_own_campaigns(pair: Pair) -> None:
    new = mail("06-08 09:00", form("bridges/bridges", "东陈镇综合执法局", name="桥梁.docx"))

    assert answered(pair, new) == [("bridges", "receipt")]
    assert waiting(pair[0], new) == []


def test_each_campaign_answers_for_its_own_form_of_a_mail_with_both(pair: Pair) -> None:
    new = mail(
        "06-08 09:00",
        form("bridges/bridges", "东陈镇综合执法局", path="1"),
        form("june/progress", "东陈镇综合执法局", path="2"),
    )

    assert answered(pair, new) == [("june", "receipt"), ("bridges", "receipt")]
    assert waiting(pair[0], new) == waiting(pair[1], new) == []


def test_what_one_campaign_has_placed_is_no_others_doubt(pair: Pair) -> None:
    new = mail("06-08 09:00", part("material", "总结.docx", text=SUMMARY), subject="活动总结")

    alone = replace(pair[1], neighbours=())
    assert waiting(alone, new) == ["unread_unclassified"]
    assert waiting(pair[1], new) == []
    assert answered(pair, new) == [("june", "receipt")]


@pytest.mark.parametrize(
    ("subject", "name", "asks"),
    [("统计表", "表.docx", "june"), ("桥梁", "表.docx", "bridges"), ("材料", "附件", "bridges")],
)
def test_what_nobody_can_open_stops_both_chases_and_is_asked_for_once(
    pair: Pair, subject: str, name: str, asks: str
) -> None:
    new = mail("06-08 09:00", part("damaged", name), subject=subject)

    assert answered(pair, new) == [(asks, "question")]
    assert waiting(pair[0], new) == waiting(pair[1], new) == ["unread_damaged"]


def test_a_blank_is_asked_for_by_its_own_campaign(pair: Pair) -> None:
    blank = facts.PartFact("1", "表.docx", "blank_form", "june/progress", {"kind": "docx"})

    assert answered(pair, mail("06-08 09:00", blank)) == [("june", "question")]


def test_a_campaign_that_is_over_answers_nothing_and_keeps_nobody_from_answering(
    pair: Pair,
) -> None:
    june, bridges = pair
    over = replace(bridges, closes=when("06-05 00:00").date(), neighbours=())
    new = mail("06-08 09:00", part("damaged", "桥梁.docx"), subject="桥梁")

    assert answered((replace(june, neighbours=(over,)), over), new) == [("june", "question")]


def test_one_campaign_speaks_for_the_mailbox_while_it_is_open(pair: Pair) -> None:
    june, bridges = pair
    day = when(NIGHT).date()
    theirs = replace(bridges.staff, addresses=("other@qq.example",))
    over = replace(bridges, closes=when("06-05 00:00").date())

    assert (speaks_for_all(bridges, day), speaks_for_all(june, day)) == (True, False)
    assert speaks_for_all(replace(june, neighbours=(over,)), day)
    assert speaks_for_all(replace(june, neighbours=(replace(bridges, staff=theirs),)), day)


def test_a_trouble_of_the_mailbox_is_told_once_for_all(pair: Pair, tmp_path: Path) -> None:
    told = []
    for campaign in pair:
        folder = tmp_path / campaign.slug
        folder.mkdir()
        with machines.office(campaign, folder, "06-08 07:00") as here:
            seen = here.outlook()
            told += [w.stage for w in alerts.alerts(seen, False, "", {"x": "broken"})]

    assert told == ["no_reader"]


def test_the_live_campaigns_know_each_other(office: Office) -> None:
    folder = office.settings.campaign_folders[0]
    shutil.copytree(folder, office.folder / "campaigns" / "second")
    text = office.file.read_text(encoding="utf-8")
    first = '"campaigns/2021-safety-month"'
    office.file.write_text(text.replace(first, f'{first}, "campaigns/second"'), encoding="utf-8")

    one, two = load_campaigns(load(office.file))

    assert (len(one.neighbours), len(two.neighbours)) == (1, 1)
    assert one.neighbours[0].neighbours == ()


def test_two_campaigns_of_one_name_are_refused(office: Office) -> None:
    shutil.copytree(office.settings.campaign_folders[0], office.folder / "2021-safety-month")
    text = office.file.read_text(encoding="utf-8")
    first = '"campaigns/2021-safety-month"'
    office.file.write_text(text.replace(first, f'{first}, "2021-safety-month"'), encoding="utf-8")

    with pytest.raises(ConfigError, match="campaigns：“2021-safety-month”出现了两次"):
        load_campaigns(load(office.file))


def test_a_campaigns_own_form_is_near_however_late_it_comes(pair: Pair) -> None:
    late = mail("12-24 09:00", form("june/progress", "东陈镇综合执法局"))

    assert near(pair[0], late) and not near(pair[1], late)


def test_last_years_blank_filled_in_this_year_waits_in_this_years_campaign(
    campaign: Campaign,
) -> None:
    before = {"starts": date(2020, 6, 1), "closes": date(2020, 7, 15), "slug": "2020"}
    old, new = replace(campaign, **before), replace(campaign, slug="2021")
    old, new = replace(old, neighbours=(new,)), replace(new, neighbours=(old,))
    filled = mail("06-08 09:00", form("2020/progress", "东陈镇综合执法局", date="2021年6月8日"))
    late = mail("06-08 09:10", form("2020/progress", "东陈镇综合执法局", date="2020年6月24日"))
    named = mail("06-08 09:20", form("2020/progress", "东陈镇综合执法局"), subject="补报2020年的表")

    assert waiting(new, filled) == ["unread_old_blank"] and not near(old, filled)
    for other in (late, named):
        assert waiting(new, other) == [] and near(old, other)
