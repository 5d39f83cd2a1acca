"""Which real servers the tests met, said at the end of a run; with CI=true a run that met none of them has failed.

Hooks of pytest, for a conftest to import. A test names its server by ``pytest.mark.real_server("name")``. With two
processes the tests run elsewhere: what a report carries in ``user_properties`` is all that comes back.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

__all__ = ["pytest_itemcollected", "pytest_runtest_logreport", "pytest_sessionfinish", "pytest_terminal_summary"]

_met: Counter[str] = Counter()
_away: dict[str, str] = {}


def pytest_itemcollected(item: pytest.Item) -> None:
    mark = item.get_closest_marker("real_server")
    if mark is not None:
        item.user_properties.append(("real_server", str(mark.args[0]) if mark.args else item.path.stem))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    name = dict(report.user_properties).get("real_server")
    if name is None:
        return
    if report.when == "call" and report.passed:
        _met[str(name)] += 1
    elif report.skipped:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _away.setdefault(str(name), why.removeprefix("Skipped: "))


def _must_meet_one(session: pytest.Session) -> bool:
    """Whether this run has to meet a real server: the whole suite, or any part of it with such tests, in CI."""
    config = session.config
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.collectonly
    return os.environ.get("CI", "").lower() in ("1", "true") and (whole or bool(_met) or bool(_away))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput") and _must_meet_one(session) and not _met:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        _away.setdefault("any real server", "none of them could be had, so this run has failed (CI=true)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, count in sorted(_met.items()):
        terminalreporter.write_line(f"== real server {name}: {count} tests passed")
    for name, why in sorted(_away.items()):
        if name not in _met:
            terminalreporter.write_line(f"== skipped: the tests against {name}: {why}")
