"""Interests against labels: micro-F1 on posts (several labels each), accuracy and precision on headlines.

    python benchmarks/nlp_interests.py [--data FOLDER] [--part tune|unseen] [--wrong NAME]

The texts are not part of the project (../shared/data beside a checkout, by default). ``labels/interests.tsv`` holds
labels of 500 rows of them, read and labelled by hand before any rule saw them: a hash of the text, no text. Half of
these rows ("tune") were looked at while the word lists were written, the other half ("unseen") only counted.
Headlines: THUCNews titles whose row number is odd are for tuning, the even ones are counted as unseen.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nlp.interests import Interests, interests

HERE = Path(__file__).resolve().parent
LABELS = HERE / "labels" / "interests.tsv"
Post = tuple[frozenset[str], str]
Headline = tuple[str, str]


def rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            yield line.rstrip("\n").split("\t")


def row_hash(text: str) -> str:
    """Names a row in the labels file."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def groups(name: str) -> dict[str, str]:
    """Interest ("数码", "理财/股票") to the group it means in table ``name`` of interest_groups.toml."""
    tables = tomllib.loads((HERE / "interest_groups.toml").read_text("utf-8"))
    return {interest: group for group, members in tables[name].items() for interest in members.split()}


def dev_posts(data: Path) -> list[Post]:
    """The labelled posts that came with the data."""
    found = rows(data / "weibo_interest_intent_dev.tsv.gz")
    return [(frozenset(filter(None, labels.split(","))), text) for _, text, labels, *_ in found]


def own_posts(data: Path) -> dict[tuple[str, str], list[Post]]:
    """Our own labels, by (part, source)."""
    texts = {row_hash(row[-1]): row[-1] for row in rows(data / "sentiment_weibo_smp2020.tsv.gz")}
    texts |= {row_hash(row[-1]): row[-1] for row in rows(data / "consumer_reviews_targets.tsv.gz")}
    found: dict[tuple[str, str], list[Post]] = {}
    for line in LABELS.read_text("utf-8").splitlines()[1:]:
        part, source, key, labels = line.split("\t")
        found.setdefault((part, source), []).append((frozenset(filter(None, labels.split(","))), texts[key]))
    return found


def headlines(data: Path, part: str) -> list[Headline]:
    """(category, title) of the rows of one part."""
    wanted = {"tune": 1, "unseen": 0}[part]
    found = rows(data / "topics_thucnews_titles.tsv.gz")
    return [(label, text) for number, (label, text) in enumerate(found) if number % 2 == wanted]


def read(text: str) -> Interests:
    return interests(text)


def said(found: Interests, names: dict[str, str]) -> frozenset[str]:
    """The groups that an answer names."""
    return frozenset(names[name] for name, _ in found.first if name in names)


def best(found: Interests, names: dict[str, str]) -> str | None:
    """The group of the best interest. A second-level name of the table outdoes its first level."""
    seconds = [name for name, _ in found.second if name in names]
    for name, _ in found.first:
        narrower = [second for second in seconds if second.startswith(f"{name}/")]
        if narrower or name in names:
            return names[narrower[0] if narrower else name]
    return None


def score_posts(title: str, posts: Iterable[Post], *, detail: bool = False) -> None:
    names = groups("posts")
    hit, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    empty = silent = 0
    for truth, text in posts:
        answer = said(read(text), names)
        hit.update(answer & truth)
        missed.update(truth - answer)
        wrong.update(answer - truth)
        empty += not truth
        silent += not truth and not answer
    right, lost, extra = hit.total(), missed.total(), wrong.total()
    precision, recall = right / max(1, right + extra), right / max(1, right + lost)
    print(
        f"{title:28} n={empty + 0:4} empty, kept empty {silent / max(1, empty):.3f}   precision {precision:.3f}  "
        f"recall {recall:.3f}  micro-F1 {2 * right / max(1, 2 * right + lost + extra):.3f}"
    )
    if detail:
        for name in sorted({*hit, *missed, *wrong}):
            print(f"    {name:6} right {hit[name]:3}  missed {missed[name]:3}  wrong {wrong[name]:3}")


def score_headlines(title: str, found: list[Headline], *, detail: bool = False) -> None:
    names = groups("thucnews")
    right, answered, total, confused = Counter[str](), Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    start = time.process_time()
    for truth, text in found:
        answer = best(read(text), names)
        total[truth] += 1
        answered[truth] += answer is not None
        right[truth] += answer == truth
        if answer not in (None, truth):
            confused[truth, str(answer)] += 1
    seconds = time.process_time() - start
    print(
        f"{title:28} n={len(found):5}  accuracy {right.total() / len(found):.3f}  "
        f"precision {right.total() / max(1, answered.total()):.3f}  coverage {answered.total() / len(found):.3f}  "
        f"{len(found) / seconds:,.0f} texts/s"
    )
    if detail:
        for name in sorted(total):
            worst = ", ".join(f"{b} {n}" for (a, b), n in confused.most_common() if a == name)
            n = total[name]
            print(
                f"    {name:14} accuracy {right[name] / n:.3f}  coverage {answered[name] / n:.3f}   taken for: {worst}"
            )


def show_wrong(title: str, posts: Iterable[Post], kind: Callable[[frozenset[str], frozenset[str]], bool]) -> None:
    names = groups("posts")
    for truth, text in posts:
        found = read(text)
        if kind(truth, answer := said(found, names)):
            words = " ".join(f"{name}:{'|'.join(w)}" for name, w in found.evidence)
            print(
                f"{title}  {','.join(sorted(truth)) or '-'} ≠ {','.join(sorted(answer)) or '-'}  [{words}]\n    {text}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="Interests against labels.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--detail", action="store_true", help="figures by label")
    parser.add_argument("--wrong", choices=("dev", "tune"), help="print the posts of one set that are not right")
    args = parser.parse_args()
    dev = dev_posts(args.data)
    own = own_posts(args.data) if LABELS.exists() else {}
    if args.wrong:
        chosen = (
            dev if args.wrong == "dev" else [p for (part, _), posts in own.items() for p in posts if part == "tune"]
        )
        show_wrong(args.wrong, chosen, lambda truth, answer: truth != answer)
        return
    score_posts("Weibo dev posts", dev, detail=args.detail)
    for (part, source), posts in sorted(own.items()):
        score_posts(f"{source}, {part}", posts, detail=args.detail and part == "tune")
    for part in ("tune", "unseen"):
        score_headlines(f"headlines, {part}", headlines(args.data, part), detail=args.detail and part == "tune")


if __name__ == "__main__":
    main()
