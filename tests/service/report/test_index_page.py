"""index.html: everything of the month within reach, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from io import BytesIO
from urllib.parse import unquote

import pytest
from PIL import Image

from parsers.types import Damaged, OverLimit
from service import report
from service.report import thumbnail
from service.report.layout import plan
from service.types import PartFact
from tests.service.report import stories

EIGHTH = "progress-0608"


def page(story: stories.Story, **more: object) -> str:
    files = report.build(story.campaign, story.ledger(), EIGHTH, story.now, **more)
    return next(f.content for f in files if f.name == "index.html").decode()


def picture(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "green").save(out, "PNG")
    return out.getvalue()


def test_it_links_to_each_laid_out_file(after_eighth: stories.Story) -> None:
    html = page(after_eighth)

    hrefs = {unquote(h) for h in re.findall(r'href="([^"]+)"', html)}
    assert {p.path for p in plan(after_eighth.campaign, after_eighth.ledger())} <= hrefs
    assert {"汇总.xlsx", "附件2-汇总.docx", "通报.docx"} <= hrefs


def test_a_thumbnail_lies_inside_the_page(after_eighth: stories.Story) -> None:
    small = thumbnail.shrink(picture(2000, 1000))

    html = page(after_eighth, thumbnails={"a" * 64: small})

    assert html.count("<img") == 1 and 'src="data:image/jpeg;base64,' in html


def test_it_loads_and_runs_nothing(after_eighth: stories.Story) -> None:
    html = page(after_eighth)

    assert "<script" not in html and "<link" not in html and "<img" not in html
    # the sender's link is shown, not made into one: it leads out of the house
    assert not re.search(r'(href|src)="https?:', html)
    assert "https://mail.qq.example/ftn?k=1" in html and "2021-07-08 11:30" in html


def test_a_thumbnail_is_small_and_upright() -> None:
    with Image.open(BytesIO(thumbnail.shrink(picture(3000, 1500)))) as small:
        assert (small.format, small.size) == ("JPEG", (240, 120))


def test_a_picture_too_large_is_refused_before_it_is_unpacked() -> None:
    out = BytesIO()
    Image.new("1", (8_000, 8_000)).save(out, "PNG")

    with pytest.raises(OverLimit):
        thumbnail.shrink(out.getvalue())


def test_a_broken_picture_is_damaged() -> None:
    with pytest.raises(Damaged):
        thumbnail.shrink(b"\xff\xd8\xff broken")


def test_a_return_for_two_deadlines_is_linked_under_both(after_eighth: stories.Story) -> None:
    campaign = after_eighth.campaign
    story = stories.Story(campaign, after_eighth.now)
    part = PartFact("1", "表.docx", "form", "progress", {}, sha256="c" * 64)
    read = {"outcome": "form", "form": "progress", "header": {}, "fields": {}}
    unit = campaign.expected[0].id
    story.filed(unit, [EIGHTH, "weekly-0610"], "2021-06-08 09:00", read, parts=(part,))

    assert unquote(page(story)).count('/表.docx"') == 2
