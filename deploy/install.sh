#!/bin/sh
# Installs or upgrades Baosong on Debian 12 or newer; run it again at any time.
#
#   sudo deploy/install.sh --user 1137652316@qq.com     # what it cannot know; asked once if missing
#   sudo deploy/install.sh --scans                      # with what reads scans, 420 MB more
#   deploy/install.sh --dry-run                         # shows what it would do, does nothing
#
# Code in /opt/baosong, settings in /etc/baosong, data and campaigns in /var/lib/baosong.
# An upgrade backs the data up first and touches neither settings nor roster.
set -eu

SOURCE=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
OS_RELEASE=${BAOSONG_OS_RELEASE:-/etc/os-release}
CODE=/opt/baosong
CONF=/etc/baosong
STATE=/var/lib/baosong
CAMPAIGN=2021-safety-month
dry=""
scans=""
address=""
stopped=""

usage() {
    echo "用法：install.sh [--dry-run] [--user 收件邮箱] [--scans]" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case "$1" in
        --dry-run) dry=1 ;;
        --scans) scans=1 ;;
        --user) [ $# -ge 2 ] || usage; address=$2; shift ;;
        *) usage ;;
    esac
    shift
done

say() { printf '%s\n' "$*"; }

# every change of the system goes through here
run() {
    if [ -n "$dry" ]; then
        say "  + $*"
    else
        "$@"
    fi
}

# the same without the page that apt-get has to say when all is well
quietly() {
    if [ -n "$dry" ]; then
        say "  + $*"
    else
        "$@" >/dev/null
    fi
}

# what to do when something could not be fetched
stop() {
    say "没有装成：$1"
    say "排除原因后再运行一次即可，已做的不会重做。"
    exit 3
}

by_hand() {
    say "$1"
    say "请按下面几步手工安装："
    say "  1. 装好 Python 3.11 或更新版本、时区数据（tzdata）、libarchive、一种中文字体；"
    say "  2. python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.lock"
    say "  3. .venv/bin/python run.py init，再把授权码写进 authcode（chmod 600）"
    say "  4. .venv/bin/python run.py doctor，逐项处理"
    say "  5. 用 systemd（deploy/baosong.service）或 cron（deploy/baosong.cron）让它常驻"
    exit 3
}

check_system() {
    id=""; version=""
    if [ -r "$OS_RELEASE" ]; then
        # shellcheck source=/dev/null
        id=$(. "$OS_RELEASE"; echo "${ID:-}")
        # shellcheck source=/dev/null
        version=$(. "$OS_RELEASE"; echo "${VERSION_ID:-}")
    fi
    [ "$id" = debian ] || by_hand "本机不是 Debian（${id:-不明}），安装程序只认 Debian 12 或更新的系统。"
    # a testing Debian has no number: it is newer than any that has
    case "${version%%.*}" in
        ''|*[!0-9]*) ;;
        *) [ "${version%%.*}" -ge 12 ] || by_hand "Debian $version 太旧，要 Debian 12 或更新的系统。" ;;
    esac
    if [ -z "$dry" ] && [ "$(id -u)" != 0 ]; then
        say "要用 root 运行：sudo deploy/install.sh（先看看会做什么：--dry-run）"
        exit 3
    fi
}

install_packages() {
    missing=""
    for p in python3 python3-venv "$(archives)" fonts-noto-cjk tzdata ca-certificates; do
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q "ok installed" || missing="$missing $p"
    done
    [ -n "$missing" ] || { say "系统软件包齐全。"; return 0; }
    say "安装系统软件包：$missing"
    quietly apt-get update -qq || stop "apt-get 取不到软件包目录，请检查网络和软件源。"
    # shellcheck disable=SC2086
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 \
        --no-install-recommends $missing || stop "系统软件包$missing，请检查网络和软件源。"
}

# what opens rar and 7z; Debian 13 gave it another name
archives() {
    if dpkg-query -W -f='${Status}' libarchive13t64 2>/dev/null | grep -q "ok installed"; then
        echo libarchive13t64
    else
        echo libarchive13
    fi
}

make_user() {
    if getent passwd baosong >/dev/null; then
        say "系统用户 baosong 已有。"
    else
        say "建立系统用户 baosong。"
        run useradd --system --home-dir "$STATE" --shell /usr/sbin/nologin baosong
    fi
    run install -d -m 700 -o baosong -g baosong "$STATE" "$STATE/data" "$STATE/campaigns"
    run install -d -m 750 -o root -g baosong "$CONF"
}

back_up() {
    [ -f "$STATE/data/baosong.db" ] && [ -f "$CODE/run.py" ] || return 0
    say "升级之前先备份。"
    # after an upgrade of Debian itself the old environment may fit no longer
    has_packages || install_python_packages
    as_baosong backup
}

# a service that goes on would start its children from half of the new code
stop_service() {
    if systemctl is-active --quiet baosong.service 2>/dev/null; then
        stopped=1
        [ -n "$dry" ] || trap start_again EXIT
        run systemctl stop baosong.service
    fi
}

