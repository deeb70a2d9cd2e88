"""Replies of the staff, through the whole service: understood or refused rightly, each decision
undoable, each reply confirmed once.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from service.types import Campaign, Decision
from tests.service import facts
from tests.service.machines import Office, form, minutes, office

CLERK = "1137652316@qq.com"
HEAD = "head@rugao.example"
COLLEAGUE = "colleague@rugao.example"
STRANGER = "baipu_new@mail.example"
OTHER = "dingyan_new@mail.example"
UNITS = ("dongchen", "dingyan", "baipu", "huanwei-chu", "huanwei-ke", "wuguan", "chengbei")
SIGNATURE = "\n\n刘露璐\n如皋市城市管理局安全科\n电话：139-0000-0000\n"
QUOTED = '\n\n------------------ 原始邮件 ------------------\n发件人: "安全科"\n免报 城北 6月8日 不是我写的\n'
BARE_QUOTE = "\n在 2021年6月9日，安全科 写道：\n> 免报 城北 6月8日\n> 放行\n"


@pytest.fixture(scope="module")
def here(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The morning of 9 June: the digest has left, two strangers have written."""
    units = tuple(u for u in campaign.units if u.id in UNITS)
    units = tuple(replace(u, addresses=()) if u.id == "baipu" else u for u in units)
    staff = replace(campaign.staff, addresses=(CLERK, COLLEAGUE), head=(HEAD,))
    few = replace(campaign, units=units, staff=staff)
    with office(few, tmp_path_factory.mktemp("replies"), "06-01 08:00") as made:
        made.tick()
        made.files("06-07 09:00", "dongchen")
        filed = form(few.slug, "progress", "环卫处")
        filed["fields"]["8.1"] = {"raw": "一是培训。", "value": "一是培训。", "state": "filled"}
        made.arrive("06-08 10:00", filed, sender="huanwei-chu@units.example")
        made.arrive(
            "06-08 11:00", form(few.slug, "progress", "白蒲镇"), sender=STRANGER, subject="白蒲"
        )
        made.arrive(
            "06-08 11:10", form(few.slug, "progress", "丁堰镇"), sender=OTHER, subject="丁堰"
        )
        made.tick("06-08 17:00")
        made.tick("06-09 08:31")
        made.clock.move_to(facts.when("06-09 09:00"))
        yield made


def number(here: Office, sender: str) -> int:
    """The number of the mail of this sender."""
    return next(m.id for m in here.store.mail_facts() if m.sender == sender)


def token(here: Office, kind: str) -> str:
    return next(g.token for g in here.gone if g.kind == kind)


def decisions(here: Office) -> tuple[Decision, ...]:
    return here.store.decisions(here.campaign.slug, here.clock.now())


def notices(here: Office) -> list[str]:
    return here.sent("notice")


