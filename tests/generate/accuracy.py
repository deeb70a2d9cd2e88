"""`make accuracy`: how much is read, how much is asked, and that nothing is silently wrong.

500 filled forms in every notation (docx and xlsx, a third of them with tracked changes,
split runs, merged rows or edited clauses; some converted by LibreOffice), the table of
mutations, and the foreign blanks. SIZE=ci runs a tenth.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from parsers import formats
from parsers.blank import derive
from parsers.interpret import interpret
from parsers.types import Document, Form, PartRead
from tests.generate.files import TRAITS, docx_file, xlsx_file
from tests.generate.foreign import FOREIGN
from tests.generate.foreign_judge import judge_foreign
from tests.generate.forms import answers, texts_of
from tests.generate.judge import Tally, tally, verdict
from tests.generate.mutations import MUTATIONS, edited_texts
from tests.generate.notations import Meant

BLANKS = Path(__file__).parents[2] / "templates/campaigns/2021-safety-month/forms"
PLAIN = (
    "full-width brackets", "spaced", "half-width brackets", "unit inside", "zero",
    "brackets gone", "numeral of tens",
)  # fmt: skip
READABLE_SHARE = 0.995
CONVERTED = ("doc", "pdf", "rtf", "odt")


@cache
def blank_bytes(name: str) -> bytes:
    return (BLANKS / name).read_bytes()


@cache
def blank_document() -> Document:
    return formats.read(blank_bytes("progress.docx"))


@cache
def blank_forms() -> tuple[Form, Form]:
    return (
        derive(formats.read(blank_bytes("liaison.docx")), "liaison"),
        derive(blank_document(), "progress"),
    )


def filled_file(seed: int) -> tuple[bytes, dict[str, Meant], dict[str, str], str]:
    """One random filled form as a file, its truth, its notations, and its kind."""
    rng = random.Random(seed)
    form = blank_forms()[1]
    meant, used = answers(form, rng, turn=seed)
    texts = texts_of(form, meant)
    trait = TRAITS[1 + seed // 9 % 3] if seed % 3 == 0 else "plain"
    if seed % 9 == 0:
        trait, texts = "edited", edited_texts(form, meant, rng)
    if seed % 2 and trait == "plain":
        return xlsx_file(blank_document(), texts), meant, used, "xlsx"
    return docx_file(blank_bytes("progress.docx"), form, texts, rng, trait), meant, used, trait


def read_file(content: bytes) -> PartRead:
    parts = interpret(formats.read(content), blank_forms(), "x")
    assert len(parts) == 1, [p.outcome for p in parts]
    return parts[0]


def notations(count: int) -> Iterator[tuple[str, Tally, dict[str, list[str]]]]:
    """Each file's kind, its tally, and the verdicts by notation."""
    for seed in range(count):
        content, meant, used, kind = filled_file(seed)
        part = read_file(content)
        by_notation = defaultdict(list)
        for value in part.reading.values if part.reading else ():
            by_notation[used[value.field]].append(verdict(value, meant[value.field]))
        yield kind, tally(part, meant), by_notation


def converted(count: int, folder: Path) -> dict[str, Tally]:
    """Filled .docx files converted by LibreOffice, all of one format at once."""
    truths = {}
    for seed in range(0, count * 2, 2):
        content, meant, *_ = filled_file(seed)
        (folder / f"{seed}.docx").write_bytes(content)
        truths[seed] = meant
    tallies = {}
    for suffix in CONVERTED:
        target = folder / suffix
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
             "--convert-to", suffix, "--outdir", str(target), *map(str, folder.glob("*.docx"))],
            check=True, capture_output=True, timeout=1800,
        )  # fmt: skip
        tallies[suffix] = Tally()
        for seed, meant in truths.items():
            tallies[suffix].add(tally(read_file((target / f"{seed}.{suffix}").read_bytes()), meant))
    return tallies


def mutated(name: str, count: int) -> Tally:
    """One mutation, tried on so many filled forms."""
    form, total = blank_forms()[1], Tally()
    for seed in range(count):
        rng = random.Random(seed)
        meant, _ = answers(form, rng, PLAIN)
        document = MUTATIONS[name][0](blank_document(), form, meant, rng)
        parts = interpret(document, blank_forms(), "x")
        total.add(tally(max(parts, key=lambda p: p.score), meant))
    return total


def _line(name: str, result: Tally) -> str:
    c = result.counts
    return f"{name:24} read {c['read']:6} ({result.share():7.2%})  asked {c['asked']:5}  silently wrong {c['wrong']}"


def main() -> int:
    scale = 0.1 if os.environ.get("SIZE") == "ci" else 1.0
    failed: list[str] = []

    def judged(name: str, result: Tally, least: float) -> None:
        print(_line(name, result), flush=True)
        if result.counts["wrong"] or result.share() < least:
            failed.append(name)
            print("\n".join(f"    {line}" for line in [*result.wrong, *result.asked][:20]))

    kinds: dict[str, Tally] = defaultdict(Tally)
    uses: dict[str, list[str]] = defaultdict(list)
    for n, (kind, result, by_notation) in enumerate(notations(int(500 * scale)), 1):
        kinds[kind].add(result)
        for name, verdicts in by_notation.items():
            uses[name] += verdicts
        if n % 50 == 0:
            print(f"  {n} forms", flush=True)
    for kind, result in kinds.items():
        judged(f"forms, {kind}", result, 0.97 if kind == "edited" else READABLE_SHARE)
    everything = Tally()
    for result in kinds.values():
        everything.add(result)
    judged("forms, all", everything, READABLE_SHARE)
    rare = min(len(v) for v in uses.values())
    print(f"{len(uses)} notations, each used at least {rare} times")
    if shutil.which("soffice"):
        with tempfile.TemporaryDirectory() as folder:
            for suffix, result in converted(int(40 * scale) or 2, Path(folder)).items():
                judged(f"converted to {suffix}", result, 0.97)
    for name, (_, least) in MUTATIONS.items():
        judged(f"mutation: {name}", mutated(name, int(100 * scale)), least)
    for blank in FOREIGN:
        judged(f"foreign: {blank.name}", judge_foreign(blank), 0.9)
    print("FAILED: " + ", ".join(failed) if failed else "all held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