start_again() {
    say "安装没有完成（见上一行）。服务已重新启动；排除原因后请再运行一次。"
    systemctl start baosong.service
}

as_baosong() {
    run "$SOURCE/deploy/baosong" "$@"
}

has_packages() {
    "$CODE/.venv/bin/python" -c 'import pip, click' 2>/dev/null
}

install_python_packages() {
    # Debian's own: another python3 in front of it may lie where user baosong cannot go
    has_packages || run /usr/bin/python3 -m venv --clear "$CODE/.venv"
    say "安装 Python 软件包（按 requirements.lock 逐个核对）。"
    pip_install "$CODE/requirements.lock"
}

pip_install() {
    run "$CODE/.venv/bin/python" -m pip install -qq --disable-pip-version-check \
        --require-hashes -r "$1" ||
        stop "取不到 Python 软件包；连不上 PyPI 时换镜像：sudo PIP_INDEX_URL=镜像地址 deploy/install.sh"
}

copy_code() {
    say "复制程序到 $CODE。"
    run install -d -m 755 "$CODE" "$CODE/deploy"
    for part in parsers service templates; do
        run rm -rf "$CODE/$part.new"
        run cp -R "$SOURCE/$part" "$CODE/$part.new"
        run rm -rf "$CODE/$part"
        run mv "$CODE/$part.new" "$CODE/$part"
    done
    # whoever unpacked the source may have kept it to himself
    run chmod -R u=rwX,go=rX "$CODE/parsers" "$CODE/service" "$CODE/templates"
    run install -m 644 "$SOURCE/run.py" "$SOURCE/pyproject.toml" "$SOURCE/requirements.lock" "$CODE/"
    run install -m 644 "$SOURCE/deploy/settings.example.toml" "$SOURCE/deploy/baosong.cron" "$CODE/deploy/"
    run install -m 755 "$SOURCE/deploy/baosong" /usr/local/bin/baosong
    install_python_packages
    # once asked for, scans stay readable after an upgrade
    [ -n "$scans" ] || [ -f "$CODE/requirements-ocr.lock" ] || return 0
    run install -m 644 "$SOURCE/requirements-ocr.lock" "$CODE/"
    pip_install "$CODE/requirements-ocr.lock"
}

configure() {
    if [ -f "$CONF/settings.toml" ]; then
        say "设置 $CONF/settings.toml 已有，不动。"
    else
        say "写设置 $CONF/settings.toml。"
        run "$CODE/.venv/bin/python" "$CODE/run.py" init --no-input --out "$CONF/settings.toml" \
            --user "$address" --data "$STATE/data" --campaign "$STATE/campaigns/$CAMPAIGN" \
            --authcode-file "$CONF/authcode"
        run chown root:baosong "$CONF/settings.toml"
        run chmod 640 "$CONF/settings.toml"
        # the example campaign that init laid there
        run chown -R baosong:baosong "$STATE/campaigns"
        run chmod -R u=rwX,go= "$STATE/campaigns"
    fi
    # with systemd the service reads it as a credential; by hand and from cron user baosong does
    [ -f "$CONF/authcode" ] || run install -m 600 -o baosong -g baosong /dev/null "$CONF/authcode"
}

# before anything is done: whoever runs it without a terminal learns at once what is missing
ask_address() {
    if [ -n "$address" ] || [ -f "$CONF/settings.toml" ]; then
        return 0
    fi
    if [ -n "$dry" ]; then
        address="（收件邮箱）"
    elif [ -t 0 ]; then
        printf '收件邮箱的地址：'
        read -r address
    fi
    [ -n "$address" ] || { say "不知道收件邮箱，请加 --user 地址"; exit 2; }
}

install_units() {
    if [ ! -d /run/systemd/system ]; then
        say "本机没有运行 systemd，不装服务，改用 cron。"
        return 0
    fi
    say "安装 systemd 服务和每晚备份。"
    for unit in baosong.service baosong-backup.service baosong-backup.timer; do
        run install -m 644 "$SOURCE/deploy/$unit" "/etc/systemd/system/$unit"
    done
    run systemctl daemon-reload
    run systemctl enable --quiet baosong.service baosong-backup.timer
    run systemctl start baosong-backup.timer
    if [ -s "$CONF/authcode" ]; then
        run systemctl restart baosong.service
    fi
    [ -z "$stopped" ] || trap - EXIT
}

finish() {
    if [ -s "$CONF/authcode" ]; then
        say "体检："
        as_baosong doctor || true
        say "完成。以后各条命令都写作：sudo baosong 命令（如 sudo baosong status）。"
        return 0
    fi
    say "还差一步：把邮箱的授权码写进 $CONF/authcode，再体检一遍：sudo baosong doctor"
    if [ -d /run/systemd/system ]; then
        say "都好了就启动：systemctl start baosong"
    else
        say "都好了就让它定时运行：cp $CODE/deploy/baosong.cron /etc/cron.d/baosong"
    fi
}

check_system
[ -z "$dry" ] || say "只看不做（--dry-run）："
ask_address
install_packages
make_user
back_up
stop_service
copy_code
configure
install_units
finish