def last_text(here: Office) -> str:
    mail = email.message_from_bytes(here.post.posted[-1].content, policy=email.policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def reply(here: Office, text: str, **mail: Any) -> None:
    """The clerk answers the digest; one minute later the service has looked."""
    given = {
        "sender": CLERK,
        "message_id": f"<{len(here.post.posted)}.{here.clock.now()}@x>",
        **mail,
    }
    kind = given.pop("thread", "digest")
    mark = f"〔{token(here, kind)}〕" if kind else ""
    given.setdefault("subject", f"回复：【日报】6月9日{mark}")
    here.arrive(here.clock.now(), text=text, **given)
    here.tick(here.clock.now() + minutes(1))


@dataclass(frozen=True)
class Case:
    """A reply, the decisions that it means, and how many of its lines are not understood."""

    kind: str
    text: str
    means: tuple[tuple[str, dict[str, Any]], ...] = ()
    unclear: int = 0
    mail: dict[str, Any] = field(default_factory=dict)
    heard: bool = True


def cell(unit: str, deadline: str = "progress-0608") -> dict[str, str]:
    return {"unit": unit, "deadline": deadline}


WAIVED = ("waive", cell("chengbei"))
RECEIVED = {"how": "微信", **cell("wuguan")}
CORRECTED = {**cell("huanwei-chu"), "key": "3.2", "value": 12}
# `{a}` and `{b}` are the numbers of the two strangers' mails
CASES = (
    # good
    Case("good", "免报 城北 6月8日 会议", (WAIVED,)),
    Case("good", "改 环卫处 1.2 12", (("correct", {**CORRECTED, "key": "1.2"}),)),
    Case("good", "改 环卫处 6月8日 1.2 改为 0", (("correct", {**CORRECTED, "key": "1.2", "value": 0}),)),
    Case("good", "认领 #{a} 白蒲镇", (("assign", {"part": "{a}/1", "unit": "baipu", "deadlines": []}),)),
    Case("good", "不是 #{a}", (("reject", {"doubt": "{a}/1"}),)),
    Case("good", "认可 #{b}", (("accept", {"doubt": "{b}/1"}),)),
    Case("good", "绑定 {a}", (("bind", {"unit": "baipu", "address": STRANGER}),)),
    Case("good", "绑定 全部", (("bind", {"unit": "baipu", "address": STRANGER}),)),
    Case("good", "绑定 环卫处 New.Box@163.com",
         (("bind", {"unit": "huanwei-chu", "address": "new.box@163.com"}),)),
    Case("good", "解绑 东陈 dongchen@units.example",
         (("unbind", {"unit": "dongchen", "address": "dongchen@units.example"}),)),
    Case("good", "收到 物管科 6月8日 微信 6月8日16:00",
         (("received", {**RECEIVED, "when": "2021-06-08T16:00:00+08:00"}),)),
    Case("good", "纸质 东陈", (("paper", {"unit": "dongchen"}),)),
    Case("good", "延期 6月24日进展情况统计表 6月25日",
         (("extend", {"deadline": "progress-0624", "time": "2021-06-25T17:30:00+08:00", "unit": None}),)),
    Case("good", "延期 东陈 总结 7月5日12:00",
         (("extend", {"deadline": "summary", "time": "2021-07-05T12:00:00+08:00", "unit": "dongchen"}),)),
    Case("good", "放行", (("release", {"letters": []}),)),
    # a passage: all up to the end mark is text, whatever it looks like
    Case("a passage", "改 环卫处 6月8日 8.1\n一是夜间检查；收到举报3件。\n改进方法，未发生事故？\n完\n纸质 东陈",
         (("correct", {**CORRECTED, "key": "8.1", "value": "一是夜间检查；收到举报3件。\n改进方法，未发生事故？"}),
          ("paper", {"unit": "dongchen"}))),
    Case("a passage", "改 环卫处 8.1 改为：一是夜间检查；收到举报3件。",
         (("correct", {**CORRECTED, "key": "8.1", "value": "一是夜间检查；收到举报3件。"}),)),
    Case("a passage", "改 环卫处 8.1\n一是夜间检查。\n二是没写完字\n纸质 东陈",
         (("paper", {"unit": "dongchen"}),), unclear=1),
    # sloppy
    Case("sloppy", "　请免报城北６月８号，在开会。", (WAIVED,)),
    Case("sloppy", "免报：城北街道、物管科 6.8 都去抢险了",
         (WAIVED, ("waive", cell("wuguan")))),
    Case("sloppy", "认领＃{a}白蒲", (("assign", {"part": "{a}/1", "unit": "baipu", "deadlines": []}),)),
    Case("sloppy", "1、绑定：＃{a}。", (("bind", {"unit": "baipu", "address": STRANGER}),)),
    Case("sloppy", "改环卫处第1.2项改为１２人次", (("correct", {**CORRECTED, "key": "1.2"}),)),
    Case("sloppy", "免报 城北 联络员", (("waive", cell("chengbei", "liaison")),)),
    # several lines, greeting and signature
    Case("several lines", "您好：\n免报 城北 6月8日 会议\n\n绑定 {a}；纸质 东陈\n谢谢！" + SIGNATURE,
         (WAIVED, ("bind", {"unit": "baipu", "address": STRANGER}), ("paper", {"unit": "dongchen"}))),
    Case("several lines", "免报 城北 6月8日\n恢复 城北 6月8日", (WAIVED, ("unwaive", cell("chengbei")))),
    Case("several lines", "绑定 {a}\n免报 长安镇 6月8日\n今天下午我去市里开会",
         (("bind", {"unit": "baipu", "address": STRANGER}),), unclear=2),
    # the digest quoted below, with and without marks
    Case("quoted below", "免报 东陈 总结" + QUOTED, (("waive", cell("dongchen", "summary")),)),
    Case("quoted below", "免报 东陈 总结" + BARE_QUOTE, (("waive", cell("dongchen", "summary")),)),
    Case("quoted below", "好的，收到，谢谢" + QUOTED),
    # not understood: nothing is changed
    Case("unclear", "免报 城北 6月24日", unclear=1),
    Case("unclear", "免报 环卫 6月8日", unclear=1),
    Case("unclear", "免报 城北 6月9日", unclear=1),
    Case("unclear", "改 环卫处 1.2 十几", unclear=1),
    Case("unclear", "绑定 {a} 99999", unclear=1),
    Case("unclear", "延期 6月8日 6月10日 城北", unclear=1),
    Case("unclear", "收到 物管科 6月8日 微信 昨天下午", unclear=1),
    Case("unclear", "收到 物管科 6月8日", unclear=1),
    Case("unclear", "认领 #99999 白蒲镇", unclear=1),
    Case("unclear", "撤销 99999", unclear=1),
    # hostile: what reads like a command and is none
    Case("hostile", "免报 城北 6月8日 可以吗？", unclear=1),
    Case("hostile", "免报 城北 6月8日 不同意", unclear=1),
    Case("hostile", "不要免报城北6月8日", unclear=1),
    Case("hostile", "免报 城北 6月8日 丁堰", unclear=1),
    Case("hostile", "免报 全部 6月8日", unclear=1),
    Case("hostile", "免报 '; drop table decisions; -- 6月8日", unclear=1),
    Case("hostile", "绑定 环卫处 dongchen@units.example", unclear=1),
    # who may speak
    Case("from the head", "纸质 东陈", (("paper", {"unit": "dongchen"}),), mail={"sender": HEAD}),
    Case("from a colleague", "纸质 东陈", (("paper", {"unit": "dongchen"}),), mail={"sender": COLLEAGUE}),
    Case("from the polled mailbox itself", "纸质 东陈", (("paper", {"unit": "dongchen"}),),
         mail={"sender": CLERK, "headers": [["From", CLERK], ["To", CLERK]]}),
    Case("from a unit", "免报 东陈 6月8日", mail={"sender": "dongchen@units.example"}, heard=False),
    Case("from a stranger", "免报 东陈 6月8日", mail={"sender": "x@y.example"}, heard=False),
    Case("forged From", "免报 城北 6月8日", mail={"proof": {"verdict": "fail"}}, heard=False),
    Case("forged From", "免报 城北 6月8日", mail={"proof": {"verdict": "forged"}}, heard=False),
    Case("several From", "免报 城北 6月8日", mail={"sender": None}, heard=False),
    Case("automatic", "免报 城北 6月8日", mail={"automatic": "qq_vacation"}, heard=False),
    Case("a unit's letter answered", "免报 城北 6月8日", mail={"thread": "receipt"}, heard=False),
    Case("without token", "免报 城北 6月8日", mail={"thread": None}, heard=False),
    Case("token of nobody", "免报 城北 6月8日",
         mail={"subject": "回复：日报〔AAAAAAAA〕"}, heard=False),
    Case("without token", "这是一封普通的信，请查收附件", mail={"thread": None}, heard=False),
)  # fmt: skip
TOLD_THAT_REFUSED = ("without token", "token of nobody", "a unit's letter answered")


def filled(here: Office, thing: Any) -> Any:
    """The case with the numbers of the strangers' mails."""
    if isinstance(thing, str):
        numbers = {"{a}": str(number(here, STRANGER)), "{b}": str(number(here, OTHER))}
        for mark, n in numbers.items():
            thing = thing.replace(mark, n)
        return thing
    if isinstance(thing, dict):
        return {k: filled(here, v) for k, v in thing.items()}
    return thing


def test_the_cases_are_of_many_kinds() -> None:
    assert len(CASES) >= 30
    assert len({c.kind for c in CASES}) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.kind}: {c.text[:24]}")
