"""Oversize attachments (超大附件) are named with size and expiry, whoever hosts them."""

from __future__ import annotations

import pytest

from parsers.oversize_links import links
from parsers.types import Link

QQ = "https://mail.qq.com/cgi-bin/ftnExs_download?k=2b&t=exs_ftn_download&code=6a1c"
NETEASE = (
    "http://mail.163.com/large-attachment-download/index.html?p=X-NETEASE-HUGE-ATTACHMENT&file=QP1"
)
MASTER = "https://dashi.163.com/html/cloud-attachment-download/?key=dG9r"


def test_qq_tells_name_size_and_expiry_in_the_text() -> None:
    text = (
        "科长，视频在超大附件里。\n从QQ邮箱发来的超大附件\n"
        f"安全月 宣讲.mp4 (128.03M, 2021年07月08日 21:59 到期)进入下载页面：{QQ}\n"
    )

    assert links(text, None) == (Link(QQ, "安全月 宣讲.mp4", "128.03M", "2021年07月08日 21:59"),)


def test_qq_tells_them_in_html() -> None:
    html = (
        "<div>从QQ邮箱发来的超大附件</div><div><b>宣讲.mp4</b> (128.03M, 2021年07月08日 21:59 到期)"
        f'<a href="{QQ.replace("&", "&amp;")}" target="_blank">进入下载页面</a></div>'
    )

    assert links("", html) == (Link(QQ, "宣讲.mp4", "128.03M", "2021年07月08日 21:59"),)


def test_two_files_keep_their_own_words() -> None:
    text = (
        f"一.mp4 (60.1M, 2021年07月08日 21:59 到期)进入下载页面：{QQ}1\n"
        f"二.zip (1.2G, 2021年07月09日 08:00 到期)进入下载页面：{QQ}2\n"
    )

    assert [(x.name, x.size, x.expires) for x in links(text, None)] == [
        ("一.mp4", "60.1M", "2021年07月08日 21:59"),
        ("二.zip", "1.2G", "2021年07月09日 08:00"),
    ]


def test_netease_web_mail() -> None:
    html = (
        "<div>从网易163邮箱发来的超大附件</div>"
        f'<a href="{NETEASE}">安全月照片.zip</a> (82.5M, 2021年6月23日 9:00 到期)'
    )

    assert links("", html) == (Link(NETEASE, "安全月照片.zip", "82.5M", "2021年6月23日 9:00"),)


def test_netease_master_says_it_in_attributes() -> None:
    html = (
        f'<a class="bigattach-mailmaster-download" href="{MASTER}" filename="宣讲.mp4" '
        'filesize="134217728" expiretime="2021-06-23 09:00">下载</a>'
    )

    assert links("", html) == (Link(MASTER, "宣讲.mp4", "128.00M", "2021-06-23 09:00"),)


@pytest.mark.parametrize(
    "url",
    [
        "https://wx.mail.qq.com/ftn/download?func=3&key=ab",
        "https://iwx.mail.qq.com/ftn/download?func=3&key=ab",
        "http://fs.163.com/fs/display/?p=X-NETEASE-HUGE-ATTACHMENT&file=a",
        "http://mail.sina.com.cn/filecenter/download.php?id=1",
        "https://edisk.qiye.163.com/api/biz/attachment/download?x=1",
    ],
)
def test_every_known_host_is_recognised(url: str) -> None:
    (link,) = links(f"大附件：{url} 请下载", None)

    assert link.url == url


@pytest.mark.parametrize(
    "url",
    [
        "https://mail.qq.com/cgi-bin/loginpage",
        "https://evil.example/mail.qq.com/cgi-bin/ftnExs_download",
        "https://www.qq.com/",
        "https://docs.qq.com/sheet/x",
    ],
)
def test_other_links_are_no_oversize_attachments(url: str) -> None:
    assert links(url, f'<a href="{url}">x</a>') == ()


def test_the_same_file_in_text_and_html_is_one() -> None:
    text = f"宣讲.mp4 (1M, 2021年07月08日 21:59 到期)进入下载页面：{QQ}"
    html = f'<a href="{QQ}">进入下载页面</a>'

    assert len(links(text, html)) == 1


def test_what_is_not_told_is_none() -> None:
    assert links(f"见 {QQ}", None) == (Link(QQ, None, None, None),)


@pytest.mark.parametrize(
    ("text", "link"),
    (
        (
            "通过网盘分享的文件：安全月视频\n链接: https://pan.baidu.com/s/1aB-c_D?pwd=x1y2 提取码: x1y2",
            Link("https://pan.baidu.com/s/1aB-c_D?pwd=x1y2", "安全月视频", None, None),
        ),
        (
            "链接：https://pan.baidu.com/s/1aBcD 提取码：x1y2\n复制这段内容后打开百度网盘手机App，操作更方便哦",
            Link("https://pan.baidu.com/s/1aBcD", None, None, None),
        ),
        (
            "照片.zip https://share.weiyun.com/abcDEF （30天后过期）",
            Link("https://share.weiyun.com/abcDEF", "照片.zip", None, None),
        ),
        (
            "https://cloud.189.cn/t/AbCdEf（访问码：ab12）",
            Link("https://cloud.189.cn/t/AbCdEf", None, None, None),
        ),
    ),
)
def test_what_is_shared_from_a_cloud_is_named_too(text: str, link: Link) -> None:
    assert links(text, None) == (link,)


def test_pages_of_the_same_houses_are_no_files() -> None:
    assert links("见 https://docs.qq.com/sheet/DWk 和 https://pan.baidu.com/disk/home", None) == ()
