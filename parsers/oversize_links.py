"""Links to oversize attachments (超大附件): photos and videos that the mail only points to.

QQ, 163/126/yeah, qiye.163 and Sina put files over some 50 MB on a server for 7 to 30 days; units
also share files from 百度网盘 and the like. Only what the mail says is recorded; nothing is ever fetched.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import islice

from parsers.types import Link

_HOSTS = re.compile(
    r"https?://(?:"
    r"(?:[\w.-]+\.)?mail\.qq\.com/(?:cgi-bin/ftnExs_download|cgi-bin/ftnExs_|ftn/download)"
    r"|(?:i?wx|i)\.mail\.qq\.com/ftn/download"
    r"|(?:[\w.-]+\.)?ftn\.qq\.com/"
    r"|exmail\.qq\.com/(?:cgi-bin/ftnExs_|ftn/download)"
    r"|(?:[\w.-]+\.)?mail\.163\.com/large-attachment-download/"
    r"|mail\.(?:126\.com|yeah\.net)/large-attachment-download/"
    r"|dashi\.163\.com/html/cloud-attachment-download/"
    r"|fs\.(?:163|126)\.com/|fs\.yeah\.net/"
    r"|(?:[\w.-]+\.)?mail\.sina\.com(?:\.cn)?/filecenter"
    r"|(?:[\w.-]+\.)?sina\.com\.cn/filecenter"
    r"|edisk\.qiye\.163\.com/"
    # what units share instead of attaching it: files on their own cloud disks
    r"|(?:pan|yun)\.baidu\.com/(?:s|share)/|share\.weiyun\.com/|drive\.weixin\.qq\.com/s"
    r"|(?:www\.)?(?:aliyundrive|alipan)\.com/s/|cloud\.189\.cn/(?:t/|web/share)"
    r"|(?:caiyun|yun)\.139\.com/(?:m|w|shareweb|link)/|www\.123pan\.com/s/"
    r")[^\s\"（'<>)）】]*",
    re.I,
)
_ANCHOR = re.compile(r"<a\b([^<>]{0,4000})>(.{0,500}?)</a>", re.I | re.S)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_SIZE = r"\d+(?:\.\d+)?\s*(?:[KMGT]i?B?|字节|Bytes?)"
_EXPIRY = (
    r"\d{4}\s*[年/-]\s*\d{1,2}\s*[月/-]\s*\d{1,2}\s*日?(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|无限期|永久(?:有效)?"
)
# "name.mp4 (128.03M, 2020年11月27日 21:59 到期)": QQ's own line, also in the plain text
_TOLD = re.compile(
    rf"(?:^|[\n>\s])([^\s<>\n(（][^<>\n]{{0,200}}?)\s*[(（]\s*({_SIZE})\s*[,，]\s*({_EXPIRY})\s*(?:到期|过期)?\s*[)）]",
    re.I,
)
# "通过网盘分享的文件：安全月视频": how 百度网盘 words what is shared, with or without a suffix
_SHARED = re.compile(r"分享的文件[:：][ \t]*([^\n]{1,120}?)[ \t]*(?=\n|链接|$)")
_LOOSE_SIZE = re.compile(_SIZE, re.I)
_LOOSE_EXPIRY = re.compile(
    rf"({_EXPIRY})\s*(?:到期|过期|失效)?|(?:到期|过期|有效期)[^\d\n]{{0,12}}({_EXPIRY})"
)
_FILE = re.compile(r"[^\s<>\"/\\|?*:：]{1,120}\.[A-Za-z0-9]{2,5}(?![A-Za-z0-9])")
_MOST = 100
_NEAR = 400
_READ = 1_000_000


def links(text: str, html: str | None) -> tuple[Link, ...]:
    """Every oversize attachment named in a mail, once."""
    found: dict[str, Link] = {}
    for link in (*_in_html((html or "")[:_READ]), *_in_text(text[:_READ])):
        old = found.get(link.url)
        found[link.url] = link if old is None else _merged(old, link)
    return tuple(found.values())


def _in_html(html: str) -> list[Link]:
    found: list[Link] = []
    if not _HOSTS.search(unescape(html)):
        return found
    for anchor in _ANCHOR.finditer(html):
        if len(found) >= _MOST:
            break
        attributes = _attributes(anchor[1])
        url = _HOSTS.match(attributes.get("href", "").strip())
        if url is None:
            continue
        told = _Told.around(_plain(html[max(0, anchor.start() - 2 * _NEAR) : anchor.start()]), _plain(anchor[2]),
                            _plain(html[anchor.end() : anchor.end() + 2 * _NEAR]))  # fmt: skip
        found.append(
            Link(
                url[0],
                _attribute(attributes, "filename") or told.name,
                _size(_attribute(attributes, "filesize")) or told.size,
                _expiry(_attribute(attributes, "expiretime")) or told.expires,
            )
        )
    return found


def _in_text(text: str) -> list[Link]:
    found: list[Link] = []
    last = 0
    for url in islice(_HOSTS.finditer(text), _MOST):
        following = _HOSTS.search(text, url.end())
        after = text[
            url.end() : min(url.end() + _NEAR, following.start() if following else len(text))
        ]
        told = _Told.around(text[max(last, url.start() - _NEAR) : url.start()], "", after)
        found.append(Link(url[0], told.name, told.size, told.expires))
        last = url.end()
    return found


class _Told:
    """What the words around a link say of its file."""

    __slots__ = ("expires", "name", "size")

    def __init__(self, name: str | None, size: str | None, expires: str | None) -> None:
        self.name, self.size, self.expires = name, size, expires

    @classmethod
    def around(cls, before: str, inside: str, after: str) -> _Told:
        before = before[-_NEAR:]
        lines = list(_TOLD.finditer("\n" + before)) or list(_TOLD.finditer("\n" + after))[:1]
        if lines:
            return cls(_name(lines[-1][1]), lines[-1][2], _expiry(lines[-1][3]))
        near = f"{before[-120:]}\n{inside}\n{after[:120]}"
        shared = _SHARED.findall(before)[-1:]
        name = (shared or _FILE.findall(inside) or _FILE.findall(before) or [None])[-1]
        size = _LOOSE_SIZE.search(near)
        expiry = _LOOSE_EXPIRY.search(near)
        expires = next(filter(None, expiry.groups()), None) if expiry else None
        return cls(name, size[0] if size else None, expires)


def _merged(old: Link, new: Link) -> Link:
    return Link(old.url, old.name or new.name, old.size or new.size, old.expires or new.expires)


def _attributes(tag: str) -> dict[str, str]:
    return {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(tag)}


def _attribute(attributes: dict[str, str], name: str) -> str | None:
    """网易邮箱大师 writes filename=, filesize=, expiretime= beside the href."""
    return attributes.get(name) or attributes.get(f"data-{name}") or None


def _size(said: str | None) -> str | None:
    if said and said.isdigit() and len(said) < 16:
        return f"{int(said) / 1024 / 1024:.2f}M"
    return said


def _expiry(said: str | None) -> str | None:
    return " ".join(said.split()) if said else None


def _name(said: str) -> str:
    return said.strip().strip("：:")


def _plain(html: str) -> str:
    words = re.sub(r"<(?:br|/?(?:p|div|tr|li))\b[^>]*>", "\n", html, flags=re.I)
    return unescape(re.sub(r"<[^>]*(?:>|$)|^[^<]*?>", " ", words)).replace("\xa0", " ")
