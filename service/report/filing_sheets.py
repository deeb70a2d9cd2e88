"""The sheets 报送情况 (units by deadlines, with times) and 考核台账 (accounts and scores)."""

from __future__ import annotations

from collections import Counter

from service.moments import ZONE
from service.report import look, wording
from service.report.basis import Basis
from service.report.scoring import Account, Rule, accounts
from service.report.sheet import Book, Column, Formula, Page, Styled, Value
from service.report.wording import say
from service.types import CellState, Deadline, Unit

_STATES: tuple[CellState, ...] = (
    "reported",
    "late",
    "missing",
    "open",
    "doubt",
    "waived",
    "not_due",
)


def write_filing(book: Book, basis: Basis) -> None:
    """One row a unit, one column a deadline: the state in words and colour, the arrival."""
    deadlines = basis.campaign.deadlines
    columns = [
        Column("序号", 6, look.CENTRE),
        Column("单位", 24),
        Column("类别", 16, look.CENTRE),
        *(Column(d.name, 13.5, look.CENTRE) for d in deadlines),
    ]
    page = book.page(
        wording.FILING,
        columns,
        title=say("filing_title", campaign=basis.campaign.title),
        note=say("filing_note", at=wording.moment(basis.now)),
    )
    for number, unit in enumerate(basis.campaign.units, start=1):
        page.add([number, unit.name, unit.kind, *(_state(basis, unit, d) for d in deadlines)])
    page.finish(frozen_columns=2)
    _add_counts(page, basis)


def _state(basis: Basis, unit: Unit, deadline: Deadline) -> Value:
    cell = basis.cell(unit, deadline)
    if cell is None:
        return Styled(unit.exempt or "—", look.STATE_STYLE["not_due"])
    word = wording.state(cell)
    if cell.arrived_at is not None:
        arrived = cell.arrived_at.astimezone(ZONE)
        word = f"{word}\n{arrived.month}月{arrived.day}日 {arrived:%H:%M}"
    return Styled(word, look.STATE_STYLE[wording.colour_of(deadline, cell)])


def _add_counts(page: Page, basis: Basis) -> None:
    """Under the table and outside its filter: how many units stand how."""
    counts = {
        d.key: Counter(c.state for u in basis.campaign.units if (c := basis.cell(u, d)))
        for d in basis.campaign.deadlines
    }
    for state in _STATES:
        if not any(c[state] for c in counts.values()):
            continue
        word = wording.state_name(state)
        style = look.STATE_STYLE[state]
        numbers = [Styled(counts[d.key][state], style) for d in basis.campaign.deadlines]
        page.add(["", Styled(say("count_of", word=word), style), "", *numbers])


def write_scores(book: Book, basis: Basis, rule: Rule) -> None:
    """One row a unit; the score is a formula over the rule's cells above the table."""
    styles = {"单位": look.TEXT, "迟报、未报事项": look.TEXT, "得分": look.TOTAL}
    columns = [Column(h, w, styles.get(h, look.CENTRE)) for h, w in wording.SCORES_HEADINGS]
    page = book.page(
        wording.SCORES,
        columns,
        title=say("scores_title", campaign=basis.campaign.title),
        note=say("scores_note", at=wording.moment(basis.now)),
        above=[_rule_row(rule)],
    )
    found = accounts(basis)
    scores = sorted((a.score(rule) for a in found), reverse=True)
    places = {score: place for place, score in reversed(list(enumerate(scores, start=1)))}
    last = page.last_row + len(found)
    for number, account in enumerate(found, start=1):
        score = account.score(rule)
        row = page.last_row + 1
        formulas = (
            Formula(_score_formula(row, page.heading_row - 1), score),
            Formula(f"=RANK(L{row},$L${page.heading_row + 1}:$L${last})", places[score]),
        )
        page.add([number, *_account_row(account), *formulas, _items(account)])
    page.finish(frozen_columns=2)


def _rule_row(rule: Rule) -> list[Value]:
    """Label and number by turns: the numbers may be changed, the scores follow."""
    pairs = (
        ("rule_full", rule.full),
        ("rule_day", rule.per_day),
        ("rule_missing", rule.per_missing),
        ("rule_rejected", rule.per_rejected),
    )
    cells: list[Value] = [Styled("", look.NOTE), Styled(say("rule"), look.HEADING)]
    for code, points in pairs:
        cells += [Styled(say(code), look.HEADING), Styled(points, look.TOTAL)]
    return cells


def _score_formula(row: int, rule_row: int) -> str:
    full, day, missing, rejected = (f"${c}${rule_row}" for c in "DFHJ")
    return f"=MAX(0,{full}-{day}*J{row}-{missing}*G{row}-{rejected}*K{row})"


def _account_row(a: Account) -> tuple[Value, ...]:
    counts = (a.due, a.on_time, a.late, a.missing, a.waived, a.doubtful, a.days, a.rejected)
    return (a.unit.name, a.unit.kind, *counts)


def _items(account: Account) -> str:
    return "；".join(say("item", name=d.name, state=wording.state(c)) for d, c in account.items)
