"""The process pool: same answers, in order, cancellable; and what importing nlp costs."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import CancelledError

import pytest

from nlp.analyse import analyse
from nlp.pool import CHUNK, Analyzer

TEXTS = [f"第{number}天打卡，今天的咖啡{'很好喝' if number % 2 else '太难喝了'}" for number in range(5000)]


def test_importing_nlp_loads_no_model() -> None:
    code = (
        "import sys, nlp, nlp.pool, nlp.score, nlp.persona, nlp.keywords;"
        "print([m for m in ('jieba', 'snownlp', 'numpy', 'scipy', 'networkx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_few_texts_start_no_process() -> None:
    analyzer = Analyzer(workers=1)
    assert list(analyzer.analyze_many(TEXTS[:3])) == [analyse(text) for text in TEXTS[:3]]
    assert analyzer._pool is None
    assert list(analyzer.analyze_many([])) == []


def test_many_texts_come_back_in_order_with_progress() -> None:
    done: list[int] = []
    with Analyzer(workers=1) as analyzer:
        found = list(analyzer.analyze_many(iter(TEXTS), on_progress=done.append))
    assert done == [*range(CHUNK, len(TEXTS), CHUNK), len(TEXTS)]
    assert found[::500] == [analyse(text) for text in TEXTS[::500]]


def test_cancel_ends_a_run() -> None:
    with Analyzer(workers=1) as analyzer:
        results = analyzer.analyze_many(TEXTS * 20)
        next(results)
        analyzer.cancel()
        with pytest.raises(CancelledError):
            for _ in results:
                pass


async def test_stream_gives_chunks_to_an_event_loop() -> None:
    with Analyzer(workers=1) as analyzer:
        analyzer.warm_up()
        chunks = [chunk async for chunk in analyzer.stream(TEXTS)]
    assert [len(chunk) for chunk in chunks] == [CHUNK] * 4 + [len(TEXTS) - 4 * CHUNK]
    assert chunks[0][0] == analyse(TEXTS[0])
