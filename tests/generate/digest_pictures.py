"""Pictures of the digest for deploy/guide: four days of June at phone and desk width.

Run: .venv/bin/python -m tests.generate.digest_pictures FOLDER
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from service import digest
from tests.service.report import stories

DAYS = ("03", "08", "09", "25")
WIDTHS = {"phone": 390, "desk": 900}
_TALL = 4000
_COLOURS = 255
_EDGE = 16


def main() -> int:
    """Writes digest-0603-phone.png and so on; looks at nothing but the shipped campaign."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    campaign = stories.load()
    for day in DAYS:
        story = stories.june(campaign, f"2021-06-{day} 08:30")
        html = digest.compose(campaign, story.ledger(), story.now, (), story.now)[2]
        for name, width in WIDTHS.items():
            picture = _cropped(_photographed(html, width))
            picture.quantize(_COLOURS).save(folder / f"digest-06{day}-{name}.png", optimize=True)
    return 0


def _photographed(html: str, width: int) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        page.write_text(html, "utf-8")
        command = [
            str(shutil.which("chromium")),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
            f"--window-size={width},{_TALL}",
            f"--screenshot={shot}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return Image.open(shot).convert("RGB")


def _cropped(picture: Image.Image) -> Image.Image:
    """Without the white below the text."""
    white = Image.new("RGB", picture.size, "white")
    box = ImageChops.difference(picture, white).getbbox()
    bottom = box[3] if box else picture.height
    return picture.crop((0, 0, picture.width, min(picture.height, bottom + _EDGE)))


if __name__ == "__main__":
    sys.exit(main())
