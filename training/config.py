"""What a training run is made of: sizes of the network, corpora with their shares, steps and rates.

One JSON file under `configs/` holds one run; the same object travels in every checkpoint and, but for paths, in the header of
the exported graph, so that a model says how it was made. Anything that changes a result is here; where files lie and how
many threads there are is not.
"""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Sizes:
    """The network: word pieces, width, layers of BERT, width inside of a layer, attention heads, positions."""
    vocabulary: int = 30522
    width: int = 384
    layers: int = 12
    inner: int = 1536
    heads: int = 12
    positions: int = 512
    link: int = 64
    reference: int = 64


@dataclass(frozen=True)
class Schedule:
    """Steps and rates. A step takes windows of one corpus, at most `budget` word pieces of them."""
    steps: int = 3000
    warmup: int = 100
    budget: int = 1200
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    average: float = 0.99
    seed: int = 1


@dataclass(frozen=True)
class Refit:
    """How `heads.py` fits the references once more: passes over the articles, a step's articles, rate, and what regularises."""
    passes: int = 12
    articles: int = 4
    rate: float = 3e-3
    decay: float = 0.05
    dropout: float = 0.1
    seed: int = 1


@dataclass(frozen=True)
class Config:
    """One run. `shares`: how often a pass takes each corpus (0.5: a random half of its articles; 2: all of them twice).
    `weights`: of the link and reference losses beside that of the tags; of the parts of the loss in `distil.py`.
    `hide`: part of the words read as [MASK].
    `windows`: shortest and longest training window, and the margin without loss where a window cuts a text, in pieces.
    `silver`: whether pronouns that can mean one person only count as references. `held_out`: which articles of news-train
    training never sees, as (of, first, last): a hash of the id, modulo `of`, lies in [first, last). `reading`: the run time's window and
    its context, in pieces. `exponent`: whether the exported graph computes attention without the maximum, as `export.py` explains."""
    sizes: Sizes = Sizes()
    schedule: Schedule = Schedule()
    shares: dict[str, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=lambda: {"link": 0.3, "reference": 0.5})
    hide: float = 0.08
    silver: bool = False
    dropout: float = 0.1
    windows: tuple[int, int, int] = (160, 384, 16)
    reading: tuple[int, int] = (256, 16)
    exponent: bool = False
    held_out: tuple[int, int, int] = (1, 0, 0)
    refit: Refit = Refit()

    @staticmethod
    def read(path: Path) -> "Config":
        return Config.of(json.loads(path.read_text(encoding="utf8")))

    @staticmethod
    def of(row: dict) -> "Config":
        row = dict(row)
        row["sizes"] = Sizes(**row.get("sizes", {}))
        row["schedule"] = Schedule(**row.get("schedule", {}))
        row["refit"] = Refit(**row.get("refit", {}))
        for name in ("windows", "reading", "held_out"):
            if name in row:
                row[name] = tuple(row[name])
        return Config(**row)

    def row(self) -> dict:
        """The configuration as plain JSON."""
        return {**asdict(self), "windows": list(self.windows), "reading": list(self.reading), "held_out": list(self.held_out)}
