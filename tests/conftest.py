"""What was left out is said, and in CI only what is allowed may be left out.

BAOSONG_LEAVE_OUTS names a file with one allowed leave-out a line: the beginning of a test's
node id, a tab, the reason.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime would tell its maker of every test

_left_out: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        _left_out[report.nodeid] = str(reason).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for node, reason in sorted(_left_out.items()):
        terminalreporter.write_line(f"left out: {node}: {reason}")
    for node in _not_allowed():
        terminalreporter.write_line(f"left out without leave: {node}", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _not_allowed() and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _not_allowed() -> list[str]:
    """Tests left out that the list does not allow; without a list everything is allowed."""
    file = os.environ.get("BAOSONG_LEAVE_OUTS")
    if not file:
        return []
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    allowed = tuple(x.partition("\t")[0] for x in lines if x and not x.startswith("#"))
    return [node for node in sorted(_left_out) if not node.startswith(allowed or ("\0",))]
