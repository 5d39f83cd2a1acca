"""Labels, words and learning in a project: they stand, they are undone, they are computed once. Invented sample."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.pool import Analyzer
from tests.engine.older import make_older
from xunke import labels, lexicon_files
from xunke.analysis import understand_posts
from xunke.errors import BadInput
from xunke.storage import Project, erase, rows, schema
from xunke.storage.project import verify_audit


def understand(project: Project, posts: list[int]) -> int:
    """Compute what is missing; how many posts were computed."""

    async def run() -> int:
        with Analyzer(1) as analyzer:
            return max([event.done async for event in understand_posts(project, posts, analyzer)], default=0)

    return asyncio.run(run())


def feature(project: Project, post: int) -> tuple[Any, ...]:
    return project.query("select model, sentiment, label, spam, detail from feature where post = ?", (post,))[0]


def first_posts(project: Project, n: int) -> list[int]:
    return [row[0] for row in project.query("select id from post where kind = 'post' order by id limit ?", (n,))]


def test_a_label_stands_at_once_and_undoing_it_brings_back_what_was(sample: Project) -> None:
    post = first_posts(sample, 1)[0]
    understand(sample, [post])
    before = feature(sample, post)
    said = "negative" if before[2] != "negative" else "positive"
    labels.put(sample, post, "sentiment", "", said)
    labels.put(sample, post, "interest", "露营装备", "yes")
    assert feature(sample, post)[2] == said
    assert ["露营装备", 0.98] in json.loads(feature(sample, post)[4])["interests"]
    assert rows.posts(sample, [post])[0].label == said
    assert understand(sample, [post]) == 0  # nothing is computed again for a label
    assert labels.undo(sample) is not None
    assert labels.undo(sample) is not None
    assert labels.undo(sample) is None
    assert feature(sample, post) == before


def test_a_label_survives_being_computed_again(sample: Project) -> None:
    post, other = first_posts(sample, 2)
    labels.put(sample, post, "sentiment", "", "negative")
    labels.put(sample, post, "spam", "", "yes")
    understand(sample, [post, other])
    assert feature(sample, post)[2] == "negative"
    assert feature(sample, post)[3] == 0.98


def test_words_change_the_version_and_posts_are_computed_exactly_once(fresh: Project) -> None:
    posts = first_posts(fresh, 60)
    assert understand(fresh, posts) == 60
    assert understand(fresh, posts) == 0
    labels.add_words(fresh, [labels.word("word", "", "减脂搭子"), labels.word("stop", "", "姐妹")])
    assert understand(fresh, posts) == 0  # these change keywords only
    labels.add_words(fresh, [labels.word("interest", "减肥/打卡", "减肥")])
    assert understand(fresh, posts) == 60
    assert understand(fresh, posts) == 0
    text = dict(
        fresh.query("select id, text from post where id in (select value from json_each(?))", (json.dumps(posts),))
    )
    for post in posts:
        if "#减肥" in text[post]:
            assert "减肥/打卡" in dict(json.loads(feature(fresh, post)[4])["topics"])
    labels.remove_words(fresh, "interest", "减肥/打卡", ["减肥"])
    assert understand(fresh, posts) == 60


def test_learning_reports_before_and_after_and_adopts_only_what_is_no_worse(sample: Project) -> None:
    found = sample.query("select id, text from post where kind = 'post' order by id limit 80")
    for post, text in found:
        labels.put(sample, post, "interest", "咖啡控", "yes" if "咖啡" in text else "no")
    trial = labels.learn(sample, dry_run=True)
    assert labels.lessons(sample) == []
    (lesson,) = labels.learn(sample)
    assert [lesson.report] == [entry.report for entry in trial]
    assert not trial[0].adopted
    report = lesson.report
    assert (report.kind, report.name) == ("interest", "咖啡控")
    assert report.before is not None
    assert lesson.adopted == (report.verdict == "better")
    assert len(labels.lessons(sample)) == int(lesson.adopted)
    assert labels.learn(sample, force=True)[0].adopted
    assert labels.forget(sample) == 1
    assert labels.user_model(sample).deltas == ()
    assert verify_audit(sample.reader) is None


def test_few_labels_are_kept_but_nothing_is_learned(sample: Project) -> None:
    assert labels.learn(sample) == []
    labels.put(sample, first_posts(sample, 1)[0], "spam", "", "yes")
    (lesson,) = labels.learn(sample, force=True)
    assert lesson.report.verdict == "too_few"
    assert not lesson.adopted


def test_erasing_somebody_erases_what_was_said_of_their_posts(sample: Project) -> None:
    post, author = sample.query("select id, author from post where kind = 'post' and author is not null limit 1")[0]
    labels.put(sample, post, "sentiment", "", "negative")
    erase.person(sample, author)
    assert sample.one("select count(*) from label") == 0


@pytest.mark.parametrize(
    "said", ["", "sentiment", "sentiment=good", "mood=positive", "interest=yes", "spam:x=yes", "need:love=yes", "a=b=c"]
)
def test_what_is_no_label_is_refused(said: str) -> None:
    with pytest.raises(BadInput):
        labels.parse(said)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_label_or_refused(said: str) -> None:
    try:
        kind, name, value = labels.parse(said)
    except BadInput:
        return
    assert value in labels.VALUES[kind]
    assert labels.check(kind, name, value) == (kind, name, value)


# -- files ---------------------------------------------------------------------------------------------------------

WORDS = [
    labels.word("sentiment", "", "绝了", 1.5), labels.word("interest", "宠物/猫", "布偶"),
    labels.word("interest", "宠物", "狗", 0),
    labels.word("word", "", '引号"和\\'), labels.word("stop", "", "姐妹"),
]  # fmt: skip


def test_words_come_back_from_a_file_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "词.toml"
    path.write_text(lexicon_files.to_toml(WORDS), "utf-8")
    assert sorted(lexicon_files.from_toml(path), key=lambda w: (w.kind, w.name, w.word)) == sorted(
        WORDS, key=lambda w: (w.kind, w.name, w.word)
    )


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=12), max_size=5))
def test_any_words_come_back(texts: list[str]) -> None:
    found = []
    for text in texts:
        try:
            found.append(labels.word("sentiment", "", text, 1.0))
        except BadInput:
            continue
    import tomllib

    data = tomllib.loads(lexicon_files.to_toml({w.word: w for w in found}.values()))
    assert data.get("sentiment", {}) == {w.word: 1.0 for w in found}


@pytest.mark.parametrize(
    "text", ["[sentiment", "sentiment = 3", '[sentiment]\n"绝了" = "很好"', "[word]\nlist = [3]", "[moods]\nx = 1",
             '[sentiment]\n"绝了" = 99.0', '[interest]\n"猫" = 1'],
)  # fmt: skip
def test_a_broken_file_is_refused_whole(tmp_path: Path, text: str) -> None:
    path = tmp_path / "坏.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput):
        lexicon_files.from_toml(path)


def test_labels_come_back_from_a_file(sample: Project, tmp_path: Path) -> None:
    posts = first_posts(sample, 3)
    labels.put(sample, posts[0], "sentiment", "", "negative")
    labels.put(sample, posts[1], "interest", "宠物/猫", "yes")
    path = tmp_path / "标注.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in lexicon_files.label_rows(sample)), "utf-8")
    told = lexicon_files.import_labels(sample, path)
    assert (told["read"], told["stored"], told["duplicate"], told["rejected"]) == (2, 0, 2, [])
    while labels.undo(sample):
        pass
    assert lexicon_files.import_labels(sample, path, dry_run=True)["stored"] == 0
    assert lexicon_files.import_labels(sample, path)["stored"] == 2
    assert {(e.post, e.kind, e.name, e.value) for e in labels.labels(sample)} == {
        (posts[0], "sentiment", "", "negative"), (posts[1], "interest", "宠物/猫", "yes"),
    }  # fmt: skip


def test_a_table_of_texts_and_moods_is_taken_and_bad_rows_are_told(sample: Project, tmp_path: Path) -> None:
    post, text = sample.query("select id, text from post where kind = 'post' order by id limit 1")[0]
    path = tmp_path / "标注.csv"
    quoted = text.replace('"', '""')
    path.write_text(f'text,sentiment\n"{quoted}",负面\n没有这一帖,正面\n"{quoted}",说不清\n', "utf-8")
    told = lexicon_files.import_labels(sample, path)
    assert (told["read"], told["stored"]) == (3, 1)
    assert [entry["row"] for entry in told["rejected"]] == [2, 3]
    assert [(e.post, e.value) for e in labels.labels(sample)] == [(post, "negative")]


def test_an_older_project_gets_the_tables(tmp_path: Path, sample_db: Path) -> None:
    import sqlite3

    with sqlite3.connect(sample_db) as db:
        make_older(db, 2)
    db.close()
    with Project.open(sample_db) as project:
        labels.put(project, first_posts(project, 1)[0], "spam", "", "yes")
        assert project.one("pragma user_version") == schema.VERSION
