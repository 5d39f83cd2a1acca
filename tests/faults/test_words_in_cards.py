"""Hostile words in calendars and cards: one property stays one property."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from xunke.export import safe_name
from xunke.i18n import Catalogue
from xunke.outreach import content
from xunke.outreach.exports_people import card

WORDS = st.text(max_size=60) | st.sampled_from(
    ["a\r\nBEGIN:VEVENT\r\nSUMMARY:x", "x\nTEL:13800000000", "a;b,c\\", "\u202eabc\u2066", "👨‍👩‍👧‍👦" * 40,
     "=1+1", "<script>x</script>",
     "\x85TEL:1", "\u2028URL:http://x", "\x0bEND:VCARD", "[[x]]\n[a]\nb = 1", '{"a": 1}', "\x00\x1b]52;c;x\x07"]
)  # fmt: skip


def properties(text: str) -> list[str]:
    """Unfolded lines; no line is longer than 75 bytes, and nothing but CRLF ends one."""
    assert "\r" not in text.replace("\r\n", "")
    assert "\n" not in text.replace("\r\n", "")
    lines = text.split("\r\n")
    assert lines.pop() == ""
    found: list[str] = []
    for line in lines:
        assert len(line.encode("utf-8", "replace")) <= 75
        if line.startswith(" "):
            found[-1] += line[1:]
        else:
            found.append(line)
    assert all(len(one.splitlines()) == 1 for one in found), "nor by what some readers take for the end of a line"
    return [one.partition(":")[0].partition(";")[0] for one in found]


def person(**said: Any) -> Any:
    return SimpleNamespace(**{"name": None, "handle": None, "native_id": "1", "platform": "weibo", "url": None, **said})


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS, st.sampled_from(["3.0", "4.0"]))
@example("x" * 1_000_000, "https://e.example/\r\nTEL:1", "3.0")
def test_a_card_has_the_fields_that_it_has(name: str, url: str, version: str) -> None:
    row = person(name=name, native_id=name[:20] or "1", url="https://e.example/" + url)
    found = properties("".join(card(row, Catalogue("zh"), version)))
    assert found == ["BEGIN", "VERSION", "FN", "N", "NICKNAME", "NOTE", "UID", "CATEGORIES", "URL", "END"]


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS, WORDS)
def test_a_calendar_has_the_events_that_it_has(title: str, channel: str, occasion: str) -> None:
    one: Any = SimpleNamespace(
        id=1, state="planned", day="2026-12-01", at="20:00", title=title or "x", category="tip", channel=channel or "x"
    )
    found = properties(content.ics([one], [(date(2026, 12, 1), occasion or "x")], "20261122T000000Z"))
    assert found == [
        "BEGIN", "VERSION", "PRODID", "CALSCALE", "BEGIN", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY",
        "CATEGORIES", "LOCATION", "END", "BEGIN", "UID", "DTSTAMP", "DTSTART", "SUMMARY", "TRANSP", "END", "END",
    ]  # fmt: skip


@given(WORDS | st.sampled_from(["../../.bashrc", "/etc/passwd", "C:\\x", "CON", "..", "a/../b", "～/x", "．．／x"]))
def test_a_name_is_one_file_name(name: str) -> None:
    made = safe_name(name)
    assert made not in ("", ".", "..")
    assert not set(made) & set('/\\:*?"<>|\n\r\t\x00')
    assert len(made.encode("utf-8", "replace")) <= 190
