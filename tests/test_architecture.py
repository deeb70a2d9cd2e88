"""The house's own rules, read off its source: which way imports run, what stays pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [
    *sorted(p for top in ("parsers", "service") for p in (ROOT / top).rglob("*.py")),
    ROOT / "run.py",
]

DOORS = {
    "service.mailbox", "service.postman", "service.archive", "service.store", "service.clock",
    "service.settings", "service.workers", "service.keyring", "service.key_lookup",
}  # fmt: skip
PURE = {
    "service.units", "service.deadlines", "service.trust", "service.returns", "service.versions",
    "service.decisions", "service.ledger", "service.duties", "service.letters", "service.envelope",
    "service.moments", "service.workdays", "service.roster", "service.campaign", "service.types",
    "service.digest", "service.tables", "service.errors", "service.words", "service.replies",
    "service.reply_letters", "service.reply_returns", "service.reply_texts", "service.reply_values", "service.reply_words",
    "service.standing", "service.posting", "service.liaison", "service.reminder_facts",
    "service.answer_facts", "service.proposals", "service.bounces", "service.confirmations",
    "service.contacts", "service.neighbours", "service.desk", "service.cases", "service.shortages",
}  # fmt: skip
STORIES = {
    "service.intake",
    "service.outbox",
    "service.outlook",
    "service.staff_mail",
    "service.daemon",
}
ABOVE = {
    "service.daemon", "service.assembly", "service.demo", "service.demo_servers",
    "service.demo_story", "service.demo_paper", "run",
}  # fmt: skip
OUTSIDE = {
    "os", "sys", "socket", "sqlite3", "subprocess", "pathlib", "tempfile", "shutil", "time",
    "random", "urllib.request", "http", "smtplib", "imaplib", "asyncio", "threading",
    "multiprocessing", "service",
}  # fmt: skip


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


NAMES = {name_of(p) for p in FILES}


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (a.name for a in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if whole in NAMES else node.module


def imports(path: Path) -> set[str]:
    return {name for node in ast.walk(tree(path)) for name in imported(node)}


def graph() -> dict[str, set[str]]:
    return {name_of(p): imports(p) & NAMES - {name_of(p)} for p in FILES}


@pytest.mark.parametrize("path", [p for p in FILES if "parsers" in p.parts], ids=name_of)
def test_a_parser_knows_nothing_outside(path: Path) -> None:
    found = imports(path)

    assert not (found | {i.partition(".")[0] for i in found}) & OUTSIDE


def test_no_module_imports_itself_by_a_detour() -> None:
    TopologicalSorter(graph()).prepare()


def test_doors_do_not_import_each_other() -> None:
    graph_ = graph()

    for module, found in graph_.items():
        door = next((d for d in DOORS if module == d or module.startswith(f"{d}.")), None)
        if door not in (None, "service.clock"):
            assert not found & DOORS - {door}, module


def test_only_the_store_speaks_sql() -> None:
    for path in FILES:
        if not name_of(path).startswith("service.store"):
            assert not imports(path) & {"sqlite3", "sqlite_utils", "sqlite_utils.db"}, path


def test_pure_modules_know_no_door_and_no_story() -> None:
    graph_ = graph()

    for module in PURE:
        assert not graph_[module] & (DOORS | STORIES | ABOVE), module


def test_nothing_below_imports_what_stands_above() -> None:
    for module, found in graph().items():
        if module in ABOVE or module.startswith("service.commands"):
            continue
        assert not found & ABOVE, module
        assert not any(f.startswith("service.commands") for f in found), module


def test_only_the_clock_reads_a_clock() -> None:
    for path in FILES:
        if name_of(path) == "service.clock":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                call = ast.unparse(node.func)
                assert not call.endswith(("datetime.now", "datetime.utcnow", "date.today")), path
                assert call != "time.time", path


def test_imports_stand_at_the_top() -> None:
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                assert not inner, f"{path}: {node.name}"


def test_anything_is_caught_only_around_one_message_and_one_heartbeat() -> None:
    found = []
    for path in FILES:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            reraised = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(node))
            if broad and not reraised:
                found.append(name_of(path))

    assert sorted(found) == ["service.daemon", "service.workers"]


def test_nothing_reads_outside_its_own_tree() -> None:
    for path in [*FILES, *sorted((ROOT / "tests").rglob("*.py"))]:
        if path != Path(__file__):
            assert "../shared" not in path.read_text(encoding="utf-8"), path
