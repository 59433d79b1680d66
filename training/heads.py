"""Fits the references once more, on the states of a trained encoder that stays as it is.

    python heads.py ../train-out/joint/final.pt --out ../train-out/joint/heads.pt

The joint training shows each phrase that refers two or three times, too seldom for the two projections that compare it with
names. With the encoder a pass over these articles costs ten minutes, without it seconds. So the states of all words are read once,
with the windows of the run time, and kept in `--states`; then queries, keys and tables are fitted to them for as many passes as
the configuration says. Held-out articles are scored at each pass and decide nothing.
"""
from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import readers
from config import Config
from data import Article, Document, encode
from export import load
from losses import answers, surprise
from model import Dictum
from train import save
from windows import plan
from words import WordPiece

FITTED = ("reference_query", "reference_key", "outcome_key", "outcome", "reference_distance")


@dataclass
class Example:
    """One article: states [words, width] without breaks, their word numbers, and its phrases with right and live answers."""
    states: torch.Tensor
    words: torch.Tensor
    forms: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor
    right: np.ndarray
    live: np.ndarray


def states(model: Dictum, pieces: WordPiece, document: Document, window: tuple[int, int]) -> torch.Tensor:
    """The encoder's state of each word's first piece [words, width], from the window whose answer it lies in."""
    words = document.words
    first = words.first + [len(words.pieces)]
    parts = []
    for begin, core, stop, end in plan(document.text, words, *window):
        a, b = first[begin], first[end]
        ids = torch.tensor([[pieces.start, *words.pieces[a:b], pieces.stop]])
        cases = torch.tensor([[0, *words.cases[a:b], 0]])
        with torch.no_grad():
            hidden = model.encoder(ids, cases)[0]
        parts.append(hidden[torch.tensor(words.first[core:stop]) - a + 1].half())
    return torch.cat(parts)


def example(document: Document, read: torch.Tensor) -> Example | None:
    """The article as the fit sees it, if a phrase in it has an answer."""
    words = np.flatnonzero(~np.array(document.words.breaks))
    rows = [(r, *answers(r, words)) for r in document.references]
    rows = [row for row in rows if row[1].any()]
    if not rows:
        return None
    place = np.zeros(len(document.words), dtype=np.int64)
    place[words] = np.arange(len(words))
    at = lambda of: torch.from_numpy(place[[of(r) for r, _, _ in rows]])
    return Example(read[torch.from_numpy(words)], torch.from_numpy(words), torch.tensor([r.form for r, _, _ in rows]),
                   at(lambda r: r.first), at(lambda r: r.last), np.stack([x for _, x, _ in rows]), np.stack([x for _, _, x in rows]))


def examples(model: Dictum, pieces: WordPiece, articles: list[Article], window: tuple[int, int], kept: Path | None) -> list[Example]:
    """Articles with their states, read from `kept` where that is there, or by the encoder and kept there."""
    documents = [encode(a, pieces) for a in articles]
    if kept and kept.exists():
        read = torch.load(kept, weights_only=True)
    else:
        read = [states(model, pieces, d, window) for d in documents]
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            torch.save(read, kept)
    return [e for e in map(example, documents, read) if e]


def cost(model: Dictum, e: Example, rate: float) -> torch.Tensor:
    """Negative log-likelihood of each phrase's answer."""
    hidden = F.dropout(e.states.float(), rate, model.training)
    query = model.reference_query(hidden)
    logits = model.reference_logits((query[e.first] + query[e.last]) / 2, model.reference_key(hidden), e.forms,
                                    e.words[e.first], e.words)
    return surprise(logits, e.right, e.live)


def fit(model: Dictum, config: Config, learned: list[Example], held_out: list[Example]) -> None:
    """Starts the references over and fits them; the rate rises over the first steps and falls to nothing."""
    refit = config.refit
    torch.manual_seed(refit.seed)
    rng = random.Random(refit.seed)
    parameters = {n: p for n, p in model.named_parameters() if n.split(".")[0] in FITTED}
    for name, p in parameters.items():
        torch.nn.init.normal_(p, std=0.02) if name.endswith("weight") else torch.nn.init.zeros_(p)
    tables = [p for n, p in parameters.items() if "." not in n]
    maps = [p for n, p in parameters.items() if "." in n]
    optimiser = torch.optim.AdamW([{"params": maps, "peak": refit.rate, "weight_decay": refit.decay},
                                   {"params": tables, "peak": 5 * refit.rate, "weight_decay": 0.0}], lr=0.0)
    steps, step = refit.passes * (len(learned) // refit.articles), 0
    for number in range(refit.passes):
        model.train()
        rng.shuffle(learned)
        costs = []
        for at in range(0, len(learned) - refit.articles + 1, refit.articles):
            for g in optimiser.param_groups:
                g["lr"] = g["peak"] * min(1.0, (step + 1) / 50) * (1 - step / steps)
            each = [cost(model, e, refit.dropout) for e in learned[at:at + refit.articles]]
            optimiser.zero_grad(set_to_none=True)
            # An article with one phrase counts for less than one with many, but not so much less.
            (sum(c.sum() / max(4, len(c)) for c in each) / len(each)).backward()
            torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
            optimiser.step()
            costs.extend(c.detach() for c in each)
            step += 1
        model.eval()
        with torch.no_grad():
            new = torch.cat([cost(model, e, 0.0) for e in held_out]).mean().item() if held_out else float("nan")
        print(json.dumps({"pass": number, "cost": round(torch.cat(costs).mean().item(), 4), "held_out": round(new, 4)}), flush=True)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("checkpoint", type=Path, help="last.pt or final.pt")
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--states", type=Path, help="folder that keeps the states of this checkpoint")
    ap.add_argument("--corpora", type=Path, default=Path("../../shared/corpora"))
    ap.add_argument("--vocabulary", type=Path, default=Path("../models/vocab.txt"))
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    pieces = WordPiece(a.vocabulary)
    model, config = load(a.checkpoint)
    model.requires_grad_(False)
    corpora = readers.training(a.corpora, {"polnear": 0, "conll": 0}, config.held_out)
    corpora.pop("worldwide")
    corpora["held_out"] = readers.stated(a.corpora, config.held_out, True)
    read = {name: examples(model, pieces, articles, config.reading, a.states and a.states / f"{name}.pt")
            for name, articles in corpora.items()}
    for name, p in model.named_parameters():
        p.requires_grad_(name.split(".")[0] in FITTED)
    held_out = read.pop("held_out")
    fit(model, config, [e for part in read.values() for e in part], held_out)
    save(a.out, average=model.state_dict(), config=config.row())


if __name__ == "__main__":
    main()