def test_a_reply_is_understood_or_refused_rightly(here: Office, case: Case) -> None:
    before, told = decisions(here), len(notices(here))

    reply(here, filled(here, case.text), **case.mail)
    new = decisions(here)[len(before) :]
    for _ in range(2):
        here.restart()
        here.tick(here.clock.now() + minutes(1))
    here.store.reread()
    here.tick(here.clock.now() + minutes(1))

    assert [(d.verb, dict(d.args)) for d in new] == [(v, filled(here, a)) for v, a in case.means]
    assert len(decisions(here)) == len(before) + len(new), "applied once"
    says = bool(case.means or case.unclear)
    refused = case.kind in TOLD_THAT_REFUSED and "免报" in case.text
    assert len(notices(here)) - told == int((says and case.heard) or refused), "confirmed once"
    if says and case.heard:
        heard = here.store.heard(here.campaign.slug)[-1]
        assert sum(1 for x in heard.told["lines"] if x.get("problem")) == case.unclear
        sender = case.mail.get("sender", CLERK)
        assert here.gone[-1].to == (sender,) or here.gone[-1].kind != "notice"
    _undo_each(here, new)


def _undo_each(here: Office, new: tuple[Decision, ...]) -> None:
    """Each is undone by the words that its confirmation gives, in one reply for all."""
    if not new:
        return
    for d in new:
        assert d.by in (CLERK, HEAD, COLLEAGUE)
        assert d.why

    reply(here, "撤销 " + " ".join(str(d.id) for d in new), thread="notice")

    undone = {d.id: d.undone for d in decisions(here)}
    assert all(undone[d.id] for d in new)


