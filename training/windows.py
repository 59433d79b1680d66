"""Training windows: every document cut at random places that change from pass to pass, grouped into batches of one corpus.

All windows of one article stay in one batch where the budget allows, because phrases are matched with names across them.
"""
from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from data import Document


@dataclass
class Window:
    """Words [begin, end) of a document, of which [inner_begin, inner_end) carry loss."""
    document: Document
    begin: int
    end: int
    inner_begin: int
    inner_end: int
    pieces: int


def cut(document: Document, rng: random.Random, shortest: int, longest: int, margin: int) -> list[Window]:
    """Consecutive windows of one random length at a random offset."""
    first = document.words.first + [len(document.words.pieces)]
    total, n = first[-1], len(document.words)
    length = rng.randint(shortest, longest)
    if total <= longest:
        return [Window(document, 0, n, 0, n, total)]
    bounds = [0]
    at = rng.randint(length // 2, length)
    while at < total - length // 3:
        bounds.append(int(np.searchsorted(first, at, side="right")) - 1)
        at = first[bounds[-1]] + length
    bounds.append(n)
    out = []
    for a, b in zip(bounds, bounds[1:]):
        if first[b] - first[a] > longest + 2:
            b = int(np.searchsorted(first, first[a] + longest, side="right")) - 1
        inner_a, inner_b = a, b
        while a and inner_a < b and first[inner_a] < first[a] + margin:
            inner_a += 1
        while b < n and inner_b > inner_a and first[inner_b] > first[b] - margin:
            inner_b -= 1
        if inner_a < inner_b:
            out.append(Window(document, a, b, inner_a, inner_b, first[b] - first[a]))
    return out


def batches(documents: list[Document], rng: random.Random, budget: int, shortest: int, longest: int, margin: int) -> list[list[Window]]:
    """One pass over a corpus: windows of similar length grouped under a budget of pieces, in random order."""
    runs: list[list[Window]] = []
    for d in documents:
        cuts = cut(d, rng, shortest, longest, margin)
        if not d.references:
            runs.extend([w] for w in cuts)
            continue
        run: list[Window] = []
        for w in cuts:
            if run and (len(run) + 1) * max(x.pieces for x in run + [w]) > budget:
                runs.append(run)
                run = []
            run.append(w)
        runs.append(run)
    runs.sort(key=lambda r: max(w.pieces for w in r) + rng.uniform(0, 12))
    out: list[list[Window]] = []
    group: list[Window] = []
    for run in runs:
        if group and (len(group) + len(run)) * (max(x.pieces for x in group + run) + 2) > budget:
            out.append(group)
            group = []
        group.extend(run)
    if group:
        out.append(group)
    rng.shuffle(out)
    return out
