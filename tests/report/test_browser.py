"""A report in a real browser: nothing is fetched, nothing is complained of, nothing hangs over, and it prints."""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import xunke
from tests.servers import browser
from tests.servers.browser import Tab

FIT = "document.documentElement.scrollWidth <= innerWidth"
CLIPPED = (
    "[...document.querySelectorAll('svg.chart')].filter(s => { const b = s.getBoundingClientRect();"
    "return b.width < 50 || b.height < 20 || [...s.querySelectorAll('text')].some(t => { const r = "
    "t.getBoundingClientRect(); return r.left < b.left - 2 || r.right > b.right + 2 || r.bottom > b.bottom + 2; }) })"
    ".map(s => s.querySelector('title').textContent)"
)
SMALL = (
    "[...document.querySelectorAll('p,li,td,h2,blockquote')].filter(e => e.textContent && "
    "parseFloat(getComputedStyle(e).fontSize) < 11).length"
)
CONTRAST = """(() => {
  const lum = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255).map(
    x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  const back = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
  return [...document.querySelectorAll('main p, main li, main td, main h2, main h3, blockquote footer')]
    .filter(e => e.textContent.trim()).filter(e => { const [a, b] = [lum(getComputedStyle(e).color), lum(back(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5; })
    .slice(0, 3).map(e => e.textContent.slice(0, 40));
})()"""


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    try:
        program = browser.fetch() if os.environ.get("CI") else browser.find()
    except browser.Unavailable as why:
        pytest.skip(f"browser: {why}")
    with browser.tab(program) as found:
        yield found


@pytest.fixture(scope="module")
def files(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The reports of the sample project: of everybody, in English, of some people, and a persona."""
    import shutil

    folder = tmp_path_factory.mktemp("reports")
    db = folder / "p.db"
    shutil.copy(sample_file, db)
    out = [folder / name for name in ("all.html", "en.html", "persona.html")]
    assert xunke("--today", "2026-11-22", "report", "PROJECT", "--out", str(out[0]), db=db).code == 0
    english = ("--lang", "en", "--today", "2026-11-22", "report", "--out", str(out[1]), "--names")
    assert xunke(*english, db=db).code == 0
    kind = ("--today", "2026-11-22", "persona", "--starter", "Z世代", "--out", str(out[2]))
    assert xunke(*kind, db=db).code == 0
    return out


def pixels(png: bytes) -> tuple[int, int, set[bytes]]:
    """Width, height and the colours of some rows of a PNG (8 bits, no interlace)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, width, height, step = 8, b"", 0, 0, 4
    while at < len(png):
        (size,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", png[at + 8 : at + 18])
            step = {2: 3, 6: 4}[colour]
        if kind == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += 12 + size
    raw = zlib.decompress(data)
    row = width * step + 1
    return width, height, {raw[i : i + 16] for y in range(0, height, 40) for i in range(y * row + 1, (y + 1) * row, 64)}


@pytest.mark.real_server("browser")
@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize(("width", "mobile"), [(1280, False), (390, True)])
def test_it_reads_on_a_screen(tab: Tab, files: list[Path], which: int, width: int, mobile: bool) -> None:
    tab.asked.clear()
    tab.said.clear()
    for dark in ("light", "dark"):
        tab.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": dark}])
        tab.size(width, 800, mobile=mobile)
        tab.open(files[which])
        assert tab.value(FIT), "something is wider than the window"
        assert tab.value(CLIPPED) == []
        assert tab.value(SMALL) == 0
        assert tab.value(CONTRAST) == []
        assert tab.value("document.scripts.length + document.images.length") == 0
    assert set(tab.asked) == {files[which].as_uri()}, "nothing but the file itself is asked for"
    assert tab.said == []
    wide, high, colours = pixels(tab.picture())
    assert wide == width
    assert high > 800
    assert len(colours) > 50


@pytest.mark.real_server("browser")
def test_it_prints_on_several_pages(tab: Tab, files: list[Path]) -> None:
    tab.do("Emulation.setEmulatedMedia", media="", features=[])
    tab.do("Emulation.clearDeviceMetricsOverride")
    tab.open(files[0])
    paper = tab.paper()
    assert paper.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 1
    tab.do("Emulation.setEmulatedMedia", media="print")
    tab.size(703, 1000)  # A4 less its margins, in CSS pixels
    assert tab.value(CLIPPED) == []
    assert tab.value(FIT)
    apart = "[...document.querySelectorAll('figure')].every(f => getComputedStyle(f).breakInside === 'avoid')"
    assert tab.value(apart), "no chart is cut by a page"
    tall = "Math.max(...[...document.querySelectorAll('figure')].map(f => f.getBoundingClientRect().height))"
    assert tab.value(tall) < 1000, "a chart that is higher than a page would be cut"
    tab.do("Emulation.setEmulatedMedia", media="")


@pytest.mark.real_server("browser")
def test_hostile_words_do_nothing_in_a_real_browser(tab: Tab, tmp_path: Path) -> None:
    from tests.report.test_writers import HOSTILE, report
    from xunke.export import text_file
    from xunke.report import page

    tab.asked.clear()
    tab.said.clear()
    for number, words in enumerate(HOSTILE):
        tab.open(text_file(tmp_path / f"{number}.html", page(report(words))))
        assert tab.value("document.scripts.length + document.images.length + document.forms.length") == 0
    assert all(url.startswith("file:") for url in tab.asked)
    assert tab.said == []