def test_the_confirmation_says_line_by_line_what_was_done_and_the_way_back(here: Office) -> None:
    reply(here, "免报 城北 6月8日 会议\n免报 长安镇 6月8日")

    text = last_text(here)
    made = decisions(here)[-1].id
    assert "第1行“免报 城北 6月8日 会议”" in text
    assert (
        f"已办：城北街道综合执法局 6月8日进展情况统计表 免报。编号{made}，要撤销请回复“撤销 {made}”。"
        in text
    )
    assert "第2行“免报 长安镇 6月8日”" in text
    assert "没有看懂，什么也没有改动：“长安镇 6月8日”处看不出是哪个单位" in text
    reply(here, f"撤销 {made}")


def test_a_number_is_told_with_whose_it_is_and_what_for(here: Office) -> None:
    reply(here, filled(here, "不是 #{b}"))

    assert "/1（丁堰镇综合执法局 6月8日进展情况统计表" in last_text(here)
    reply(here, f"撤销 {decisions(here)[-1].id}")


def test_undoing_can_be_undone(here: Office) -> None:
    reply(here, "免报 城北 6月8日 会议")
    made = decisions(here)[-1].id
    reply(here, f"撤销 {made}")
    assert here.outlook().ledger.cell("chengbei", "progress-0608").state == "missing"

    undoing = max(here.store.decision_numbers(here.campaign.slug))
    reply(here, f"撤销 {undoing}")

    assert here.outlook().ledger.cell("chengbei", "progress-0608").state == "waived"
    reply(here, f"撤销 {made}")


