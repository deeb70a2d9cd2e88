"""Staff replies (回复指令): a line of a mail to the decisions that it asks for, or why it is
not understood.

Pure. `免报 东陈 6月8日 会议`, `认领 #12 白蒲镇`, `撤销 7`: a verb first, then what it is about,
then at will a reason. A line that may mean two things means nothing. Verbs and arguments of
the decisions are those of `run.py decide` (DESIGN section 6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from parsers.own_words import own
from service import reply_letters as of_letters
from service import reply_returns as of_returns
from service import reply_texts
from service.reply_words import NotUnderstood, Rest, fold
from service.standing import Act, Standing
from service.types import Campaign

MOST_LINES = 60
Read = Callable[[Rest, Standing], Iterable[Act]]

VERBS: Mapping[str, Read] = {
    "免报": of_returns.waive,
    "取消免报": of_returns.unwaive,
    "恢复": of_returns.unwaive,
    "恢复应报": of_returns.unwaive,
    "改": of_returns.correct,
    "改数": of_returns.correct,
    "更正": of_returns.correct,
    "认领": of_returns.assign,
    "不是": of_returns.reject,
    "认可": of_returns.accept,
    "收到": of_returns.received,
    "纸质": of_returns.paper,
    "延期": of_returns.extend,
    "绑定": of_letters.bind,
    "解绑": of_letters.unbind,
    "不绑定": of_letters.unbind,
    "放行": of_letters.release,
    "撤回": of_letters.withdraw,
    "撤销": of_letters.undo,
    "汇总": of_letters.report,
}
"""What may stand first in a line."""

_WORDS = sorted(VERBS, key=len, reverse=True)
_VERB_FOLLOWS = re.compile(
    rf"[;；。]\s*(?=(?:(?:\d|[一二三四五六七八九十]){{1,2}}[、.)）])?(?:请|再)?\s*(?:{'|'.join(_WORDS)}))"
)
_NEXT = re.compile(rf"(?<=\S)[\s,、]+(?:再|并|另)?(?={'|'.join(_WORDS)})")
_LISTED = re.compile(
    r"^\s*(?:[（(]?\d{1,2}[)）.、]\s*(?=\D)|[（(]?[一二三四五六七八九十]{1,2}[)）、]|[①-⑳]|[-*·•]+)\s*"
)
_LEADS_IN = re.compile(r"[^#＃\d]{1,16}[:：]")
"""请办理以下几项： says nothing by itself."""
_POLITE = re.compile(r"^(?:(?:请|麻烦|烦请|帮忙|帮我|您好|你好|好的|再)[\s,，:：。!！]*)+")
_QUOTED = re.compile(
    r"^(?:(?:回复|答复|答|办理)\s*:\s*)?[「『“‘\"'《【\[]*\s*|\s*[」』”’\"'》】\]]+$"
)
_SPACED = re.compile("|".join(" ?".join(w) for w in _WORDS))
_NUMBER_FIRST = re.compile(r"#?\s*(\d{1,9})\s*号?[\s,:]*(认可|不是)")
_TAIL = re.compile(r"[\s。.!！~,，;；]+$|(?:一下|吧|了|谢谢|哈)$")
_END = re.compile(
    r"^\s*(?:-{2,}|_{5,}|={5,}|[发来]自(?:我的|.{0,12}(?:手机|邮箱|客户端|iP)).{0,8}$|发件人[:：]|From:|■)"
)
_SMALL_TALK = re.compile(
    r"(?:(?:您好|你好|大家好|各位好?|领导好?|好的?|收到|知道了?|明白|已阅|已看|谢谢|感谢|辛苦了?|麻烦了?"
    r"|此致|敬礼|以上|如下|请办理|请处理|请登记|ok|嗯|行|可以|祝好|顺祝商祺|早上好|上午好|下午好)"
    r"[\s,，。.!！~、:：]*)+",
    re.I,
)
_SIGNED = re.compile(r"[\d\s:：,，、/|()（）+-]|电话|手机|联系人|年|月|日")
_DOUBTFUL = re.compile(r"[?？]|(?:吗|么|呢)$")
_TAKEN_BACK = re.compile(
    r"(?:^|\s)(?:不同意|不行|不要|不可以?|不能|不是|别|先不|暂不|再议|待定|作废|算了|没|未|还没|尚未|等)"
)


def lines(campaign: Campaign, text: str, answered: str = "") -> tuple[str, ...]:
    """What a reply itself says, line by line: without what it quotes (with or without marks),
    without greeting, thanks and signature. `answered` is the text of the letter of ours."""
    quoted = {_bare(x) for x in answered.splitlines()}
    said: list[str] = []
    for line in own(text).splitlines():
        if _END.match(line):
            break
        if _bare(line) and _bare(line) not in quoted:
            said.append(line)
    out: list[str] = []
    for line in reply_texts.gathered(campaign, said, lambda x: _kind(campaign, x)):
        if reply_texts.MARK in line:
            out.append(line)
        else:
            several = (x.strip() for x in _VERB_FOLLOWS.split(line))
            out += [x for x in several if x and not _is_idle(campaign, x)]
    return tuple(out)[:MOST_LINES]


def _is_idle(campaign: Campaign, line: str) -> bool:
    return _says_nothing(campaign, line) or bool(
        _LEADS_IN.fullmatch(line.strip()) and not is_command(line)
    )


def _kind(campaign: Campaign, line: str) -> str:
    if _says_nothing(campaign, line):
        return "idle"
    return "command" if is_command(line) else "text"


def is_command(line: str) -> bool:
    """Whether a line begins as a command does."""
    return _verb(_plain(line)) is not None


def understand(line: str, standing: Standing) -> tuple[Act, ...]:
    """What a line asks for; NotUnderstood where that is not sure."""
    head, has_passage, passage = line.partition(reply_texts.MARK)
    plain = _plain(head)
    word = _verb(plain)
    if word is None:
        raise NotUnderstood("no_verb")
    rest = plain[len(word) :].lstrip(" ,:")
    if _DOUBTFUL.search(rest) or _TAKEN_BACK.search(rest):
        raise NotUnderstood("not_sure")
    try:
        if has_passage:
            return tuple(of_returns.correct(Rest(standing.campaign, rest), standing, passage))
        acts = tuple(VERBS[word](Rest(standing.campaign, rest), standing))
    except NotUnderstood as e:
        raise e.within(plain) from None
    _only_one_thing(plain, standing)
    return acts


def _only_one_thing(plain: str, standing: Standing) -> None:
    """认可 #2，放行: what follows is no reason where it could stand as a line of its own."""
    for found in _NEXT.finditer(plain):
        try:
            understand(plain[found.end() :], standing)
        except NotUnderstood:
            continue
        both = f"“{plain[: found.start()]}”、“{plain[found.end() :]}”"
        raise NotUnderstood("two_things", lines=both)


def _bare(line: str) -> str:
    return re.sub(r"\W+", "", line)


def _says_nothing(campaign: Campaign, line: str) -> bool:
    """A greeting, or a signature: the section's own names, numbers, a date."""
    if is_command(line) and not _SMALL_TALK.fullmatch(line):
        return False
    signed = line
    for word in (campaign.issuer, campaign.staff.section, campaign.staff.contact):
        signed = signed.replace(word, "") if word else signed
    return bool(_SMALL_TALK.fullmatch(line)) or not _SIGNED.sub("", signed)


def _plain(line: str) -> str:
    text = _POLITE.sub("", _QUOTED.sub("", fold(_LISTED.sub("", line))))
    while (shorter := _TAIL.sub("", text)) != text:
        text = shorter
    if spaced := _SPACED.match(text):
        text = spaced.group().replace(" ", "") + text[spaced.end() :]
    first = _NUMBER_FIRST.fullmatch(text)
    return f"{first[2]} #{first[1]}" if first else text


def _verb(plain: str) -> str | None:
    return next((w for w in _WORDS if plain.startswith(w)), None)
