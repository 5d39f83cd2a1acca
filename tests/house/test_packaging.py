"""The wheel, built from the source archive: five packages, their data, nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.house.files import PACKAGES, ROOT, everything

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(source archive, wheel made of it)."""
    out = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.tar.gz")), next(out.glob("*.whl"))


def test_the_wheel_holds_five_packages_and_no_tests(built: tuple[Path, Path]) -> None:
    names = zipfile.ZipFile(built[1]).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == set(PACKAGES)
    assert not [n for n in names if "/tests/" in n or n.startswith("tests") or n.endswith((".pyc", ".db"))]
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_every_file_of_the_packages_is_in_the_wheel(built: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(built[1]).namelist())
    ours = {p.relative_to(ROOT).as_posix() for p in everything() if p.relative_to(ROOT).parts[0] in PACKAGES}
    assert ours <= names
    for folder in ("xunke/i18n", "xunke/demo_data", "xunke/chat/lexicon", "nlp/data", "tui/styles"):
        assert any(n.startswith(folder) and not n.endswith(".py") for n in names), folder


def test_the_source_archive_holds_what_the_tests_and_the_readme_need(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "AGENTS.md", "uv.lock", "tests/conftest.py", ".ci/run"} <= names


def test_the_wheel_runs_alone(built: tuple[Path, Path], tmp_path: Path) -> None:
    """From the unpacked wheel, away from the sources: help, the catalogue, and a plan."""
    zipfile.ZipFile(built[1]).extractall(tmp_path / "site")  # noqa: S202 - made a moment ago
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "import xunke; assert 'site' in xunke.__file__, xunke.__file__\n"
        "from xunke.__main__ import main\n"
        "sys.exit(main(['plan', '找最近30天聊 #减肥 的上海女生', '--db', 'none.db']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert '"减肥"' in done.stdout