def test_a_second_copy_of_the_same_mail_is_not_applied_again(here: Office) -> None:
    before = len(decisions(here))
    same = {"message_id": "<one@mail.example>"}

    reply(here, "纸质 东陈", **same)
    reply(here, "纸质 东陈", **same, headers=[["Received", "another road"]])

    assert len(decisions(here)) == before + 1


def test_a_passage_is_confirmed_with_its_length_and_stands_in_the_ledger(here: Office) -> None:
    reply(here, "改 环卫处 8.1\n一是夜间检查。\n二是培训上岗。\n完")

    made = decisions(here)[-1].id
    assert "第8.1项的文字改为“一是夜间检查。 二是培训上岗。”（14字）" in last_text(here)
    counted = here.outlook().ledger.governing("huanwei-chu", "progress-0608")
    assert counted is not None
    assert counted.read["fields"]["8.1"]["value"] == "一是夜间检查。\n二是培训上岗。"
    reply(here, f"撤销 {made}")
    counted = here.outlook().ledger.governing("huanwei-chu", "progress-0608")
    assert counted is not None
    assert counted.read["fields"]["8.1"]["value"] == "一是培训。"


def test_a_report_asked_for_leaves_at_once_and_once(here: Office) -> None:
    before = here.sent("report")

    reply(here, "汇总")
    here.tick(here.clock.now() + minutes(5))

    new = [k for k in here.sent("report") if k not in before]
    assert len(new) == 1 and new[0].startswith("report/progress-0608/")
    confirmed = next(g for g in reversed(here.gone) if g.kind == "notice")
    assert "只是再发一份，不改动任何数，不用撤销" in here.store.letter_text(confirmed.key)


def test_a_colleague_without_end_is_answered_three_times_a_day(here: Office) -> None:
    told = len(notices(here))

    for n in range(6):
        reply(here, f"这是第{n}封说不清的信", sender=COLLEAGUE)

    assert len(notices(here)) - told == 3


def test_all_means_what_the_answered_letter_showed(campaign: Campaign, tmp_path: Path) -> None:
    units = tuple(replace(u, addresses=()) for u in campaign.units if u.id in UNITS)
    with office(replace(campaign, units=units), tmp_path, "06-01 08:00") as here:
        for unit in ("dongchen", "baipu", "dingyan"):
            name = campaign.unit(unit).name
            here.arrive(
                "06-02 15:00", form(campaign.slug, "liaison", name), sender=f"{unit}@u.example"
            )
        here.tick("06-02 15:01")
        here.tick("06-03 08:31")
        late = form(campaign.slug, "liaison", campaign.unit("chengbei").name)
        here.arrive("06-03 08:40", late, sender="chengbei@u.example")
        here.tick("06-03 08:41")

        reply(here, "绑定 全部")

        addresses = here.outlook().ledger.addresses
        assert {u for u, a in addresses.items() if a} == {"dongchen", "baipu", "dingyan"}


def test_a_reply_releases_the_first_batch_and_is_answered_before_it(
    campaign: Campaign, tmp_path: Path
) -> None:
    units = tuple(u for u in campaign.units if u.id in UNITS)
    few = replace(campaign, units=units)
    with office(few, tmp_path, "06-01 08:00", hold=True) as here:
        here.tick("06-03 08:31")
        here.tick("06-03 09:00")
        reply(here, "纸质 东陈")
        assert here.sent() == []
        assert len(notices(here)) == 1

        reply(here, "放行")

        assert len(here.sent()) == len(UNITS)
        assert len(notices(here)) == 2


def test_letters_to_one_unit_are_withdrawn_by_its_name(campaign: Campaign, tmp_path: Path) -> None:
    units = tuple(u for u in campaign.units if u.id in UNITS)
    few = replace(campaign, units=units)
    with office(few, tmp_path, "06-01 08:00", hold=True) as here:
        here.tick("06-03 08:31")
        here.tick("06-03 09:00")

        reply(here, "撤回 东陈\n撤回 东陈")
        reply(here, "放行")

        assert len(here.sent()) == len(UNITS) - 1
        assert not any("dongchen" in k for k in here.sent())
