"""Photos, videos and links by unit, with what is known of whose they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.moments import moment
from service.report.basis import gather
from service.report.media import media, spoken_size
from service.types import Campaign, PartFact
from tests.service.report.stories import Story

LINK = {"url": "https://mail.qq.example/ftn", "name": "视频.mp4", "expires": "2021-07-08"}


@pytest.fixture
def story(campaign: Campaign) -> Story:
    return Story(campaign, moment("2021-06-09 09:00"))


def shown(story: Story) -> list[tuple[str | None, str, str]]:
    basis = gather(story.campaign, story.ledger(), "progress-0608", story.now)
    return [(m.unit.name if m.unit else None, m.kind, m.name) for m in media(basis)]


def test_pictures_and_videos_of_media_returns_are_listed(story: Story) -> None:
    for part, name, kind in (("1", "甲.jpg", "image/jpeg"), ("2", "乙.mp4", "video/mp4")):
        fact = PartFact(part, name, "material", None, {}, content_type=kind)
        read = {"outcome": "material"}
        story.filed("rucheng", ["media"], "2021-06-08 09:00", read, material="media", parts=(fact,))
        story.submissions[-1] = replace(story.submissions[-1], part=part)

    assert shown(story) == [
        ("如城街道综合执法局", "photo", "甲.jpg"),
        ("如城街道综合执法局", "video", "乙.mp4"),
    ]


def test_a_link_belongs_to_the_unit_whose_confirmed_address_sent_it(story: Story) -> None:
    story.mail("dongchen", moment("2021-06-08 09:00"), links=(LINK,))

    assert shown(story) == [("东陈镇综合执法局", "link", "视频.mp4")]


def test_a_strangers_link_is_listed_last_and_as_nobodys(story: Story) -> None:
    story.mail("stranger", moment("2021-06-07 09:00"), links=(LINK,))
    story.mail("zhifa", moment("2021-06-08 09:00"), links=(LINK,))

    assert [unit for unit, _, _ in shown(story)] == ["执法大队", None]


@pytest.mark.parametrize(
    ("size", "said"), [(None, ""), (1, "1 KB"), (39_900, "38 KB"), (1_482_000, "1.4 MB")]
)
def test_sizes_in_words(size: int | None, said: str) -> None:
    assert spoken_size(size) == said
