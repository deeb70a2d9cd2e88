"""Which county is the issuer's own, and what is trimmed in front of a name."""

from __future__ import annotations

import pytest

from service.regions import region


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("如皋市城市管理局", ("如皋市", "如皋")),
        ("江苏省南通市如皋市城市管理局", ("如皋市", "如皋")),
        ("中共临水县委教育工委", ("临水县", "临水")),
        ("南通市崇川区教育局", ("崇川区", "崇川")),
        ("某市城市管理局", ("某市",)),
        ("市城市管理局", ()),
        ("县教育局", ()),
        ("", ()),
    ],
)
def test_the_county_follows_from_the_issuer(issuer: str, words: tuple[str, ...]) -> None:
    assert region(issuer).words == words


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("如皋市下原镇", "下原镇"),
        ("江苏省南通市如皋市丁堰镇", "丁堰镇"),
        ("如皋港区", "如皋港区"),
        ("城市管理局环卫处", "城市管理局环卫处"),
    ],
)
def test_only_the_county_goes_and_a_name_stays(name: str, left: str) -> None:
    assert region("如皋市城市管理局").trim(name) == left
