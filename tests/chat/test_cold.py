"""What keeps the first sentence of a new process cheap, and that rules held back by their conditions lose no match."""

import json
import random
import subprocess
import sys
import tomllib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.chat import lexicon, normalize, rules, understand

TODAY = date(2026, 11, 22)
HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SENTENCES = [
    json.loads(line)["text"]
    for path in sorted(HERE.glob("*.jsonl"))
    for line in path.read_text("utf-8").splitlines()
]  # fmt: skip
COUNTED = """
import json, sys
import re._compiler as compiler
compile, lengths = compiler.compile, []
def counting(pattern, flags=0):
    lengths.append(len(pattern) if isinstance(pattern, str) else 0)
    return compile(pattern, flags)
compiler.compile = counting
from datetime import date
from xunke.chat import understand
understand(sys.argv[1], today=date(2026, 11, 22))
print(json.dumps([len(lengths), sum(lengths), sorted(sys.modules)]))
"""


@contextmanager
def without_conditions() -> Iterator[None]:
    """Every rule runs on every text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules.Rule, "may_match", lambda self, text: True)
        yield


@contextmanager
def looked_at_closely() -> Iterator[None]:
    """A rule that is held back from a text is run on it after all: it must not match there."""
    held_back = rules.Rule.may_match

    def checked(rule: rules.Rule, text: str) -> bool:
        may = held_back(rule, text)
        assert may or rule.compiled.search(text) is None, (rule.source, text)
        return may

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules.Rule, "may_match", checked)
        yield


def first(sentence: str) -> tuple[int, int, set[str]]:
    """How many expressions a new process compiles for a sentence, their length together, and the modules it loads."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, sentence], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, length, modules = json.loads(done.stdout)
    return count, length, {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "sentence",
    [
        "帮我找最近一周小红书上聊露营的博主，粉丝一万以上",
        "find weibo posts about coffee in the past week with over 1000 likes",
    ],
)
def test_a_first_sentence_compiles_little(sentence: str) -> None:
    """Of a quarter of a million characters; if this fails after rules were edited, run training/make_conditions.py."""
    count, length, modules = first(sentence)
    assert count < 140
    assert length < 40_000
    assert not modules & {"opencc", "jieba", "numpy", "httpx", "importlib_resources", "tempfile"}


def test_opencc_is_loaded_for_traditional_characters_alone() -> None:
    assert "opencc" in first("幫我找露營的博主")[2]


def test_every_character_that_opencc_changes_is_known() -> None:
    for start in (*range(0x3400, 0xA000, 64), *range(0xF900, 0xFB00, 64), *range(0x20000, 0x2FA20, 64)):
        for char in map(chr, range(start, start + 64)):
            assert normalize._opencc().convert(char) == char or char in normalize._traditional()


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=12))
def test_texts_without_these_characters_stay(text: str) -> None:
    assert normalize._opencc().convert(text) == text or not normalize._traditional().isdisjoint(text)


def test_the_command_plan_loads_nothing_heavy() -> None:
    script = "import sys, json; from xunke.__main__ import main; main(['plan', '找成都做咖啡的博主']); print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert not modules & {"jieba", "snownlp", "numpy", "scipy", "networkx", "httpx", "opencc", "openpyxl", "textual"}


def test_a_table_reads_the_same_packed_and_as_toml() -> None:
    for path in lexicon.HERE.glob("*.toml"):
        assert lexicon.table(path.stem) == tomllib.loads(path.read_text("utf-8"))


def test_common_words_are_all_found() -> None:
    words = zlib.decompress((lexicon.HERE / "common.bin").read_bytes()).decode().split("\n")
    assert words == sorted(words)
    assert all(word in lexicon.common() for word in words)
    assert not any(word in lexicon.common() for word in ("", "龘", "一一一一", words[0][0], words[-1] + "一"))


def test_most_rules_have_conditions() -> None:
    """A rule that was edited has none until training/make_conditions.py was run."""
    for sentence in SENTENCES[::20]:
        understand(sentence, today=TODAY)
    known = sum(rules.name_of(rule) in rules.listed() for rule in rules.seen())
    assert known > 0.8 * len(rules.seen())


def test_conditions_change_no_plan() -> None:
    """What is held back matches nowhere, so that all is as it would be without conditions."""
    with looked_at_closely():
        for sentence in SENTENCES:
            understand(sentence, today=TODAY)


PIECES = sorted({piece for text in SENTENCES for at in range(0, len(text), 3) if (piece := text[at : at + 5])})


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9), st.sampled_from(["", " ", "，", "的"]), st.booleans())
def test_conditions_change_no_plan_of_a_mixture(pieces: list[str], joint: str, loud: bool) -> None:
    text = joint.join(pieces)
    text = text.upper() if loud else text
    held_back = understand(text, today=TODAY)
    with without_conditions():
        assert understand(text, today=TODAY) == held_back


def test_a_match_meets_the_conditions_of_its_rule() -> None:
    """For every rule and every text that it is tried on while the sentences are read."""
    for sentence in random.Random(1).sample(SENTENCES, 60):
        understand(sentence, today=TODAY)
    text = "\n".join(SENTENCES[:200])
    for rule in rules.seen():
        for match in rule.compiled.finditer(text):
            assert rule.may_match(text[max(0, match.start() - 60) : match.end() + 60]), rule.source
